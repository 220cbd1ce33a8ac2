import * as abi from "./abi.generated";
import { LogLevel } from "./abi.generated";
import { SCRATCH, encodeText, scratch } from "./text";

/** What `throw` and a failed `assert` call in a debug build: logs `message (file:line)`, then traps. Allocates nothing. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  let length = min(encodeText(message ? message : "abort", scratch, 60), 60);
  store<u16>(scratch + length, 0x2820);
  length += 2;
  const room = SCRATCH - length - 12;
  if (file) length += min(encodeText(file, scratch + length, room), room);
  store<u8>(scratch + length, 0x3a);
  let unit: u32 = 1;
  while (line / unit > 9) unit *= 10;
  for (; unit; unit /= 10) store<u8>(scratch + ++length, <u8>(0x30 + ((line / unit) % 10)));
  store<u8>(scratch + ++length, 0x29);
  abi.log(LogLevel.ERROR, scratch, length + 1);
  unreachable();
}
