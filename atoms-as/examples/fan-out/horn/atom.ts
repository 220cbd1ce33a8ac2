import { Code, Format, Handled, Output, Reply, Request, Self, publish } from "@radon/atoms-as/assembly";

let blasts: i32 = 0;

/** PUT to `armed`: 1 listens to `alarm` from now on, 0 no longer. */
export function on_request(): i32 {
  if (!Request.isPut() || !Request.isFor("armed")) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  if (Request.number() == 1) Self.join("alarm");
  else Self.leave("alarm");
  return Reply.changed();
}

export function on_message(): i32 {
  blasts++;
  Output.begin();
  Output.integer(blasts);
  publish("blasts", Format.TEXT);
  return Handled.DONE;
}
