import { contentFormatOf, mediaTypeOf } from '../coap/formats.ts';

/** Short name of a content-format in `atom.json` and on the command line: `senml+cbor`, `text`; unknown ones `42`. */
export function formatName(format: number): string {
  if (format === 0) return 'text';
  const subtype = /^application\/([\w.+-]+)$/.exec(mediaTypeOf(format))?.[1];
  return subtype ?? (format === 18 ? 'cose-sign1' : String(format));
}

/** Content-format of a short name, a media type or a number; undefined when there is none. */
export function parseFormat(text: string): number | undefined {
  if (text === 'text') return 0;
  if (text === 'cose-sign1') return 18;
  if (/^\d{1,5}$/.test(text)) return Number(text) <= 0xffff ? Number(text) : undefined;
  return contentFormatOf(text.includes('/') ? text : `application/${text}`);
}
