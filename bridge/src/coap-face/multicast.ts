/** Discovery by multicast (RFC 7252 section 8): who asks all CoAP nodes for their links hears of the bridge's. */

import {
  code,
  decodeBlock,
  encodeMessage,
  messageType,
  ParsedMessage,
  parseMessage,
  parseOutcome,
  ReceivedMessage,
  reservedExponent,
} from '../coap/index.ts';
import { type CoreLink, filterLinks } from '../coap/link-format.ts';
import { encodeUint, option } from '../coap/options.ts';
import { sliceReply } from '../coap/reply-writer.ts';
import type { Link } from '../link/index.ts';
import { contentFormat, method } from '../tables/index.ts';
import { linksReply } from './documents.ts';

export interface MulticastDiscoveryOptions {
  readonly links: () => Promise<readonly CoreLink[]>;
  /** The face's: answers leave from its address, where the rest of a long one is to be had. */
  readonly link: Pick<Link, 'endpoint' | 'send' | 'flush'>;
  /** Longest time until an answer, milliseconds (default DEFAULT_LEISURE of RFC 7252 section 8.2). */
  readonly leisureMs?: number;
  /** From 0 to below 1 (default Math.random). */
  readonly random?: () => number;
}

export interface MulticastDiscovery {
  /** To be called with each datagram to the group. */
  receive(data: Uint8Array, from: Sender): void;
  /** What was not answered yet is not answered. Idempotent. */
  close(): void;
}

interface Sender {
  readonly address: string;
  readonly port: number;
}

const defaultLeisureMs = 5_000;
/** Beyond these nobody is answered: who asks may not be who gets the answers (RFC 7252 section 11.3). */
const mostWaiting = 32;
/** Blocks of 256 bytes, for the same reason; what follows is fetched from the bridge's own address. */
const blockExponent = 4;

export function createMulticastDiscovery(options: MulticastDiscoveryOptions): MulticastDiscovery {
  const { link, links, leisureMs = defaultLeisureMs, random = Math.random } = options;
  const waiting = new Map<string, NodeJS.Timeout>();
  let messageId = Math.floor(random() * 0x10000);

  async function answer(request: ReceivedMessage, to: Sender): Promise<void> {
    const reply = linksReply(filterLinks(await links(), request.query));
    if (reply.payload === undefined || reply.payload.length === 0) return;
    messageId = (messageId + 1) & 0xffff;
    const bytes = encodeAnswer(request, reply.payload, messageId);
    link.send(link.endpoint(to.address, to.port), bytes, 0, bytes.length);
    link.flush();
  }

  return {
    receive(data, from) {
      const request = discoveryOf(data);
      const key = `${from.address} ${from.port} ${request?.messageId}`;
      if (request === undefined || from.port === 0 || waiting.has(key) || waiting.size >= mostWaiting) return;
      const timer = setTimeout(() => {
        waiting.delete(key);
        // Nobody is told of an error here; the links of a node that fails are left out anyway.
        answer(request, from).catch(() => undefined);
      }, random() * leisureMs);
      timer.unref();
      waiting.set(key, timer);
    },
    close() {
      for (const timer of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}

/** A request that has an answer: NON GET of `/.well-known/core`. Everything else to a group is met with silence. */
function discoveryOf(data: Uint8Array): ReceivedMessage | undefined {
  const parsed = new ParsedMessage();
  if (parseMessage(data, parsed) !== parseOutcome.ok) return undefined;
  const request = new ReceivedMessage(data, parsed.payloadStart, parsed.present);
  const isGet = request.type === messageType.non && request.code === method.GET;
  const [first, second, ...rest] = request.pathSegments;
  const isCore = first === '.well-known' && second === 'core' && rest.length === 0;
  const isPlain = !parsed.proxied && parsed.unknownCritical < 0 && isWanted(request);
  return isGet && isCore && isPlain ? request : undefined;
}

function isWanted(request: ReceivedMessage): boolean {
  const block = decodeBlock(request.uintOf(option.block2) ?? 0);
  const isFirst = block.number === 0 && block.exponent !== reservedExponent;
  const isLinks = request.accept === undefined || request.accept === contentFormat.LINK_FORMAT;
  const isSuppressed = ((request.uintOf(option.noResponse) ?? 0) & 2) !== 0;
  return isFirst && isLinks && !isSuppressed;
}

function encodeAnswer(request: ReceivedMessage, payload: Uint8Array, messageId: number): Uint8Array {
  const block2 = request.uintOf(option.block2) ?? -1;
  const slice = sliceReply({ code: code.content, payload }, { block1: -1, block2 }, blockExponent, -1);
  const uint = (number: number, value: number) => ({ number, value: encodeUint(value) });
  return encodeMessage({
    type: messageType.non,
    code: code.content,
    messageId,
    token: request.token,
    options: [
      ...(slice?.etag === undefined ? [] : [{ number: option.etag, value: slice.etag }]),
      uint(option.contentFormat, contentFormat.LINK_FORMAT),
      uint(option.maxAge, 0),
      ...(slice === undefined || slice.block2 < 0 ? [] : [uint(option.block2, slice.block2)]),
    ],
    payload: payload.subarray(0, slice?.end),
  });
}
