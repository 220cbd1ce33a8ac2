import { EventField, event_get, timer_cancel, timer_set } from "./abi.generated";

/** Timers by number: 0 up to `limits.timers` - 1. Starting one that runs replaces it. */
export namespace Timer {
  /** The timer that fired (`on_timer`). */
  export function fired(): i32 {
    return event_get(EventField.HANDLE);
  }

  /** Once, after `delayMs`; 0 or an `ErrorCode`. */
  export function after(id: i32, delayMs: i32): i32 {
    return timer_set(id, delayMs, 0);
  }

  /** Every `periodMs`, the first time after one period; 0 or an `ErrorCode`. */
  export function every(id: i32, periodMs: i32): i32 {
    return timer_set(id, periodMs, periodMs);
  }

  export function cancel(id: i32): i32 {
    return timer_cancel(id);
  }
}
