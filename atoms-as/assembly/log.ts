import * as abi from "./abi.generated";
import { LogLevel } from "./abi.generated";
import { BUFFER, Output, name, spare } from "./output";

/** Lines for the node's `/log`, at most 120 bytes each. */
export namespace Log {
  // @ts-ignore: decorator
  @inline export function debug(text: string): void {
    line(LogLevel.DEBUG, text);
  }

  // @ts-ignore: decorator

  @inline export function info(text: string): void {
    line(LogLevel.INFO, text);
  }

  // @ts-ignore: decorator

  @inline export function warn(text: string): void {
    line(LogLevel.WARN, text);
  }

  // @ts-ignore: decorator

  @inline export function error(text: string): void {
    line(LogLevel.ERROR, text);
  }

  /** What stands in `Output`, at a `LogLevel`: for lines with numbers. */
  export function output(level: i32): void {
    abi.log(level, BUFFER, min(Output.length(), 120));
  }
}

function line(level: i32, text: string): void {
  const length = name(text);
  abi.log(level, spare(), length);
}

/** Ends the activation with a trap after logging why: the atom's recovery policy decides what follows. */
export function fail(why: string): void {
  Log.error(why);
  unreachable();
}
