/** Message types and codes (RFC 7252 sections 3 and 12.1, RFC 7959, 8132, 8516). A code is its byte: class × 32 + detail. */

import { method } from '../tables/index.ts';

export const messageType = { con: 0, non: 1, ack: 2, rst: 3 } as const;

export const emptyCode = 0;

export const code = {
  created: 0x41,
  deleted: 0x42,
  valid: 0x43,
  changed: 0x44,
  content: 0x45,
  continue: 0x5f,
  badRequest: 0x80,
  unauthorized: 0x81,
  badOption: 0x82,
  forbidden: 0x83,
  notFound: 0x84,
  methodNotAllowed: 0x85,
  notAcceptable: 0x86,
  requestEntityIncomplete: 0x88,
  conflict: 0x89,
  preconditionFailed: 0x8c,
  requestEntityTooLarge: 0x8d,
  unsupportedContentFormat: 0x8f,
  unprocessableEntity: 0x96,
  tooManyRequests: 0x9d,
  internalServerError: 0xa0,
  notImplemented: 0xa1,
  badGateway: 0xa2,
  serviceUnavailable: 0xa3,
  gatewayTimeout: 0xa4,
  proxyingNotSupported: 0xa5,
  hopLimitReached: 0xa8,
} as const;

const methodNames: Readonly<Record<number, string>> = {
  1: 'GET',
  2: 'POST',
  3: 'PUT',
  4: 'DELETE',
  5: 'FETCH',
  6: 'PATCH',
  7: 'iPATCH',
};

/** `GET`, `2.05`: a method by its name, anything else in dotted notation. */
export function formatCode(value: number): string {
  formatted[value] ??= methodNames[value] ?? `${value >> 5}.${String(value & 31).padStart(2, '0')}`;
  return formatted[value];
}

/** As many as a byte has values. */
const formatted: (string | undefined)[] = [];

/** The class: 0 request, 2 success, 4 client error, 5 server error. */
export function codeClass(value: number): number {
  return value >> 5;
}

export function isRequest(value: number): boolean {
  return value > 0 && value < 32;
}

/** Classes 2, 4 and 5 (RFC 7252 section 3; 1, 6 and 7 are reserved). */
export function isResponse(value: number): boolean {
  return value >= 64 && value < 192 && value >> 5 !== 3;
}

/** GET and FETCH: executing one again changes nothing (RFC 7252 section 5.1, RFC 8132 section 2.1). */
export function isSafe(value: number): boolean {
  return value === method.GET || value === method.FETCH;
}
