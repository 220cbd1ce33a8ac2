/** Content-formats and their media types (IANA registry "CoAP Content-Formats"); the ones nodes use by name: tables. */

const mediaTypes: ReadonlyMap<number, string> = new Map([
  [0, 'text/plain;charset=utf-8'],
  [16, 'application/cose; cose-type="cose-encrypt0"'],
  [17, 'application/cose; cose-type="cose-mac0"'],
  [18, 'application/cose; cose-type="cose-sign1"'],
  [40, 'application/link-format'],
  [41, 'application/xml'],
  [42, 'application/octet-stream'],
  [47, 'application/exi'],
  [50, 'application/json'],
  [51, 'application/json-patch+json'],
  [52, 'application/merge-patch+json'],
  [60, 'application/cbor'],
  [61, 'application/cwt'],
  [62, 'application/multipart-core'],
  [63, 'application/cbor-seq'],
  [64, 'application/link-format+cbor'],
  [101, 'application/cose-key'],
  [102, 'application/cose-key-set'],
  [110, 'application/senml+json'],
  [111, 'application/sensml+json'],
  [112, 'application/senml+cbor'],
  [113, 'application/sensml+cbor'],
  [257, 'application/concise-problem-details+cbor'],
  [320, 'application/senml-etch+json'],
  [322, 'application/senml-etch+cbor'],
]);

/** The media type; unknown formats by the rule of RFC 8075 section 6.2. */
export function mediaTypeOf(format: number): string {
  return mediaTypes.get(format) ?? `application/coap-payload;cf=${format}`;
}

/** The charset of every text in CoAP: naming it makes no difference. */
const charset = 'charset=utf-8';

/** Lower case, no white space around `;` and `=`, parameters but for the charset in order, quotes removed. */
function normalise(mediaType: string): string {
  const [type = '', ...parameters] = mediaType.toLowerCase().replaceAll(/\s|"/g, '').split(';');
  return [type, ...parameters.filter((parameter) => parameter !== charset).sort()].join(';');
}

const formats: ReadonlyMap<string, number> = new Map(
  [...mediaTypes].map(([format, type]) => [normalise(type), format] as const),
);

/** The content-format of a media type, undefined when the registry has none. Accepts `application/coap-payload;cf=N`. */
export function contentFormatOf(mediaType: string): number | undefined {
  const wanted = normalise(mediaType);
  const numbered = /^application\/coap-payload;cf=(\d{1,5})$/.exec(wanted);
  if (numbered === null) return formats.get(wanted);
  const format = Number(numbered[1]);
  return format <= 0xffff ? format : undefined;
}
