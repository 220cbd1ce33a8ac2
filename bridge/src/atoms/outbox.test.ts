import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeEnvelope } from '../message/index.ts';
import { problemReply, RadonError } from '../problem/index.ts';
import type { NodeResponse, Upstream, UpstreamRequest } from '../registry/node.ts';
import { abiError, type ErrorName, outcome } from '../tables/index.ts';
import type { MessageOutcome, OutgoingMessage } from './messages.ts';
import { Outbox } from './outbox.ts';
import { SharedState } from './shared-state.ts';

const taken: NodeResponse = { code: 68, payload: new Uint8Array(0) };
const refused = (name: ErrorName) => problemReply(new RadonError(name, { name: 'x' }));

let heard: UpstreamRequest[];
let answers: (() => NodeResponse | Promise<NodeResponse>)[];
let told: MessageOutcome[];
let shared: SharedState;
let outbox: Outbox;

beforeEach(() => {
  vi.useFakeTimers();
  heard = [];
  answers = [];
  told = [];
  shared = SharedState.create(1);
  const upstream: Upstream = {
    request: async (request) => {
      heard.push(request);
      return (await answers.shift()?.()) ?? taken;
    },
    observe: () => ({ close: () => undefined }),
  };
  outbox = new Outbox({
    upstream,
    name: 'n1',
    incarnation: 9,
    shared,
    now: () => Date.now(),
    told: (one) => told.push(one),
  });
});

afterEach(() => {
  outbox.close();
  vi.useRealTimers();
});

function send(to: string, parts: Partial<OutgoingMessage> = {}): void {
  const payload = Uint8Array.of(1);
  const head = { index: 0, sender: 'a', to, id: 1, correlation: 0, flags: 0, report: false, outcome: 0 };
  shared.reserveOutbox(10);
  outbox.send({ ...head, payload, bytes: 10, sentAt: Date.now(), ...parts });
}

const envelopes = () => heard.map(({ payload }) => decodeEnvelope(payload));
const paths = () => heard.map(({ path }) => path.join('/'));

describe('the outbox', () => {
  it('sends in order, numbered, and gives the room back', async () => {
    send('b');
    send('n2/c~1', { id: 2, correlation: 5, flags: 1 });
    await vi.runAllTimersAsync();
    expect(paths()).toEqual(['m/b', 'm/n2/c~1']);
    expect(envelopes()).toMatchObject([
      { from: 'n1/a', incarnation: 9, seq: 1, id: 1, hops: 4 },
      { seq: 2, id: 2, correlation: 5, flags: 1 },
    ]);
    expect([shared.get('outboxMessages'), shared.get('outboxBytes')]).toEqual([0, 0]);
    expect(shared.get('remoteMessages')).toBe(2);
    expect(told).toEqual([]);
  });

  it('tries again with the same number, the pair waits behind it, others do not', async () => {
    answers = [() => refused('INBOX_FULL')];
    send('b');
    send('b', { id: 2 });
    send('c', { id: 3 });
    send('b', { id: 4, flags: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect(envelopes().map(({ seq }) => seq)).toEqual([1, 3, 4]);
    await vi.advanceTimersByTimeAsync(100);
    expect(envelopes().map(({ seq }) => seq)).toEqual([1, 3, 4, 1, 2]);
    expect(shared.get('remoteMessages')).toBe(4);
  });

  it.each([
    ['INBOX_FULL', abiError.E_FULL],
    ['NODE_LOST', abiError.E_NO_ROUTE],
  ] as const)('gives up after ten seconds of %s', async (error, told_) => {
    answers = Array.from({ length: 200 }, () => () => refused(error));
    send('b');
    await vi.advanceTimersByTimeAsync(9800);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toEqual([
      { sender: 'a', id: 1, destination: 'b', reason: outcome.NOT_DELIVERED, error: told_ },
    ]);
  });

  it('gives up what waits while 32 later ones are numbered: its receiver could not tell it from one it has seen', async () => {
    answers = [() => refused('INBOX_FULL')];
    send('b');
    send('b', { id: 2 });
    await vi.advanceTimersByTimeAsync(0);
    for (let id = 3; id <= 34; id += 1) send('c', { id, flags: 1 });
    await vi.advanceTimersByTimeAsync(100);
    expect(envelopes().filter(({ seq }) => seq <= 2)).toHaveLength(1);
    const head = { sender: 'a', destination: 'b', reason: outcome.NOT_DELIVERED };
    expect(told).toEqual([
      { ...head, id: 2, error: abiError.E_NO_ROUTE },
      { ...head, id: 1, error: abiError.E_FULL },
    ]);
  });

  it('numbers anew what names its node: nobody has it who did not take it', async () => {
    answers = [() => refused('INBOX_FULL')];
    send('n2/b');
    send('n2/b', { id: 2 });
    await vi.advanceTimersByTimeAsync(0);
    for (let id = 3; id <= 42; id += 1) send('c', { id, flags: 1 });
    await vi.advanceTimersByTimeAsync(100);
    const again = envelopes().filter(({ seq }) => seq > 42);
    expect(again).toMatchObject([
      { id: 1, seq: 43 },
      { id: 2, seq: 44 },
    ]);
    expect(told).toEqual([]);
  });

  it('gives up what another new number leaves behind', async () => {
    answers = [() => refused('INBOX_FULL'), () => refused('INBOX_FULL')];
    send('n2/b');
    send('crowd', { id: 2 });
    await vi.advanceTimersByTimeAsync(0);
    for (let id = 3; id <= 33; id += 1) send('c', { id, flags: 1 });
    await vi.advanceTimersByTimeAsync(100);
    expect(envelopes().at(-1)).toMatchObject({ id: 1, seq: 34 });
    expect(told).toMatchObject([{ id: 2, reason: outcome.NOT_DELIVERED, error: abiError.E_FULL }]);
  });

  it.each([
    ['NO_SUCH_ATOM', outcome.NOT_DELIVERED, abiError.E_NOT_FOUND],
    ['NO_SUCH_NODE', outcome.NOT_DELIVERED, abiError.E_NO_ROUTE],
    ['NOT_RUNNING', outcome.NOT_DELIVERED, abiError.E_STATE],
    ['TOO_LARGE', outcome.NOT_DELIVERED, abiError.E_TOO_BIG],
    ['HOP_LIMIT', outcome.NOT_DELIVERED, abiError.E_NO_ROUTE],
    ['NODE_UNREACHABLE', outcome.UNKNOWN, abiError.E_TIMEOUT],
  ] as const)('tells the sender what %s means', async (name, reason, error) => {
    answers = [() => refused(name)];
    send('b');
    await vi.runAllTimersAsync();
    expect(told).toEqual([{ sender: 'a', id: 1, destination: 'b', reason, error }]);
    expect(heard).toHaveLength(1);
  });

  it('tells of delivery only where it was asked for, and nothing of reports', async () => {
    send('b', { report: true });
    send('n2/b', { id: 0, correlation: 4, outcome: abiError.E_DENIED });
    await vi.runAllTimersAsync();
    expect(told).toEqual([{ sender: 'a', id: 1, destination: 'b', reason: outcome.DELIVERED, error: 0 }]);
    expect(envelopes()[1]).toEqual({
      from: 'n1/a',
      incarnation: 9,
      seq: 2,
      hops: 4,
      correlation: 4,
      outcome: abiError.E_DENIED,
    });
  });

  it('does not know what became of a message whose way broke', async () => {
    answers = [() => Promise.reject(new Error('broken'))];
    send('b');
    await vi.runAllTimersAsync();
    expect(told).toMatchObject([{ reason: outcome.UNKNOWN, error: abiError.E_TIMEOUT }]);
  });

  it('sends on what an atom left behind, and tells nobody', async () => {
    answers = [() => refused('NO_SUCH_ATOM')];
    send('b');
    send('b', { id: 2, report: true });
    outbox.orphan(0);
    send('b', { id: 3, report: true });
    await vi.runAllTimersAsync();
    expect(heard).toHaveLength(3);
    expect(told).toMatchObject([{ id: 3, reason: outcome.DELIVERED }]);
  });

  it('counts what it has for a new activation level', () => {
    answers = [() => new Promise<NodeResponse>(() => undefined)];
    send('b');
    shared.set('outboxMessages', 5);
    outbox.recount();
    expect([shared.get('outboxMessages'), shared.get('outboxBytes')]).toEqual([1, 10]);
  });

  it('loses a report that finds no room, and counts it', () => {
    answers = Array.from({ length: 8 }, () => () => new Promise<NodeResponse>(() => undefined));
    for (let id = 1; id <= 8; id += 1) send('b', { id });
    outbox.report({ index: 0, name: 'a' }, 'n2/b', 1, abiError.E_FULL);
    expect(shared.get('lostReports')).toBe(1);
  });
});
