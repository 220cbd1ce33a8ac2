/** Concise problem details (RFC 9290), content-format 257, for errors of the protocol and of exchanges. */
import { encode } from 'cborg';
import { RadonError } from '../problem/index.ts';
import { contentFormat } from '../tables/index.ts';
import { formatCode } from './codes.ts';
import { CoapError } from './errors.ts';
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

/** The error that stands for an exchange with a node that gave no response; others are handed back as they are. */
export function errorOfExchange(error: unknown, node: string): unknown {
  if (!(error instanceof CoapError)) return error;
  switch (error.code) {
    case 'ABORTED':
      return error.cause ?? error;
    case 'MALFORMED':
    case 'UNSTABLE':
    case 'TOO_LARGE':
      return new RadonError('BAD_ANSWER', { name: node, detail: error.message }, { cause: error });
    case 'NOT_SENT':
      return new RadonError('BAD_REQUEST', { detail: error.message }, { cause: error });
    default:
      return new RadonError('NODE_UNREACHABLE', { name: node }, { cause: error });
  }
}
