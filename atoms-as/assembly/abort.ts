import * as abi from "./abi.generated";
import { LogLevel } from "./abi.generated";
import { Writer } from "./writer";

/** What `throw` and a failed `assert` call in a debug build: logs `message (file:line)`, then traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const text = new Writer(120);
  text.text(message ? message : "abort");
  if (file) text.text(" (").text(file).byte(0x3a).integer(line).byte(0x29);
  abi.log(LogLevel.ERROR, text.start, text.length);
  unreachable();
}
