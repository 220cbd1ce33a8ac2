import { EventField, event_get, event_read } from "./abi.generated";

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

  /** Bytes of a byte field (EventField.PATH, QUERY, PAYLOAD). */
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
}
