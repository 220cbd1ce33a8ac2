/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of this run, printed so that a failure can be run again: `RADON_TEST_SEED=N npm test`. */
export function testSeed(title: string): number {
  const seed = Number(process.env.RADON_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`${title}: RADON_TEST_SEED=${seed}`);
  return seed;
}

export function randomBytes(random: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}
