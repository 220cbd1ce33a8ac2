/** Readings: SenML packs (RFC 8428) in JSON (110) and CBOR (112). Pure. */
import { decode, encode } from 'cborg';
import { RadonError } from '../problem/error.ts';
import { contentFormat } from '../tables/index.ts';

/** One SenML record with the labels of RFC 8428 table 1; times in seconds, data values as base64url text in JSON. */
export interface SenmlRecord {
  readonly bn?: string;
  readonly bt?: number;
  readonly bu?: string;
  readonly bv?: number;
  readonly bs?: number;
  readonly bver?: number;
  readonly n?: string;
  readonly u?: string;
  readonly v?: number;
  readonly vs?: string;
  readonly vb?: boolean;
  readonly vd?: Uint8Array;
  readonly s?: number;
  readonly t?: number;
  readonly ut?: number;
}

export type SenmlPack = readonly SenmlRecord[];

type Kind = 'text' | 'number' | 'boolean' | 'data';
type Label = keyof SenmlRecord;

interface LabelRow {
  /** CBOR label (RFC 8428 table 4). */
  readonly key: number;
  readonly kind: Kind;
}

const labels: Readonly<Record<Label, LabelRow>> = {
  bs: { key: -6, kind: 'number' },
  bv: { key: -5, kind: 'number' },
  bu: { key: -4, kind: 'text' },
  bt: { key: -3, kind: 'number' },
  bn: { key: -2, kind: 'text' },
  bver: { key: -1, kind: 'number' },
  n: { key: 0, kind: 'text' },
  u: { key: 1, kind: 'text' },
  v: { key: 2, kind: 'number' },
  vs: { key: 3, kind: 'text' },
  vb: { key: 4, kind: 'boolean' },
  s: { key: 5, kind: 'number' },
  t: { key: 6, kind: 'number' },
  ut: { key: 7, kind: 'number' },
  vd: { key: 8, kind: 'data' },
};

const labelOfKey = new Map<unknown, Label>(
  Object.entries(labels).map(([name, row]) => [row.key, name as Label]),
);

export function encodeSenmlCbor(pack: SenmlPack): Uint8Array {
  return encode(
    pack.map(
      (record) => new Map(Object.entries(record).map(([name, value]) => [labels[name as Label].key, value])),
    ),
  );
}

/** RadonError BAD_CONTENT for anything but a pack. */
export function decodeSenmlCbor(bytes: Uint8Array): SenmlPack {
  return packOf(parse(() => decode(bytes, { useMaps: true, allowBigInt: false }))).map((record) => {
    if (!(record instanceof Map)) throw bad('a record is not a map');
    return recordOf([...record].map(([key, value]) => [labelOfKey.get(key) ?? key, value]));
  });
}

export function stringifySenml(pack: SenmlPack): string {
  return JSON.stringify(pack, (_, value: unknown) =>
    value instanceof Uint8Array ? toBase64Url(value) : value,
  );
}

/** RadonError BAD_CONTENT for anything but a pack. */
export function parseSenml(text: string): SenmlPack {
  return packOf(parse(() => JSON.parse(text) as unknown)).map((record) => {
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      throw bad('a record is not an object');
    return recordOf(
      Object.entries(record).map(([name, value]) => [name, name === 'vd' ? fromBase64Url(value) : value]),
    );
  });
}

/** Records with base fields applied: absolute names, units and values (RFC 8428 4.6); `t` stays as it was given plus base. */
export function resolveSenml(pack: SenmlPack): SenmlPack {
  const base: { bn?: string; bt?: number; bu?: string; bv?: number; bs?: number } = {};
  return pack.flatMap((record) => {
    const { bn, bt, bu, bv, bs, bver: _, ...own } = record;
    Object.assign(base, withoutUndefined({ bn, bt, bu, bv, bs }));
    const hasReading =
      own.v !== undefined || own.vs !== undefined || own.vb !== undefined || own.vd !== undefined;
    return hasReading || own.s !== undefined ? [resolveRecord(own, base)] : [];
  });
}

/** The resolved records of a body; undefined where its content-format is not SenML, or it is none. */
export function resolveBody(format: number | undefined, body: Uint8Array): SenmlPack | undefined {
  try {
    if (format === contentFormat.SENML_CBOR) return resolveSenml(decodeSenmlCbor(body));
    if (format === contentFormat.SENML_JSON) return resolveSenml(parseSenml(new TextDecoder().decode(body)));
  } catch {
    return undefined;
  }
  return undefined;
}

/** RFC 8428 section 4.5.3: smaller times are relative to now. */
const firstAbsoluteTime = 2 ** 28;

export function isAbsoluteTime(t: number | undefined): t is number {
  return t !== undefined && t >= firstAbsoluteTime;
}

/** Seconds since 1970 of the time of a record; `nowS` likewise. */
export function absoluteTime(t: number | undefined, nowS: number): number {
  return isAbsoluteTime(t) ? t : nowS + (t ?? 0);
}

function resolveRecord(own: SenmlRecord, base: SenmlRecord): SenmlRecord {
  const t = (base.bt ?? 0) + (own.t ?? 0);
  return withoutUndefined({
    ...own,
    n: `${base.bn ?? ''}${own.n ?? ''}`,
    u: own.u ?? base.bu,
    v: own.v === undefined ? undefined : own.v + (base.bv ?? 0),
    s: own.s === undefined ? undefined : own.s + (base.bs ?? 0),
    t: t === 0 ? undefined : t,
  });
}

function packOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw bad('a SenML pack is an array of records');
  return value;
}

function recordOf(entries: readonly (readonly [unknown, unknown])[]): SenmlRecord {
  return Object.fromEntries(entries.filter(([name, value]) => isKnown(name, value)));
}

/** RFC 8428 4.4: unknown labels are ignored, but those that end in "_" must be understood. */
function isKnown(name: unknown, value: unknown): boolean {
  const isLabel = typeof name === 'string' && Object.hasOwn(labels, name);
  if (!isLabel) {
    if (typeof name === 'string' && name.endsWith('_')) throw bad(`label "${name}" is not understood`);
    return false;
  }
  if (!isOfKind(labels[name as Label].kind, value)) throw bad(`label "${name}" has the wrong type`);
  return true;
}

function isOfKind(kind: Kind, value: unknown): boolean {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'boolean') return typeof value === 'boolean';
  if (kind === 'data') return value instanceof Uint8Array;
  return typeof value === 'number' && Number.isFinite(value);
}

function withoutUndefined(record: { readonly [K in Label]?: SenmlRecord[K] | undefined }): SenmlRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function parse(read: () => unknown): unknown {
  try {
    return read();
  } catch (cause) {
    throw bad(cause instanceof RangeError ? 'nested too deeply' : 'not well-formed', cause);
  }
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function fromBase64Url(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !/^[\w-]*=*$/.test(value)) throw bad('label "vd" is not base64url');
  const binary = parse(() =>
    atob(value.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')),
  ) as string;
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function bad(detail: string, cause?: unknown): RadonError {
  return new RadonError('BAD_CONTENT', { detail }, { cause });
}
