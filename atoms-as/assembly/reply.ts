import { ErrorCode, Format, Handled, reply } from "./abi.generated";
import { scratch, toScratch } from "./text";
import { Writer } from "./writer";

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
export class Reply {
  /** 2.05 with what was written, or 5.00 where it did not fit its writer. */
  static content(body: Writer): i32 {
    return Reply.send(Code.CONTENT, body);
  }

  /** 2.05 with a text of at most 120 bytes. */
  static text(text: string): i32 {
    return Reply.message(Code.CONTENT, text);
  }

  /** 2.04 without a body. */
  static changed(): i32 {
    return Reply.empty(Code.CHANGED);
  }

  /** A code and a text of at most 120 bytes: for errors, what is wrong. */
  static message(code: i32, text: string): i32 {
    reply(0, code, Format.TEXT, scratch, toScratch(text));
    return Handled.DONE;
  }

  /** A code without a body. */
  static empty(code: i32): i32 {
    reply(0, code, -1, 0, 0);
    return Handled.DONE;
  }

  static send(code: i32, body: Writer): i32 {
    Reply.to(0, code, body);
    return Handled.DONE;
  }

  /** Answers an event of an earlier activation (`Event.id`); 0 or an `ErrorCode`. */
  static to(event: i32, code: i32, body: Writer): i32 {
    if (body.fits) return reply(event, code, body.format, body.start, body.length);
    reply(event, Code.INTERNAL_ERROR, -1, 0, 0);
    return ErrorCode.E_TOO_BIG;
  }
}
