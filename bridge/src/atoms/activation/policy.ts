/** Who takes an event: docs/reference/runtime-interface.md#reactive-atoms. */
import type { Configuration, Policy } from '../../image/index.ts';
import { configurationTable } from '../../tables/index.ts';
import type { Entry } from './inbox.ts';
import type { Instance } from './instance.ts';

/** An instance that has to be made: called like the atom, or with the next number and maybe a round-robin place. */
export interface NewInstance {
  readonly isBase: boolean;
  readonly round: number;
}

/** The instance that takes an event now, what has to be made for it, or undefined: it waits. */
export type Choice = Instance | NewInstance | undefined;

export interface Instances {
  /** Living or to be restarted, in order of their numbers. */
  readonly all: readonly Instance[];
  /** Fewer than the limit live or are to be started. */
  readonly hasRoom: boolean;
  isFree(instance: Instance): boolean;
}

const { limits: table } = configurationTable;

/** The rules of one atom. */
export class Assignment {
  readonly #isDaemon: boolean;
  readonly #policy: Policy;
  readonly #instances: number;
  readonly #idleMs: number;
  readonly #maxEvents: number;
  readonly #createAfterMs: number;

  constructor({ kind, policy = 'one', limits }: Configuration) {
    this.#isDaemon = kind === 'daemon';
    this.#policy = policy;
    this.#instances = limits.instances ?? table.instances.default;
    this.#idleMs = limits.idleMs ?? table.idleMs.default;
    this.#maxEvents = limits.maxEvents ?? table.maxEvents.default;
    this.#createAfterMs = limits.inbox.createAfterMs ?? table.inbox.createAfterMs.default;
  }

  get mostInstances(): number {
    return this.#instances;
  }

  /** Events sent to the atom's name are counted to give them places. */
  get countsRounds(): boolean {
    return this.#policy === 'round-robin' && !this.#isDaemon;
  }

  choose(entry: Entry, instances: Instances, now: number): Choice {
    const { target, kind } = entry;
    if (target !== undefined) {
      const own = instances.all.find(({ number }) => number === target);
      return own === undefined && kind === 'START' ? { isBase: false, round: -1 } : ready(own);
    }
    if (entry.rejectedBy.length > 0) return this.chooseOther(entry, instances);
    return this.#byPolicy(entry, instances, now);
  }

  /** For an event that was rejected: 'nobody' when no instance is left to ask. */
  chooseOther(entry: Entry, instances: Instances): Choice {
    const other = instances.all.find(({ number }) => !entry.rejectedBy.includes(number));
    return other === undefined ? this.#forRejected(entry, instances) : ready(other);
  }

  /** Whether anybody is left to offer a rejected event to. */
  hasOther(entry: Entry, instances: Instances): boolean {
    if (entry.isAddressed) return false;
    const isLeft = instances.all.some(({ number }) => !entry.rejectedBy.includes(number));
    return isLeft || this.#forRejected(entry, instances) !== undefined;
  }

  #forRejected({ renewed }: Entry, { all, hasRoom }: Instances): NewInstance | undefined {
    if (this.#isDaemon || renewed || !hasRoom) return undefined;
    if (this.#policy === 'one') {
      return all.some(({ isBase }) => isBase) ? undefined : { isBase: true, round: -1 };
    }
    return { isBase: false, round: this.#policy === 'round-robin' ? this.#freeRound(all) : -1 };
  }

  /** The instance of the place that the `round`-th event has. */
  ofRound(round: number, all: readonly Instance[]): Instance | undefined {
    if (round < 0) return undefined;
    return all.find((instance) => instance.round === round % this.#instances);
  }

  #freeRound(all: readonly Instance[]): number {
    const places = Array.from({ length: this.#instances }, (_, place) => place);
    return places.find((place) => all.every(({ round }) => round !== place)) ?? -1;
  }

  #byPolicy(entry: Entry, instances: Instances, now: number): Choice {
    const { all, hasRoom } = instances;
    if (this.#isDaemon || this.#policy === 'one') {
      const base = all.find(({ isBase }) => isBase);
      return base !== undefined ? ready(base) : made(hasRoom, { isBase: true, round: -1 });
    }
    if (this.#policy === 'round-robin') {
      const own = this.ofRound(entry.round, all);
      const round = entry.round % this.#instances;
      return own !== undefined ? ready(own) : made(hasRoom, { isBase: false, round });
    }
    const free = this.#policy === 'on-demand' ? undefined : all.find((one) => instances.isFree(one));
    if (free !== undefined) return free;
    const waits = this.#policy === 'on-demand-expire' && now < entry.arrivedAt + this.#createAfterMs;
    return made(hasRoom && !waits, { isBase: false, round: -1 });
  }

  /** An event that waits for the restart of its instance is that one's alone, where the policy makes one for each event. */
  bind(entry: Entry | undefined, { number }: Instance): void {
    if (entry !== undefined && this.#policy === 'on-demand' && !this.#isDaemon) entry.target ??= number;
  }

  /** Whether the policy ends an instance that is free now. */
  ends({ spawned, offered, handled, freeSince }: Instance, now: number): boolean {
    if (this.#isDaemon) return false;
    if (this.#policy === 'on-demand') return !spawned && offered > 0;
    if (this.#policy !== 'on-demand-expire') return false;
    return now >= freeSince + this.#idleMs || (this.#maxEvents > 0 && handled >= this.#maxEvents);
  }

  /** When the policy may do something by itself with a free instance. */
  expiry({ freeSince }: Instance): number {
    return this.#policy === 'on-demand-expire' ? freeSince + this.#idleMs : Number.POSITIVE_INFINITY;
  }

  /** When an event that waits for a free instance may get a new one. */
  creation({ arrivedAt }: Entry): number {
    return this.#policy === 'on-demand-expire' ? arrivedAt + this.#createAfterMs : Number.POSITIVE_INFINITY;
  }
}

function ready(instance: Instance | undefined): Instance | undefined {
  return instance?.phase === 'SUSPENDED' ? instance : undefined;
}

function made(isAllowed: boolean, instance: NewInstance): NewInstance | undefined {
  return isAllowed ? instance : undefined;
}
