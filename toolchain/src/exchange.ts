/** What commands that make a request by hand have in common: a body given to them, an answer shown by them. */
import { readFileSync } from 'node:fs';
import { formatCode } from '@radon/bridge/coap';
import { formatName } from '@radon/bridge/fields';
import { method } from '@radon/bridge/tables';
import { unreadableFile, usageFailure } from './failure.ts';
import type { Output } from './output.ts';
import { jsonRepresentation, prettyRepresentation } from './representation.ts';

/** The name of a CoAP method, in any case; throws a usage failure for none. */
export function parseMethod(text: string): keyof typeof method {
  const name = text.toUpperCase();
  if (Object.hasOwn(method, name)) return name as keyof typeof method;
  throw usageFailure(`--method takes ${Object.keys(method).join(', ')}, not "${text}".`);
}

export interface BodyOptions {
  readonly data?: string | undefined;
  /** A file's name, `-` for standard input. */
  readonly file?: string | undefined;
}

/** The body of a request; undefined for none. */
export function readBody({ data, file }: BodyOptions): Uint8Array | undefined {
  if (data !== undefined) return new TextEncoder().encode(data);
  if (file === undefined) return undefined;
  try {
    return new Uint8Array(readFileSync(file === '-' ? 0 : file));
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

interface Answer {
  readonly code: number;
  readonly payload: Uint8Array;
  readonly contentFormat?: number | undefined;
  readonly maxAge?: number | undefined;
}

/** The code on standard error, the body on standard output. `more` goes into the JSON result. */
export function showAnswer(
  answer: Answer,
  output: Output,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const { code, contentFormat, maxAge, payload } = answer;
  const format = contentFormat === undefined ? '' : ` ${formatName(contentFormat)}`;
  const result = { code: formatCode(code), format: contentFormat, maxAge, body: jsonRepresentation(answer) };
  output.result({ ...more, ...result });
  output.note(`${formatCode(code)}${format}`);
  if (payload.length > 0) output.line(prettyRepresentation(answer));
}
