import { Handled, Message, Start, fail } from "@radon/atoms-as/assembly";

/** Beats until the task is tired: its argument. */
let left: i32 = 0;

/** Only made by a supervisor, which says in the arguments how many beats a task may live. */
export function on_start(): void {
  if (!Start.isSpawned()) fail("nobody asked for this task");
  left = <i32>Start.number();
}

/** Does its work, and fails after a while, as everything does. */
export function on_message(): i32 {
  if (Message.is("fail") || !left--) fail("tired");
  return Handled.DONE;
}
