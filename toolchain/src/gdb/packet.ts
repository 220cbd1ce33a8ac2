/**
 * Packet layer of the GDB remote serial protocol (GDB manual, appendix E.1): `$data#checksum`, where `}` escapes the
 * next byte (xor 0x20) and `*` repeats the byte before it.
 */

const escapeByte = 0x7d;
const dollar = 0x24;
const hash = 0x23;
const star = 0x2a;
const plus = 0x2b;
const minus = 0x2d;

const needsEscape = (byte: number) =>
  byte === escapeByte || byte === dollar || byte === hash || byte === star;

export type GdbEvent =
  | { readonly kind: 'packet'; readonly data: Buffer }
  | { readonly kind: 'ack' }
  | { readonly kind: 'nak' }
  | { readonly kind: 'corrupt' };

/** Frames `data` (ASCII command followed by optional binary) for the wire. */
export function encodePacket(data: Uint8Array): Buffer {
  const body: number[] = [];
  for (const byte of data) {
    if (needsEscape(byte)) body.push(escapeByte, byte ^ 0x20);
    else body.push(byte);
  }
  const sum = body.reduce((total, byte) => (total + byte) & 0xff, 0);
  return Buffer.concat([
    Buffer.from([dollar]),
    Buffer.from(body),
    Buffer.from(`#${sum.toString(16).padStart(2, '0')}`, 'latin1'),
  ]);
}

function decodeBody(body: Buffer): Buffer {
  const out: number[] = [];
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i] as number;
    if (byte === escapeByte) {
      i += 1;
      out.push((body[i] ?? 0) ^ 0x20);
    } else if (byte === star && out.length > 0) {
      i += 1;
      const last = out[out.length - 1] as number;
      for (let n = (body[i] ?? 29) - 29; n > 0; n -= 1) out.push(last);
    } else out.push(byte);
  }
  return Buffer.from(out);
}

/** Cuts a byte stream into packets and acknowledgements; bytes between packets are ignored. */
export function createPacketReader(): (chunk: Buffer) => GdbEvent[] {
  let buffered: Buffer = Buffer.alloc(0);
  return (chunk) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    const events: GdbEvent[] = [];
    for (;;) {
      const first = buffered.findIndex((byte) => byte === dollar || byte === plus || byte === minus);
      if (first < 0) {
        buffered = Buffer.alloc(0);
        return events;
      }
      if (buffered[first] !== dollar) {
        events.push({ kind: buffered[first] === plus ? 'ack' : 'nak' });
        buffered = buffered.subarray(first + 1);
        continue;
      }
      const end = buffered.indexOf(hash, first);
      if (end < 0 || buffered.length < end + 3) {
        buffered = buffered.subarray(first);
        return events;
      }
      const body = buffered.subarray(first + 1, end);
      const sum = Number.parseInt(buffered.toString('latin1', end + 1, end + 3), 16);
      const actual = body.reduce((total, byte) => (total + byte) & 0xff, 0);
      events.push(sum === actual ? { kind: 'packet', data: decodeBody(body) } : { kind: 'corrupt' });
      buffered = buffered.subarray(end + 3);
    }
  };
}
