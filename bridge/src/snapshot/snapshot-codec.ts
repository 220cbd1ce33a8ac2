import { decodeFieldsStrictly, encodeFields, type FieldValue, sameBytes } from '../fields/index.ts';
import { bytesUpTo, integer, list, map, name, oneOf, type Rule, RuleError, text } from '../fields/rules.ts';
import { RadonError } from '../problem/error.ts';
import { abiLimits } from '../tables/index.ts';
import { checkContents } from './contents.ts';
import { type Snapshot, type SnapshotLimits, snapshotEventKind } from './snapshot.ts';

const uint16 = integer(0, 0xfffe);
const uint31 = integer(0, 0x7fff_ffff);
const uint32 = integer(0, 0xffff_ffff);
const count = integer(1, 0xffff_ffff);
const id = integer(1, 0x7fff_ffff);
const milliseconds = integer(0, Number.MAX_SAFE_INTEGER);

/** `<node>/<instance>`. */
const addressBytes = 2 * abiLimits.nameBytes + 12;

/** Most items of a list that only the room for their bytes limits. */
const manyItems = 65_536;

const constant =
  (expected: unknown): Rule =>
  (value, where) => {
    if (value !== expected) throw new RuleError(`${where} is not ${expected}`);
  };

const exactly =
  (expected: Uint8Array): Rule =>
  (value, where) => {
    if (!(value instanceof Uint8Array && sameBytes(value, expected))) {
      throw new RuleError(`${where} is that of other code`);
    }
  };

const memory =
  (most: number): Rule =>
  (value, where) => {
    bytesUpTo(most)(value, where);
    if ((value as Uint8Array).at(-1) === 0) throw new RuleError(`${where} ends with a zero byte`);
  };

const globals =
  (sizes: readonly number[]): Rule =>
  (value, where) => {
    list(bytesUpTo(8, 4), sizes.length, sizes.length)(value, where);
    for (const [index, size] of sizes.entries()) {
      bytesUpTo(size, size)((value as readonly unknown[])[index], `${where}[${index}]`);
    }
  };

const key: Rule = (value, where) => {
  bytesUpTo(abiLimits.kvKeyBytes, 1)(value, where);
  if ((value as Uint8Array).includes(0x0a)) throw new RuleError(`${where} has a newline`);
};

const kindNumber: Rule = (value, where) => {
  const kinds: readonly unknown[] = Object.values(snapshotEventKind);
  if (!kinds.includes(value)) throw new RuleError(`${where} is no kind of event that waits`);
};

const edge: Rule = (value, where) => {
  if (value !== 1 && value !== 2 && value !== 4) throw new RuleError(`${where} is no edge`);
};

/** Members of each kind of event beside `kind`: those that are always there, and those that are left out at 0. */
function eventRules(limits: SnapshotLimits): ReadonlyMap<unknown, Rule> {
  const marks = { event: id, flags: integer(1, 7) };
  const sender = text(addressBytes, /./);
  const payload = (most: number) => bytesUpTo(most, 1);
  const kind = kindNumber;
  return new Map([
    [
      snapshotEventKind.message,
      map(
        { kind },
        {
          ...marks,
          id: count,
          ageMs: count,
          correlation: count,
          payload: payload(abiLimits.messageBytes),
          sender,
        },
      ),
    ],
    [
      snapshotEventKind.response,
      map(
        { kind, correlation: id },
        {
          ...marks,
          format: uint16,
          reason: integer(-12, -1),
          code: integer(1, 255),
          payload: payload(limits.body),
          handle: integer(1, 1),
        },
      ),
    ],
    [snapshotEventKind.timer, map({ kind }, { ...marks, handle: integer(1, limits.timers - 1) })],
    [
      snapshotEventKind.io,
      map({ kind, reason: edge, payload: bytesUpTo(8, 8) }, { ...marks, handle: integer(1, limits.io - 1) }),
    ],
    [
      snapshotEventKind.undelivered,
      map(
        { kind, reason: integer(1, 3), correlation: count },
        { ...marks, ageMs: count, handle: integer(-12, -1), sender },
      ),
    ],
  ]);
}

function event(limits: SnapshotLimits): Rule {
  const rules = eventRules(limits);
  return (value, where) => {
    const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
    kindNumber(kind, `${where}.kind`);
    rules.get(kind)?.(value, where);
  };
}

const counters = map({
  done: uint32,
  dropped: uint32,
  restarts: uint32,
  activations: uint32,
  sent: uint32,
  undelivered: uint32,
  refused: uint32,
});

const request = map(
  { id, method: integer(1, 7), hops: integer(0, 255), uri: text(abiLimits.uriBytes) },
  { observe: constant(true) },
);

function snapshot(limits: SnapshotLimits): Rule {
  const timer = map({ handle: integer(0, limits.timers - 1), dueMs: uint31, periodMs: uint31 });
  const watch = map({ handle: integer(0, limits.io - 1), edges: integer(1, 7) });
  const publication = map(
    { format: uint16, path: oneOf(limits.paths), payload: bytesUpTo(limits.publish) },
    { maxAgeMs: milliseconds },
  );
  return map({
    name: constant(limits.name),
    version: constant(1),
    digest: exactly(limits.digest),
    aliases: list(name, 0, abiLimits.aliases),
    memory: memory(limits.memory),
    storage: list(map({ value: bytesUpTo(abiLimits.kvValueBytes), key }), 0, manyItems),
    timers: list(timer, 0, limits.timers),
    inbox: list(event(limits), 0, manyItems),
    uptimeMs: milliseconds,
    counters,
    incarnation: uint32,
    globals: globals(limits.globals),
    watches: list(watch, 0, limits.io),
    publications: list(publication, 0, 8),
    requests: list(request, 0, limits.pending),
    nextEvent: id,
    nextMessage: id,
    actor: uint32,
  });
}

/** Content-format 60 of a snapshot. */
export function encodeSnapshot(document: Snapshot): Uint8Array {
  return encodeFields(document as unknown as FieldValue);
}

/** Reads a snapshot that is to be restored; RadonError BAD_SNAPSHOT names the first field that does not fit. */
export function decodeSnapshot(bytes: Uint8Array, limits: SnapshotLimits): Snapshot {
  try {
    const document = decodeFieldsStrictly(bytes);
    snapshot(limits)(document, '');
    checkContents(document as unknown as Snapshot, limits);
    return document as unknown as Snapshot;
  } catch (cause) {
    throw badSnapshot(cause);
  }
}

function badSnapshot(cause: unknown): unknown {
  if (cause instanceof RuleError) return new RadonError('BAD_SNAPSHOT', { detail: cause.message }, { cause });
  if (cause instanceof RadonError && cause.code === 'BAD_CONTENT') {
    return new RadonError('BAD_SNAPSHOT', { detail: String(cause.details.detail) }, { cause });
  }
  return cause;
}
