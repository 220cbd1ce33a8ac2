import * as abi from "./abi.generated";
import { LogLevel } from "./abi.generated";
import { BUFFER, Output, line, spare } from "./output";

/** Lines for the node's `/log`, at most 120 bytes each. */
export namespace Log {
  // @ts-ignore: decorator
  @inline export function debug(text: string): void {
    tell(LogLevel.DEBUG, text);
  }

  // @ts-ignore: decorator

  @inline export function info(text: string): void {
    tell(LogLevel.INFO, text);
  }

  // @ts-ignore: decorator

  @inline export function warn(text: string): void {
    tell(LogLevel.WARN, text);
  }

  // @ts-ignore: decorator

  @inline export function error(text: string): void {
    tell(LogLevel.ERROR, text);
  }

  /** What stands in `Output`, at a `LogLevel`: for lines with numbers. */
  export function output(level: i32): void {
    abi.log(level, BUFFER, Output.length());
  }
}

function tell(level: i32, text: string): void {
  const length = line(text);
  abi.log(level, spare(), length);
}

/** Ends the activation with a trap after logging why: the atom's recovery policy decides what follows. */
export function fail(why: string): void {
  Log.error(why);
  unreachable();
}
