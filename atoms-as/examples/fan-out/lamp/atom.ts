import { Format, Handled, Message, Output, publish } from "@radon/atoms-as/assembly";

let flashes: i32 = 0;

/** Listens to `alarm` by its configuration: `aliases` in atom.json. */
export function on_message(): i32 {
  if (!Message.is("pressed")) return Handled.REJECT;
  flashes++;
  Output.begin();
  Output.integer(flashes);
  publish("flashes", Format.TEXT);
  return Handled.DONE;
}
