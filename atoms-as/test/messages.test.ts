import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Fixture, openFixture } from './fixture.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Numbers of docs/atom-abi.json. */
const field = { METHOD: 2, CORRELATION: 4, REASON: 5, HANDLE: 6, SENDER: 16, PAYLOAD: 19 } as const;
const tooBig = -6;

let fixture: Fixture;
/** Calls of the node's functions as text: `send lamp on 0`. */
let calls: string[];
let scalars: Partial<Record<number, number>>;
let texts: Partial<Record<number, Uint8Array | string>>;

const encode = (text: Uint8Array | string) =>
  typeof text === 'string' ? new TextEncoder().encode(text) : text;
const latin = (memory: Uint8Array, at: number, length: number) =>
  Buffer.from(memory.subarray(at, at + length)).toString('latin1');

/** Writes bytes as nodes do: only when they fit. */
function put(memory: Uint8Array, bytes: Uint8Array, out: number, cap: number): number {
  if (bytes.length <= cap) memory.set(bytes, out);
  return bytes.length;
}

const node = {
  event_get: (_: Uint8Array, number = 0) => scalars[number] ?? 0,
  event_read: (memory: Uint8Array, number = 0, out = 0, cap = 0) =>
    put(memory, encode(texts[number] ?? ''), out, cap),
  self: (memory: Uint8Array, out = 0, cap = 0) => put(memory, encode('worker~2'), out, cap),
  names: (memory: Uint8Array, at = 0, length = 0) => note(memory, 'names', [at, length]),
  send: (memory: Uint8Array, to = 0, toLength = 0, at = 0, length = 0, flags = 0) =>
    note(memory, 'send', [to, toLength], [at, length], flags),
  reply: (memory: Uint8Array, _event = 0, _code = 0, _format = 0, at = 0, length = 0) =>
    note(memory, 'reply', [at, length]),
  spawn: (memory: Uint8Array, at = 0, length = 0, args = 0, argsLength = 0) =>
    note(memory, 'spawn', [at, length], [args, argsLength]),
  alias_add: (memory: Uint8Array, at = 0, length = 0) => note(memory, 'join', [at, length]),
  alias_remove: (memory: Uint8Array, at = 0, length = 0) => note(memory, 'leave', [at, length]),
  request_cancel: (memory: Uint8Array, id = 0) => note(memory, 'cancel', id),
  request: (
    memory: Uint8Array,
    verb = 0,
    uri = 0,
    uriLength = 0,
    format = 0,
    at = 0,
    length = 0,
    flags = 0,
  ) => note(memory, 'request', verb, [uri, uriLength], format, [at, length], flags),
};

function note(memory: Uint8Array, name: string, ...values: (number | [number, number])[]): number {
  const shown = values.map((value) => (typeof value === 'number' ? value : latin(memory, ...value)));
  return calls.push([name, ...shown].join(' '));
}

beforeEach(async () => {
  calls = [];
  scalars = {};
  texts = {};
  fixture = await openFixture('messages.ts', 2048, node);
});

const call = (name: string, ...values: number[]) => fixture.call[name]?.(...values) ?? Number.NaN;

describe('what goes to other atoms', () => {
  test('a message has a destination, a body and flags', () => {
    expect([call('sendBody', 2), call('sendOn'), call('sendTo', 12)]).toEqual([1, 2, 3]);
    expect(calls).toEqual(['send gauge-1/lamp aa 2', 'send lamp on 0', 'send worker~12 aaa 0']);
  });

  test('a body that did not fit is not sent', () => {
    expect([call('sendBody', 500), call('askFor', 500, 0)]).toEqual([tooBig, tooBig]);
    expect(calls).toEqual([]);
  });

  test('a request takes the body along only with a format', () => {
    call('askFor', 2, 0);
    call('askFor', 2, -1);
    call('follow');
    call('giveUp', 3);
    expect(calls).toEqual([
      'request 2 //cellar/a/tank/level 0 aa 0',
      'request 2 //cellar/a/tank/level -1  0',
      'request 1 /a/rain/level -1  1',
      'cancel 3',
    ]);
  });

  test('instances, aliases and names', () => {
    call('spawnWorker');
    expect(call('joinGauges')).toBe(32);
    expect(call('isSelf')).toBe(1 + 4);
    expect(calls).toEqual(['spawn worker 20', 'join gauges', 'leave gauges', 'names rain.*']);
  });

  test('a record goes as its bytes and comes back', () => {
    call('replyPoint', 3, 4);
    texts = { [field.PAYLOAD]: Buffer.from((calls[0] ?? '').slice('reply '.length), 'latin1') };
    expect(call('readPoint')).toBe(304);
    texts = { [field.PAYLOAD]: new Uint8Array(9) };
    expect(call('readPoint')).toBe(-1);
  });
});

describe('what comes from other atoms', () => {
  test('views look at the event and copy nothing', () => {
    scalars = { [field.CORRELATION]: 7, [field.METHOD]: 69, [field.HANDLE]: 0 };
    texts = { [field.SENDER]: 'button', [field.PAYLOAD]: 'on' };
    expect(call('views')).toBe(0b1_1111_1101);
    scalars = { [field.CORRELATION]: 0, [field.METHOD]: 132, [field.HANDLE]: 1 };
    texts = { [field.SENDER]: '', [field.PAYLOAD]: 'off' };
    expect(call('views')).toBe(0);
    expect(fixture.heapTop()).toBe(0);
  });

  test('a number, and what is none', () => {
    texts = { [field.PAYLOAD]: '-2.5' };
    expect(call('numbers')).toBe(-2.5);
    texts = { [field.PAYLOAD]: 'x'.repeat(500) };
    expect(call('numbers')).toBeNaN();
  });
});

/** A message of the group as its members write it. */
const message = (place: number, clock: readonly number[], body: string) =>
  Uint8Array.from([place, clock.length, ...clock.flatMap((n) => [n & 255, n >> 8]), ...encode(body)]);

describe('causal order', () => {
  test('a message carries the clock, and counts', () => {
    call('openGroup', 1, 3);
    call('sayToGroup');
    call('sayToGroup');
    expect(calls.map((line) => Buffer.from(line.slice('send peers '.length, -2), 'latin1'))).toEqual(
      [1, 2].map((count) => Buffer.from(message(1, [0, count, 0], 'hi'))),
    );
  });

  test('an early message is not due before what it depends on; its body comes without the head', () => {
    call('openGroup', 2, 3);
    const hear = (bytes: Uint8Array) => {
      texts = { [field.PAYLOAD]: bytes };
      return call('hear');
    };
    expect(hear(message(1, [1, 1, 0], 'answer'))).toBe(0);
    expect(hear(message(0, [1, 0, 0], 'question'))).toBe(1);
    expect(hear(message(1, [1, 1, 0], 'answer'))).toBe(1);
    expect(calls).toEqual(['send seen question 0', 'send seen answer 0']);
  });

  test('whatever the ways take, nothing is heard before what its author had heard', () => {
    const schedule = fc.array(fc.tuple(fc.nat(2), fc.nat(9)), { maxLength: 40 });
    fc.assert(
      fc.property(schedule, (steps) => runGroup(steps)),
      { numRuns: 200 },
    );
  });

  test('bytes that are no message of the group are nobody’s', () => {
    call('openGroup', 0, 3);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        texts = { [field.PAYLOAD]: bytes };
        const isOurs = bytes.length >= 8 && bytes[1] === 3 && (bytes[0] ?? 9) < 3;
        expect(call('heardFrom')).toBe(isOurs ? bytes[0] : -1);
      }),
    );
  });
});

/**
 * Members 0 and 1 talk as a model says; member 2 is the atom, and the way of each of the two to it is a queue that moves when
 * a step says so. True when it heard everything in an order that respects what was heard before it was said.
 */
function runGroup(steps: readonly (readonly [number, number])[]): boolean {
  call('openGroup', 2, 3);
  const clocks = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  const ways: number[][][] = [[], []];
  const heard = [0, 0];
  const hearNext = (from: number) => {
    const clock = ways[from]?.[0];
    if (clock === undefined) return true;
    texts = { [field.PAYLOAD]: message(from, clock, '') };
    const other = 1 - from;
    const isEarly = (clock[other] ?? 0) > (heard[other] ?? 0);
    if ((call('hear') === 1) === isEarly) return false;
    if (isEarly) return true;
    ways[from]?.shift();
    heard[from] = clock[from] ?? 0;
    return true;
  };
  for (const [who, what] of steps) {
    const [from, other] = [who & 1, 1 - (who & 1)];
    const [own = [], others = []] = [clocks[from], clocks[other]];
    if (what < 4) {
      own[from] = (own[from] ?? 0) + 1;
      // The two hear each other at once: their messages to the atom are what is late.
      others[from] = own[from];
      ways[from]?.push([...own]);
    } else if (!hearNext(from)) return false;
  }
  for (let rest = 0; rest < 80; rest += 1) if (!hearNext(rest & 1)) return false;
  return ways.every((way) => way.length === 0);
}
