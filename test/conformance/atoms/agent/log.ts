import { Format, Handled, Output } from "@radon/atoms-as/assembly";
import { reply } from "@radon/atoms-as/assembly/abi.generated";
import { BUFFER } from "@radon/atoms-as/assembly/output";

// @ts-ignore: decorator
@inline const ROOM: i32 = 256;
const LOG: usize = memory.data(256);
const RESULT: usize = memory.data(64);
let logged: i32 = 0;
let kept: i32 = 0;

/** Adds the line in `Output`; what does not fit is left out. */
export function note(): void {
  if (logged > 0 && logged < ROOM) store<u8>(LOG + logged++, 0x7c);
  const length = min(Output.length(), ROOM - logged);
  memory.copy(LOG + logged, BUFFER, length);
  logged += length;
}

export function forget(): void {
  logged = 0;
}

/** Answers with the lines, one bar between two. */
export function showLog(): i32 {
  reply(0, 69, Format.TEXT, LOG, logged);
  return Handled.DONE;
}

/** The result of a command, while its line is put together. */
export namespace result {
  export function keep(): void {
    kept = min(Output.length(), 64);
    memory.copy(RESULT, BUFFER, kept);
  }

  export function add(): void {
    if (kept > 0) Output.text(" -> ");
    for (let i = 0; i < kept; i++) Output.byte(load<u8>(RESULT + i));
  }
}
