import * as abi from "./abi.generated";
import { SCRATCH, scratch } from "./text";

/** The atom itself and the node it runs on. */
export class Self {
  /** The instance's own name; allocates. */
  static get name(): string {
    const length = abi.self(scratch, SCRATCH);
    return String.UTF8.decodeUnsafe(scratch, length);
  }

  /** Ends this instance after the activation: its phase becomes TERMINATED. */
  static exit(code: i32 = 0): void {
    abi.exit(code);
  }
}

export class Clock {
  /** Milliseconds since the node started. */
  static get uptimeMs(): f64 {
    return abi.uptime_ms();
  }

  /** UTC in milliseconds since 1970, 0 where the node does not know it. */
  static get utcMs(): f64 {
    return abi.clock_ms();
  }
}

/** A secure random number of any integer type. */
export function random<T extends number>(): T {
  abi.random(scratch, sizeof<T>());
  return load<T>(scratch);
}
