/** Requests of others: options every server must judge, block-wise bodies, observers, the handler's reply. */

import type { Endpoint } from '../link/link.ts';
import { Block1Assembly } from './block1-assembly.ts';
import { decodeBlock, exponentOf, reservedExponent } from './blocks.ts';
import { MessageWriter } from './codec.ts';
import { code, isSafe, messageType } from './codes.ts';
import type { LayerHost } from './host.ts';
import type { IncomingRequest } from './incoming.ts';
import { Outgoing } from './outgoing.ts';
import { protocolProblem } from './problem.ts';
import { type ReplySlice, ReplyWriter, replyBound, sliceReply } from './reply-writer.ts';
import { transferKey } from './request-key.ts';
import { defer, finishReply, settle, startReply, suppressReply } from './request-reception.ts';
import { nextSequence, notificationType, type ServerObserver, ServerObservers } from './server-observers.ts';
import { TransferStore } from './transfer-store.ts';
import { submit } from './transmission.ts';
import type { CoapContextOptions, CoapHandler, CoapReply } from './types.ts';

const defaultMaxBody = 1 << 20;
const maxKeptBodies = 256;
const maxKeptBytes = 16 << 20;

const notFound: CoapHandler = () => ({ code: code.notFound });

export class Server {
  private readonly host: LayerHost;
  private readonly handler: CoapHandler;
  private readonly passesBlocks: (request: IncomingRequest) => boolean;
  private readonly acceptsProxy: boolean;
  private readonly exponent: number;
  private readonly onHandlerError: CoapContextOptions['onHandlerError'];
  private readonly assembly: Block1Assembly;
  /** Replies larger than a block, kept until their last block was fetched. */
  private readonly bodies: TransferStore<CoapReply>;
  private readonly replyWriter: ReplyWriter;
  private readonly separateWriter = new MessageWriter();
  private readonly separate = new ReplyWriter(this.separateWriter);
  readonly observers = new ServerObservers();

  constructor(host: LayerHost, options: CoapContextOptions) {
    const lifetimeMs = host.layer.options.timing.exchangeLifetimeMs;
    this.host = host;
    this.handler = options.handler ?? notFound;
    const { passBlocks = false } = options;
    this.passesBlocks = typeof passBlocks === 'function' ? passBlocks : () => passBlocks;
    this.acceptsProxy = options.acceptsProxy === true;
    this.exponent = exponentOf(options.blockSize ?? 1_024);
    this.onHandlerError = options.onHandlerError;
    this.assembly = new Block1Assembly(options.maxBody ?? defaultMaxBody, lifetimeMs);
    this.bodies = new TransferStore(maxKeptBodies, maxKeptBytes, lifetimeMs);
    this.replyWriter = new ReplyWriter(host.out.writer);
  }

  serve(request: IncomingRequest): void {
    if (request.unknownCritical >= 0 && request.type === messageType.non) {
      this.host.layer.counters.malformed += 1;
      suppressReply(this.host.layer, request, this.host.out);
      return;
    }
    const early = this.judge(request);
    if (early !== undefined) this.reply(request, early);
    else this.handle(request);
  }

  /** RST of an observer. */
  reset(from: Endpoint, messageId: number): void {
    this.observers.removeRejected(from, messageId);
  }

  close(): void {
    this.observers.clear();
  }

  /** What is answered without the handler: options that are wrong, blocks before the last, blocks at hand. */
  private judge(request: IncomingRequest): CoapReply | undefined {
    if (request.unknownCritical >= 0) {
      return protocolProblem(
        code.badOption,
        `option ${request.unknownCritical} is unknown or has a wrong value`,
      );
    }
    if (request.proxied && !this.acceptsProxy) return { code: code.proxyingNotSupported };
    if (request.block2 >= 0 && decodeBlock(request.block2).exponent === reservedExponent) {
      return protocolProblem(code.badRequest, 'Block2 has the reserved size 7');
    }
    if (this.passesBlocks(request)) return undefined;
    if (request.block1 >= 0) return this.assembly.add(request, this.host.now());
    return request.block2 >> 4 > 0 ? this.continued(request) : undefined;
  }

  /** A later block: of the body at hand; safe methods can be asked again, others not. */
  private continued(request: IncomingRequest): CoapReply | undefined {
    const body = this.bodies.get(transferKey(request), this.host.now());
    if (body !== undefined || isSafe(request.code)) return body;
    return protocolProblem(code.requestEntityIncomplete, 'the body is no longer there');
  }

  private handle(request: IncomingRequest): void {
    let reply: CoapReply | Promise<CoapReply>;
    try {
      reply = this.handler(request);
    } catch (error) {
      reply = this.failed(request, error);
    }
    if (!(reply instanceof Promise)) {
      this.finish(request, reply);
      return;
    }
    defer(this.host.layer, request, this.host.now());
    reply.then(
      (settled) => this.finishLater(request, settled),
      (error: unknown) => this.finishLater(request, this.failed(request, error)),
    );
  }

  /** What ends with the server itself is no fault. */
  private failed(request: IncomingRequest, error: unknown): CoapReply {
    if (!request.signal.aborted) this.onHandlerError?.(error, request);
    return protocolProblem(code.internalServerError, 'the request failed inside the server');
  }

  private finishLater(request: IncomingRequest, reply: CoapReply): void {
    settle(this.host.layer, request);
    if (request.signal.aborted) return;
    this.finish(request, reply);
    this.host.kick();
  }

  private finish(request: IncomingRequest, reply: CoapReply): void {
    this.reply(request, reply, this.register(request, reply));
  }

  /** The Observe value of the reply; -1 when nothing is observed. */
  private register(request: IncomingRequest, reply: CoapReply): number {
    if (!isSafe(request.code)) return -1;
    const isRegistration =
      request.observeValue === 0 && reply.subscribe !== undefined && reply.code >> 5 === 2;
    if (!isRegistration) {
      this.observers.removeOf(request);
      return -1;
    }
    const observer = this.observers.add(request);
    if (observer === undefined) return -1;
    observer.unsubscribe = reply.subscribe?.((changed) => this.changed(observer, changed ?? 'ask'));
    return observer.sequence;
  }

  private reply(request: IncomingRequest, reply: CoapReply, observe = -1): void {
    const { layer, out, now } = this.host;
    if (isSuppressed(request.noResponse, reply.code)) {
      suppressReply(layer, request, out);
      return;
    }
    let sent = reply;
    let slice = this.slice(request, reply, observe);
    if (slice === undefined) {
      if (reply.code >> 5 === 2)
        sent = protocolProblem(code.badRequest, 'the block is beyond the end of the body');
      slice = wholeSlice(sent, request.block1, -1);
    } else this.keepBody(request, reply, slice);
    if (request.acknowledged) {
      this.sendSeparately(request, sent, slice, messageType.con);
      return;
    }
    if (!startReply(layer, request, sent.code, replyBound(sent, slice), now(), out)) return;
    this.replyWriter.write(sent, slice);
    finishReply(layer, request, out);
  }

  private slice(request: IncomingRequest, reply: CoapReply, observe: number): ReplySlice | undefined {
    if (this.passesBlocks(request)) return wholeSlice(reply, -1, observe);
    return sliceReply(reply, request, this.exponent, observe);
  }

  /** Later blocks come from the very body the first one came from. */
  private keepBody(request: IncomingRequest, reply: CoapReply, slice: ReplySlice): void {
    if (slice.block2 < 0) return;
    const length = reply.payload?.length ?? 0;
    if (slice.end === length) {
      if (slice.start > 0) this.bodies.delete(transferKey(request));
      return;
    }
    if (slice.start > 0) return;
    const kept = slice.etag === undefined ? reply : { ...reply, etag: slice.etag };
    const key = transferKey(request);
    while (!this.bodies.set(key, kept, length, this.host.now()) && this.bodies.size > 0)
      this.bodies.dropOldest();
  }

  private sendSeparately(
    request: IncomingRequest,
    reply: CoapReply,
    slice: ReplySlice,
    type: number,
    observer?: ServerObserver,
  ): Outgoing {
    const { layer, out, now } = this.host;
    const writer = this.separateWriter;
    writer.rewind();
    writer.reserve(replyBound(reply, slice));
    writer.startContent();
    this.separate.write(reply, slice);
    const content = writer.slab.slice(writer.messageStart, writer.position);
    const outgoing = new Outgoing(request.from, type, reply.code, content, {
      response: () => undefined,
      acknowledged: () => observer && this.notified(observer, outgoing),
      failed: () => observer && this.observers.remove(observer),
    });
    outgoing.tokenFrom = request.bytes;
    outgoing.tokenStart = 4;
    outgoing.tokenLength = request.optionsStart - 4;
    submit(layer, outgoing, now(), out);
    return outgoing;
  }

  // Observations.

  /** The resource changed: tells the observer now, or when the notification under way is done (RFC 7641 section 4.5.2). */
  private changed(observer: ServerObserver, news: CoapReply | 'ask'): void {
    if (!this.observers.has(observer)) return;
    const isBusy =
      observer.isAsking || (observer.outgoing !== undefined && observer.outgoing.phase !== 'done');
    if (isBusy) observer.pending = news;
    else if (news === 'ask') this.ask(observer);
    else this.notify(observer, news);
    this.host.kick();
  }

  /** An observation of an earlier process goes on: what holds now is told, and what follows. */
  resume(request: IncomingRequest, sequence: number): void {
    const observer = this.observers.resume(request, sequence);
    if (observer === undefined) return;
    this.consult(observer, (reply) => {
      this.notify(observer, reply);
      if (!this.observers.has(observer)) return;
      observer.unsubscribe = reply.subscribe?.((changed) => this.changed(observer, changed ?? 'ask'));
      if (observer.unsubscribe === undefined) this.observers.remove(observer);
    });
  }

  private ask(observer: ServerObserver): void {
    this.consult(observer, (reply) => this.notify(observer, reply));
  }

  private consult(observer: ServerObserver, then: (reply: CoapReply) => void): void {
    const answered = (reply: CoapReply): void => {
      observer.isAsking = false;
      if (this.observers.has(observer)) then(reply);
      this.host.kick();
    };
    const { request } = observer;
    observer.isAsking = true;
    try {
      const reply = this.handler(request);
      if (reply instanceof Promise) reply.then(answered, (error) => answered(this.failed(request, error)));
      else answered(reply);
    } catch (error) {
      answered(this.failed(request, error));
    }
  }

  private notify(observer: ServerObserver, reply: CoapReply): void {
    const { request } = observer;
    observer.sequence = nextSequence(observer);
    const isOver = reply.code >> 5 !== 2;
    const slice = this.passesBlocks(request)
      ? wholeSlice(reply, -1, isOver ? -1 : observer.sequence)
      : sliceReply(
          reply,
          { block1: -1, block2: firstBlock(request) },
          this.exponent,
          isOver ? -1 : observer.sequence,
        );
    if (slice === undefined) return;
    this.keepBody(request, reply, slice);
    const outgoing = this.sendSeparately(request, reply, slice, notificationType(observer), observer);
    observer.outgoing = outgoing;
    if (outgoing.type === messageType.non) observer.lastNonId = outgoing.messageId;
    if (isOver) this.observers.remove(observer);
    else if (observer.pending !== undefined) this.sendPending(observer);
  }

  private notified(observer: ServerObserver, outgoing: Outgoing): void {
    if (observer.outgoing === outgoing) this.sendPending(observer);
  }

  private sendPending(observer: ServerObserver): void {
    const { pending } = observer;
    if (pending === undefined) return;
    observer.pending = undefined;
    this.changed(observer, pending);
  }
}

/** The Block2 of a registration says a size only. */
function firstBlock(request: IncomingRequest): number {
  return request.block2 < 0 ? -1 : request.block2 & reservedExponent;
}

function wholeSlice(reply: CoapReply, block1: number, observe: number): ReplySlice {
  const end = reply.payload?.length ?? 0;
  return { start: 0, end, block2: -1, size2: -1, block1, observe, etag: reply.etag };
}

/** RFC 7967: bit 1 suppresses 2.xx, bit 3 4.xx, bit 4 5.xx. */
function isSuppressed(noResponse: number, replyCode: number): boolean {
  return noResponse > 0 && (noResponse & (1 << ((replyCode >> 5) - 1))) !== 0;
}
