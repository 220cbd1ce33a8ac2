/** Answers of the host node: documents, readings and problems in the representation that was asked for. */
import { code } from '../coap/codes.ts';
import { encodeFields, type FieldValue, sameBytes, stringifyFields } from '../fields/index.ts';
import { crc32 } from '../image/crc32.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import { encodeSenmlCbor, type SenmlPack, stringifySenml } from '../senml/index.ts';
import { contentFormat } from '../tables/index.ts';

const encoder = new TextEncoder();
const noBytes = new Uint8Array(0);

/** One way to write a value. */
interface Writer<T> {
  readonly format: number;
  write(value: T): Uint8Array;
}

/** First the default. */
const documentWriters: readonly Writer<FieldValue>[] = [
  { format: contentFormat.CBOR, write: encodeFields },
  { format: contentFormat.JSON, write: (value) => encoder.encode(stringifyFields(value)) },
  { format: contentFormat.TEXT, write: (value) => encoder.encode(documentText(value)) },
];

const readingWriters: readonly Writer<SenmlPack>[] = [
  { format: contentFormat.SENML_CBOR, write: encodeSenmlCbor },
  { format: contentFormat.SENML_JSON, write: (pack) => encoder.encode(stringifySenml(pack)) },
  { format: contentFormat.TEXT, write: ([record]) => encoder.encode(String(record?.v ?? '')) },
];

export const documentFormats = documentWriters.map(({ format }) => format);
export const readingFormats = readingWriters.map(({ format }) => format);

/** JSON with one member or element a line, indented by two spaces. */
function documentText(value: FieldValue): string {
  return JSON.stringify(JSON.parse(stringifyFields(value)), null, 2);
}

export function documentResponse(value: FieldValue, request: NodeRequest): NodeResponse {
  return written(documentWriters, value, request);
}

/** CBOR that is written already. */
export function cborResponse(bytes: Uint8Array, request: NodeRequest): NodeResponse {
  return written([{ format: contentFormat.CBOR, write: () => bytes }], bytes, request);
}

export function readingResponse(pack: SenmlPack, request: NodeRequest): NodeResponse {
  return written(readingWriters, pack, request);
}

/** Text in the one format it has. */
export function textResponse(text: string, format: number, request: NodeRequest): NodeResponse {
  return written([{ format, write: (value: string) => encoder.encode(value) }], text, request);
}

function written<T>(writers: readonly Writer<T>[], value: T, request: NodeRequest): NodeResponse {
  const { accept } = request;
  const writer = writers.find(({ format }) => accept === undefined || accept === format);
  if (writer === undefined) throw new RadonError('NOT_ACCEPTABLE', { name: pathOf(request) });
  return { code: code.content, contentFormat: writer.format, payload: writer.write(value), maxAge: 0 };
}

/** Entity tag from the bytes of a representation (RFC 7252 5.10.6). */
export function withEntityTag(response: NodeResponse): NodeResponse {
  if (response.code !== code.content || response.payload.length === 0) return response;
  const check = crc32(response.payload);
  return { ...response, etag: Uint8Array.of(check >>> 24, check >>> 16, check >>> 8, check) };
}

/** The answer to a request that may name representations it holds: 2.03 for one of them (RFC 7252 5.10.6.2). */
export function validated(response: NodeResponse, request: NodeRequest): NodeResponse {
  const tagged = withEntityTag(response);
  const { etag, maxAge } = tagged;
  const held = etag !== undefined && request.etags?.some((known) => sameBytes(known, etag)) === true;
  return held ? { code: code.valid, payload: noBytes, etag, maxAge } : tagged;
}

/** An answer without a body. */
export function emptyResponse(responseCode: number): NodeResponse {
  return { code: responseCode, payload: noBytes };
}

/** Path of a request as errors name it. */
export function pathOf(request: NodeRequest): string {
  return `/${request.path.join('/')}`;
}

export function isSuccess(response: NodeResponse): boolean {
  return response.code >> 5 === 2;
}
