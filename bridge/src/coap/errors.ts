/** Why an exchange gave no response. */
export type CoapErrorCode =
  /** Retransmissions used up, or no response within the exchange lifetime. */
  | 'TIMEOUT'
  /** The other side answered with RST. */
  | 'RESET'
  /** The response broke RFC 7252 section 3, carried an unknown critical option, or its blocks do not fit together. */
  | 'MALFORMED'
  /** The caller's signal fired; `cause` is its reason. */
  | 'ABORTED'
  /** The context or its link was closed. */
  | 'CLOSED'
  /** The response body is larger than the caller's limit. */
  | 'TOO_LARGE'
  /** Nothing was sent: the request fits no message, its body no block numbers, or every token is in use. */
  | 'NOT_SENT'
  /** The representation changed again and again during a block-wise transfer. */
  | 'UNSTABLE';

export class CoapError extends Error {
  override readonly name = 'CoapError';
  readonly code: CoapErrorCode;

  constructor(code: CoapErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
