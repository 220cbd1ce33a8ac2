import { Code, Format, Handled, Outcome, Output, Reply, Request, SendFlag, Undelivered, publish, sendText } from "@radon/atoms-as/assembly";

/** Who did not hear of the last press. */
let missed: i32 = 0;

/** POST to `press`: everyone who listens to the alias `alarm` hears of it, wherever they run. */
export function on_request(): i32 {
  if (!Request.isPost()) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  missed = 0;
  showMissed();
  return Reply.empty(sendText("alarm", "pressed", SendFlag.REPORT) > 0 ? Code.CHANGED : Code.UNAVAILABLE);
}

export function on_undelivered(): i32 {
  if (Undelivered.outcome() != Outcome.DELIVERED) missed++;
  showMissed();
  return Handled.DONE;
}

function showMissed(): void {
  Output.begin();
  Output.integer(missed);
  publish("missed", Format.TEXT);
}
