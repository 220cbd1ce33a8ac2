import { EventField, Method, event_get, event_read } from "./abi.generated";
import { Event } from "./event";
import { SCRATCH, equalsText, parseNumber, scratch } from "./text";

/** The request being handled (`on_request`). */
export class Request {
  /** One of `Method`. */
  static get method(): i32 {
    return event_get(EventField.METHOD);
  }

  static get isGet(): bool {
    return Request.method == Method.GET;
  }

  static get isPut(): bool {
    return Request.method == Method.PUT;
  }

  static get isPost(): bool {
    return Request.method == Method.POST;
  }

  /** CoAP content-format of the payload, -1 without one. */
  static get format(): i32 {
    return event_get(EventField.FORMAT);
  }

  /** The content-format the client takes, -1 for any. */
  static get accept(): i32 {
    return event_get(EventField.ACCEPT);
  }

  /** The resource below `/a/{atom}/`; allocates. To compare, use `isFor`. */
  static get path(): string {
    return Event.text(EventField.PATH);
  }

  /** The query without `?`, arguments joined by `&`; allocates. */
  static get query(): string {
    return Event.text(EventField.QUERY);
  }

  /** The payload as text; allocates. */
  static get text(): string {
    return Event.text(EventField.PAYLOAD);
  }

  /** The payload as a decimal number, NaN where it is none. */
  static get number(): f64 {
    return parseNumber(scratch, Request.read(EventField.PAYLOAD));
  }

  /** Whether the request is for this resource. */
  static isFor(path: string): bool {
    return equalsText(scratch, Request.read(EventField.PATH), path);
  }

  /** Reads a byte field into the scratch; its bytes, or 0 when they are more than fit. */
  private static read(field: i32): i32 {
    const length = event_read(field, scratch, SCRATCH);
    return length > SCRATCH || length < 0 ? 0 : length;
  }
}
