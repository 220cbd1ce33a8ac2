const reflectedPolynomial = 0xedb8_8320;

/** CRC-32 of IEEE 802.3, as an unsigned number. (`node:zlib` has one from Node.js 22 on.) */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? reflectedPolynomial : 0);
  }
  return ~crc >>> 0;
}
