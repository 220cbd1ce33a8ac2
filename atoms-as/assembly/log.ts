import * as abi from "./abi.generated";
import { LogLevel } from "./abi.generated";
import { scratch, toScratch } from "./text";
import { Writer } from "./writer";

/** Lines for the node's `/log`, at most 120 bytes each. */
export class Log {
  static debug(text: string): void {
    abi.log(LogLevel.DEBUG, scratch, toScratch(text));
  }

  static info(text: string): void {
    abi.log(LogLevel.INFO, scratch, toScratch(text));
  }

  static warn(text: string): void {
    abi.log(LogLevel.WARN, scratch, toScratch(text));
  }

  static error(text: string): void {
    abi.log(LogLevel.ERROR, scratch, toScratch(text));
  }

  /** What was written, at a `LogLevel`: for lines with numbers, without allocation. */
  static line(level: i32, line: Writer): void {
    abi.log(level, line.start, line.length);
  }
}

/** Ends the activation with a trap after logging why: the atom's recovery policy decides what follows. */
export function fail(why: string): void {
  Log.error(why);
  unreachable();
}
