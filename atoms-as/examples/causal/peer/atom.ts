import { Causal, Code, Format, Handled, Log, LogLevel, Output, Reply, Request, Self, publish, send } from "@radon/atoms-as/assembly";

/** The application runs this atom under three names; each is a place in the group. */
export function on_start(): void {
  Causal.open(Self.is("ann") ? 0 : Self.is("ben") ? 1 : 2, 3);
}

/** POST to `say`: a line for every peer, this one included. */
export function on_request(): i32 {
  if (!Request.isPost()) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  Causal.begin();
  Output.payload();
  return Reply.empty(send("peers") > 0 ? Code.CHANGED : Code.UNAVAILABLE);
}

/** A line is logged and shown after every line that its author had seen. */
export function on_message(): i32 {
  if (Causal.sender() < 0) return Handled.REJECT;
  if (!Causal.isDue()) return Handled.LATER;
  Output.begin();
  Causal.body();
  Log.output(LogLevel.INFO);
  publish("latest", Format.TEXT);
  return Handled.DONE;
}
