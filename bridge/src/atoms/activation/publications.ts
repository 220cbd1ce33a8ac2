import { abiError } from '../../tables/index.ts';
import type { KnownPublication } from '../messages.ts';

const most = 8;

/** What an atom has published, as far as its quota is concerned; the bytes are with the network level. */
export class Publications {
  readonly #limit: number;
  #entries: KnownPublication[];

  constructor(limit: number, entries: readonly KnownPublication[] = []) {
    this.#limit = limit;
    this.#entries = [...entries];
  }

  /** Takes a publication in place of the one of the same path and format; E_QUOTA when it does not fit. */
  put(publication: KnownPublication, now: number): number {
    this.#entries = this.#entries.filter((entry) => entry.expires > now);
    const others = this.#entries.filter((entry) => !samePlace(entry, publication));
    const size = others.reduce((sum, entry) => sum + entry.size, publication.size);
    if (others.length >= most || size > this.#limit) return abiError.E_QUOTA;
    this.#entries = [...others, publication];
    return 0;
  }
}

function samePlace(left: KnownPublication, right: KnownPublication): boolean {
  return left.path === right.path && left.format === right.format;
}
