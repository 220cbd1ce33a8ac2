import type { Endpoint } from '../link/link.ts';
import type { CoapErrorCode } from './errors.ts';
import type { Peer } from './peers.ts';
import type { ReceivedMessage } from './received.ts';
import type { Timer } from './timer-wheel.ts';

/**
 * Where an outgoing message stands. `sent` counts against NSTART; `waiting` was acknowledged (or is a NON whose share of
 * NSTART is over) and only its response is missing.
 */
export type OutgoingPhase = 'queued' | 'sent' | 'waiting' | 'done';

/** Hears what becomes of a message; called by the context after the step. */
export interface OutgoingEvents {
  /** A response; `last` unless the token stays in use (observations). */
  response(message: ReceivedMessage): void;
  failed(code: CoapErrorCode): void;
  /** An empty ACK arrived: for a response or a notification, the end of it. */
  acknowledged?(): void;
  retransmitted?(): void;
}

const noBytes = new Uint8Array(0);

/** A message this side wants delivered: a request, a separate response, a notification, a ping. */
export class Outgoing implements Timer {
  deadline = 0;
  previous: Timer | undefined = undefined;
  following: Timer | undefined = undefined;
  slot = -1;

  readonly to: Endpoint;
  readonly type: number;
  readonly code: number;
  /** Options, marker and payload as they follow the token. */
  readonly content: Uint8Array;
  readonly events: OutgoingEvents | undefined;
  /** The token is `tokenFrom[tokenStart, tokenStart + tokenLength)`. */
  tokenFrom: Uint8Array = noBytes;
  tokenStart = 0;
  tokenLength = 0;
  /** Index in the token table, -1 for messages that expect no response. */
  tokenIndex = -1;
  /** Observations: responses keep coming under this token. */
  keepsToken = false;
  phase: OutgoingPhase = 'queued';
  messageId = -1;
  transmissions = 0;
  timeoutMs = 0;
  peer: Peer | undefined = undefined;

  constructor(
    to: Endpoint,
    type: number,
    code: number,
    content: Uint8Array,
    events: OutgoingEvents | undefined,
  ) {
    this.to = to;
    this.type = type;
    this.code = code;
    this.content = content;
    this.events = events;
  }
}
