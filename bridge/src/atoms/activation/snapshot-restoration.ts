import {
  type Snapshot,
  type SnapshotEvent,
  type SnapshotRequest,
  snapshotEventKind,
  snapshotFlag,
} from '../../snapshot/index.ts';
import { abiError, method } from '../../tables/index.ts';
import type { LetterCell } from '../letter-cell.ts';
import { letterBytesOf, letterEntry } from './inbox.ts';
import type { Instance } from './instance.ts';
import type { AtomParts } from './instance-caller.ts';
import type { Signal } from './signal.ts';

const noBytes = new Uint8Array(0);

/** Fills a fresh, frozen instance with everything a snapshot says. */
export function restoreInstance(
  parts: AtomParts,
  instance: Instance,
  snapshot: Snapshot,
  letters: readonly LetterCell[],
): void {
  const { state } = parts;
  restoreCode(instance, snapshot);
  state.set('lastEventId', snapshot.nextEvent - 1);
  state.set('lastMessageId', snapshot.nextMessage - 1);
  state.set('earlierMessages', 0);
  for (const alias of snapshot.aliases) instance.aliases.add(alias);
  for (const { handle, dueMs, periodMs } of snapshot.timers) {
    instance.timers.set(handle, dueMs, periodMs, instance.frozenAt);
  }
  for (const { handle, edges } of snapshot.watches) instance.watches.set(handle, edges);
  restorePublications(parts, snapshot, instance.frozenAt);
  const answered = new Set<number>();
  for (const event of snapshot.inbox) {
    if (event.kind === snapshotEventKind.response) answered.add(event.correlation ?? 0);
  }
  for (const request of snapshot.requests) makeAgain(parts, instance, request);
  for (const event of snapshot.inbox) restoreEvent(parts, instance, event, letters);
  for (const request of snapshot.requests) {
    if (request.method !== method.GET && !answered.has(request.id)) giveUp(parts, request.id);
  }
}

/** What only the code of the instance sees: memory, globals, its time. */
export function restoreCode(instance: Instance, { memory, globals, ...snapshot }: Snapshot): void {
  instance.memory.fill(0);
  instance.memory.set(memory);
  instance.restoreGlobals(globals);
  instance.actor = snapshot.actor;
  instance.incarnation = (snapshot.incarnation + 1) >>> 0;
  instance.uptimeOffset = snapshot.uptimeMs - instance.frozenAt;
}

function restorePublications(
  { publications }: AtomParts,
  { publications: kept }: Snapshot,
  now: number,
): void {
  for (const { path, format, payload, maxAgeMs = Number.POSITIVE_INFINITY } of kept) {
    publications.put({ path, format, size: payload.length, expires: now + maxAgeMs }, now);
  }
}

/** GET and observations are asked again under their ids. */
function makeAgain({ own, node, start }: AtomParts, instance: Instance, kept: SnapshotRequest): void {
  const { id, method: code, uri, hops, observe = false } = kept;
  const request = {
    index: start.index,
    id,
    method: code,
    uri,
    format: -1,
    payload: noBytes,
    observe,
    hops,
  };
  own.add(request, instance.number);
  if (code === method.GET) node.emit({ kind: 'request', request });
}

function giveUp({ own, nextPlace }: AtomParts, id: number): void {
  const response = { id, code: 0, format: -1, payload: noBytes, error: abiError.E_TIMEOUT, more: false };
  own.receive(response, nextPlace);
}

function restoreEvent(
  parts: AtomParts,
  instance: Instance,
  event: SnapshotEvent,
  letters: readonly LetterCell[],
): void {
  const { handle = 0, payload = noBytes } = event;
  switch (event.kind) {
    case snapshotEventKind.response:
      restoreResponse(parts, instance, event);
      break;
    case snapshotEventKind.timer:
      restoreSignal(instance.timers.all[handle]?.signal, parts.nextPlace(), event);
      break;
    case snapshotEventKind.io: {
      const watch = instance.watches.all[handle];
      restoreSignal(watch?.signal, parts.nextPlace(), event);
      if (watch === undefined) break;
      watch.edge = event.reason ?? 0;
      watch.value = new DataView(payload.buffer, payload.byteOffset).getFloat64(0, true);
      break;
    }
    default:
      restoreLetter(parts, instance, event, letters);
  }
}

function restoreResponse(
  { own, start, nextPlace }: AtomParts,
  instance: Instance,
  event: SnapshotEvent,
): void {
  const { correlation: id = 0, code = 0, format = -1, payload = noBytes, reason: error = 0, handle } = event;
  if (own.find(id) === undefined) {
    const parts = { index: start.index, id, method: method.GET, uri: '', format: -1 };
    own.add({ ...parts, payload: noBytes, observe: false, hops: 0 }, instance.number);
  }
  own.receive({ id, code, format, payload, error, more: handle === 1 }, nextPlace);
  mark(own.find(id)?.signal, event);
}

function restoreSignal(signal: Signal | undefined, place: number, event: SnapshotEvent): void {
  signal?.raise(place);
  mark(signal, event);
}

function mark(signal: Signal | undefined, { event = 0, flags = 0 }: SnapshotEvent): void {
  if (signal === undefined) return;
  signal.id = event;
  signal.retried = (flags & snapshotFlag.retried) !== 0;
}

function restoreLetter(
  { start, state, inbox, node, nextPlace }: AtomParts,
  instance: Instance,
  event: SnapshotEvent,
  letters: readonly LetterCell[],
): void {
  const { kind, payload = noBytes, id = 0, correlation = 0, reason = 0, handle = 0 } = event;
  const { flags = 0, ageMs = 0 } = event;
  const sender = bareName(event.sender ?? '', node.name);
  const { inbox: limits } = start.configuration.limits;
  if (!state.reserve(letterBytesOf({ sender, payload }), limits)) return;
  const cell = letters.find((free) => free.claim());
  if (cell === undefined) return;
  const arrivedAt = instance.frozenAt - ageMs;
  const unordered = (flags & snapshotFlag.unordered) !== 0;
  const head = { kind, sender, id, correlation, unordered, reason, handle, target: -1 };
  const letter = { ...head, payload, waitUntil: arrivedAt + limits.waitMs };
  const place = nextPlace();
  const entry = letterEntry({ ...letter, payload: cell.write(letter) }, cell, place, arrivedAt);
  cell.event = event.event ?? 0;
  cell.failures = (flags & snapshotFlag.retried) === 0 ? 0 : 1;
  if ((flags & snapshotFlag.kept) !== 0) {
    entry.kept = true;
    entry.target = instance.number;
  }
  inbox.append(entry);
}

/** A sender on this node is called by its name alone. */
function bareName(sender: string, node: string): string {
  return sender.startsWith(`${node}/`) ? sender.slice(node.length + 1) : sender;
}
