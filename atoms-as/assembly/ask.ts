import * as abi from "./abi.generated";
import { EventField, Method, RequestFlag, event_get } from "./abi.generated";
import { Event } from "./event";
import { BUFFER, Output, field, isText, name, spare } from "./output";

/** Names a request of this instance until its response came: keep it and compare with `Response.answers`. Below 0 an `ErrorCode`. */
export type Ask = i32;

/**
 * Starts a request to a resource of this node (`/a/rain/level`), of another one (`//gauge-1/a/rain/level`) or of an
 * allowed host (`coap://host/path`); with a content-format the body in `Output` goes along. `on_response` gets the answer.
 */
export function ask(method: i32, uri: string, format: i32 = -1): Ask {
  if (!Output.fits()) return abi.ErrorCode.E_TOO_BIG;
  const length = name(uri);
  return abi.request(method, spare(), length, format, BUFFER, format < 0 ? 0 : Output.length(), 0);
}

/** Follows a resource: `on_response` gets its present representation and each newer one, until `cancel`. */
export function observe(uri: string): Ask {
  const length = name(uri);
  return abi.request(Method.GET, spare(), length, -1, 0, 0, RequestFlag.OBSERVE);
}

/** Ends a request or an observation without a response. 0 or E_NOT_FOUND. */
export function cancel(ask: Ask): i32 {
  return abi.request_cancel(ask);
}

/** The answer to a request of this instance (`on_response`). */
export namespace Response {
  /** Whether it belongs to this request. */
  export function answers(ask: Ask): bool {
    return event_get(EventField.CORRELATION) == ask;
  }

  /** Whether the code is one of success (2.xx). */
  export function isSuccess(): bool {
    return code() >> 5 == 2;
  }

  /** Response code byte (`Code`), 0 when no answer came. */
  export function code(): i32 {
    return event_get(EventField.METHOD);
  }

  /** Why no answer came: an `ErrorCode`; 0 when one came. */
  export function error(): i32 {
    return event_get(EventField.REASON);
  }

  /** Whether no further response follows: true but for those of an observation that goes on. */
  export function isLast(): bool {
    return !event_get(EventField.HANDLE);
  }

  /** CoAP content-format of the body, -1 without one. */
  export function format(): i32 {
    return event_get(EventField.FORMAT);
  }

  /** The body as a decimal number, NaN where it is none. */
  export function number(): f64 {
    return Event.number();
  }

  /** Fills a record (an `@unmanaged` class) from a body of its size; false for any other. */
  export function read<T>(record: T): bool {
    return Event.read<T>(record);
  }

  /** Whether the body is this text. */
  export function is(text: string): bool {
    return isText(field(EventField.PAYLOAD), text);
  }

  /** The body as text; allocates. */
  export function text(): string {
    return Event.text(EventField.PAYLOAD);
  }
}
