import { type Configuration, decodeManifest, decodeSign1, type Manifest } from '../image/index.ts';
import { describeTrap } from './activation/trap-report.ts';
import type { AtomResources } from './atom-resources.ts';
import type { CatalogEntry, Slot } from './catalog.ts';
import type { Letter, LetterCell } from './letter-cell.ts';
import type { Effect, Failure, Membership, TrapReport } from './messages.ts';
import { type AtomState, instancesPerAtom, type SharedState, shownPhaseOf } from './shared-state.ts';

/** Why an atom has no memory, or that it may have some. */
type Life = 'WAITING' | 'STOPPED' | 'LIVE';

/** More than any series of failures of eight instances needs. */
const mostFailures = 64;

/** What the network level knows of one atom. */
export class HostAtom {
  readonly name: string;
  readonly index: number;
  readonly state: AtomState;
  readonly resources: AtomResources;
  /** The places for messages in its inbox. */
  readonly letters: readonly LetterCell[];
  life: Life = 'WAITING';
  trap: TrapReport | undefined;
  /** Why the last push or start did not end well, for people. */
  reason: string | undefined;
  exitCode: number | undefined;
  /** The recent ones, oldest first. */
  failures: readonly Failure[] = [];
  /** Aliases that its instances joined. */
  memberships: readonly Membership[] = [];
  /** Another version takes its place: observers stay. */
  updating = false;
  #entry: CatalogEntry;
  #manifest: Manifest | undefined;

  constructor(entry: CatalogEntry, index: number, shared: SharedState, resources: AtomResources) {
    this.name = entry.name;
    this.index = index;
    this.state = shared.atom(index);
    this.letters = shared.letters(index);
    this.resources = resources;
    this.#entry = entry;
    this.#manifest = manifestIn(entry, this.slot);
  }

  /** What is stored of it. */
  get entry(): CatalogEntry {
    return this.#entry;
  }

  set entry(entry: CatalogEntry) {
    this.#entry = entry;
    this.#manifest = manifestIn(entry, this.slot);
  }

  /** A version is about to start: nothing is known of it yet. */
  begin(slot: Slot): void {
    this.entry = { ...this.#entry, active: slot };
    this.state.startOver();
    for (const letter of this.letters) letter.free();
    this.life = 'LIVE';
    this.trap = undefined;
    this.reason = undefined;
    this.exitCode = undefined;
    this.failures = [];
    this.memberships = [];
  }

  get phase(): string {
    if (this.life !== 'LIVE') return this.life;
    return shownPhaseOf(this.state);
  }

  /** It holds memory: requests are taken. */
  get isAlive(): boolean {
    return this.life === 'LIVE' && this.state.get('alive') === 1;
  }

  /** Empties the places for messages; answers what is in them. Only while the activation level knows nothing of it. */
  takeLetters(): readonly Letter[] {
    const left = this.letters.filter(({ used }) => used);
    const taken = left.map((cell) => ({ ...cell.read(), payload: cell.payload.slice() }));
    for (const cell of left) cell.free();
    return taken;
  }

  /** One of its instances failed; answers why, for people. */
  failed({ trap, failure }: Extract<Effect, { kind: 'failed' }>): string {
    this.trap = trap;
    if (failure !== undefined) this.failures = [...this.failures, failure].slice(-mostFailures);
    this.reason = describeTrap(trap);
    return this.reason;
  }

  /** An instance joined or left aliases. */
  joined(membership: Membership): void {
    const others = this.memberships.filter(({ instance }) => instance !== membership.instance);
    this.memberships = membership.aliases.length === 0 ? others : [...others, membership];
  }

  /** Aliases with this atom or one of its instances as a member, ascending. */
  get aliases(): readonly string[] {
    if (!this.isAlive) return [];
    const joined = this.memberships.flatMap(({ aliases }) => aliases);
    return [...new Set([...(this.configuration?.aliases ?? []), ...joined])].sort();
  }

  /** The instance with this number lives, is to be restarted, or is to be started. */
  hasInstance(number: number): boolean {
    for (let slot = 0; slot < instancesPerAtom; slot += 1) {
      const isThis = this.state.instance(slot, 'number') === number;
      if (isThis && this.state.instance(slot, 'used') === 1) return true;
    }
    return this.letters.some((cell) => cell.used && cell.startsInstance(number));
  }

  /** The version that runs or would be started; before one was complete the one that is awaited. */
  get slot(): Slot {
    return this.#entry.active ?? (this.#entry.a === undefined ? 'b' : 'a');
  }

  get manifest(): Manifest | undefined {
    return this.#manifest;
  }

  get configuration(): Configuration | undefined {
    return this.#manifest?.configuration;
  }
}

/** The manifest in a slot; it was verified when it was accepted. */
export function manifestIn(entry: CatalogEntry, slot: Slot): Manifest | undefined {
  const file = entry[slot];
  return file === undefined ? undefined : decodeManifest(decodeSign1(file).payload);
}
