import { ErrorCode, Handled, Message, Output, send } from "@radon/atoms-as/assembly";

/** Readings the mean is taken over. */
const WINDOW = 4;

const ring = memory.data(8 * WINDOW, 8);
let count: i32 = 0;

/** Second stage: the mean of the last readings goes on to `report`. Nothing is kept of a reading that cannot go on yet. */
export function on_message(): i32 {
  const reading = Message.number();
  if (isNaN(reading)) return Handled.REJECT;
  store<f64>(ring + 8 * (count % WINDOW), reading);
  Output.begin();
  Output.decimal(mean(min(count + 1, WINDOW)));
  if (send("report") == ErrorCode.E_FULL) return Handled.LATER;
  count++;
  return Handled.DONE;
}

function mean(readings: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < readings; i++) sum += load<f64>(ring + 8 * i);
  return sum / readings;
}
