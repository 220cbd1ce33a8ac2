import { ByteWriter } from '@radon/bridge/wasm';

interface Segment {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * A device keeps 56 bytes of RAM for every data segment; zeros between two cost only flash and transfer. So segments
 * closer than this become one.
 */
const largestGap = 96;
const i32Const = 0x41;
const end = 0x0b;

/**
 * Joins neighbouring active data segments of a data section that a module's reader has checked; answers its new content
 * and the number of segments. Undefined where there is nothing to join, or where a segment is passive or placed by a global.
 */
export function joinSegments(content: Uint8Array): { content: Uint8Array; count: number } | undefined {
  const segments = readSegments(content);
  if (segments === undefined) return undefined;
  const joined: Segment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    const gap = last === undefined ? -1 : segment.offset - last.offset - last.bytes.length;
    if (last !== undefined && gap >= 0 && gap <= largestGap) joined.splice(-1, 1, join(last, segment));
    else joined.push(segment);
  }
  if (joined.length === segments.length) return undefined;
  const out = new ByteWriter(content.length + largestGap);
  out.u32(joined.length);
  for (const { offset, bytes } of joined) {
    out.append([0, i32Const]);
    out.s32(offset);
    out.byte(end);
    out.u32(bytes.length);
    out.append(bytes);
  }
  return { content: out.bytes(), count: joined.length };
}

function join(first: Segment, second: Segment): Segment {
  const start = second.offset - first.offset;
  const bytes = new Uint8Array(start + second.bytes.length);
  bytes.set(first.bytes);
  bytes.set(second.bytes, start);
  return { offset: first.offset, bytes };
}

function readSegments(content: Uint8Array): Segment[] | undefined {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 1, byte = 0x80; byte >= 0x80; shift *= 128) {
      byte = content[at++] ?? 0;
      value += (byte & 0x7f) * shift;
    }
    return value;
  };
  const segments: Segment[] = [];
  for (let left = number(); left > 0; left -= 1) {
    const active = number() === 0 && content[at++] === i32Const;
    // Read as unsigned: an offset that is negative as i32 lies beyond every memory, and does not continue a segment.
    const offset = number();
    if (!active || content[at++] !== end) return undefined;
    const length = number();
    segments.push({ offset, bytes: content.subarray(at, at + length) });
    at += length;
  }
  return segments;
}
