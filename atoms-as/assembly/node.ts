import * as abi from "./abi.generated";
import { spare } from "./output";

/** The instance itself. */
export namespace Self {
  /** Its name; allocates. */
  export function name(): string {
    const length = abi.self(spare(), 64);
    return String.UTF8.decodeUnsafe(spare(), length);
  }

  /** Ends this instance after the activation: its phase becomes TERMINATED. */
  export function exit(code: i32 = 0): void {
    abi.exit(code);
  }
}

export namespace Clock {
  /** Milliseconds since the node started. */
  export function uptimeMs(): f64 {
    return abi.uptime_ms();
  }

  /** UTC in milliseconds since 1970, 0 where the node does not know it. */
  export function utcMs(): f64 {
    return abi.clock_ms();
  }
}

/** A secure random number of any integer type. */
export function random<T>(): T {
  abi.random(spare(), sizeof<T>());
  return load<T>(spare());
}
