import { formatCode } from '@radon/bridge/coap';
import type { logLevel } from '@radon/bridge/tables';

export interface LogLine {
  readonly level: keyof typeof logLevel;
  readonly line: string;
}

/** A representation the atom handed to the node. */
export interface Publication {
  readonly path: string;
  /** CoAP content-format. */
  readonly format: number;
  readonly payload: Uint8Array;
  /** `payload` as UTF-8. */
  readonly text: string;
  /** Milliseconds since the start of the test when it ends, Infinity without Max-Age. */
  readonly expires: number;
}

export interface RequestOptions {
  readonly payload?: Uint8Array | string;
  /** CoAP content-format of the payload; text for a string, octet-stream for bytes. */
  readonly format?: number;
  /** The one content-format the caller takes. */
  readonly accept?: number;
  /** Without `?`, arguments joined by `&`. */
  readonly query?: string;
}

/** The answer to a request. */
export class TestReply {
  /** CoAP response code as people write it: `2.05`. */
  readonly code: string;
  /** Content-format, -1 without. */
  readonly format: number;
  readonly payload: Uint8Array;
  /** Row of docs/errors.json, where the node answered and not the atom. */
  readonly error: string | undefined;

  constructor(code: number, format: number, payload: Uint8Array, error?: string) {
    this.code = formatCode(code);
    this.format = format;
    this.payload = payload;
    this.error = error;
  }

  /** The payload as UTF-8. */
  get text(): string {
    return new TextDecoder().decode(this.payload);
  }

  /** The payload as JSON. */
  json(): unknown {
    return JSON.parse(this.text);
  }
}

/** A message the atom sent; nobody takes it but the test. */
export interface SentMessage {
  /** What `send` answered. */
  readonly id: number;
  readonly to: string;
  readonly payload: Uint8Array;
  /** `payload` as UTF-8. */
  readonly text: string;
  /** Id of the message it answers, 0 when it answers none. */
  readonly correlation: number;
  /** The instance that sent it. */
  readonly from: string;
}

export interface MessageOptions {
  /** Name of the sender; left out, it comes from outside. */
  readonly from?: string;
  /** The sender's id of it, which an answer carries. */
  readonly id?: number;
  /** Id of the message it answers. */
  readonly correlation?: number;
}

/** A request the atom made; the test answers it. */
export interface AskedRequest {
  /** What `ask` or `observe` answered. */
  readonly id: number;
  readonly method: number;
  readonly uri: string;
  readonly payload: Uint8Array;
  /** `payload` as UTF-8. */
  readonly text: string;
  readonly isObservation: boolean;
}

export interface ResponseOptions {
  /** `2.05` when left out. */
  readonly code?: string;
  /** CoAP content-format; text when left out. */
  readonly format?: number;
  /** Further responses follow. */
  readonly isMore?: boolean;
}
