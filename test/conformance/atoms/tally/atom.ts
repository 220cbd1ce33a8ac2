/** Counts the numbers it is sent, which shall come in order; each is answered. What it has counted survives its node. */
import { Clock, Format, Handled, Kv, Message, Output, Reply, Request } from "@radon/atoms-as/assembly";

/** Milliseconds that a message takes. */
let pace: i32 = 0;
/** Numbers that were neither the next nor one that came before. */
let gaps: i32 = 0;

/** PUT `pace`: milliseconds. GET `state`: the last number, gaps. */
export function on_request(): i32 {
  if (Request.isFor("pace")) {
    pace = <i32>Request.number();
    return Reply.changed();
  }
  Output.begin();
  Output.integer(Kv.get<i32>("last", 0));
  Output.text(" ");
  Output.integer(gaps);
  return Reply.content(Format.TEXT);
}

export function on_message(): i32 {
  const number = <i32>Message.number();
  const last = Kv.get<i32>("last", 0);
  if (number == last + 1) Kv.set<i32>("last", number);
  else if (number > last) gaps += 1;
  const end = Clock.uptimeMs() + pace;
  while (Clock.uptimeMs() < end) {}
  Output.begin();
  Output.integer(number);
  Message.reply();
  return Handled.DONE;
}
