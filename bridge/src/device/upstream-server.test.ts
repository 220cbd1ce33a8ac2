import { afterEach, describe, expect, test } from 'vitest';
import { createCoapBoard } from '../../../test/support/coap-board.ts';
import { createCoapContext, formatCode, option } from '../coap/index.ts';
import type { ClientRequest } from '../coap/types.ts';
import { createMemoryLinks, type MemoryLinkFaults, serialTiming } from '../link/index.ts';
import { decodeProblem, problemReply, RadonError } from '../problem/index.ts';
import type {
  NodeRequest,
  NodeResponse,
  ObservationListener,
  Upstream,
  UpstreamRequest,
} from '../registry/node.ts';
import { createDevice, waitUntilUp } from './index.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const utf8 = new TextEncoder();
const answer = (code: number, text = ''): NodeResponse => ({ code, payload: utf8.encode(text), maxAge: 0 });
const quick = { ...serialTiming(115_200), ackTimeoutMs: 60, maxRetransmit: 6, ackDelayMs: 5 };

/** A board on a link, the device of it, and what its upstream was asked. */
function open(upstream: Partial<Upstream> | undefined, faults: MemoryLinkFaults = {}) {
  const asked: UpstreamRequest[] = [];
  const [own, far] = createMemoryLinks({ timing: quick, faults });
  const board = createCoapBoard(far);
  const served: Upstream | undefined = upstream && {
    async request(request, signal) {
      asked.push(request);
      return (await upstream.request?.(request, signal)) ?? answer(0x44);
    },
    observe: upstream.observe ?? (() => ({ close() {} })),
  };
  const device = createDevice({
    name: 'gauge-1',
    link: own,
    createClient: (link, server) => createCoapContext(link, server),
    ...(served && { upstream: served }),
  });
  closers.push(
    () => device.close(),
    () => board.context.close(),
  );
  const said = async (request: ClientRequest) => {
    const response = await board.context.request(request);
    const title = decodeProblem(response.payload)?.title ?? new TextDecoder().decode(response.payload);
    return `${formatCode(response.code)} ${title}`.trim();
  };
  return { board, device, asked, said };
}

const proxyUri = (uri: string) => ({ number: option.proxyUri, value: utf8.encode(uri) });
const get = (...path: string[]): NodeRequest => ({ method: 1, path, query: [], payload: new Uint8Array(0) });

describe('what a board asks for', () => {
  test('reaches the upstream: messages, resources of other nodes, servers outside', async () => {
    const { asked, said } = open({});
    const payload = Uint8Array.of(1, 2);
    expect(await said({ method: 2, path: ['m', 'b', 'rain~2'], payload, contentFormat: 65_000 })).toBe(
      '2.04',
    );
    const hops = { number: option.hopLimit, value: Uint8Array.of(5) };
    await said({ method: 1, path: ['nodes', 'b', 'a', 'x'], query: ['u=mm'], options: [hops] });
    await said({ method: 1, path: [], options: [proxyUri('coap://meter/x?y=1')] });
    expect(asked).toMatchObject([
      { method: 2, path: ['m', 'b', 'rain~2'], payload, contentFormat: 65_000 },
      { method: 1, path: ['nodes', 'b', 'a', 'x'], query: ['u=mm'], hopLimit: 5 },
      { method: 1, path: [], query: [], proxyUri: 'coap://meter/x?y=1' },
    ]);
    expect(asked[1]?.proxyUri).toBeUndefined();
  });

  test.each([
    [{ method: 1, path: '/node' }, '4.04 NOT_FOUND'],
    [{ method: 1, path: '/' }, '4.04 NOT_FOUND'],
    [{ method: 1, path: '/.well-known/core' }, '4.04 NOT_FOUND'],
    [{ method: 2, path: '/mm/rain' }, '4.04 NOT_FOUND'],
    [
      { method: 1, path: '/x', options: [{ number: option.proxyScheme, value: utf8.encode('http') }] },
      '5.05',
    ],
  ])('is refused without asking the upstream: %j', async (request, refusal) => {
    const { asked, said } = open({});
    expect(await said(request)).toBe(refusal);
    expect(asked).toEqual([]);
  });

  test('is nothing where there is no upstream', async () => {
    const { said } = open(undefined);
    expect(await said({ method: 2, path: '/m/rain' })).toBe('4.04 NOT_FOUND');
    expect(await said({ method: 1, path: [], options: [proxyUri('coap://meter/x')] })).toBe('5.05');
  });

  test('is answered while the bridge waits for the same board, as it may for an atom that asks', async () => {
    const { board, device, said } = open({ request: async () => answer(0x45, 'from b') });
    await waitUntilUp(device, 1_000);
    board.answers.set('/a/x', (() =>
      said({ method: 1, path: ['nodes', 'b', 'a', 'x'] }).then((text) => ({
        code: 0x45,
        payload: utf8.encode(text),
      }))) as never);
    const response = await device.request(get('a', 'x'));
    expect(new TextDecoder().decode(response.payload)).toBe('2.05 from b');
  });

  test('is executed once on a link that loses and repeats', async () => {
    const { asked, said } = open(
      {
        request: ({ payload }) =>
          new Promise((resolve) => setImmediate(() => resolve(answer(0x44, `${payload[0]}`)))),
      },
      { loss: 0.1, duplication: 0.2 },
    );
    for (let count = 1; count <= 30; count += 1) {
      const payload = Uint8Array.of(count);
      expect(await said({ method: 2, path: '/m/rain', payload })).toBe(`2.04 ${count}`);
    }
    expect(asked.map(({ payload }) => payload[0])).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
  });

  test('may have a long answer', async () => {
    const long = 'x'.repeat(5_000);
    const { said } = open({ request: async () => answer(0x45, long) });
    expect(await said({ method: 1, path: ['nodes', 'b', 'log'], blockSize: 64 })).toBe(`2.05 ${long}`);
  });
});

describe('what a board observes', () => {
  test('is told until the board cancels or the resource ends', async () => {
    const listeners: ObservationListener[] = [];
    let closed = 0;
    const { board } = open({
      observe(_request, listener) {
        listeners.push(listener);
        queueMicrotask(() => listener.next(answer(0x45, '1')));
        return {
          close() {
            closed += 1;
          },
        };
      },
    });
    const told: string[] = [];
    const observer = {
      next: ({ code, payload }: { code: number; payload: Uint8Array }) =>
        told.push(`${formatCode(code)} ${new TextDecoder().decode(payload)}`),
    };
    const request = { method: 1, path: ['nodes', 'b', 'a', 'x'] };
    const observation = board.context.observe(request, observer);
    await expect.poll(() => told).toEqual(['2.05 1']);
    listeners[0]?.lost();
    listeners[0]?.back();
    listeners[0]?.next(answer(0x45, '2'));
    await expect.poll(() => told).toEqual(['2.05 1', '2.05 2']);
    observation.cancel();
    await expect.poll(() => closed).toBe(1);
  });

  test('that cannot be observed is answered once', async () => {
    const { said } = open({
      observe(_request, listener) {
        queueMicrotask(() => listener.end(answer(0x45, 'once')));
        return { close() {} };
      },
    });
    const observe = { number: option.observe, value: new Uint8Array(0) };
    const request = { method: 1, path: ['nodes', 'b', 'a', 'x'], options: [observe] };
    expect(await said(request)).toBe('2.05 once');
  });

  test('that is refused is answered with the error', async () => {
    const lost = problemReply(new RadonError('NODE_LOST', { name: 'b' }));
    const { said } = open({
      observe(_request, listener) {
        queueMicrotask(() => listener.end(lost));
        return { close() {} };
      },
    });
    const observe = { number: option.observe, value: new Uint8Array(0) };
    const request = { method: 1, path: ['nodes', 'b', 'a', 'x'], options: [observe] };
    expect(await said(request)).toBe('5.03 NODE_LOST');
  });
});
