import type { NodeState } from '@radon/bridge/registry';
import { expect, test } from 'vitest';
import type { EmulatedBoard } from '../emulator/state.ts';
import { type Devices, deviceRows } from './device-rows.ts';

const nothing: Devices = { nodes: [], boards: [], ports: [], servers: [] };
const node = (name: string, address: string, more: Partial<NodeState> = {}): NodeState => ({
  name,
  kind: 'device',
  link: 'up',
  address,
  since: 0,
  ...more,
});
const board = (name: string) =>
  ({ name, board: 'netduinoplus2', emulator: 'qemu', socket: '/run/x' }) as EmulatedBoard;
const stLink = {
  path: '/dev/ttyACM0',
  product: 'STM32 STLink',
  manufacturer: 'STMicroelectronics',
  serialNumber: '0669',
  vendorId: '0483',
  productId: '374b',
  role: 'board',
} as const;

test('nothing is no rows', () => expect(deviceRows(nothing)).toEqual([]));

test('a port, a board and a server that are nodes have the rows of these nodes', () => {
  const rows = deviceRows({
    nodes: [
      node('gauge-1', 'unix:/run/x'),
      node('gauge-2', 'serial:/dev/ttyACM0@115200', { link: 'lost', lastError: 'unplugged' }),
      node('meter', 'udp:192.0.2.7:5683', { kind: 'foreign', owner: 'hall' }),
    ],
    boards: [{ board: board('gauge-1'), running: true }],
    ports: [stLink],
    servers: [{ address: 'coap://192.0.2.7:5683', resourceTypes: [] }],
  });
  expect(rows.map(({ name, kind, state, what }) => [name, kind, state, what])).toEqual([
    ['gauge-1', 'device', 'up', ''],
    ['gauge-2', 'device', 'lost', 'unplugged; STM32 STLink by STMicroelectronics, serial number 0669, board'],
    ['meter', 'foreign', 'up', 'belongs to hall'],
  ]);
  expect(rows[1]).toMatchObject({
    address: 'serial:/dev/ttyACM0@115200',
    serialNumber: '0669',
    role: 'board',
  });
});

test('what this user may not open is told only where the bridge has not opened it', () => {
  const ports = [{ ...stLink, remedy: 'Join.' }];
  const remedyWhen = (link: NodeState['link']) =>
    deviceRows({ ...nothing, nodes: [node('gauge-2', 'serial:/dev/ttyACM0@115200', { link })], ports })[0]
      ?.remedy;
  expect([remedyWhen('up'), remedyWhen('lost')]).toEqual([undefined, 'Join.']);
});

test('what is no node has a row of its own', () => {
  const rows = deviceRows({
    ...nothing,
    boards: [
      { board: board('gauge-1'), running: true },
      { board: board('gauge-2'), running: false },
    ],
    ports: [
      stLink,
      { path: '/dev/ttyS0', remedy: 'Join.' },
      { path: '/dev/ttyUSB1', vendorId: '0403', productId: '6001' },
    ],
    servers: [{ address: 'coap://192.0.2.7:5683', resourceTypes: ['core.rd', 'temp'] }],
  });
  expect(rows.map(({ kind, state, address, what }) => [kind, state, address, what])).toEqual([
    ['emulated', 'running', 'unix:/run/x', 'netduinoplus2 on qemu'],
    ['emulated', 'stopped', '', 'netduinoplus2 on qemu'],
    ['serial', 'ready', '/dev/ttyACM0', 'STM32 STLink by STMicroelectronics, serial number 0669, board'],
    ['serial', 'no access', '/dev/ttyS0', ''],
    ['serial', 'ready', '/dev/ttyUSB1', 'USB 0403:6001'],
    ['coap', 'answers', 'coap://192.0.2.7:5683', 'core.rd, temp'],
  ]);
});
