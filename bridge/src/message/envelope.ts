import { decodeFieldsStrictly, encodeFields, type FieldValue } from '../fields/index.ts';
import { bytesUpTo, integer, map, type Rule, RuleError } from '../fields/rules.ts';
import { RadonError } from '../problem/error.ts';
import { abiLimits } from '../tables/index.ts';
import { isAddress } from './destination.ts';

/** What a message and a report have in common. Numbers but `hops` are unsigned and 32 bits wide. */
interface EnvelopeHead {
  /** `<node>/<instance>`: who sent the message, or in a report who had it. */
  readonly from: string;
  /** Drawn when the sending node started. */
  readonly incarnation: number;
  /** The sending node's own count of what it sends. */
  readonly seq: number;
  /** Forwardings that are left, 0..255. */
  readonly hops: number;
}

export interface MessageEnvelope extends EnvelopeHead {
  /** Of the message, with its sender. */
  readonly id: number;
  /** Id of the message that this one answers. */
  readonly correlation?: number;
  /** Bits of `messageFlag`. */
  readonly flags?: number;
  /** At most 512 bytes. */
  readonly payload: Uint8Array;
}

/** Tells a sender that a message was dropped after it had been in the inbox. */
export interface ReportEnvelope extends EnvelopeHead {
  /** Id of the message. */
  readonly correlation: number;
  /** Error of the runtime interface, -12..-1. */
  readonly outcome: number;
}

export type Envelope = MessageEnvelope | ReportEnvelope;

export const messageFlag = {
  unordered: 1,
  /** Sent to an alias: members on the sending node took it already. */
  aliasTaken: 4,
} as const;

/** `hops` at the origin. */
export const messageHops = 4;

const uint32 = integer(0, 0xffff_ffff);
const number = integer(1, 0xffff_ffff);

const address: Rule = (value, where) => {
  if (typeof value !== 'string' || !isAddress(value)) throw new RuleError(`${where} is no address`);
};

const flags: Rule = (value, where) => {
  const known: readonly unknown[] = [1, 4, 5];
  if (!known.includes(value)) throw new RuleError(`${where} has unknown bits`);
};

const payload = bytesUpTo(abiLimits.messageBytes);

const head = { from: address, incarnation: uint32, seq: number, hops: integer(0, 255) };
const message = map({ ...head, id: number, payload }, { correlation: number, flags });
const report = map({ ...head, correlation: number, outcome: integer(-12, -1) });

/** Content-format 65000 of a message or a report. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return encodeFields(envelope as unknown as FieldValue);
}

/** Reads content-format 65000; RadonError BAD_CONTENT for anything but the deterministic encoding of a valid one. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const document = decodeFieldsStrictly(bytes);
  try {
    (isReport(document) ? report : message)(document, '');
  } catch (cause) {
    if (!(cause instanceof RuleError)) throw cause;
    throw new RadonError('BAD_CONTENT', { detail: cause.message }, { cause });
  }
  return document as unknown as Envelope;
}

export function isReport(envelope: unknown): envelope is ReportEnvelope {
  return typeof envelope === 'object' && envelope !== null && 'outcome' in envelope;
}
