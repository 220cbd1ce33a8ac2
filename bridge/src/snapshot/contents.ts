import { RuleError } from '../fields/rules.ts';
import { type Snapshot, type SnapshotEvent, type SnapshotLimits, snapshotEventKind } from './snapshot.ts';

/** Rules about several members at once: order, repetition and sums. RuleError names the field. */
export function checkContents(snapshot: Snapshot, limits: SnapshotLimits): void {
  checkAscending(snapshot.aliases, 'aliases', (a, b) => (a < b ? -1 : Number(a > b)));
  checkAscending(snapshot.storage, 'storage', (a, b) => compareBytes(a.key, b.key));
  checkAscending(snapshot.timers, 'timers', (a, b) => a.handle - b.handle);
  checkAscending(snapshot.watches, 'watches', (a, b) => a.handle - b.handle);
  checkAscending(snapshot.requests, 'requests', (a, b) => a.id - b.id);
  const stored = sum(snapshot.storage, ({ key, value }) => key.length + value.length);
  checkSum('storage', stored, limits.storage);
  checkSum(
    'publications',
    sum(snapshot.publications, ({ payload }) => payload.length),
    limits.publish,
  );
  checkPublications(snapshot);
  checkInbox(snapshot.inbox, limits);
  checkPending(snapshot, limits);
}

function checkAscending<T>(items: readonly T[], where: string, compare: (a: T, b: T) => number): void {
  items.forEach((item, index) => {
    const before = items[index - 1];
    if (before !== undefined && compare(before, item) >= 0) {
      throw new RuleError(`${where}[${index}] is not in ascending order`);
    }
  });
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}

function checkSum(where: string, total: number, limit: number): void {
  if (total > limit) throw new RuleError(`${where} takes ${total} of ${limit} bytes`);
}

function checkPublications({ publications }: Snapshot): void {
  checkUnique(publications, 'publications', ({ path, format }) => `${format} ${path}`);
}

function checkUnique<T>(items: readonly T[], where: string, nameOf: (item: T) => string | undefined): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const name = nameOf(item);
    if (name === undefined) continue;
    if (seen.has(name)) throw new RuleError(`${where}[${index}] is there twice`);
    seen.add(name);
  }
}

function checkInbox(events: readonly SnapshotEvent[], limits: SnapshotLimits): void {
  const { message, undelivered } = snapshotEventKind;
  const records = events.filter(({ kind }) => kind === message || kind === undelivered);
  if (records.length > limits.inbox.messages) {
    throw new RuleError(`inbox has ${records.length} of ${limits.inbox.messages} messages`);
  }
  checkSum('inbox', sum(records, recordBytes), limits.inbox.bytes);
  checkUnique(events, 'inbox', signalName);
  checkHandles(events, limits);
}

function recordBytes({ sender = '', payload }: SnapshotEvent): number {
  return new TextEncoder().encode(sender).length + (payload?.length ?? 0);
}

/** Timers, channels and own requests have one event each. */
function signalName({ kind, handle = 0, correlation = 0 }: SnapshotEvent): string | undefined {
  if (kind === snapshotEventKind.response) return `${kind} ${correlation}`;
  return kind === snapshotEventKind.timer || kind === snapshotEventKind.io ? `${kind} ${handle}` : undefined;
}

function checkHandles(events: readonly SnapshotEvent[], limits: SnapshotLimits): void {
  const counts = new Map<number, number>([
    [snapshotEventKind.timer, limits.timers],
    [snapshotEventKind.io, limits.io],
  ]);
  for (const [index, { kind, handle = 0 }] of events.entries()) {
    const count = counts.get(kind);
    if (count !== undefined && handle >= count) throw new RuleError(`inbox[${index}].handle is not there`);
  }
}

/** A place is an own request with its response, if that waits. */
function checkPending({ inbox, requests }: Snapshot, { pending }: SnapshotLimits): void {
  const answered = inbox.filter(({ kind }) => kind === snapshotEventKind.response);
  const places = new Set([
    ...requests.map(({ id }) => id),
    ...answered.map(({ correlation }) => correlation),
  ]);
  if (places.size > pending) throw new RuleError(`requests need ${places.size} of ${pending} places`);
  const observed = requests.find(({ method, observe }) => observe === true && method !== 1);
  if (observed !== undefined)
    throw new RuleError(`requests[${requests.indexOf(observed)}].observe needs GET`);
}
