/** `Accept` (RFC 9110 section 12.5.1) in terms of content-formats. */
import { contentFormatOf } from '../coap/formats.ts';
import { contentFormat } from '../tables/index.ts';

export interface Acceptance {
  /** Content-formats the client names, best first. */
  readonly formats: readonly number[];
  /** Whether anything else will do as well. */
  readonly any: boolean;
  /** Whether the client asks for a stream of events. */
  readonly stream: boolean;
}

const anything: Acceptance = { formats: [], any: true, stream: false };
const maxCached = 64;
const cache = new Map<string, Acceptance>();

/** What a client takes; everything when it does not say. */
export function parseAccept(header: string | undefined): Acceptance {
  if (header === undefined || header === '' || header === '*/*') return anything;
  const known = cache.get(header);
  if (known !== undefined) return known;
  const acceptance = readAccept(header);
  if (cache.size < maxCached) cache.set(header, acceptance);
  return acceptance;
}

function readAccept(header: string): Acceptance {
  const types = splitRanges(header)
    .map(splitQuality)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ type }) => type);
  return {
    formats: types.flatMap(formatsOf),
    any: types.some((type) => type === '*/*' || type === 'application/*'),
    stream: types.includes('text/event-stream'),
  };
}

/** At commas, but not inside quotes: `application/cose; cose-type="cose-sign1"`. */
function splitRanges(header: string): string[] {
  return header.match(/(?:[^,"]|"[^"]*")+/g) ?? [];
}

function splitQuality(range: string): { type: string; quality: number } {
  const found = /;\s*q\s*=\s*([\d.]+)\s*$/i.exec(range);
  const quality = found === null ? 1 : Number(found[1]);
  const type = (found === null ? range : range.slice(0, found.index)).trim().toLowerCase();
  return { type, quality: Number.isNaN(quality) ? 0 : quality };
}

function formatsOf(type: string): number[] {
  if (type === 'text/*') return [contentFormat.TEXT];
  const format = contentFormatOf(type);
  return format === undefined ? [] : [format];
}
