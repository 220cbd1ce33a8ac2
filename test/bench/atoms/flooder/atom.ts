/** Takes all it can get, in one of the ways that `PUT mode` names; any other word ends it. */
import { Clock, Handled, Kv, Message, Reply, Request, Self, sendText } from "@radon/atoms-as/assembly";

/** Calls of host functions in one activation of `calls`. */
const CALLS: i32 = 100;

/** A failure makes a new instance, which goes on as the one before. */
export function on_start(): void {
  goOn();
}

export function on_request(): i32 {
  Kv.setText("mode", Request.text());
  goOn();
  return Reply.changed();
}

/** The message to itself gives all others their turn before the next activation. */
function goOn(): void {
  const mode = Kv.text("mode");
  if (mode !== null) sendText(Self.name(), mode);
}

export function on_message(): i32 {
  if (Message.is("flood")) while (sendText("victim", "sixteen bytes ok") > 0) {}
  else if (Message.is("calls")) for (let i = 0; i < CALLS; i++) Kv.get<i32>("count", 0);
  else if (Message.is("endless")) while (Clock.uptimeMs() >= 0) {}
  else return Handled.DONE;
  goOn();
  return Handled.DONE;
}
