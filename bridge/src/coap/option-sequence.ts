import type { MessageWriter } from './codec.ts';
import type { CoapOption } from './types.ts';

const none: readonly CoapOption[] = [];

/**
 * Writes options in ascending order and merges further ones, given in any order, in their places. Values of -1 and
 * undefined are left out. Reused from message to message.
 */
export class OptionSequence {
  private readonly writer: MessageWriter;
  private further: readonly CoapOption[] = none;
  private next = 0;

  constructor(writer: MessageWriter) {
    this.writer = writer;
  }

  begin(further: readonly CoapOption[] | undefined): void {
    const count = further?.length ?? 0;
    this.further = count > 1 ? (further ?? none).toSorted((a, b) => a.number - b.number) : (further ?? none);
    this.next = 0;
  }

  uint(number: number, value: number | undefined): void {
    if (value === undefined || value < 0) return;
    this.writeBefore(number);
    this.writer.uintOption(number, value);
  }

  bytes(number: number, value: Uint8Array | undefined): void {
    if (value === undefined) return;
    this.writeBefore(number);
    this.writer.option(number, value);
  }

  allBytes(number: number, values: readonly Uint8Array[] | undefined): void {
    if (values !== undefined) for (const value of values) this.bytes(number, value);
  }

  texts(number: number, values: readonly string[] | undefined): void {
    if (values === undefined || values.length === 0) return;
    this.writeBefore(number);
    for (const value of values) this.writer.textOption(number, value);
  }

  end(): void {
    this.writeBefore(Number.POSITIVE_INFINITY);
    this.further = none;
  }

  private writeBefore(number: number): void {
    for (; this.next < this.further.length; this.next += 1) {
      const option = this.further[this.next];
      if (option === undefined || option.number >= number) return;
      this.writer.option(option.number, option.value);
    }
  }
}
