import type { Endpoint } from '../link/link.ts';
import { ReceivedMessage } from './received.ts';
import type { Timer } from './timer-wheel.ts';
import type { CoapRequest } from './types.ts';

/** A request on its way through the server; what handlers see of it is `CoapRequest`. */
export class IncomingRequest extends ReceivedMessage implements CoapRequest, Timer {
  deadline = 0;
  previous: Timer | undefined = undefined;
  following: Timer | undefined = undefined;
  slot = -1;
  /** The next in its bucket of `DeferredRequests`. */
  nextDeferred: IncomingRequest | undefined = undefined;

  readonly from: Endpoint;
  readonly signal: AbortSignal;
  /** Entry in the deduplication ring, -1 for safe methods. */
  readonly dedupSequence: number;
  /** Option values, -1 when absent. */
  readonly block1: number;
  readonly block2: number;
  readonly observeValue: number;
  readonly noResponse: number;
  readonly proxied: boolean;
  readonly unknownCritical: number;
  /** Whether an empty ACK went out, so that the response goes separately. */
  acknowledged = false;
  private reassembled: Uint8Array | undefined = undefined;
  private segments: string[] | undefined = undefined;

  constructor(
    bytes: Uint8Array,
    from: Endpoint,
    parsed: {
      readonly payloadStart: number;
      readonly present: number;
      readonly block1: number;
      readonly block2: number;
      readonly observe: number;
      readonly noResponse: number;
      readonly proxied: boolean;
      readonly unknownCritical: number;
    },
    dedupSequence: number,
    signal: AbortSignal,
  ) {
    super(bytes, parsed.payloadStart, parsed.present);
    this.from = from;
    this.signal = signal;
    this.dedupSequence = dedupSequence;
    this.block1 = parsed.block1;
    this.block2 = parsed.block2;
    this.observeValue = parsed.observe;
    this.noResponse = parsed.noResponse;
    this.proxied = parsed.proxied;
    this.unknownCritical = parsed.unknownCritical;
  }

  /** Read once: routes, rights and logs all ask. */
  override get pathSegments(): string[] {
    this.segments ??= super.pathSegments;
    return this.segments;
  }

  override get path(): string {
    return `/${this.pathSegments.join('/')}`;
  }

  get body(): Uint8Array {
    return this.reassembled ?? this.payload;
  }

  setBody(body: Uint8Array): void {
    this.reassembled = body;
  }
}
