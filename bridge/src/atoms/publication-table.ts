import { code } from '../coap/codes.ts';
import type { NodeResponse } from '../registry/node.ts';
import type { SnapshotPublication } from '../snapshot/index.ts';
import type { KnownPublication } from './messages.ts';

interface Publication extends KnownPublication {
  readonly payload: Uint8Array;
}

/** The representations an atom handed to its node, in the order of first publication. Times: ms since the node started. */
export class PublicationTable {
  readonly #now: () => number;
  #entries: Publication[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  clear(): void {
    this.#entries = [];
  }

  known(): KnownPublication[] {
    return this.#entries.map(({ path, format, size, expires }) => ({ path, format, size, expires }));
  }

  /** Those that were valid at `frozenAt`, with what was left of them then. */
  kept(frozenAt: number): SnapshotPublication[] {
    const valid = this.#entries.filter(({ expires }) => expires > frozenAt);
    return valid.map(({ path, format, payload, expires }) => ({
      path,
      format,
      payload,
      ...(expires === Number.POSITIVE_INFINITY ? {} : { maxAgeMs: Math.round(expires - frozenAt) }),
    }));
  }

  restore(publications: readonly SnapshotPublication[]): void {
    for (const { path, format, payload, maxAgeMs = Number.POSITIVE_INFINITY } of publications) {
      this.put({ path, format, size: payload.length, expires: this.#now() + maxAgeMs }, payload);
    }
  }

  put(publication: KnownPublication, payload: Uint8Array): void {
    const entry = { ...publication, payload };
    this.#entries = this.#entries.filter(({ expires }) => expires > this.#now());
    const at = this.#entries.findIndex(({ path, format }) => path === entry.path && format === entry.format);
    if (at < 0) this.#entries.push(entry);
    else this.#entries[at] = entry;
  }

  isServed(path: string): boolean {
    return this.#entries.some((entry) => this.#isValid(entry, path));
  }

  /** The representation in a format, or the one published first; undefined when there is none. */
  find(path: string, format: number | undefined): NodeResponse | undefined {
    const entry = this.#entries.find(
      (candidate) => this.#isValid(candidate, path) && (format === undefined || candidate.format === format),
    );
    if (entry === undefined) return undefined;
    const maxAge =
      entry.expires === Number.POSITIVE_INFINITY ? 0 : Math.floor((entry.expires - this.#now()) / 1000);
    return {
      code: code.content,
      contentFormat: entry.format,
      payload: entry.payload,
      maxAge,
    };
  }

  #isValid(entry: Publication, path: string): boolean {
    return entry.path === path && entry.expires > this.#now();
  }
}
