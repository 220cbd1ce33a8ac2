/**
 * Documents of docs/fields.json: CBOR maps have integer keys, JSON objects the names. Keys that are not in the table
 * are refused when written and kept as text when read, so that an older bridge shows what a newer node says.
 */
import { decode, encode } from 'cborg';
import { RadonError } from '../problem/error.ts';
import { fieldKeys } from '../tables/index.ts';

export * from './format-name.ts';

/** A document: what JSON can hold, plus byte strings (hexadecimal text in JSON). */
export type FieldValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue };

export type FieldName = keyof typeof fieldKeys;

const nameOfKey = new Map<unknown, string>(Object.entries(fieldKeys).map(([name, key]) => [key, name]));
const readOptions = {
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowBigInt: false,
  allowUndefined: false,
};
const strictReadOptions = { ...readOptions, strict: true, allowIndefinite: false };

/** Deterministic CBOR (RFC 8949 4.2) of a document; RadonError BAD_CONTENT for a name outside the table. */
export function encodeFields(value: FieldValue): Uint8Array {
  return encode(toKeys(value));
}

/** Reads a document; RadonError BAD_CONTENT for anything but one well-formed CBOR item. */
export function decodeFields(bytes: Uint8Array): FieldValue {
  return toNames(decodeItem(bytes, readOptions));
}

/** Reads CBOR whose keys are not ours (an atom's own documents): integer keys become text. */
export function decodeForeignCbor(bytes: Uint8Array): FieldValue {
  return withTextKeys(decodeItem(bytes, readOptions), String);
}

/** CBOR of a document whose keys are not ours: they stay text. */
export function encodeForeignCbor(value: FieldValue): Uint8Array {
  return encode(value);
}

/** Like decodeFields, but refuses every encoding but the deterministic one. */
export function decodeFieldsStrictly(bytes: Uint8Array): FieldValue {
  const value = toNames(decodeItem(bytes, strictReadOptions));
  if (!sameBytes(encodeFields(value), bytes)) throw badContent('not deterministic CBOR');
  return value;
}

/** JSON text of a document, byte strings as hexadecimal text. */
export function stringifyFields(value: FieldValue): string {
  return JSON.stringify(value, (_, member: unknown) =>
    member instanceof Uint8Array ? toHex(member) : member,
  );
}

/** Lower-case hexadecimal text. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes of hexadecimal text, undefined when it is not. */
export function parseHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function decodeItem(bytes: Uint8Array, options: typeof readOptions): unknown {
  try {
    return decode(bytes, options);
  } catch (cause) {
    throw badContent(cause instanceof RangeError ? 'nested too deeply' : reasonOf(cause), cause);
  }
}

/** The document with its integer keys, as Maps that cborg encodes. */
export function toKeys(value: FieldValue, level = 0): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  checkLevel(level);
  if (isList(value)) return value.map((member) => toKeys(member, level + 1));
  return new Map(Object.entries(value).map(([name, member]) => [keyOf(name), toKeys(member, level + 1)]));
}

function keyOf(name: string): number {
  if (!Object.hasOwn(fieldKeys, name)) throw badContent(`unknown field "${name.slice(0, 40)}"`);
  return fieldKeys[name as FieldName];
}

/** A decoded CBOR item (maps as Map) with the names of its integer keys. */
export function toNames(value: unknown): FieldValue {
  return withTextKeys(value, nameOf);
}

function withTextKeys(value: unknown, textOf: (key: unknown) => string, level = 0): FieldValue {
  if (!(value instanceof Map) && !Array.isArray(value)) return value as FieldValue;
  checkLevel(level);
  const named = (member: unknown) => withTextKeys(member, textOf, level + 1);
  if (Array.isArray(value)) return value.map(named);
  return Object.fromEntries(Array.from(value, ([key, member]) => [textOf(key), named(member)]));
}

/** Levels of arrays and maps: more than any document needs, less than any stack holds. */
const mostLevels = 64;

function checkLevel(level: number): void {
  if (level >= mostLevels) throw badContent('nested too deeply');
}

function nameOf(key: unknown): string {
  return nameOfKey.get(key) ?? String(key);
}

function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value);
}

function badContent(detail: string, cause?: unknown): RadonError {
  return new RadonError('BAD_CONTENT', { detail }, { cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/^CBOR decode error: /, '') : 'not CBOR';
}
