/** Parts of URIs as CoAP options take them. */
import { RadonError } from '../problem/error.ts';

/** RFC 7252 table 4: bytes of one Uri-Path or Uri-Query option. */
const maxOptionBytes = 255;

/** RadonError BAD_REQUEST for text that no Uri-Path or Uri-Query option takes; `what` it is, for people. */
export function checkOptionText(text: string, what: string): void {
  // A UTF-16 unit is at most 3 bytes of UTF-8: only long parts need counting.
  if (text.length * 3 > maxOptionBytes && new TextEncoder().encode(text).length > maxOptionBytes)
    throw new RadonError('BAD_REQUEST', { detail: `a ${what} is longer than ${maxOptionBytes} bytes` });
}

/** Whether a segment is a step to elsewhere (RFC 7252 sections 5.10.1 and 5.10.7). */
export function hasDotSegment(path: readonly string[]): boolean {
  return path.includes('.') || path.includes('..');
}
