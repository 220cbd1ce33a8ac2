import { decodeFields, parseFormat, stringifyFields, toHex } from '@radon/bridge/fields';
import { decodeProblem, errorOfResponse } from '@radon/bridge/problem';
import { decodeSenmlCbor, parseSenml, stringifySenml } from '@radon/bridge/senml';
import { contentFormat } from '@radon/bridge/tables';
import { usageFailure } from './failure.ts';

interface Representation {
  readonly payload: Uint8Array;
  readonly contentFormat?: number | undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const indent = (json: string) => JSON.stringify(JSON.parse(json), null, 2);

/** Text for people, whatever the format: JSON indented, CBOR as JSON with field names, links one a line, bytes as hex. */
export function prettyRepresentation({ payload, contentFormat: format }: Representation): string {
  try {
    return render(payload, format);
  } catch {
    return toHex(payload);
  }
}

function render(payload: Uint8Array, format: number | undefined): string {
  switch (format) {
    case undefined:
    case contentFormat.TEXT:
      return utf8.decode(payload);
    case contentFormat.LINK_FORMAT:
      return utf8.decode(payload).replaceAll(/,(?=<)/g, '\n');
    case contentFormat.JSON:
    case contentFormat.SENML_JSON:
      return indent(utf8.decode(payload));
    case contentFormat.CBOR:
      return indent(stringifyFields(decodeFields(payload)));
    case contentFormat.SENML_CBOR:
      return indent(stringifySenml(decodeSenmlCbor(payload)));
    case contentFormat.PROBLEM_DETAILS:
      return decodeProblem(payload)?.detail ?? toHex(payload);
    default:
      return toHex(payload);
  }
}

/** The same for machines: a value that JSON can hold. */
export function jsonRepresentation({ payload, contentFormat: format }: Representation): unknown {
  try {
    switch (format) {
      case contentFormat.JSON:
        return JSON.parse(utf8.decode(payload));
      case contentFormat.SENML_JSON:
        return parseSenml(utf8.decode(payload));
      case contentFormat.CBOR:
        return JSON.parse(stringifyFields(decodeFields(payload)));
      case contentFormat.SENML_CBOR:
        return decodeSenmlCbor(payload);
      case contentFormat.PROBLEM_DETAILS:
        return decodeProblem(payload);
      default:
        return utf8.decode(payload);
    }
  } catch {
    return { hex: toHex(payload) };
  }
}

/** Content-format from a short name or number. */
export function parseFormatOption(text: string): number {
  const format = parseFormat(text);
  if (format === undefined) {
    throw usageFailure(
      `"${text}" is no content-format.`,
      'Give a number or a name such as json, cbor, senml+json, text, link-format.',
    );
  }
  return format;
}

/** Whether a CoAP response code byte means success (class 2). */
export const isSuccess = (code: number) => code >> 5 === 2;

/** Passes a success through; throws what the node said otherwise. */
export function expectSuccess<T extends Representation & { readonly code: number }>(
  response: T,
  node: string,
): T {
  if (!isSuccess(response.code)) throw errorOfResponse(response, node);
  return response;
}
