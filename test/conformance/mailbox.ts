/** A queue whose reader waits, with a deadline. */
export interface Mailbox {
  put(line: string): void;
  /** The oldest line, or that nothing came within `patienceMs`. */
  take(patienceMs: number): Promise<string>;
  empty(): void;
  readonly size: number;
}

export function createMailbox(): Mailbox {
  let lines: string[] = [];
  let wake = () => {};
  return {
    get size() {
      return lines.length;
    },
    put(line) {
      lines.push(line);
      wake();
    },
    async take(patienceMs) {
      const deadline = AbortSignal.timeout(patienceMs);
      while (lines.length === 0) {
        if (deadline.aborted) return '(nothing came)';
        await new Promise<void>((resolve) => {
          wake = resolve;
          deadline.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      return lines.shift() ?? '';
    },
    empty() {
      lines = [];
    },
  };
}
