import { Format } from "./abi.generated";
import { CborWriter } from "./cbor";

/**
 * Readings as SenML (RFC 8428) in CBOR or JSON, or as plain text, one `name value unit` a line:
 *
 *     pack.begin(Format.SENML_CBOR, 2).record("latest", "mm", 1.5).record("days", "count", 3).end();
 */
export class SenmlWriter extends CborWriter {
  /** `records` is how many `record` calls follow. */
  begin(format: i32, records: i32): this {
    this.clear(format);
    if (format == Format.SENML_CBOR) return this.array(records);
    return format == Format.SENML_JSON ? this.byte(0x5b) : this;
  }

  /** One reading; in JSON and text rounded to three places. Names: A-Z a-z 0-9 and - : . / _ (RFC 8428 section 4.5.1). */
  record(name: string, unit: string, value: f64): this {
    if (this.format == Format.SENML_CBOR) return this.map(3).int(0).string(name).int(1).string(unit).int(2).number(value);
    if (this.format == Format.SENML_JSON) return this.jsonRecord(name, unit, value);
    return this.text(name).byte(0x20).decimal(value).byte(0x20).text(unit).byte(0x0a);
  }

  /** Closes the array; nothing to close in CBOR and text. */
  end(): this {
    return this.format == Format.SENML_JSON ? this.byte(0x5d) : this;
  }

  private jsonRecord(name: string, unit: string, value: f64): this {
    if (this.length > 1) this.byte(0x2c);
    this.byte(0x7b).member(0x6e).quoted(name).byte(0x2c).member(0x75).quoted(unit);
    return this.byte(0x2c).member(0x76).decimal(value).byte(0x7d);
  }

  /** `"c":` */
  private member(label: i32): this {
    return this.byte(0x22).byte(label).byte(0x22).byte(0x3a);
  }

  private quoted(value: string): this {
    return this.byte(0x22).text(value).byte(0x22);
  }
}
