import { EventField, Method, event_get } from "./abi.generated";
import { Event } from "./event";
import { field, isText } from "./output";

/** The request being handled (`on_request`). */
export namespace Request {
  /** One of `Method`. */
  export function method(): i32 {
    return event_get(EventField.METHOD);
  }

  export function isGet(): bool {
    return method() == Method.GET;
  }

  export function isPut(): bool {
    return method() == Method.PUT;
  }

  export function isPost(): bool {
    return method() == Method.POST;
  }

  /** Whether the request is for this resource. */
  export function isFor(path: string): bool {
    return isText(field(EventField.PATH), path);
  }

  /** CoAP content-format of the payload, -1 without one. */
  export function format(): i32 {
    return event_get(EventField.FORMAT);
  }

  /** The content-format the client takes, -1 for any. */
  export function accept(): i32 {
    return event_get(EventField.ACCEPT);
  }

  /** The payload as a decimal number, NaN where it is none. */
  export function number(): f64 {
    return Event.number();
  }

  /** Fills a record (an `@unmanaged` class) from a payload of its size; false for any other. */
  export function read<T>(record: T): bool {
    return Event.read<T>(record);
  }

  /** The resource below `/a/{atom}/`; allocates. To compare, use `isFor`. */
  export function path(): string {
    return Event.text(EventField.PATH);
  }

  /** The query without `?`, arguments joined by `&`; allocates. */
  export function query(): string {
    return Event.text(EventField.QUERY);
  }

  /** The payload as text; allocates. */
  export function text(): string {
    return Event.text(EventField.PAYLOAD);
  }
}
