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
