import { ErrorCode, Handled, Message, Output } from "@radon/atoms-as/assembly";

/** One of a pool: three instances that take turns. A number is answered with its digit sum, and by whom. */
export function on_message(): i32 {
  const value = Message.number();
  if (!(value >= 0 && value < 1e9)) return Handled.REJECT;
  Output.begin();
  Output.integer(digitSum(<u32>value));
  Output.text(" by ");
  Output.self();
  return Message.reply() == ErrorCode.E_FULL ? Handled.LATER : Handled.DONE;
}

function digitSum(value: u32): i32 {
  let sum = 0;
  for (; value; value /= 10) sum += value % 10;
  return sum;
}
