/** Concise problem details (RFC 9290), content-format 257, for errors of the protocol itself. */
import { encode } from 'cborg';
import { contentFormat } from '../tables/index.ts';
import { formatCode } from './codes.ts';
import type { CoapReply } from './types.ts';

const titleKey = -1;
const detailKey = -2;

/** A reply whose title is the code in dotted notation; errors of docs/errors.json are made by `problem/`. */
export function protocolProblem(code: number, detail: string): CoapReply {
  const map = new Map([
    [titleKey, formatCode(code)],
    [detailKey, detail],
  ]);
  return { code, contentFormat: contentFormat.PROBLEM_DETAILS, payload: encode(map) };
}
