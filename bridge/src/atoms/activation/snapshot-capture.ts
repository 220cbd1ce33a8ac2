import { type SnapshotEvent, snapshotFlag } from '../../snapshot/index.ts';
import { eventKind } from '../../tables/index.ts';
import type { InstanceState } from '../messages.ts';
import type { LetterEntry } from './inbox.ts';
import type { Instance } from './instance.ts';
import type { AtomParts } from './instance-caller.ts';
import type { PendingRequest } from './own-requests.ts';
import type { Signal } from './signal.ts';

/** What of a frozen instance the activation level knows. */
export function captureInstance(parts: AtomParts, instance: Instance): InstanceState {
  const { state, node, start } = parts;
  const { frozenAt } = instance;
  return {
    aliases: [...instance.aliases].sort(),
    memory: withoutZeros(instance.memory),
    storage: node.kv.pairs(start.name),
    timers: instance.timers.all
      .filter(({ running }) => running)
      .map(({ id, due, period }) => ({
        handle: id,
        dueMs: Math.max(0, Math.round(due - frozenAt)),
        periodMs: period,
      })),
    inbox: waitingEvents(parts, instance),
    uptimeMs: Math.max(0, Math.floor(frozenAt + instance.uptimeOffset)),
    incarnation: instance.incarnation,
    globals: instance.globals(),
    watches: instance.watches.all.flatMap(({ handle, edges }) => (edges === 0 ? [] : [{ handle, edges }])),
    requests: [...parts.own.all()].filter(isUnanswered).map(requestOf),
    nextEvent: state.get('lastEventId') + 1,
    nextMessage: state.get('lastMessageId') + 1,
    actor: instance.actor,
  };
}

function withoutZeros(memory: Uint8Array): Uint8Array {
  return memory.slice(0, memory.findLastIndex((byte) => byte !== 0) + 1);
}

function isUnanswered({ response }: PendingRequest): boolean {
  return response === undefined || response.more;
}

function requestOf({ request: { id, method, hops, observe, uri } }: PendingRequest) {
  return { id, method, hops, ...(observe ? { observe } : {}), uri };
}

interface Placed {
  readonly place: number;
  readonly event: SnapshotEvent;
}

/** Messages, reports and signals in the order of their places; requests stay with the node whose client waits. */
function waitingEvents({ inbox, own, node }: AtomParts, instance: Instance): SnapshotEvent[] {
  const waiting: Placed[] = [];
  for (const entry of inbox.entries) {
    if (entry.kind !== 'MESSAGE' && entry.kind !== 'UNDELIVERED') continue;
    waiting.push({ place: entry.place, event: letterEvent(entry, instance.frozenAt, node.name) });
  }
  const add = (signal: Signal, event: SnapshotEvent) => {
    if (signal.waiting) waiting.push({ place: signal.place, event: { ...event, ...marksOf(signal) } });
  };
  for (const { id, signal } of instance.timers.all)
    add(signal, present({ kind: eventKind.TIMER, handle: id }));
  for (const { handle, edge, value, signal } of instance.watches.all) {
    const payload = new Uint8Array(Float64Array.of(value).buffer);
    add(signal, present({ kind: eventKind.IO, reason: edge, payload, handle }));
  }
  for (const request of own.all()) add(request.signal, responseEvent(request));
  return waiting.sort((left, right) => left.place - right.place).map(({ event }) => event);
}

/** A sender on this node is told with the name of the node. */
function letterEvent(
  { kind, letter, cell, kept, arrivedAt }: LetterEntry,
  frozenAt: number,
  node: string,
): SnapshotEvent {
  const { sender } = letter;
  const isHere = kind === 'MESSAGE' && sender !== '' && !sender.includes('/');
  const { unordered, kept: isKept, retried } = snapshotFlag;
  const flags = (letter.unordered ? unordered : 0) | (kept ? isKept : 0) | (cell.failures > 0 ? retried : 0);
  return present({
    kind: letter.kind as SnapshotEvent['kind'],
    id: letter.id >>> 0,
    reason: letter.reason,
    event: cell.event,
    ageMs: Math.max(0, Math.round(frozenAt - arrivedAt)),
    correlation: letter.correlation >>> 0,
    flags,
    payload: letter.payload.slice(),
    handle: letter.handle,
    sender: isHere ? `${node}/${sender}` : sender,
  });
}

function responseEvent({ id, response }: PendingRequest): SnapshotEvent {
  const { code = 0, format = -1, payload, error: reason = 0, more = false } = response ?? {};
  const head = { kind: eventKind.RESPONSE, correlation: id, code, reason, payload, handle: more ? 1 : 0 };
  return { ...present(head), ...(format < 0 ? {} : { format }) };
}

function marksOf({ id, retried }: Signal): Pick<SnapshotEvent, 'event' | 'flags'> {
  return { ...(id === 0 ? {} : { event: id }), ...(retried ? { flags: snapshotFlag.retried } : {}) };
}

/** What is 0 or empty is left out. */
function present(event: { readonly kind: SnapshotEvent['kind'] } & Record<string, unknown>): SnapshotEvent {
  const isThere = (value: unknown) =>
    value instanceof Uint8Array ? value.length > 0 : value !== undefined && value !== 0 && value !== '';
  return Object.fromEntries(
    Object.entries(event).filter(([, value]) => isThere(value)),
  ) as unknown as SnapshotEvent;
}
