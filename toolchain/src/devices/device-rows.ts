/** One row for each thing that is or could be a node. */
import { realpathSync } from 'node:fs';
import type { NodeState } from '@radon/bridge/registry';
import type { EmulatedBoard } from '../emulator/state.ts';
import type { CoapServer } from './discovery.ts';
import type { SerialPort } from './serial-ports.ts';

export interface DeviceRow extends Partial<Omit<SerialPort, 'path'>> {
  /** Of a node, or of a board that could be one. */
  readonly name?: string;
  readonly kind: NodeState['kind'] | 'emulated' | 'serial' | 'coap';
  readonly state: string;
  readonly address: string;
  /** For people. */
  readonly what: string;
}

export interface Devices {
  readonly nodes: readonly NodeState[];
  readonly boards: readonly { readonly board: EmulatedBoard; readonly running: boolean }[];
  readonly ports: readonly SerialPort[];
  readonly servers: readonly CoapServer[];
}

/** Nodes first. A port, a board or a server that is a node has no row of its own. */
export function deviceRows({ nodes, boards, ports, servers }: Devices): readonly DeviceRow[] {
  const names = new Set(nodes.map(({ name }) => name));
  const portOf = (node: NodeState) => ports.find(({ path }) => isSameFile(path, serialPath(node.address)));
  const used = new Set(nodes.map(portOf));
  const udp = new Set(nodes.map(({ address }) => address.replace(/^udp:/, 'coap://')));
  return [
    ...nodes.map((node) => nodeRow(node, portOf(node))),
    ...boards.filter(({ board }) => !names.has(board.name)).map(boardRow),
    ...ports.filter((port) => !used.has(port)).map(portRow),
    ...servers.filter(({ address }) => !udp.has(address)).map(serverRow),
  ];
}

/** `serial:/dev/ttyACM0@115200` as a path; undefined for what is behind no port. */
const serialPath = (address: string) => /^serial:(.*)@\d+$/.exec(address)?.[1];

/** Ports are often given by a link in `/dev/serial/by-id`. */
function isSameFile(path: string, other: string | undefined): boolean {
  if (other === undefined) return false;
  try {
    return realpathSync(other) === realpathSync(path);
  } catch {
    return other === path;
  }
}

function nodeRow(node: NodeState, port: SerialPort | undefined): DeviceRow {
  const { name, kind, link, address, lastError, owner } = node;
  const what = [
    ...(link === 'lost' ? [lastError ?? 'does not answer'] : []),
    ...(owner === undefined ? [] : [`belongs to ${owner}`]),
    ...(port === undefined ? [] : [describePort(port)]),
  ].join('; ');
  const { remedy, ...details } = detailsOf(port);
  // The bridge may open what this user may not.
  const mend = link === 'lost' && remedy !== undefined ? { remedy } : {};
  return { name, kind, state: link, address, what, ...details, ...mend };
}

function boardRow({ board, running }: Devices['boards'][number]): DeviceRow {
  return {
    name: board.name,
    kind: 'emulated',
    state: running ? 'running' : 'stopped',
    address: running ? `unix:${board.socket}` : '',
    what: `${board.board} on ${board.emulator}`,
  };
}

function portRow(port: SerialPort): DeviceRow {
  const state = port.remedy === undefined ? 'ready' : 'no access';
  return { kind: 'serial', state, address: port.path, what: describePort(port), ...detailsOf(port) };
}

function detailsOf(port: SerialPort | undefined): Partial<DeviceRow> {
  const { path: _, ...details } = port ?? { path: '' };
  return details;
}

function describePort({
  product,
  manufacturer,
  serialNumber,
  vendorId,
  productId,
  role,
}: SerialPort): string {
  const usb = vendorId === undefined ? undefined : `USB ${vendorId}:${productId}`;
  const maker =
    manufacturer === undefined || product?.includes(manufacturer) ? undefined : `by ${manufacturer}`;
  const name = [product ?? usb, maker].filter((part) => part !== undefined).join(' ');
  const number = serialNumber === undefined ? undefined : `serial number ${serialNumber}`;
  return [name, number, role].filter((part) => part !== undefined && part !== '').join(', ');
}

function serverRow({ address, resourceTypes }: CoapServer): DeviceRow {
  return { kind: 'coap', state: 'answers', address, what: resourceTypes.join(', ') };
}
