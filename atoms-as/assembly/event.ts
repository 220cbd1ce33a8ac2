import { EventField, EventKind, event_get, event_read } from "./abi.generated";

/** The event being handled. Nothing is copied until it is asked for. */
export class Event {
  /** One of `EventKind`. */
  static get kind(): i32 {
    return event_get(EventField.KIND);
  }

  /** Names the event to `reply` in a later activation. */
  static get id(): i32 {
    return event_get(EventField.ID);
  }

  /** on_recover: the trap that ended the instance before; on_undelivered: what became of the message. */
  static get reason(): i32 {
    return event_get(EventField.REASON);
  }

  static get isStart(): bool {
    return Event.kind == EventKind.START;
  }

  /** Bytes of a byte field (EventField.SENDER, PATH, QUERY, PAYLOAD). */
  static size(field: i32): i32 {
    return event_read(field, 0, 0);
  }

  /** A byte field as text; allocates. */
  static text(field: i32): string {
    const length = event_read(field, 0, 0);
    if (length <= 0) return "";
    const bytes = new StaticArray<u8>(length);
    event_read(field, changetype<usize>(bytes), length);
    return String.UTF8.decodeUnsafe(changetype<usize>(bytes), length);
  }
}
