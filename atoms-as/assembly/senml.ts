import { Format } from "./abi.generated";
import { CborWriter } from "./cbor";

/**
 * Readings as SenML (RFC 8428) in CBOR or JSON, or as plain text, one `name value unit` a line:
 *
 *     pack.begin(Format.SENML_CBOR, 2).record("latest", "mm", 1.5).record("days", "count", 3).end();
 */
export class SenmlWriter extends CborWriter {
  /** `records` is how many `record` calls follow. */
  begin(format: i32, records: i32): SenmlWriter {
    this.clear(format);
    if (format == Format.SENML_CBOR) this.array(records);
    else if (format == Format.SENML_JSON) this.byte(0x5b);
    return this;
  }

  /** One reading; in JSON and text rounded to three places. Names: A-Z a-z 0-9 and - : . / _ (RFC 8428 section 4.5.1). */
  record(name: string, unit: string, value: f64): SenmlWriter {
    if (this.format == Format.SENML_CBOR) this.map(3).int(0).string(name).int(1).string(unit).int(2).number(value);
    else if (this.format == Format.SENML_JSON) this.jsonRecord(name, unit, value);
    else this.text(name).byte(0x20).decimal(value).byte(0x20).text(unit).byte(0x0a);
    return this;
  }

  /** Closes the array; nothing to close in CBOR and text. */
  end(): SenmlWriter {
    if (this.format == Format.SENML_JSON) this.byte(0x5d);
    return this;
  }

  private jsonRecord(name: string, unit: string, value: f64): void {
    if (this.length > 1) this.byte(0x2c);
    this.byte(0x7b);
    this.quoted(0x6e, name);
    this.quoted(0x75, unit);
    this.label(0x76).decimal(value).byte(0x7d);
  }

  /** `"c":"value",` */
  private quoted(label: i32, value: string): void {
    this.label(label).byte(0x22).text(value).byte(0x22).byte(0x2c);
  }

  /** `"c":` */
  private label(label: i32): SenmlWriter {
    this.byte(0x22).byte(label).byte(0x22).byte(0x3a);
    return this;
  }
}
