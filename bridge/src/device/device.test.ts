import { afterEach, describe, expect, test } from 'vitest';
import { createCoapBoard } from '../../../test/support/coap-board.ts';
import { decodeBlock, encodeBlock } from '../coap/blocks.ts';
import { type CoapClient, createCoapContext, encodeUint, option } from '../coap/index.ts';
import { encodeFields } from '../fields/index.ts';
import { createMemoryLinks, createReconnectingLink, type Link, serialTiming } from '../link/index.ts';
import type { NodePort, NodeRequest, NodeResponse, ObservationListener } from '../registry/node.ts';
import { createDevice, followLog, readLog, waitUntilUp } from './index.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const get = (...path: string[]): NodeRequest => ({ method: 1, path, query: [], payload: new Uint8Array(0) });
const quick = { ...serialTiming(115_200), ackTimeoutMs: 20, maxRetransmit: 2, ackDelayMs: 5 };

function open(own: Link, heartbeatMs = 20) {
  const said: string[] = [];
  const say = (message: string) => said.push(message);
  let client: CoapClient | undefined;
  const device: NodePort = createDevice({
    name: 'gauge-1',
    link: own,
    createClient: (link) => {
      client = createCoapContext(link);
      return client;
    },
    heartbeatMs,
    logger: { debug: say, info: say, warn: say, error: say },
    clock: () => 1_700_000_000_000,
  });
  closers.push(() => device.close());
  return { device, said, client };
}

function openPair() {
  const faults = { loss: 0 };
  const [own, far] = createMemoryLinks({ timing: quick, faults });
  const board = createCoapBoard(far);
  closers.push(() => board.context.close());
  return { board, faults, ...open(own) };
}

/** A listener that writes down what it is told. */
function record(): ObservationListener & { readonly told: string[] } {
  const told: string[] = [];
  const text = (response: NodeResponse) => new TextDecoder().decode(response.payload);
  return {
    told,
    next: (response) => told.push(text(response)),
    lost: () => told.push('lost'),
    back: () => told.push('back'),
    end: (response) => told.push(`end ${response.code}`),
  };
}

describe('a device', () => {
  test('greets the board, sets its clock and is up', async () => {
    const { device, board } = openPair();
    expect(device.state()).toMatchObject({ link: 'lost', lastError: undefined, kind: 'device' });
    await waitUntilUp(device, 1_000);
    await expect.poll(() => board.requests).toContain('3 /time');
    expect(device.state()).toMatchObject({ link: 'up', address: 'memory:a', lastSeen: 1_700_000_000_000 });
  });

  test('tells of the parts of a body, and of none where it has one block', async () => {
    const { device, board } = openPair();
    const payload = Uint8Array.from({ length: 2_500 }, (_, index) => index & 0xff);
    board.answers.set('/log', (request) => {
      const { number } = decodeBlock(request.uintOf(option.block2) ?? 0);
      const block = encodeBlock(number, number < 2, 6);
      return {
        code: 0x45,
        payload: payload.subarray(number * 1_024, (number + 1) * 1_024),
        options: [{ number: option.block2, value: encodeUint(block) }],
      };
    });
    await waitUntilUp(device, 1_000);
    const parts: (readonly [number, number])[] = [];
    const onPart = (part: NodeResponse, offset: number) => parts.push([offset, part.payload.length]);
    const answer = await device.request({ ...get('log'), onPart });
    expect(Buffer.from(answer.payload).equals(payload)).toBe(true);
    expect(parts).toEqual([
      [0, 1_024],
      [1_024, 1_024],
      [2_048, 452],
    ]);
    await device.request({ ...get('node'), onPart });
    expect(parts).toHaveLength(3);
  });

  test('passes a request and its answer', async () => {
    const { device, board } = openPair();
    board.answers.set('/a/x', (request) => ({
      code: 0x41,
      payload: request.body,
      contentFormat: request.contentFormat ?? 0,
      etag: Uint8Array.of(7),
      maxAge: 3,
      options: [{ number: 8, value: new TextEncoder().encode('n') }],
    }));
    const request = {
      ...get('a', 'x'),
      method: 2,
      query: ['q=1'],
      payload: Uint8Array.of(1),
      contentFormat: 42,
    };
    expect(await device.request(request)).toMatchObject({
      code: 0x41,
      payload: Uint8Array.of(1),
      contentFormat: 42,
      etag: Uint8Array.of(7),
      maxAge: 3,
      location: ['n'],
    });
  });

  test("a request that no message can carry is the caller's fault, not the board's", async () => {
    const { device, board } = openPair();
    await waitUntilUp(device, 1_000);
    const long = get('x'.repeat(200), ...new Array<string>(7).fill('y'.repeat(200)));
    await expect(device.request(long)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    const listener = record();
    device.observe(long, listener);
    expect(listener.told).toEqual([]);
    await expect.poll(() => listener.told).toEqual(['end 128']);
    expect(board.requests.filter((path) => path.includes('xx'))).toEqual([]);
  });

  test('an aborted request rejects with the reason', async () => {
    const { device, board } = openPair();
    board.answers.set('/slow', () => new Promise(() => {}) as never);
    const controller = new AbortController();
    const request = device.request(get('slow'), controller.signal);
    controller.abort(new Error('enough'));
    await expect(request).rejects.toThrow('enough');
  });

  test('a board that falls silent is lost, and found again', async () => {
    const { device, faults, said } = openPair();
    await waitUntilUp(device, 1_000);
    faults.loss = 1;
    await expect(device.request(get('node'))).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' });
    expect(device.state()).toMatchObject({ link: 'lost', lastError: 'no answer' });
    expect(said).toContain('gauge-1: lost, no answer');
    faults.loss = 0;
    await waitUntilUp(device, 2_000);
  });

  test('a link that is down fails at once, and comes back', async () => {
    let far: Link | undefined;
    const [first, second] = [createMemoryLinks({ timing: quick }), createMemoryLinks({ timing: quick })];
    const inner = [first, second];
    const link = createReconnectingLink(
      'unix:test',
      async () => {
        const [near, other] = inner.shift() ?? [];
        if (near === undefined || other === undefined) throw new Error('no board');
        far = other;
        createCoapBoard(other);
        return near;
      },
      { timing: quick, firstDelayMs: 30 },
    );
    const { device } = open(link);
    await waitUntilUp(device, 1_000);
    const listener = record();
    device.observe(get('node'), listener);
    await expect.poll(() => listener.told).toHaveLength(1);
    await far?.close();
    await first[0].close();
    await expect.poll(() => device.state().link).toBe('lost');
    await expect(device.request(get('node'))).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' });
    await waitUntilUp(device, 1_000);
    await expect.poll(() => listener.told.slice(1, 3)).toEqual(['lost', 'back']);
  });

  test('close falls silent and is idempotent', async () => {
    const { device } = openPair();
    await waitUntilUp(device, 1_000);
    const listener = record();
    device.observe(get('node'), listener);
    await device.close();
    await device.close();
    await expect(device.request(get('node'))).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' });
    expect(listener.told).toEqual([]);
  });
});

describe('observations of a device', () => {
  test('give the present value, then every change', async () => {
    const { device, board } = openPair();
    let level = 1;
    board.answers.set('/a/rain/level', () => ({
      code: 0x45,
      payload: new TextEncoder().encode(String(level)),
      maxAge: 0,
    }));
    await waitUntilUp(device, 1_000);
    const listener = record();
    const observation = device.observe(get('a', 'rain', 'level'), listener);
    await expect.poll(() => listener.told).toEqual(['1']);
    level = 2;
    board.changed('/a/rain/level');
    await expect.poll(() => listener.told).toEqual(['1', '2']);
    observation.close();
    await expect.poll(() => board.context.observers).toBe(0);
  });

  test('an error of the board is the end', async () => {
    const { device, board } = openPair();
    await waitUntilUp(device, 1_000);
    const listener = record();
    device.observe(get('none'), listener);
    await expect.poll(() => listener.told).toEqual(['end 132']);
    expect(board.context.observers).toBe(0);
  });

  test('a resource that cannot be observed is the end', async () => {
    const [own, far] = createMemoryLinks({ timing: quick });
    const plain = createCoapContext(far, {
      handler: () => ({ code: 0x45, payload: encodeFields({}), contentFormat: 60 }),
    });
    closers.push(() => plain.close());
    const { device } = open(own);
    await waitUntilUp(device, 1_000);
    const listener = record();
    device.observe(get('node'), listener);
    await expect.poll(() => listener.told).toEqual(['end 69']);
  });

  test('a board that was reset is observed again', async () => {
    const { device, board, said } = openPair();
    await waitUntilUp(device, 1_000);
    const listener = record();
    device.observe(get('node'), listener);
    await expect.poll(() => listener.told).toHaveLength(1);
    board.uptimeMs = 5;
    await expect.poll(() => listener.told.slice(1, 3)).toEqual(['lost', 'back']);
    expect(said).toContain('gauge-1: was reset');
  });

  test('a board that was reset is observed again by all who share its client', async () => {
    const { device, board, client } = openPair();
    await waitUntilUp(device, 1_000);
    const values: Uint8Array[] = [];
    const observation = client?.observe(
      { method: 1, path: '/node' },
      { next: ({ payload }) => values.push(payload) },
    );
    await expect.poll(() => values).toHaveLength(1);
    board.uptimeMs = 5;
    await expect.poll(() => values).toHaveLength(2);
    observation?.cancel();
  });

  test('an observation of a lost device says so and starts when it is back', async () => {
    const [own, far] = createMemoryLinks({ timing: quick });
    const { device } = open(own);
    const listener = record();
    device.observe(get('node'), listener);
    await expect.poll(() => listener.told).toEqual(['lost']);
    const board = createCoapBoard(far);
    closers.push(() => board.context.close());
    await expect.poll(() => listener.told.slice(0, 2), { timeout: 4_000 }).toEqual(['lost', 'back']);
  });
});

describe('the log of a device', () => {
  const lines = [
    { timeMs: 5, level: 2, name: 'rain', line: 'much' },
    { timeMs: 6, level: 'ERROR', name: 'node', line: 'more' },
  ];
  const log = () => ({ code: 0x45, payload: encodeFields(lines), contentFormat: 60, maxAge: 0 });
  const read = [
    { timeMs: 5, level: 'WARN', name: 'rain', line: 'much' },
    { timeMs: 6, level: 'ERROR', name: 'node', line: 'more' },
  ];

  test('is read and followed', async () => {
    const { device, board } = openPair();
    board.answers.set('/log', log);
    await waitUntilUp(device, 1_000);
    expect(await readLog(device)).toEqual(read);
    const followed: unknown[] = [];
    const observation = followLog(device, { lines: (more) => followed.push(...more) });
    await expect.poll(() => followed).toEqual(read);
    board.changed('/log');
    await expect.poll(() => followed).toEqual([...read, ...read]);
    observation.close();
  });

  test('a node without a log says why', async () => {
    const { device } = openPair();
    await waitUntilUp(device, 1_000);
    await expect(readLog(device)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const ends: string[] = [];
    followLog(device, { lines: () => {}, end: (error) => ends.push(error.code) });
    await expect.poll(() => ends).toEqual(['NOT_FOUND']);
  });
});
