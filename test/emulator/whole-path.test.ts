import { readFileSync, statSync } from 'node:fs';
import { createCoapContext } from '@radon/bridge/coap';
import { openUdpClient } from '@radon/bridge/link';
import type { NodePort } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import { type EmulatedBoard, readColumn } from '@radon/toolchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMailbox, eventually } from '../support/deadline.ts';
import { openEventStream } from '../support/event-stream.ts';
import { readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const readings = readColumn(
  readFileSync(new URL('../../atoms-as/examples/rain/seattle-precipitation.csv', import.meta.url), 'utf8'),
  'precipitation',
).slice(0, 20);

/** What rain shows after each reading. */
const levels = readings.map((latest, index) => {
  const days = index + 1;
  const total = Number(
    readings
      .slice(0, days)
      .reduce((sum, reading) => sum + reading, 0)
      .toFixed(3),
  );
  return [
    { n: 'latest', u: 'mm', v: latest },
    { n: 'days', u: 'count', v: days },
    { n: 'total', u: 'mm', v: total },
  ];
});

describe('a board from its blank flash on', () => {
  let project: TestProject;
  let board: EmulatedBoard;
  let node: NodePort;

  beforeAll(async () => {
    project = await openTestProject();
    await project.openBridge();
    board = await project.startBoard('gauge');
    node = await project.node('gauge');
  });
  afterAll(() => project?.close());

  const url = (path: string) => `${project.bridge.url}/nodes/gauge${path}`;

  /** A CoAP client of the board's own UDP port. */
  async function openClient() {
    const port = Number(new URL(node.state().coap ?? '').port);
    return createCoapContext(await openUdpClient({ host: '127.0.0.1', port }));
  }

  /** Feeds a reading and waits until the atom has counted it. */
  async function feed(day: number): Promise<void> {
    await setChannel(node, 'rain0', readings[day] ?? 0);
    await eventually(`reading ${day}`, async () => {
      const level = (await (await fetch(url('/a/rain/level'))).json()) as { n: string; v: number }[];
      return level.find(({ n }) => n === 'days')?.v === day + 1;
    });
  }

  it('is flashed through the debug stub and boots', async () => {
    expect(statSync(board.flash).size).toBe(512 * 1024);
    expect(await readDocument(node, '/node')).toMatchObject({
      name: 'gauge',
      board: 'netduinoplus2',
      reset: 'power',
      safeMode: false,
    });
    expect(await readDocument(node, '/atoms')).toEqual([]);
  });

  it('answers GET /node the same over UDP and over HTTP', async () => {
    const client = await openClient();
    try {
      const overUdp = await client.request({
        method: method.GET,
        path: '/node',
        accept: contentFormat.JSON,
        blockSize: 64,
      });
      const udp = JSON.parse(new TextDecoder().decode(overUdp.payload)) as Record<string, unknown>;
      const http = (await (await fetch(url('/node'))).json()) as Record<string, unknown>;
      expect(Object.keys(udp).sort()).toEqual(Object.keys(http).sort());
      for (const field of ['id', 'name', 'board', 'firmware', 'abi', 'engine', 'trust'])
        expect(udp[field]).toEqual(http[field]);
    } finally {
      await client.close();
    }
  });

  it('runs rain on real data: 20 readings as JSON, as a stream and as CoAP notifications', async () => {
    await project.push(node, 'rain');
    const client = await openClient();
    const notifications = createMailbox<string>('a notification');
    const observation = client.observe(
      { method: method.GET, path: '/a/rain/level', accept: contentFormat.SENML_JSON },
      { next: ({ payload }) => notifications.put(new TextDecoder().decode(payload)) },
    );
    const stream = await openEventStream(url('/a/rain/level'));
    try {
      await stream.next();
      await notifications.take();
      const streamed: unknown[] = [];
      const notified: unknown[] = [];
      for (const [day, level] of levels.entries()) {
        await feed(day);
        expect(await (await fetch(url('/a/rain/level'))).json()).toEqual(level);
        streamed.push(JSON.parse((await stream.next()).data));
        notified.push(JSON.parse(await notifications.take()));
      }
      expect(streamed).toEqual(levels);
      expect(notified).toEqual(levels);
    } finally {
      observation.cancel();
      stream.close();
      await client.close();
    }
  });

  it('comes back from a power cycle with atom and values; streams say lost and back and go on', async () => {
    const stream = await openEventStream(url('/a/rain/level'));
    try {
      expect(JSON.parse((await stream.next()).data)).toEqual(levels.at(-1));
      board = await project.powerCycle(board);
      expect(await stream.next(20_000)).toEqual({ event: 'lost', data: '{}' });
      expect(await stream.next(20_000)).toEqual({ event: 'back', data: '{}' });
      const first = await stream.next();
      expect(first.event).toBe('message');
      expect(JSON.parse(first.data)).toEqual(levels.at(-1));
      node = await project.node('gauge');
      await expect
        .poll(() => readDocument(node, '/atoms/rain'))
        .toMatchObject({ phase: 'SUSPENDED', restarts: 0 });
      await setChannel(node, 'rain0', 1);
      expect(JSON.parse((await stream.next()).data)).toMatchObject([{ v: 1 }, { v: 21 }, { n: 'total' }]);
    } finally {
      stream.close();
    }
  });
});
