import { EventField, event_get, event_read } from "./abi.generated";
import { field, parseNumber } from "./output";

/** The event being handled. Nothing is copied until it is asked for. */
export namespace Event {
  /** One of `EventKind`. */
  export function kind(): i32 {
    return event_get(EventField.KIND);
  }

  /** Names the event, to answer it in a later activation. */
  export function id(): i32 {
    return event_get(EventField.ID);
  }

  /** In `on_stop` one of `StopReason`, in `on_recover` one of `Trap`. */
  export function reason(): i32 {
    return event_get(EventField.REASON);
  }

  /** Bytes of a byte field (EventField.SENDER, PATH, QUERY, PAYLOAD). */
  export function size(field: i32): i32 {
    return event_read(field, 0, 0);
  }

  /** A byte field as text; allocates. */
  export function text(field: i32): string {
    const length = event_read(field, 0, 0);
    if (length <= 0) return "";
    const bytes = new StaticArray<u8>(length);
    event_read(field, changetype<usize>(bytes), length);
    return String.UTF8.decodeUnsafe(changetype<usize>(bytes), length);
  }

  /** The payload as a decimal number, NaN where it is none. */
  export function number(): f64 {
    return parseNumber(field(EventField.PAYLOAD));
  }

  /** Fills a record (an `@unmanaged` class) from a payload of its size; false for any other, and nothing is written. */
  export function read<T>(record: T): bool {
    if (event_read(EventField.PAYLOAD, 0, 0) != offsetof<T>()) return false;
    event_read(EventField.PAYLOAD, changetype<usize>(record), offsetof<T>());
    return true;
  }
}
