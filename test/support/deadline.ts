/** Waiting for what happens elsewhere: always with a deadline, never for a fixed time. */

const pollMs = 10;

/** The first result of `look` that is not undefined or false; what it throws meanwhile counts as "not yet". */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let cause: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`, { cause });
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** The outcome of `work`, or an error that says what did not come in time. */
export async function within<T>(what: string, withinMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Values that come by themselves, read one after the other. */
export interface Mailbox<T> {
  put(value: T): void;
  /** The oldest value not taken yet; waits for it. */
  take(withinMs?: number): Promise<T>;
}

export function createMailbox<T>(what: string): Mailbox<T> {
  const values: T[] = [];
  const readers: ((value: T) => void)[] = [];
  return {
    put(value) {
      const reader = readers.shift();
      if (reader === undefined) values.push(value);
      else reader(value);
    },
    take(withinMs = 10_000) {
      const [next] = values.splice(0, 1);
      if (next !== undefined) return Promise.resolve(next);
      let reader = (_value: T) => {};
      const coming = new Promise<T>((resolve) => {
        reader = resolve;
      });
      readers.push(reader);
      return within(what, withinMs, coming).finally(() => {
        if (readers.includes(reader)) readers.splice(readers.indexOf(reader), 1);
      });
    },
  };
}
