import * as abi from "./abi.generated";
import { LogLevel } from "./abi.generated";
import { BUFFER, Output } from "./output";

/** What `throw` and a failed `assert` call in a debug build: logs `message (file:line)`, then traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  Output.begin();
  Output.text(message ? message : "abort");
  Output.ascii(0x2820);
  if (file) Output.text(file);
  Output.byte(0x3a);
  Output.integer(line);
  Output.byte(0x29);
  abi.log(LogLevel.ERROR, BUFFER, Output.length());
  unreachable();
}
