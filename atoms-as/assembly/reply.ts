import { Format, Handled, reply } from "./abi.generated";
import { BUFFER, Output } from "./output";

/** CoAP response codes (RFC 7252 section 12.1.2). */
export namespace Code {
  // @ts-ignore: decorator
  @inline export const CREATED: i32 = 65;
  // @ts-ignore: decorator
  @inline export const DELETED: i32 = 66;
  // @ts-ignore: decorator
  @inline export const CHANGED: i32 = 68;
  // @ts-ignore: decorator
  @inline export const CONTENT: i32 = 69;
  // @ts-ignore: decorator
  @inline export const BAD_REQUEST: i32 = 128;
  // @ts-ignore: decorator
  @inline export const FORBIDDEN: i32 = 131;
  // @ts-ignore: decorator
  @inline export const NOT_FOUND: i32 = 132;
  // @ts-ignore: decorator
  @inline export const METHOD_NOT_ALLOWED: i32 = 133;
  // @ts-ignore: decorator
  @inline export const NOT_ACCEPTABLE: i32 = 134;
  // @ts-ignore: decorator
  @inline export const CONFLICT: i32 = 137;
  // @ts-ignore: decorator
  @inline export const TOO_LARGE: i32 = 141;
  // @ts-ignore: decorator
  @inline export const UNSUPPORTED_FORMAT: i32 = 143;
  // @ts-ignore: decorator
  @inline export const INTERNAL_ERROR: i32 = 160;
  // @ts-ignore: decorator
  @inline export const UNAVAILABLE: i32 = 163;
}

/** Answers to the current request; each returns Handled.DONE, so that a handler can end with it. */
export namespace Reply {
  /** 2.05 with the body in `Output`. */
  export function content(format: i32): i32 {
    return send(Code.CONTENT, format);
  }

  /** 2.05 with a text. */
  export function text(text: string): i32 {
    return message(Code.CONTENT, text);
  }

  /** 2.04 without a body. */
  export function changed(): i32 {
    return empty(Code.CHANGED);
  }

  /** A code and a text: for errors, what is wrong. */
  export function message(code: i32, text: string): i32 {
    Output.begin();
    Output.text(text);
    return send(code, Format.TEXT);
  }

  /** A code without a body. */
  // @ts-ignore: decorator
  @inline export function empty(code: i32): i32 {
    reply(0, code, -1, 0, 0);
    return Handled.DONE;
  }

  /** A code and the body in `Output`. One that does not fit leaves the request without answer. */
  export function send(code: i32, format: i32): i32 {
    to(0, code, format);
    return Handled.DONE;
  }

  /** Answers an event of an earlier activation (`Event.id`) with the body in `Output`; 0 or an `ErrorCode`. */
  // @ts-ignore: decorator
  @inline export function to(event: i32, code: i32, format: i32): i32 {
    return reply(event, code, format, BUFFER, Output.length());
  }
}
