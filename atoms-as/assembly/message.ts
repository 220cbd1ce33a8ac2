import * as abi from "./abi.generated";
import { EventField, event_get } from "./abi.generated";
import { Event } from "./event";
import { BUFFER, Output, field, instanceName, isText, name, spare } from "./output";

/** The message being handled (`on_message`). Its payload can also be copied with `Output.payload()`. */
export namespace Message {
  /** Whether this atom or instance sent it: `worker~2`, from another node `gauge-1/worker~2`. */
  export function isFrom(sender: string): bool {
    return isText(field(EventField.SENDER), sender);
  }

  /** Whether it answers the message that `send` gave this id. */
  export function answers(id: i32): bool {
    return id > 0 && event_get(EventField.CORRELATION) == id;
  }

  /** Id of the message it answers, 0 when it answers none. */
  export function correlation(): i32 {
    return event_get(EventField.CORRELATION);
  }

  /** The payload as a decimal number, NaN where it is none. */
  export function number(): f64 {
    return Event.number();
  }

  /** Fills a record (an `@unmanaged` class) from a payload of its size; false for any other. */
  export function read<T>(record: T): bool {
    return Event.read<T>(record);
  }

  /** The payload as text; allocates. To compare, use `is`. */
  export function text(): string {
    return Event.text(EventField.PAYLOAD);
  }

  /** Whether the payload is this text. */
  export function is(text: string): bool {
    return isText(field(EventField.PAYLOAD), text);
  }

  /** Who sent it, empty from outside; allocates. To compare, use `isFrom`. */
  export function sender(): string {
    return Event.text(EventField.SENDER);
  }

  /** Answers with the body in `Output`: the sender's `on_message` gets it with the id of its message. 0 or an `ErrorCode`. */
  export function reply(): i32 {
    return Output.fits() ? abi.reply(0, 0, -1, BUFFER, Output.length()) : abi.ErrorCode.E_TOO_BIG;
  }

  /** Answers with a text; 0 or an `ErrorCode`. */
  export function replyText(text: string): i32 {
    Output.begin();
    Output.text(text);
    return reply();
  }
}

/**
 * Sends the body in `Output`, at most 512 bytes, to an atom, an instance or an alias on any node. Its id, which answers
 * and reports name, or an `ErrorCode`; E_FULL is worth another attempt. Flags: `SendFlag`.
 */
export function send(to: string, flags: i32 = 0): i32 {
  return sendBody(name(to), flags);
}

/** Sends a text; see `send`. */
export function sendText(to: string, text: string, flags: i32 = 0): i32 {
  Output.begin();
  Output.text(text);
  return send(to, flags);
}

/** Sends the body in `Output` to instance `definition~number` on this node; see `send`. */
export function sendToInstance(definition: string, number: i32, flags: i32 = 0): i32 {
  return sendBody(instanceName(definition, number), flags);
}

function sendBody(toLength: i32, flags: i32): i32 {
  if (!Output.fits()) return abi.ErrorCode.E_TOO_BIG;
  return abi.send(spare(), toLength, BUFFER, Output.length(), flags);
}

/** What became of a message (`on_undelivered`); also that it was delivered, where `SendFlag.REPORT` asked for it. */
export namespace Undelivered {
  /** What `send` answered. */
  export function id(): i32 {
    return event_get(EventField.CORRELATION);
  }

  /** One of `Outcome`. */
  export function outcome(): i32 {
    return event_get(EventField.REASON);
  }

  /** Why not: an `ErrorCode`; 0 with Outcome.DELIVERED. */
  export function error(): i32 {
    return event_get(EventField.HANDLE);
  }

  /** Whether the message was for this destination; texts of more than 32 bytes never match. */
  export function isTo(destination: string): bool {
    return isText(field(EventField.SENDER), destination);
  }

  /** The destination as it was given to `send`; allocates. */
  export function destination(): string {
    return Event.text(EventField.SENDER);
  }
}
