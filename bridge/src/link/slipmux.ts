/** Slipmux framing (draft-bormann-t2trg-slipmux over RFC 1055, FCS-16 of RFC 1662). Pure. */

const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

/** First byte of a frame. */
const kind = { coap: 0xa9, diagnostic: 0x0a } as const;

const fcsStart = 0xffff;
/** What the FCS over a message and its own FCS comes to. */
const fcsResidue = 0xf0b8;
const fcsBytes = 2;
/** Largest frame kept: kind, the largest message, FCS. */
const largestFrame = 1 + 1_152 + fcsBytes;

const fcsTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >> 1) ^ 0x8408 : value >> 1;
  return value;
});

function fcs16(bytes: Uint8Array, start: number, end: number, state: number): number {
  let value = state;
  for (let at = start; at < end; at += 1)
    value = (value >> 8) ^ (fcsTable[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return value;
}

const coapKind = Uint8Array.of(kind.coap);
const fcsAfterKind = fcs16(coapKind, 0, 1, fcsStart);

/** The frame of one CoAP message, an END before and after it. */
export function encodeFrame(message: Uint8Array, start = 0, end = message.length): Uint8Array {
  const frame = new Uint8Array(3 + 2 * (end - start + fcsBytes));
  frame[0] = END;
  frame[1] = kind.coap;
  let length = 2;
  const put = (byte: number): void => {
    if (byte === END || byte === ESC) {
      frame[length] = ESC;
      frame[length + 1] = byte === END ? ESC_END : ESC_ESC;
      length += 2;
    } else {
      frame[length] = byte;
      length += 1;
    }
  };
  for (let at = start; at < end; at += 1) put(message[at] ?? 0);
  const fcs = ~fcs16(message, start, end, fcsAfterKind) & 0xffff;
  put(fcs & 0xff);
  put(fcs >> 8);
  frame[length] = END;
  return frame.subarray(0, length + 1);
}

export interface FrameSink {
  /** A message with a good FCS, in a buffer of its own. */
  message(bytes: Uint8Array): void;
  /** Text of a diagnostic frame, control characters replaced. */
  diagnostic(text: string): void;
}

/** Takes a byte stream apart; bytes may come in pieces of any length. Resynchronises at each END. */
export class FrameDecoder {
  private readonly sink: FrameSink;
  private readonly frame = new Uint8Array(largestFrame);
  private length = 0;
  private isEscaped = false;
  /** The frame is broken or too long: everything up to the next END is dropped. */
  private isBad = false;
  /** CoAP frames dropped: wrong FCS, wrong escape, too long, too short. */
  framesBad = 0;

  constructor(sink: FrameSink) {
    this.sink = sink;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) this.take(byte);
  }

  private reset(): void {
    this.length = 0;
    this.isEscaped = false;
    this.isBad = false;
  }

  private take(byte: number): void {
    if (byte === END) this.endFrame();
    else if (this.isEscaped) {
      this.isEscaped = false;
      if (byte === ESC_END) this.append(END);
      else if (byte === ESC_ESC) this.append(ESC);
      else this.isBad = true;
    } else if (byte === ESC) this.isEscaped = true;
    else this.append(byte);
  }

  private append(byte: number): void {
    if (this.length === largestFrame) {
      // Diagnostic text is cut, a message of impossible length dropped.
      if (this.frame[0] === kind.coap) this.isBad = true;
      return;
    }
    this.frame[this.length] = byte;
    this.length += 1;
  }

  private endFrame(): void {
    const { frame, length } = this;
    const isBad = this.isBad || this.isEscaped;
    this.reset();
    if (length === 0 && !isBad) return;
    if (frame[0] === kind.diagnostic) this.sink.diagnostic(harmless(frame.subarray(1, length)));
    else if (frame[0] === kind.coap || isBad) this.endMessage(length, isBad);
  }

  private endMessage(length: number, isBad: boolean): void {
    const isWhole = !isBad && length > fcsBytes && fcs16(this.frame, 0, length, fcsStart) === fcsResidue;
    if (isWhole) this.sink.message(this.frame.slice(1, length - fcsBytes));
    else this.framesBad += 1;
  }
}

const utf8 = new TextDecoder('utf-8');

/** Text from a board goes to terminals: control characters but tab and newline become U+FFFD. */
function harmless(bytes: Uint8Array): string {
  return utf8.decode(bytes).replaceAll(/[^\P{Cc}\t\n]/gu, '\ufffd');
}
