import { describe, expect, it } from 'vitest';
import { type AnnotatedBytes, joinBytes, readVectors } from '../../../test/support/vectors.ts';
import { createVirtualClock, type VirtualClock } from '../../../test/support/virtual-clock.ts';
import { createMemoryLinks, type Link, type MemoryLinkFaults, udpTiming } from '../link/index.ts';
import { contentFormat, method } from '../tables/index.ts';
import { encodeMessage, ParsedMessage, parseMessage } from './codec.ts';
import { code, formatCode, messageType } from './codes.ts';
import { createCoapContext } from './context.ts';
import { CoapError } from './errors.ts';
import { encodeUint, option } from './options.ts';
import { ReceivedMessage } from './received.ts';
import type { CoapContext, CoapContextOptions, CoapReply, CoapRequest, CoapResponse } from './types.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const fromText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const minute = 60_000;

interface Pair {
  readonly clock: VirtualClock;
  readonly client: CoapContext;
  readonly server: CoapContext;
}

function createPair(
  server: CoapContextOptions,
  faults: MemoryLinkFaults = {},
  client: CoapContextOptions = {},
): Pair {
  const clock = createVirtualClock(1);
  const [near, far] = createMemoryLinks({ clock, faults, timing: udpTiming });
  return {
    clock,
    client: createCoapContext(near, { clock, ...client }),
    server: createCoapContext(far, { clock, ...server }),
  };
}

/** Lets virtual time pass until the promise settles. */
async function settled<T>(
  clock: VirtualClock,
  promise: Promise<T>,
  limitMs = clock.now() + 30 * minute,
): Promise<T> {
  let isDone = false;
  const done = (): void => {
    isDone = true;
  };
  promise.then(done, done);
  await clock.run(() => isDone, limitMs);
  if (!isDone) throw new Error(`nothing happened until ${clock.now()} ms`);
  return promise;
}

/** The other side in raw messages. */
function createRaw(options: CoapContextOptions = {}): {
  readonly clock: VirtualClock;
  readonly context: CoapContext;
  readonly received: ReceivedMessage[];
  send(bytes: Uint8Array): void;
} {
  const clock = createVirtualClock(1);
  const [near, far] = createMemoryLinks({ clock, timing: udpTiming });
  const context = createCoapContext(far, { clock, ...options });
  const received: ReceivedMessage[] = [];
  near.attach({
    datagrams(batch) {
      for (const bytes of batch.data.slice(0, batch.count)) {
        const parsed = new ParsedMessage();
        expect(parseMessage(bytes, parsed)).toBe(0);
        received.push(new ReceivedMessage(bytes, parsed.payloadStart));
      }
    },
  });
  return { clock, context, received, send: (bytes) => sendRaw(near, bytes) };
}

function sendRaw(link: Link, bytes: Uint8Array): void {
  if (link.remote !== undefined) link.send(link.remote, bytes, 0, bytes.length);
}

const textReply = (value: string): CoapReply => ({
  code: code.content,
  contentFormat: contentFormat.TEXT,
  payload: text(value),
});

describe('requests', () => {
  it('carries method, path, query, formats and payload both ways', async () => {
    const seen: unknown[] = [];
    const { clock, client } = createPair({
      handler(request) {
        seen.push([
          request.code,
          request.pathSegments,
          request.query,
          request.contentFormat,
          request.accept,
          fromText(request.body),
        ]);
        return { ...textReply('fine'), etag: Uint8Array.of(1, 2), maxAge: 7 };
      },
    });
    const response = await settled(
      clock,
      client.request({
        method: method.POST,
        path: '/a/rain%2Fwind/grün',
        query: ['x=1', 'y'],
        contentFormat: 60,
        accept: 50,
        payload: text('body'),
      }),
    );
    expect(seen).toEqual([[method.POST, ['a', 'rain/wind', 'grün'], ['x=1', 'y'], 60, 50, 'body']]);
    expect([
      formatCode(response.code),
      fromText(response.payload),
      response.contentFormat,
      response.maxAge,
    ]).toEqual(['2.05', 'fine', 0, 7]);
    expect([...(response.etag ?? [])]).toEqual([1, 2]);
  });

  it('answers a slow handler with an empty ACK first and a separate response later', async () => {
    const { clock, client, server } = createPair({
      handler: () =>
        new Promise((resolve) => clock.wakeAt(clock.now() + 5_000, () => resolve(textReply('late')))),
    });
    const response = await settled(clock, client.request({ method: method.GET, path: '/slow' }));
    expect(fromText(response.payload)).toBe('late');
    expect(clock.now()).toBeGreaterThanOrEqual(5_000);
    expect(client.counters.retransmissions + server.counters.retransmissions).toBe(0);
  });

  it('piggybacks the answer of a handler that is asynchronous but quick', async () => {
    const { clock, client, server } = createPair({ handler: async () => textReply('soon') });
    await settled(clock, client.request({ method: method.GET, path: '/soon' }));
    expect(server.counters.messagesOut).toBe(1);
  });

  it('fails with TIMEOUT after the retransmissions of RFC 7252 section 4.2', async () => {
    const clock = createVirtualClock(1);
    const [near] = createMemoryLinks({ clock, faults: { loss: 1 }, timing: udpTiming });
    const client = createCoapContext(near, { clock });
    await expect(settled(clock, client.request({ method: method.GET, path: '/' }))).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    expect(client.counters).toMatchObject({ messagesOut: 5, retransmissions: 4, timeouts: 1 });
    expect(clock.now()).toBeGreaterThanOrEqual(31 * 2_000);
    expect(clock.now()).toBeLessThan(31 * 3_000 + 100);
  });

  it('fails with ABORTED when the signal fires and rejects the late answer', async () => {
    const { clock, client, server } = createPair({
      handler: () =>
        new Promise((resolve) => clock.wakeAt(clock.now() + 5_000, () => resolve(textReply('late')))),
    });
    const controller = new AbortController();
    const request = client.request({ method: method.GET, path: '/slow' }, { signal: controller.signal });
    clock.wakeAt(1_000, () => controller.abort(new Error('enough')));
    await expect(settled(clock, request)).rejects.toMatchObject({
      code: 'ABORTED',
      cause: new Error('enough'),
    });
    await clock.advanceTo(10_000);
    expect(server.counters.resets).toBe(1);
  });

  it('fails with CLOSED when the context is closed, and refuses further requests', async () => {
    const { clock, client } = createPair({ handler: () => new Promise(() => undefined) });
    const request = client.request({ method: method.GET, path: '/' });
    clock.wakeAt(1_000, () => void client.close());
    await expect(settled(clock, request)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(client.request({ method: method.GET, path: '/' })).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('refuses a request that does not fit one message', async () => {
    const { client } = createPair({});
    const request = client.request({ method: method.GET, path: ['x'.repeat(1_200)] });
    await expect(request).rejects.toMatchObject({ code: 'NOT_SENT' });
    const observe = () =>
      client.observe({ method: method.GET, path: ['x'.repeat(1_200)] }, { next: () => undefined });
    expect(observe).toThrow(expect.objectContaining({ code: 'NOT_SENT' }));
  });

  it('keeps to NSTART, and to a larger one once it was learned', async () => {
    let active = 0;
    let most = 0;
    const { clock, client } = createPair(
      {
        handler: () => {
          active += 1;
          most = Math.max(most, active);
          active -= 1;
          return textReply('');
        },
      },
      { delayMs: 10 },
    );
    const ask = (): Promise<CoapResponse> => client.request({ method: method.GET, path: '/' });
    const started = clock.now();
    await settled(clock, Promise.all([ask(), ask(), ask(), ask()]));
    expect(clock.now() - started).toBeGreaterThanOrEqual(80);
    client.setNstart(4);
    const again = clock.now();
    await settled(clock, Promise.all([ask(), ask(), ask(), ask()]));
    expect(clock.now() - again).toBeLessThan(40);
  });

  it('measures a ping', async () => {
    const { clock, client } = createPair({}, { delayMs: 10 });
    expect(await settled(clock, client.ping())).toBeCloseTo(20);
  });

  it('repeats a request with the Echo value the server asks for', async () => {
    const { clock, client } = createPair({
      handler: (request) =>
        request.bytesOf(option.echo) === undefined
          ? { code: code.unauthorized, options: [{ number: option.echo, value: Uint8Array.of(9) }] }
          : textReply('fresh'),
    });
    const response = await settled(clock, client.request({ method: method.PUT, path: '/x' }));
    expect(fromText(response.payload)).toBe('fresh');
  });
});

describe('server', () => {
  const con = (
    requestCode: number,
    messageId: number,
    extra: { number: number; value: Uint8Array }[] = [],
    payload: Uint8Array = new Uint8Array(0),
  ): Uint8Array =>
    encodeMessage({
      type: messageType.con,
      code: requestCode,
      messageId,
      token: Uint8Array.of(7),
      options: extra,
      payload,
    });

  it('executes an unsafe request once and repeats its answer to the byte', async () => {
    let executed = 0;
    const { clock, received, send, context } = createRaw({
      handler: () => ({ code: code.changed, payload: text(String(++executed)) }),
    });
    for (let copy = 0; copy < 3; copy += 1) send(con(method.POST, 77));
    await clock.advanceTo(100);
    expect(executed).toBe(1);
    expect(context.counters.duplicates).toBe(2);
    expect(received.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(
      new Array(3).fill(Buffer.from(received[0]?.bytes ?? []).toString('hex')),
    );
  });

  it('treats the same message ID with other bytes, or after its lifetime, as a new request', async () => {
    let executed = 0;
    const { clock, send } = createRaw({
      handler: () => ({ code: code.changed, payload: text(String(++executed)) }),
    });
    send(con(method.POST, 77, [], text('a')));
    send(con(method.POST, 77, [], text('b')));
    await clock.advanceTo(100);
    expect(executed).toBe(2);
    await clock.advanceTo(udpTiming.exchangeLifetimeMs + 200);
    send(con(method.POST, 77, [], text('a')));
    await clock.advanceTo(clock.now() + 100);
    expect(executed).toBe(3);
  });

  it('repeats the empty ACK, not the work, while an unsafe request is under way and after its separate response', async () => {
    let executed = 0;
    const { clock, received, send } = createRaw({
      handler: () => {
        executed += 1;
        return new Promise((resolve) =>
          clock.wakeAt(clock.now() + 1_000, () => resolve({ code: code.changed })),
        );
      },
    });
    send(con(method.POST, 5));
    await clock.advanceTo(500);
    send(con(method.POST, 5));
    await clock.advanceTo(1_500);
    send(con(method.POST, 5));
    await clock.advanceTo(1_600);
    expect(executed).toBe(1);
    expect(received.map(({ type, code: received_ }) => [type, formatCode(received_)])).toEqual([
      [messageType.ack, '0.00'],
      [messageType.ack, '0.00'],
      [messageType.con, '2.04'],
      [messageType.ack, '0.00'],
    ]);
  });

  it('refuses unsafe requests with 5.03 and Max-Age when its memory is full, and takes them again later', async () => {
    let executed = 0;
    const { clock, received, send, context } = createRaw({
      dedupCapacity: 4,
      handler: () => ({ code: code.changed, payload: text(String(++executed)) }),
    });
    for (let id = 0; id < 6; id += 1) send(con(method.POST, id));
    await clock.advanceTo(100);
    expect(executed).toBe(4);
    expect(context.counters.refused).toBe(2);
    expect(received.map((message) => formatCode(message.code))).toEqual([
      '2.04',
      '2.04',
      '2.04',
      '2.04',
      '5.03',
      '5.03',
    ]);
    expect(received[5]?.uintOf(option.maxAge)).toBeGreaterThan(0);
    send(con(method.POST, 0));
    await clock.advanceTo(200);
    expect(executed).toBe(4);
    await clock.advanceTo(udpTiming.exchangeLifetimeMs + 300);
    send(con(method.POST, 6));
    await clock.advanceTo(clock.now() + 100);
    expect(executed).toBe(5);
  });

  it('rejects malformed CONs with RST and ignores the rest', async () => {
    const { clock, received, send, context } = createRaw();
    send(Uint8Array.of(0x40, 1, 0, 9, 0xf0));
    send(Uint8Array.of(0x50, 1, 0, 10, 0xf0));
    send(Uint8Array.of(0x80, 1, 0, 11));
    send(Uint8Array.of(0x60, 0x45, 0, 12, 0xff));
    send(Uint8Array.of(0x40));
    await clock.advanceTo(100);
    expect(received.map(({ type, messageId }) => [type, messageId])).toEqual([[messageType.rst, 9]]);
    expect(context.counters.malformed).toBe(5);
  });

  it('answers a ping with RST and rejects a CON response nobody asked for', async () => {
    const { clock, received, send } = createRaw();
    send(Uint8Array.of(0x40, 0, 0x12, 0x34));
    send(encodeMessage({ type: messageType.con, code: code.content, messageId: 8, token: Uint8Array.of(1) }));
    await clock.advanceTo(100);
    expect(received.map(({ type, messageId }) => [type, messageId])).toEqual([
      [messageType.rst, 0x1234],
      [messageType.rst, 8],
    ]);
  });

  it('answers a NON with a NON and ignores its repetition', async () => {
    const { clock, received, send } = createRaw({ handler: () => ({ code: code.changed }) });
    const request = encodeMessage({
      type: messageType.non,
      code: method.POST,
      messageId: 3,
      token: Uint8Array.of(1),
    });
    send(request);
    send(request);
    await clock.advanceTo(100);
    expect(received.map(({ type, code: replyCode }) => [type, replyCode])).toEqual([
      [messageType.non, code.changed],
    ]);
  });

  it('sends no response that No-Response declines (RFC 7967)', async () => {
    const { clock, received, send } = createRaw({ handler: () => ({ code: code.changed }) });
    send(con(method.POST, 1, [{ number: option.noResponse, value: encodeUint(2) }]));
    send(con(method.POST, 2, [{ number: option.noResponse, value: encodeUint(8) }]));
    await clock.advanceTo(100);
    expect(received.map((message) => formatCode(message.code))).toEqual(['0.00', '2.04']);
  });

  it('turns what a handler throws into 5.00 and tells its owner', async () => {
    const errors: unknown[] = [];
    const handler = (request: CoapRequest): CoapReply | Promise<CoapReply> => {
      if (request.path === '/later') return Promise.reject(new Error('later'));
      throw new Error('now');
    };
    const { clock, received, send } = createRaw({
      handler,
      onHandlerError: (error) => errors.push(String(error)),
    });
    send(con(method.GET, 1));
    send(con(method.GET, 2, [{ number: option.uriPath, value: text('later') }]));
    await clock.advanceTo(100);
    expect(received.map((message) => formatCode(message.code))).toEqual(['5.00', '5.00']);
    expect(errors).toEqual(['Error: now', 'Error: later']);
  });

  interface RequestVectors {
    readonly cases: readonly {
      readonly name: string;
      readonly rfc: string;
      readonly answer: string | null;
      readonly bytes: AnnotatedBytes;
    }[];
  }
  for (const vector of readVectors<RequestVectors>('coap-requests.json').cases) {
    it(`${vector.answer ?? 'accepts'}: ${vector.name} (RFC ${vector.rfc})`, async () => {
      const { clock, received, send } = createRaw({ handler: () => ({ code: code.valid }) });
      send(joinBytes(vector.bytes));
      await clock.advanceTo(1_000);
      const errors = received
        .map((message) => formatCode(message.code))
        .filter((answer) => /^[45]/.test(answer));
      expect(received).toHaveLength(1);
      expect(errors).toEqual(vector.answer === null ? [] : [vector.answer]);
    });
  }
});

describe('block-wise', () => {
  const body = (length: number, seed = 0): Uint8Array =>
    Uint8Array.from({ length }, (_, index) => (index * 31 + seed) & 0xff);

  it.each([0, 1, 16, 1_023, 1_024, 1_025, 5_000])('carries bodies of %i bytes both ways', async (length) => {
    const { clock, client } = createPair({
      handler: (request) => ({ code: code.content, payload: request.body }),
    });
    const payload = body(length);
    const response = await settled(clock, client.request({ method: method.POST, path: '/echo', payload }));
    expect(Buffer.from(response.payload).equals(Buffer.from(payload))).toBe(true);
  });

  it('goes on with the smaller block size of the other side', async () => {
    const { clock, client } = createPair({
      blockSize: 64,
      handler: (request) => ({ code: code.content, payload: request.body }),
    });
    const payload = body(700);
    const response = await settled(
      clock,
      client.request({ method: method.PUT, path: '/echo', payload, blockSize: 256 }),
    );
    expect(Buffer.from(response.payload).equals(Buffer.from(payload))).toBe(true);
  });

  it('restarts a download whose ETag changes, and gives up when it never settles', async () => {
    let version = 0;
    let changes = 1;
    const { clock, client } = createPair({
      passBlocks: true,
      handler(request) {
        const number = (request.uintOf(option.block2) ?? 0) >> 4;
        if (number === 1 && changes > 0) {
          changes -= 1;
          version += 1;
        }
        const whole = body(2_048, version);
        const options = [
          { number: option.block2, value: encodeUint((number << 4) | (number === 0 ? 8 : 0) | 6) },
        ];
        return {
          code: code.content,
          etag: Uint8Array.of(version),
          options,
          payload: whole.subarray(number * 1_024, number * 1_024 + 1_024),
        };
      },
    });
    const offsets: number[] = [];
    const onBlock = (block: CoapResponse, offset: number) => offsets.push(offset, block.payload.length);
    const response = await settled(clock, client.request({ method: method.GET, path: '/log' }, { onBlock }));
    expect(Buffer.from(response.payload).equals(Buffer.from(body(2_048, 1)))).toBe(true);
    expect(offsets).toEqual([0, 1_024, 0, 1_024, 1_024, 1_024]);
    changes = 100;
    await expect(settled(clock, client.request({ method: method.GET, path: '/log' }))).rejects.toMatchObject({
      code: 'UNSTABLE',
    });
  });

  it('serves later blocks from the body the first came from', async () => {
    let version = 0;
    const { clock, client } = createPair({
      handler: () => ({ code: code.content, payload: body(3_000, ++version) }),
    });
    const response = await settled(clock, client.request({ method: method.GET, path: '/big' }));
    expect(Buffer.from(response.payload).equals(Buffer.from(body(3_000, 1)))).toBe(true);
    expect(version).toBe(1);
  });

  it('limits bodies: 4.13 with Size1 for uploads, TOO_LARGE for downloads', async () => {
    const { clock, client } = createPair({
      maxBody: 2_000,
      handler: () => ({ code: code.content, payload: body(5_000) }),
    });
    const response = await settled(
      clock,
      client.request({ method: method.PUT, path: '/', payload: body(4_000) }),
    );
    expect([formatCode(response.code), response.message.uintOf(option.size1)]).toEqual(['4.13', 2_000]);
    const download = client.request({ method: method.GET, path: '/' }, { maxBody: 2_000 });
    await expect(settled(clock, download)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('answers 4.08 to a block out of order and accepts a repeated one', async () => {
    const { clock, received, send } = createRaw({
      handler: (request) => ({ code: code.changed, payload: text(`${request.body.length}`) }),
    });
    const block = (messageId: number, number: number, more: boolean): Uint8Array =>
      encodeMessage({
        type: messageType.con,
        code: method.PUT,
        messageId,
        options: [{ number: option.block1, value: encodeUint((number << 4) | (more ? 8 : 0)) }],
        payload: body(16),
      });
    for (const [messageId, number, more] of [
      [1, 1, true],
      [2, 0, true],
      [3, 1, true],
      [4, 1, true],
      [5, 3, true],
      [6, 2, false],
    ] as const) {
      send(block(messageId, number, more));
    }
    await clock.advanceTo(100);
    expect(received.map((message) => formatCode(message.code))).toEqual([
      '4.08',
      '2.31',
      '2.31',
      '2.31',
      '4.08',
      '2.04',
    ]);
    expect(fromText(received[5]?.payload ?? new Uint8Array(0))).toBe('48');
  });

  it('keeps apart uploads of one client to one resource by Request-Tag', async () => {
    const bodies: string[] = [];
    const { clock, client } = createPair({
      handler(request) {
        bodies.push(fromText(request.body));
        return { code: code.changed };
      },
    });
    client.setNstart(4);
    const put = (letter: string): Promise<CoapResponse> =>
      client.request({ method: method.PUT, path: '/x', payload: text(letter.repeat(100)), blockSize: 16 });
    await settled(clock, Promise.all([put('a'), put('b'), put('c')]));
    expect(bodies.sort()).toEqual(['a'.repeat(100), 'b'.repeat(100), 'c'.repeat(100)]);
  });
});

describe('errors of the other side', () => {
  it('fails with MALFORMED on a response that breaks the format', async () => {
    const { clock, context, received, send } = createRaw();
    const request = context.request({ method: method.GET, path: '/' });
    await clock.advanceTo(10);
    const id = received[0]?.messageId ?? 0;
    send(Uint8Array.of(0x60, 0x45, id >> 8, id, 0xff));
    await expect(settled(clock, request)).rejects.toMatchObject({ code: 'MALFORMED' });
  });

  it('fails with RESET on a reset, and ignores answers from nowhere', async () => {
    const { clock, context, received, send } = createRaw();
    const request = context.request({ method: method.GET, path: '/' });
    await clock.advanceTo(10);
    const first = received[0];
    const id = first?.messageId ?? 0;
    send(Uint8Array.of(0x60, 0, 0, (id + 1) & 0xff));
    send(
      encodeMessage({
        type: messageType.ack,
        code: code.content,
        messageId: id,
        token: Uint8Array.of(1, 2, 3, 4),
      }),
    );
    send(Uint8Array.of(0x70, 0, id >> 8, id));
    await expect(settled(clock, request)).rejects.toMatchObject({ code: 'RESET' });
    expect(context.counters.unmatched).toBe(2);
  });

  it('acknowledges a repeated separate response again without delivering it twice', async () => {
    const { clock, context, received, send } = createRaw();
    const request = context.request({ method: method.GET, path: '/' });
    await clock.advanceTo(10);
    const first = received[0];
    const id = first?.messageId ?? 0;
    send(Uint8Array.of(0x60, 0, id >> 8, id));
    const response = encodeMessage({
      type: messageType.con,
      code: code.content,
      messageId: 500,
      token: first?.token ?? new Uint8Array(0),
    });
    send(response);
    send(response);
    expect((await settled(clock, request)).code).toBe(code.content);
    await clock.advanceTo(clock.now() + 10);
    expect(received.slice(1).map(({ type, messageId }) => [type, messageId])).toEqual([
      [messageType.ack, 500],
      [messageType.ack, 500],
    ]);
  });
});

describe('CoapError', () => {
  it('carries its cause', () => {
    expect(new CoapError('ABORTED', 'x', 'why').cause).toBe('why');
  });
});
