import { decodeFields, encodeFields, type FieldValue, sameBytes } from '../fields/index.ts';
import {
  boolean,
  bytes,
  integer,
  list,
  map,
  name,
  oneOf,
  type Rule,
  RuleError,
  text,
} from '../fields/rules.ts';
import { parsePattern } from '../pattern/index.ts';
import { RadonError } from '../problem/error.ts';
import { abiLimits, configurationTable } from '../tables/index.ts';
import type { Configuration, Manifest } from './manifest.ts';

const uint32 = integer(0, 0xffff_ffff);
const label = text(abiLimits.nameBytes);
const labels = list(label, 0, abiLimits.ioChannels);

const table = configurationTable.limits;
const within = (row: { readonly min: number; readonly max: number }): Rule => integer(row.min, row.max);

/** A number that is left out where it has its default: a configuration has one encoding. */
const unusual = (row: { readonly min: number; readonly max: number; readonly default: number }): Rule => {
  const inRange = within(row);
  return (value, where) => {
    inRange(value, where);
    if (value === row.default) throw new RuleError(`${where} is its default, which is left out`);
  };
};

const shortText = text(abiLimits.pathBytes);
const pattern: Rule = (value, where) => {
  shortText(value, where);
  if (parsePattern(value as string) === undefined) throw new RuleError(`${where} is no pattern`);
};
const patterns = list(pattern, 0, 8);

const limits = map(
  {
    memory: within(table.memory),
    stack: within(table.stack),
    deadlineMs: within(table.deadlineMs),
    storage: within(table.storage),
    timers: within(table.timers),
    pending: within(table.pending),
    body: within(table.body),
    publish: within(table.publish),
    inbox: map(
      {
        messages: within(table.inbox.messages),
        bytes: within(table.inbox.bytes),
        waitMs: within(table.inbox.waitMs),
      },
      { createAfterMs: unusual(table.inbox.createAfterMs) },
    ),
  },
  {
    instances: unusual(table.instances),
    idleMs: unusual(table.idleMs),
    maxEvents: unusual(table.maxEvents),
  },
);

const resource = map(
  { path: text(abiLimits.pathBytes) },
  {
    rt: text(abiLimits.pathBytes),
    if: text(abiLimits.pathBytes),
    ct: list(integer(0, 0xffff), 0, 8),
    obs: boolean,
    title: text(abiLimits.pathBytes),
  },
);

const configuration = map(
  {
    kind: oneOf(configurationTable.kind.values),
    recovery: oneOf(configurationTable.recovery.values),
    limits,
    replyWithinMs: within(configurationTable.replyWithinMs),
  },
  {
    policy: oneOf(configurationTable.policy.values),
    maxRestarts: unusual(configurationTable.maxRestarts),
    windowMs: unusual(configurationTable.windowMs),
    io: labels,
    send: patterns,
    request: patterns,
    aliases: list(name, 0, 8),
    resources: list(resource, 0, abiLimits.resources),
    hosts: map({}, { require: labels, avoid: labels }),
  },
);

const payload = map({
  format: oneOf(['wasm']),
  digest: bytes(32),
  size: integer(1, abiLimits.moduleBytes),
  need: map({ load: uint32, run: uint32, engine: text(8, /^[0-9a-f]{8}$/) }),
});

const manifest = map({
  name,
  version: text(16),
  sequence: integer(1, 0xffff_ffff),
  abi: integer(1, 0xffff),
  board: label,
  configuration,
  payloads: list(payload, 1, 4),
});

/** Deterministic CBOR of a manifest; RadonError BAD_MANIFEST naming the field that breaks a rule. */
export function encodeManifest(value: Manifest): Uint8Array {
  checkManifest(value);
  return encodeFields(value as unknown as FieldValue);
}

/** Reads a manifest and refuses unknown fields, wrong types, values out of range and other encodings. */
export function decodeManifest(encoded: Uint8Array): Manifest {
  return readDocument(encoded, checkManifest);
}

/** A document that meets its rules, in its one deterministic encoding; rules are told first, for they name the field. */
export function readDocument<T>(encoded: Uint8Array, check: (value: unknown) => asserts value is T): T {
  return asBadManifest(() => {
    const value: unknown = decodeFields(encoded);
    check(value);
    if (!sameBytes(encodeFields(value as FieldValue), encoded)) throw new RuleError('not deterministic CBOR');
    return value;
  });
}

function checkManifest(value: unknown): asserts value is Manifest {
  asBadManifest(() => {
    manifest(value, '');
    checkKind((value as Manifest).configuration);
  });
}

/** What only reactive atoms have. */
function checkKind({ kind, policy, limits }: Configuration): void {
  if (kind === 'reactive') return;
  const { instances, idleMs, maxEvents, inbox } = limits;
  const { createAfterMs } = inbox;
  const fields = {
    'configuration.policy': policy,
    'configuration.limits.instances': instances,
    'configuration.limits.idleMs': idleMs,
    'configuration.limits.maxEvents': maxEvents,
    'configuration.limits.inbox.createAfterMs': createAfterMs,
  };
  const present = Object.entries(fields).find(([, value]) => value !== undefined);
  if (present !== undefined) throw new RuleError(`${present[0]} is for reactive atoms`);
}

/** Gives the errors of CBOR and of the rules the name of what was read. */
export function asBadManifest<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const isContent = cause instanceof RadonError && cause.code === 'BAD_CONTENT';
    if (isContent) throw new RadonError('BAD_MANIFEST', cause.details, { cause });
    if (cause instanceof RuleError)
      throw new RadonError('BAD_MANIFEST', { detail: cause.message }, { cause });
    throw cause;
  }
}
