// Exercises the writers and readers, driven from writers.test.ts.
import { CborWriter, Format, SenmlWriter, Writer } from "@radon/atoms-as/assembly";
import { encodeText, parseNumber } from "@radon/atoms-as/assembly/text";

const out = new Writer(64);
const cbor = new CborWriter(64);
const senml = new SenmlWriter(160);
const bytes = new StaticArray<u8>(400);

export function textStart(): usize {
  return out.start;
}

export function cborStart(): usize {
  return cbor.start;
}

export function senmlStart(): usize {
  return senml.start;
}

export function bytesStart(): usize {
  return changetype<usize>(bytes);
}

/** An empty text for the test to fill with UTF-16. */
export function newText(units: i32): usize {
  return __new(units << 1, idof<String>());
}

export function encode(text: string, capacity: i32): i32 {
  return encodeText(text, changetype<usize>(bytes), capacity);
}

export function number(length: i32): f64 {
  return parseNumber(changetype<usize>(bytes), length);
}

export function decimal(value: f64, places: i32): i32 {
  return out.clear().decimal(value, places).length;
}

export function integer(value: i64): i32 {
  return out.clear().integer(value).length;
}

/** Length after two texts, negative when they did not fit. */
export function texts(first: string, second: string): i32 {
  out.clear().text(first).text(second);
  return out.fits ? out.length : -1 - out.length;
}

export function cborNumber(value: f64): i32 {
  cbor.clear(Format.CBOR);
  return cbor.number(value).length;
}

export function cborInt(value: i64): i32 {
  cbor.clear(Format.CBOR);
  return cbor.int(value).length;
}

export function cborDocument(text: string): i32 {
  cbor.clear(Format.CBOR);
  return cbor.map(2).string("list").array(3).bool(true).nil().int(-1).string("text").string(text).length;
}

export function pack(format: i32, first: f64, second: f64): i32 {
  return senml.begin(format, 2).record("a", "mm", first).record("b", "count", second).end().length;
}
