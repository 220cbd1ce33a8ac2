/** Requests of a client: block-wise both ways (RFC 7959), Echo (RFC 9175), one message or a whole body. */
import type { Endpoint } from '../link/link.ts';
import { blockBytes, decodeBlock, encodeBlock, exponentOf, largestBody, reservedExponent } from './blocks.ts';
import { BodyCollector } from './body-collector.ts';
import { exchange } from './client-exchange.ts';
import { code, isSafe } from './codes.ts';
import { CoapError } from './errors.ts';
import type { LayerHost } from './host.ts';
import { option } from './options.ts';
import type { ReceivedMessage } from './received.ts';
import { type ControlOptions, noControl, RequestEncoder } from './request-content.ts';
import type { ClientRequest, CoapResponse, RequestOptions } from './types.ts';

const largestBlock = 1_024;
const defaultMaxBody = 1 << 20;
/** How often a body whose ETag changes under way is fetched afresh. */
const restartLimit = 4;

export class Requester {
  private readonly host: LayerHost;
  private readonly encoder = new RequestEncoder();
  private activeUploads = 0;
  private lastTag = 0;

  constructor(host: LayerHost) {
    this.host = host;
  }

  request(request: ClientRequest, to: Endpoint, options: RequestOptions): Promise<CoapResponse> {
    const { payload } = request;
    if (options.singleMessage === true)
      return this.exchange(request, to, options, noControl, payload).then(wholeOf);
    const size = exponentOf(request.blockSize ?? largestBlock);
    if ((payload?.length ?? 0) > blockBytes(size)) return this.upload(request, to, options, size);
    const control = this.firstControl(request, size);
    // One message each way is the rule, and what a proxy does all day: nothing waits in between.
    return this.exchange(request, to, options, control, payload).then((message) =>
      message.code === code.unauthorized || this.hasMore(message)
        ? this.goOn(request, to, options, control, message)
        : wholeOf(message),
    );
  }

  private async goOn(
    request: ClientRequest,
    to: Endpoint,
    options: RequestOptions,
    control: ControlOptions,
    message: ReceivedMessage,
  ): Promise<CoapResponse> {
    const first = await this.orEchoed(request, to, options, control, request.payload, message);
    return this.collect(request, to, options, first);
  }

  /** The whole body that begins with `first`. */
  async collect(
    request: ClientRequest,
    to: Endpoint,
    options: RequestOptions,
    first: ReceivedMessage,
    requestTag?: Uint8Array,
  ): Promise<CoapResponse> {
    return this.hasMore(first) ? this.download(request, to, options, first, requestTag) : wholeOf(first);
  }

  /** Whether the message holds only a part of the body. */
  hasMore(message: ReceivedMessage): boolean {
    if (message.payloadStart === message.bytes.length) return false;
    const value = message.uintOf(option.block2);
    return value !== undefined && (value & ~reservedExponent) !== 0;
  }

  /** Content of a request as a single message, for observations. */
  encode(request: ClientRequest, control: ControlOptions): Uint8Array {
    return this.encoder.encode(request, control, request.payload);
  }

  /** Asks for smaller blocks than the largest from the start (RFC 7959 section 2.4). */
  private firstControl(request: ClientRequest, exponent: number): ControlOptions {
    if (request.blockSize === undefined || request.blockSize >= largestBlock) return noControl;
    return { ...noControl, block2: encodeBlock(0, false, exponent) };
  }

  /** One exchange, repeated once with the Echo value a server asks for. */
  private async single(
    request: ClientRequest,
    to: Endpoint,
    options: RequestOptions,
    control: ControlOptions,
    payload: Uint8Array | undefined,
  ): Promise<ReceivedMessage> {
    const message = await this.exchange(request, to, options, control, payload);
    return this.orEchoed(request, to, options, control, payload, message);
  }

  /** The answer to a request that was answered by `message`, or to its repetition with the Echo value in it. */
  private async orEchoed(
    request: ClientRequest,
    to: Endpoint,
    options: RequestOptions,
    control: ControlOptions,
    payload: Uint8Array | undefined,
    message: ReceivedMessage,
  ): Promise<ReceivedMessage> {
    if (message.code !== code.unauthorized) return message;
    const echo = message.bytesOf(option.echo);
    if (echo === undefined || control.echo !== undefined) return message;
    return this.exchange(request, to, options, { ...control, echo }, payload);
  }

  private exchange(
    request: ClientRequest,
    to: Endpoint,
    options: RequestOptions,
    control: ControlOptions,
    payload: Uint8Array | undefined,
  ): Promise<ReceivedMessage> {
    const content = this.encoder.encode(request, control, payload);
    const confirmable = request.confirmable !== false;
    return exchange(this.host, { to, code: request.method, content, confirmable }, options);
  }

  // Block1.

  /** Resolves with the response to the last block, or to whichever block ended the transfer before. */
  private async upload(
    request: ClientRequest,
    to: Endpoint,
    options: RequestOptions,
    exponent: number,
  ): Promise<CoapResponse> {
    this.activeUploads += 1;
    try {
      const requestTag = this.requestTag();
      const last = await this.uploadBlocks(request, to, options, exponent, requestTag);
      return await this.collect(request, to, options, last, requestTag);
    } finally {
      this.activeUploads -= 1;
    }
  }

  /** Tells concurrent transfers apart (RFC 9175 section 3); one alone needs no tag. */
  private requestTag(): Uint8Array | undefined {
    if (this.activeUploads === 1) return undefined;
    this.lastTag = (this.lastTag + 1) & 0xff;
    return Uint8Array.of(this.lastTag);
  }

  private async uploadBlocks(
    request: ClientRequest,
    to: Endpoint,
    options: RequestOptions,
    firstExponent: number,
    requestTag: Uint8Array | undefined,
  ): Promise<ReceivedMessage> {
    const body = request.payload ?? new Uint8Array(0);
    let exponent = firstExponent;
    let sent = 0;
    if (body.length > largestBody(exponent))
      throw new CoapError('NOT_SENT', `a body of ${body.length} bytes has too many blocks`);
    for (;;) {
      const end = Math.min(sent + blockBytes(exponent), body.length);
      const more = end < body.length;
      const block1 = encodeBlock(sent / blockBytes(exponent), more, exponent);
      const size1 = sent === 0 ? body.length : -1;
      const control = { ...noControl, block1, size1, requestTag };
      const message = await this.single(request, to, options, control, body.subarray(sent, end));
      const accepted = acceptedExponent(message, exponent);
      const retrySmaller = message.code === code.requestEntityTooLarge && sent === 0 && accepted < exponent;
      if (!retrySmaller && (message.code !== code.continue || !more)) return message;
      if (!retrySmaller) sent = end;
      exponent = accepted;
    }
  }

  // Block2.

  private async download(
    request: ClientRequest,
    to: Endpoint,
    options: RequestOptions,
    first: ReceivedMessage,
    requestTag: Uint8Array | undefined,
  ): Promise<CoapResponse> {
    const body = new BodyCollector(options.maxBody ?? defaultMaxBody);
    let message = first;
    for (let restarts = 0; restarts < restartLimit; ) {
      const offset = body.length;
      const outcome = body.add(message);
      if (outcome !== 'changed') options.onBlock?.(wholeOf(message), offset);
      if (outcome === 'complete') return new LazyResponse(message, body.bytes);
      if (outcome === 'changed') {
        if (!isSafe(request.method)) break;
        restarts += 1;
        body.restart();
      }
      const control = { ...noControl, block2: body.nextBlock, requestTag };
      // Blocks after the first repeat the options, not the payload (RFC 7959 section 2.7).
      const payload = outcome === 'changed' ? request.payload : undefined;
      message = await this.single(request, to, options, control, payload);
      if (message.code >> 5 !== 2) return wholeOf(message);
    }
    throw new CoapError('UNSTABLE', 'the body changed while it was fetched');
  }
}

/** A server that answers with a smaller size wants that size from there on (RFC 7959 section 2.3). */
function acceptedExponent(message: ReceivedMessage, exponent: number): number {
  const value = message.uintOf(option.block1);
  return value === undefined ? exponent : Math.min(exponent, decodeBlock(value).exponent);
}

/** The response of a message that holds all of it. */
export function wholeOf(message: ReceivedMessage): CoapResponse {
  return new LazyResponse(message, message.payload);
}

/** Options are read when they are asked for. */
class LazyResponse implements CoapResponse {
  readonly code: number;
  readonly payload: Uint8Array;
  readonly message: ReceivedMessage;

  constructor(message: ReceivedMessage, payload: Uint8Array) {
    this.code = message.code;
    this.payload = payload;
    this.message = message;
  }

  get contentFormat(): number | undefined {
    return this.message.contentFormat;
  }

  get etag(): Uint8Array | undefined {
    return this.message.etag;
  }

  get maxAge(): number {
    return this.message.maxAge;
  }
}
