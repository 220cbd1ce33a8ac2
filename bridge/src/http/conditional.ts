/** Entity tags and pieces: `If-Match`, `If-None-Match`, `ETag`, `Content-Range` as CoAP options. */
import { parseHex, sameBytes, toHex } from '../fields/index.ts';
import { RadonError } from '../problem/error.ts';

/** A CoAP ETag (1..8 bytes) as a strong HTTP entity tag: quoted hexadecimal text. */
export function formatEntityTag(etag: Uint8Array): string {
  return `"${toHex(etag)}"`;
}

/** The tags of a list that can be ours; weak ones count as strong ones, which CoAP alone has. */
export function parseEntityTags(header: string): readonly Uint8Array[] {
  return [...header.matchAll(/(?:W\/)?"([0-9a-f]{2,16})"/gi)].flatMap(([, hex = '']) => parseHex(hex) ?? []);
}

/** Whether `If-None-Match` of a safe request names the representation that is there (RFC 9110 section 13.1.2). */
export function isNamed(header: string, etag: Uint8Array | undefined): boolean {
  if (header.trim() === '*') return true;
  return etag !== undefined && parseEntityTags(header).some((tag) => sameBytes(tag, etag));
}

/** `If-Match`: `*` is one empty member (RFC 7252 section 5.10.8.1). A list without a tag of ours can match nothing. */
export function parseIfMatch(header: string): readonly Uint8Array[] | 'nothing' {
  if (header.trim() === '*') return [new Uint8Array(0)];
  const tags = parseEntityTags(header);
  return tags.length > 0 ? tags : 'nothing';
}

export interface Part {
  readonly offset: number;
  readonly more: boolean;
}

/** `Content-Range: bytes FIRST-LAST/TOTAL` of a PUT (RFC 9110 section 14.5) whose body has so many bytes. */
export function parseContentRange(header: string, length: number): Part {
  const found = /^bytes (\d{1,9})-(\d{1,9})\/(\d{1,9})$/.exec(header.trim());
  const [first, last, total] = (found ?? []).slice(1).map(Number);
  if (first === undefined || last === undefined || total === undefined)
    throw bad('Content-Range is malformed');
  if (last - first + 1 !== length || last >= total) throw bad('Content-Range does not fit the body');
  return { offset: first, more: last + 1 < total };
}

function bad(detail: string): RadonError {
  return new RadonError('BAD_REQUEST', { detail });
}
