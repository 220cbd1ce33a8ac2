/** The content-formats (RFC 7252 12.3 and its registry) that nodes and the bridge name, with their media types. */
import { contentFormat } from '../tables/index.ts';

interface FormatRow {
  readonly format: number;
  readonly mediaType: string;
  /** Short name in `atom.json` and on the command line. */
  readonly shortName: string;
}

const rows: readonly FormatRow[] = [
  { format: contentFormat.TEXT, mediaType: 'text/plain', shortName: 'text' },
  {
    format: contentFormat.COSE_SIGN1,
    mediaType: 'application/cose; cose-type="cose-sign1"',
    shortName: 'cose-sign1',
  },
  { format: contentFormat.LINK_FORMAT, mediaType: 'application/link-format', shortName: 'link-format' },
  { format: contentFormat.OCTET_STREAM, mediaType: 'application/octet-stream', shortName: 'octet-stream' },
  { format: contentFormat.JSON, mediaType: 'application/json', shortName: 'json' },
  { format: contentFormat.CBOR, mediaType: 'application/cbor', shortName: 'cbor' },
  { format: contentFormat.SENML_JSON, mediaType: 'application/senml+json', shortName: 'senml+json' },
  { format: contentFormat.SENML_CBOR, mediaType: 'application/senml+cbor', shortName: 'senml+cbor' },
  {
    format: contentFormat.PROBLEM_DETAILS,
    mediaType: 'application/concise-problem-details+cbor',
    shortName: 'problem-details',
  },
];

const byFormat = new Map(rows.map((row) => [row.format, row]));
const byShortName = new Map(rows.map((row) => [row.shortName, row.format]));
const byMediaType = new Map(rows.map((row) => [normalizeMediaType(row.mediaType), row.format]));
const unknownFormat = /^application\/coap-payload;cf=(\d{1,5})$/;

/** Media type of a content-format; unknown ones as `application/coap-payload;cf=N` (RFC 8075 6.2). */
export function mediaTypeOf(format: number): string {
  const mediaType = byFormat.get(format)?.mediaType ?? `application/coap-payload;cf=${format}`;
  return mediaType === 'text/plain' ? 'text/plain; charset=utf-8' : mediaType;
}

/** Content-format of a media type, undefined when it has none. A charset of UTF-8 and white space do not matter. */
export function formatOfMediaType(mediaType: string): number | undefined {
  const normalized = normalizeMediaType(mediaType);
  const known = byMediaType.get(normalized);
  if (known !== undefined) return known;
  const number = Number(unknownFormat.exec(normalized)?.[1] ?? Number.NaN);
  return number <= 0xffff ? number : undefined;
}

/** Short name of a content-format; unknown ones as their number. */
export function shortNameOfFormat(format: number): string {
  return byFormat.get(format)?.shortName ?? String(format);
}

/** Content-format of a short name or number, undefined when there is none. */
export function parseFormat(text: string): number | undefined {
  const known = byShortName.get(text);
  if (known !== undefined) return known;
  return /^\d{1,5}$/.test(text) && Number(text) <= 0xffff ? Number(text) : undefined;
}

function normalizeMediaType(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/;charset="?utf-8"?/, '');
}
