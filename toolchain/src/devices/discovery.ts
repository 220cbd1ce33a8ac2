/** Discovery by multicast (RFC 7252 section 8): CoAP servers on the networks this machine is in. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createCoapContext,
  encodeMessage,
  messageType,
  option,
  ParsedMessage,
  parseLinks,
  parseMessage,
  parseOutcome,
  ReceivedMessage,
} from '@radon/bridge/coap';
import { allCoapNodes, openGroupRequest, openUdpClient } from '@radon/bridge/link';
import { contentFormat, method } from '@radon/bridge/tables';
import { withDeadline } from '../deadline.ts';
import { expectSuccess } from '../representation.ts';

export interface CoapServer {
  /** `coap://HOST:PORT`. */
  readonly address: string;
  /** Resource types in its links, sorted; empty where it does not tell. */
  readonly resourceTypes: readonly string[];
}

/** More servers than these are not listed: anybody may answer, as anyone. */
const mostServers = 64;
/** For the whole of its links, which it is asked for at its own address. */
const linksWithinMs = 2_000;

/** Those that answer within `waitMs`, by address. Ends at once where there is no network. */
export async function discoverCoapServers(
  waitMs: number,
  signal: AbortSignal,
): Promise<readonly CoapServer[]> {
  const token = randomBytes(8);
  const found = new Map<string, Promise<CoapServer>>();
  const request = await openGroupRequest({
    ...allCoapNodes,
    data: encodeQuestion(token),
    receive(data, { address, port }) {
      const authority = `${address}:${port}`;
      if (found.has(authority) || found.size >= mostServers || !answers(data, token)) return;
      found.set(authority, describe(address, port, signal));
    },
  });
  try {
    if (request.from.length > 0) await sleep(waitMs, undefined, { signal });
  } finally {
    await request.close();
  }
  const servers = await Promise.all(found.values());
  return servers.sort((a, b) => a.address.localeCompare(b.address, 'en', { numeric: true }));
}

function encodeQuestion(token: Uint8Array): Uint8Array {
  const path = ['.well-known', 'core'];
  return encodeMessage({
    type: messageType.non,
    code: method.GET,
    messageId: randomBytes(2).readUInt16BE(),
    token,
    options: path.map((segment) => ({ number: option.uriPath, value: new TextEncoder().encode(segment) })),
  });
}

/** Whether a datagram answers the question: without its token, anything could. */
function answers(data: Uint8Array, token: Uint8Array): boolean {
  const parsed = new ParsedMessage();
  if (parseMessage(data, parsed) !== parseOutcome.ok) return false;
  const message = new ReceivedMessage(data, parsed.payloadStart);
  return Buffer.from(token).equals(message.token) && message.code >> 5 === 2;
}

async function describe(host: string, port: number, signal: AbortSignal): Promise<CoapServer> {
  const resourceTypes = await typesOf(host, port, signal).catch(() => []);
  return { address: `coap://${host}:${port}`, resourceTypes };
}

async function typesOf(host: string, port: number, signal: AbortSignal): Promise<readonly string[]> {
  const client = createCoapContext(await openUdpClient({ host, port }));
  const request = { method: method.GET, path: ['.well-known', 'core'], accept: contentFormat.LINK_FORMAT };
  try {
    const response = await withDeadline(linksWithinMs, signal, (deadline) =>
      client.request(request, { signal: deadline }),
    );
    const links = parseLinks(new TextDecoder().decode(expectSuccess(response, host).payload));
    const types = links.flatMap(({ attributes: { rt } }) => (typeof rt === 'string' ? rt.split(' ') : []));
    return [...new Set(types)].sort();
  } finally {
    await client.close();
  }
}
