import { decodeFields, encodeFields, type FieldValue, sameBytes } from '../fields/index.ts';
import { RadonError } from '../problem/error.ts';
import { abiLimits, configurationTable } from '../tables/index.ts';
import type { Configuration, Manifest } from './manifest.ts';
import { boolean, bytes, integer, list, map, oneOf, type Rule, RuleError, text } from './rules.ts';

const uint32 = integer(0, 0xffff_ffff);
const name = text(abiLimits.nameBytes, /^[a-z][a-z0-9-]{0,31}$/);
const label = text(abiLimits.nameBytes);
const labels = list(label, 0, abiLimits.ioChannels);

const table = configurationTable.limits;
const within = (row: { readonly min: number; readonly max: number }): Rule => integer(row.min, row.max);

const limits = map({
  memory: within(table.memory),
  stack: within(table.stack),
  deadlineMs: within(table.deadlineMs),
  storage: within(table.storage),
  timers: within(table.timers),
  pending: within(table.pending),
  body: within(table.body),
  publish: within(table.publish),
  inbox: map({
    messages: within(table.inbox.messages),
    bytes: within(table.inbox.bytes),
    waitMs: within(table.inbox.waitMs),
  }),
});

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
    io: labels,
    send: list(text(abiLimits.pathBytes), 0, 8),
    request: list(text(abiLimits.pathBytes), 0, 8),
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
    checkPolicy((value as Manifest).configuration);
  });
}

function checkPolicy(value: Configuration): void {
  if (value.kind !== 'reactive' && value.policy !== undefined) {
    throw new RuleError('configuration.policy is for reactive atoms');
  }
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
