import { Format, Handled, Message, Output, publish } from "@radon/atoms-as/assembly";

/** A temperature in Celsius from `chain-a`: shown in Fahrenheit. */
export function on_message(): i32 {
  const celsius = Message.number();
  if (isNaN(celsius)) return Handled.REJECT;
  Output.begin();
  Output.decimal(celsius * 1.8 + 32, 1);
  publish("fahrenheit", Format.TEXT);
  return Handled.DONE;
}
