import {
  Code, Format, Handled, Message, Reply, Request, Senml, Timer, publish,
} from "@radon/atoms-as/assembly";

const GO_ON = 0;

let count: i32 = 0;
let held = false;

/** Third stage: shows the mean and how many there were. While it is held, the stages before it fill up. */
export function on_message(): i32 {
  if (held) return Handled.LATER;
  count++;
  Senml.begin(Format.SENML_JSON, 2);
  Senml.record(Format.SENML_JSON, "mean", "mm", Message.number());
  Senml.record(Format.SENML_JSON, "readings", "count", count);
  Senml.end(Format.SENML_JSON);
  publish("mean", Format.SENML_JSON);
  return Handled.DONE;
}

/** PUT to `hold`: stops the work for so many milliseconds. */
export function on_request(): i32 {
  if (!Request.isPut() || !Request.isFor("hold")) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  const ms = Request.number();
  if (!(ms >= 1 && ms <= 5000)) return Reply.message(Code.BAD_REQUEST, "1 to 5000 ms");
  held = true;
  Timer.after(GO_ON, <i32>ms);
  return Reply.changed();
}

/** A timer needs no place in the inbox: it comes through when that is full. */
export function on_timer(): i32 {
  held = false;
  return Handled.DONE;
}
