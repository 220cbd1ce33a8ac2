/** Sends the numbers from 1 on to `tally`: `pour` as fast as it may, `deliver` each again until it was answered. */
import { ErrorCode, Format, Handled, Message, Output, Reply, Request, Timer, send } from "@radon/atoms-as/assembly";

const TICK = 0;
const pourMs = 5;
const deliverMs = 500;

let to: string = "";
let last: i32 = 0;
let next: i32 = 1;
let isAnswered: bool = false;
/** Calls of `send` that found no place. */
let full: i32 = 0;
/** Reports of messages that did not arrive, or may not have. */
let undelivered: i32 = 0;

/** POST `pour` or `deliver`: `LAST DESTINATION`. GET `state`: numbers sent, full, undelivered. */
export function on_request(): i32 {
  if (Request.isFor("state")) return state();
  const words = Request.text().split(" ");
  last = I32.parseInt(words[0]);
  to = words[1];
  next = 1;
  isAnswered = Request.isFor("deliver");
  Timer.every(TICK, isAnswered ? deliverMs : pourMs);
  return Reply.changed();
}

function state(): i32 {
  Output.begin();
  Output.integer(next - 1);
  Output.text(" ");
  Output.integer(full);
  Output.text(" ");
  Output.integer(undelivered);
  return Reply.content(Format.TEXT);
}

export function on_timer(): i32 {
  if (isAnswered) sendNext();
  else while (next <= last && sendNext()) next += 1;
  if (next > last) Timer.cancel(TICK);
  return Handled.DONE;
}

/** Whether the node took it. */
function sendNext(): bool {
  Output.begin();
  Output.integer(next);
  const result = send(to);
  if (result == ErrorCode.E_FULL) full += 1;
  return result > 0;
}

export function on_message(): i32 {
  if (!isAnswered || <i32>Message.number() != next) return Handled.DONE;
  next += 1;
  if (next <= last) sendNext();
  return Handled.DONE;
}

export function on_undelivered(): i32 {
  undelivered += 1;
  return Handled.DONE;
}
