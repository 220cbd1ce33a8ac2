import { Format } from "./abi.generated";
import { Cbor } from "./cbor";
import { Output } from "./output";

/**
 * Readings as SenML (RFC 8428) in CBOR or JSON, or as plain text, one `name value unit` a line:
 *
 *     Senml.begin(format, 2);
 *     Senml.record(format, "latest", "mm", 1.5);
 *     Senml.record(format, "days", "count", 3);
 *     Senml.end(format);
 */
export namespace Senml {
  /** Starts a body; `records` is how many `record` calls follow. */
  export function begin(format: i32, records: i32): void {
    Output.begin();
    if (format == Format.SENML_CBOR) Cbor.array(records);
    else if (format == Format.SENML_JSON) Output.byte(0x5b);
  }

  /** One reading; in JSON and text rounded to three places. Names: A-Z a-z 0-9 and - : . / _ (RFC 8428 section 4.5.1). */
  export function record(format: i32, name: string, unit: string, value: f64): void {
    if (format == Format.SENML_CBOR) return cborRecord(name, unit, value);
    if (format == Format.SENML_JSON) return jsonRecord(name, unit, value);
    Output.text(name);
    Output.byte(0x20);
    Output.decimal(value);
    Output.byte(0x20);
    Output.text(unit);
    Output.byte(0x0a);
  }

  /** Closes the array; nothing to close in CBOR and text. */
  export function end(format: i32): void {
    if (format == Format.SENML_JSON) Output.byte(0x5d);
  }
}

/** Labels of RFC 8428 section 6: n 0, u 1, v 2. */
// @ts-ignore: decorator
@inline function cborRecord(name: string, unit: string, value: f64): void {
  Output.byte(0xa3);
  Output.byte(0);
  Cbor.text(name);
  Output.byte(1);
  Cbor.text(unit);
  Output.byte(2);
  Cbor.number(value);
}

// @ts-ignore: decorator
@inline function jsonRecord(name: string, unit: string, value: f64): void {
  if (Output.length() > 1) Output.byte(0x2c);
  Output.ascii(0x223a226e227b); // {"n":"
  Output.text(name);
  Output.ascii(0x223a2275222c22); // ","u":"
  Output.text(unit);
  Output.ascii(0x3a2276222c22); // ","v":
  Output.decimal(value);
  Output.byte(0x7d);
}
