/** Messages that are wrong in one way each, and what RFC 7252 wants to come back. */
import { formatCode } from '@radon/bridge/coap';

export interface HostileMessage {
  readonly title: string;
  readonly hex: string;
  /** `RST`, `4.02`, or `silence`. */
  readonly answer: string;
  /** At the UDP port of a board, which passes reads and little else, where that differs. */
  readonly atPort?: string;
}

const core = 'bb 2e77656c6c2d6b6e6f776e 04 636f7265';

/** All but the ignored ones have message ID 0x1234. */
export const hostileMessages: readonly HostileMessage[] = [
  // Section 3: header.
  { title: 'three bytes', hex: '40 01 12', answer: 'silence' },
  { title: 'version 0', hex: '00 01 1234', answer: 'silence' },
  { title: 'version 2', hex: '80 01 1234', answer: 'silence' },
  { title: 'a token of 9 bytes', hex: '49 01 1234 010203040506070809', answer: 'RST' },
  { title: 'a token that is cut', hex: '44 01 1234 0102', answer: 'RST' },
  // Section 3.1: options.
  { title: 'option delta 15', hex: '40 01 1234 f0', answer: 'RST' },
  { title: 'option length 15', hex: '40 01 1234 1f', answer: 'RST' },
  { title: 'an option value that is cut', hex: '40 01 1234 b5 61', answer: 'RST' },
  { title: 'an extended delta that is cut', hex: '40 01 1234 e0 01', answer: 'RST' },
  { title: 'option number 65,804', hex: '40 01 1234 e0 ffff', answer: 'RST' },
  { title: 'a payload marker without payload', hex: '40 01 1234 ff', answer: 'RST' },
  { title: 'the same in a message nobody has to confirm', hex: '50 01 1234 ff', answer: 'silence' },
  // Section 4.1 to 4.3: types and codes.
  { title: 'a ping', hex: '40 00 1234', answer: 'RST' },
  { title: 'an empty message with a byte too many', hex: '40 00 1234 00', answer: 'RST' },
  { title: 'a code of class 1', hex: '40 20 1234', answer: 'RST' },
  { title: 'a code of class 7', hex: '40 e1 1234', answer: 'RST' },
  { title: 'a response nobody asked for', hex: '41 45 1234 07', answer: 'RST' },
  { title: 'an acknowledgement of nothing', hex: '60 00 1234', answer: 'silence' },
  { title: 'a reset of nothing', hex: '70 00 1234', answer: 'silence' },
  // Sections 5.4, 5.7, 5.8: requests that are well-formed and cannot be served.
  { title: 'an unknown critical option', hex: '40 01 1234 e0 06f4', answer: '4.02' },
  { title: 'an unknown elective option', hex: '40 01 1234 e0 06f5', answer: '4.04' },
  { title: 'Accept twice', hex: '40 01 1234 d1 04 32 01 32', answer: '4.02' },
  { title: 'a path segment of 256 bytes', hex: `40 01 1234 bd f3 ${'61'.repeat(256)}`, answer: '4.02' },
  {
    title: 'Proxy-Uri of a server that is not served',
    hex: '40 01 1234 d8 16 636f61703a2f2f78',
    answer: '5.05',
  },
  { title: 'method 0.31', hex: `40 1f 1234 ${core}`, answer: '4.05', atPort: '4.03' },
  // RFC 7959 section 2.2: size exponent 7 is reserved.
  { title: 'Block2 with a reserved size', hex: `40 01 1234 ${core} c1 07`, answer: '4.00' },
];

export function bytesOfHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** An empty confirmable message, which provokes an RST. */
export function pingMessage(messageId: number): Uint8Array {
  return Uint8Array.of(0x40, 0, messageId >> 8, messageId & 0xff);
}

/** `RST 1234`, `4.02 1234`. */
export function describeMessage(bytes: Uint8Array): string {
  const id = Buffer.from(bytes.subarray(2, 4)).toString('hex');
  const type = ['CON', 'NON', 'ACK', 'RST'][((bytes[0] ?? 0) >> 4) & 3];
  return bytes[1] === 0 ? `${type} ${id}` : `${formatCode(bytes[1] ?? 0)} ${id}`;
}
