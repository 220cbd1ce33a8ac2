import type { Effect } from '../messages.ts';

/** Lines of a log that can be read afterwards: more are not kept for it. */
const mostLines = 200;

/**
 * What turns did and is not told yet, in order. Notices of one path, readings of one channel and lines nobody could read
 * any more are told once, so that no atom that repeats itself makes it grow.
 */
export class EffectQueue {
  #effects: Effect[] = [];
  /** Where the notice of a path or the reading of a channel stands. */
  readonly #places = new Map<string, number>();
  #lines = 0;

  get isEmpty(): boolean {
    return this.#effects.length === 0;
  }

  push(effect: Effect): void {
    const subject = subjectOf(effect);
    const place = subject === undefined ? undefined : this.#places.get(subject);
    if (place !== undefined) {
      this.#effects[place] = effect;
      return;
    }
    if (subject !== undefined) this.#places.set(subject, this.#effects.length);
    this.#effects.push(effect);
    if (effect.kind === 'log') this.#addedLine();
  }

  /** Everything that waits; nothing does afterwards. */
  take(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    this.#places.clear();
    this.#lines = 0;
    return effects;
  }

  /** Half of the lines go at once, so that a line costs the same however many there are. */
  #addedLine(): void {
    this.#lines += 1;
    if (this.#lines < 2 * mostLines) return;
    let passed = 0;
    const kept = this.take().filter((effect) => effect.kind !== 'log' || ++passed > mostLines);
    for (const effect of kept) this.push(effect);
  }
}

/** What only the newest effect of counts; undefined where each counts. */
function subjectOf(effect: Effect): string | undefined {
  if (effect.kind === 'notify') return `${effect.index}/${effect.path}`;
  if (effect.kind === 'reading') return `io/${effect.channel}`;
  return undefined;
}
