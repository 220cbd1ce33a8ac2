import { Code, Format, Handled, Message, Reply, Request, Senml, publish } from "@radon/atoms-as/assembly";

let count: i32 = 0;
let held = false;

/** Third stage: shows the mean and how many there were. While it is held, all stages before it fill up. */
export function on_message(): i32 {
  if (held) return Handled.LATER;
  count++;
  show(Format.SENML_JSON, Message.number());
  return Handled.DONE;
}

/** PUT to `hold`: 1 stops the work, 0 lets it go on. */
export function on_request(): i32 {
  if (!Request.isPut() || !Request.isFor("hold")) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  held = Request.number() == 1;
  return Reply.changed();
}

function show(format: i32, mean: f64): void {
  Senml.begin(format, 2);
  Senml.record(format, "mean", "mm", mean);
  Senml.record(format, "readings", "count", count);
  Senml.end(format);
  publish("mean", format);
}
