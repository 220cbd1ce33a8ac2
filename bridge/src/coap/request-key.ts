import type { IncomingRequest } from './incoming.ts';
import { option } from './options.ts';

/** Options that differ between the messages of one block-wise transfer, or say nothing about the representation. */
const outside: ReadonlySet<number> = new Set([
  option.observe,
  option.block1,
  option.block2,
  option.size1,
  option.size2,
  option.echo,
  option.noResponse,
]);

/**
 * What the messages of one block-wise transfer have in common (RFC 7959 section 2.3, RFC 9175 section 3.3): endpoint,
 * method, and every option but those of the transfer itself.
 */
export function transferKey(request: IncomingRequest): string {
  let key = `${request.from.id}:${request.code}`;
  request.scan((number, start, end) => {
    if (outside.has(number)) return true;
    key += `;${number}=`;
    for (let at = start; at < end; at += 1) key += String.fromCharCode(request.bytes[at] ?? 0);
    return true;
  });
  return key;
}
