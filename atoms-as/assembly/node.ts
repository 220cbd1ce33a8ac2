import * as abi from "./abi.generated";
import { isText, spare, name as writeName } from "./output";

/** The instance itself. */
export namespace Self {
  /** Its name; allocates. */
  export function name(): string {
    const length = abi.self(spare(), 64);
    return String.UTF8.decodeUnsafe(spare(), length);
  }

  /** Whether it is called so. */
  export function is(name: string): bool {
    return isText(abi.self(spare(), 64), name);
  }

  /** Makes it a member of an alias: what is sent to the alias reaches it too. 0 or an `ErrorCode`. */
  export function join(alias: string): i32 {
    const length = writeName(alias);
    return abi.alias_add(spare(), length);
  }

  /** 0 or E_NOT_FOUND. */
  export function leave(alias: string): i32 {
    const length = writeName(alias);
    return abi.alias_remove(spare(), length);
  }

  /** Ends this instance after the activation: its phase becomes TERMINATED. */
  export function exit(code: i32 = 0): void {
    abi.exit(code);
  }
}

/**
 * The atoms, instances and aliases of this node whose names match a pattern (`worker~[0-9]+`), ascending; none for a
 * pattern that is wrong. Allocates.
 */
export function names(pattern: string): string[] {
  const patternLength = writeName(pattern);
  const length = abi.names(spare(), patternLength, 0, 0);
  if (length <= 0) return [];
  const bytes = new StaticArray<u8>(length);
  abi.names(spare(), patternLength, changetype<usize>(bytes), length);
  return String.UTF8.decodeUnsafe(changetype<usize>(bytes), length - 1).split("\n");
}

/** Whether anything on this node is called like a pattern says. */
export function exists(pattern: string): bool {
  const length = writeName(pattern);
  return abi.names(spare(), length, 0, 0) > 0;
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
