import { EventField, event_get, event_read, io_open, io_read, io_watch, io_write } from "./abi.generated";
import { name, spare } from "./output";

/** Channels of the node, by handle: the position in the configuration's `io` list. */
export namespace Io {
  /** The channel of the current event (`on_io`). */
  export function handle(): i32 {
    return event_get(EventField.HANDLE);
  }

  /** The reading that the current event (`on_io`) is about. */
  export function reading(): f64 {
    return event_read(EventField.PAYLOAD, spare(), 8) == 8 ? load<f64>(spare()) : NaN;
  }

  /** Handle of a channel, or an `ErrorCode`. */
  export function open(channel: string): i32 {
    const length = name(channel);
    return io_open(spare(), length);
  }

  /** Present value, NaN where it cannot be read. */
  export function read(handle: i32): f64 {
    return io_read(handle, spare()) < 0 ? NaN : load<f64>(spare());
  }

  /** Sets an output; 0 or an `ErrorCode`. */
  export function write(handle: i32, value: f64): i32 {
    return io_write(handle, value);
  }

  /** Asks for `on_io` at readings that match (`IoEdges`); 0 or an `ErrorCode`. */
  export function watch(handle: i32, edges: i32): i32 {
    return io_watch(handle, edges);
  }
}
