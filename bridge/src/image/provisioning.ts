/** The provisioning record at the start of a board's provisioning sector: docs/reference/wire.md#provisioning-record. */

import { encodeFields, type FieldValue } from '../fields/index.ts';
import { bytes, integer, list, map, name, RuleError, text } from '../fields/rules.ts';
import { abiLimits } from '../tables/index.ts';
import { crc32 } from './crc32.ts';
import { asBadManifest, readDocument } from './manifest-codec.ts';

/** Bits of `TrustedKey.rights`. */
export const keyRight = { deploy: 1, control: 2, native: 4 } as const;

export interface TrustedKey {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Uint8Array;
  /** Names it may deploy start with this; "" for all. */
  readonly prefix: string;
  readonly rights: number;
}

export interface Provisioning {
  /** 8 bytes. */
  readonly id: Uint8Array;
  readonly name: string;
  readonly board: string;
  /** At most 4. */
  readonly keys: readonly TrustedKey[];
}

const magic = [0x52, 0x44, 0x4e, 0x50];
const headerBytes = 12;

const provisioning = map({
  id: bytes(8),
  name,
  board: text(abiLimits.nameBytes),
  keys: list(map({ key: bytes(32), prefix: text(abiLimits.nameBytes), rights: integer(0, 7) }), 0, 4),
});

/** The record, padded with FF to a multiple of 4 bytes; RadonError BAD_MANIFEST for a field out of range. */
export function encodeProvisioning(value: Provisioning): Uint8Array {
  asBadManifest(() => checkProvisioning(value));
  const body = encodeFields(value as unknown as FieldValue);
  const record = new Uint8Array(Math.ceil((headerBytes + body.length) / 4) * 4).fill(0xff);
  const header = new DataView(record.buffer);
  record.set(magic);
  header.setUint32(4, body.length, true);
  header.setUint32(8, crc32(body), true);
  record.set(body, headerBytes);
  return record;
}

/** Reads a record from the start of a sector; RadonError BAD_MANIFEST when there is no valid one. */
export function decodeProvisioning(sector: Uint8Array): Provisioning {
  return readDocument(
    asBadManifest(() => bodyOf(sector)),
    checkProvisioning,
  );
}

function checkProvisioning(value: unknown): asserts value is Provisioning {
  provisioning(value, '');
}

function bodyOf(sector: Uint8Array): Uint8Array {
  const header = new DataView(sector.buffer, sector.byteOffset, sector.byteLength);
  if (sector.length < headerBytes || magic.some((byte, index) => sector[index] !== byte)) {
    throw new RuleError('the provisioning record is missing');
  }
  const length = header.getUint32(4, true);
  if (length > sector.length - headerBytes) throw new RuleError('the provisioning record is cut');
  const body = sector.subarray(headerBytes, headerBytes + length);
  if (crc32(body) !== header.getUint32(8, true))
    throw new RuleError('the provisioning record has a bad checksum');
  return body;
}
