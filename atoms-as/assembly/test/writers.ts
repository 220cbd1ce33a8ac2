// Exercises what writes and reads bodies, driven from writers.test.ts.
import { Cbor, Output, Senml } from "@radon/atoms-as/assembly";
import { BUFFER, isText, parseNumber, spare } from "@radon/atoms-as/assembly/output";

export function outputStart(): usize {
  return BUFFER;
}

export function spareStart(): usize {
  return spare();
}

/** An empty text for the test to fill with UTF-16. */
export function newText(units: i32): usize {
  return __new(units << 1, idof<String>());
}

export function begin(): void {
  Output.begin();
}

export function text(value: string): i32 {
  Output.text(value);
  return Output.length();
}

export function fits(): i32 {
  return <i32>Output.fits();
}

export function matches(length: i32, value: string): i32 {
  return <i32>isText(length, value);
}

export function number(length: i32): f64 {
  return parseNumber(length);
}

export function decimal(value: f64, places: i32): i32 {
  Output.begin();
  Output.decimal(value, places);
  return Output.length();
}

export function integer(value: i64): i32 {
  Output.begin();
  Output.integer(value);
  return Output.length();
}

export function cborNumber(value: f64): i32 {
  Output.begin();
  Cbor.number(value);
  return Output.length();
}

export function cborDocument(value: string): i32 {
  Output.begin();
  Cbor.map(2);
  Cbor.text("list");
  Cbor.array(3);
  Cbor.boolean(true);
  Cbor.nil();
  Cbor.int(-1);
  Cbor.text("text");
  Cbor.text(value);
  return Output.length();
}

export function pack(format: i32, first: f64, second: f64): i32 {
  Senml.begin(format, 2);
  Senml.record(format, "a", "mm", first);
  Senml.record(format, "b", "count", second);
  Senml.end(format);
  return Output.length();
}
