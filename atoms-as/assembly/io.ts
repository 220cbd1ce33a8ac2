import { EventField, event_get, event_read, io_open, io_read, io_watch, io_write } from "./abi.generated";
import { scratch, toScratch } from "./text";

/** Channels of the node, by handle: the position in the configuration's `io` list. */
export class Io {
  /** The channel of the current event (`on_io`). */
  static get handle(): i32 {
    return event_get(EventField.HANDLE);
  }

  /** The reading of the current event (`on_io`): every one counts, also when the next is already there. */
  static get reading(): f64 {
    return event_read(EventField.PAYLOAD, scratch, 8) == 8 ? load<f64>(scratch) : NaN;
  }

  /** Handle of a channel, or an `ErrorCode`. */
  static open(name: string): i32 {
    return io_open(scratch, toScratch(name));
  }

  /** Present value, NaN where it cannot be read. */
  static read(handle: i32): f64 {
    return io_read(handle, scratch) < 0 ? NaN : load<f64>(scratch);
  }

  /** Sets an output; 0 or an `ErrorCode`. */
  static write(handle: i32, value: f64): i32 {
    return io_write(handle, value);
  }

  /** Asks for `on_io` at readings that match (`IoEdges`); 0 or an `ErrorCode`. */
  static watch(handle: i32, edges: i32): i32 {
    return io_watch(handle, edges);
  }
}
