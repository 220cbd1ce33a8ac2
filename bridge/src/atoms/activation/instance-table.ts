import type { Aftermath } from '../messages.ts';
import { instancesPerAtom, type ShownPhase, shownPhase } from '../shared-state.ts';
import { Instance, type InstanceOrigin } from './instance.ts';
import type { AtomParts } from './instance-caller.ts';
import type { Instances } from './policy.ts';

/** The instances of an atom, living or to be restarted, in order of their numbers. */
export class InstanceTable implements Instances {
  readonly #parts: AtomParts;
  readonly #most: number;
  readonly #slots: (Instance | undefined)[] = new Array(instancesPerAtom).fill(undefined);
  #all: readonly Instance[] = [];

  constructor(parts: AtomParts, most: number) {
    this.#parts = parts;
    this.#most = most;
  }

  get all(): readonly Instance[] {
    return this.#all;
  }

  get hasRoom(): boolean {
    return this.#all.length + this.starting < this.#most;
  }

  /** The one instance, while it is frozen. */
  get frozen(): Instance | undefined {
    const [first] = this.#all;
    return first?.phase === 'FROZEN' ? first : undefined;
  }

  /** Spawned instances whose START waits. */
  get starting(): number {
    let starting = 0;
    for (const { kind, target } of this.#parts.inbox.entries) {
      if (kind === 'START' && this.find(target) === undefined) starting += 1;
    }
    return starting;
  }

  find(number: number | undefined): Instance | undefined {
    return this.#all.find((instance) => instance.number === number);
  }

  /** It lives or is to be started. */
  has(number: number): boolean {
    const isStarting = this.#parts.inbox.entries.some(
      ({ kind, target }) => kind === 'START' && target === number,
    );
    return isStarting || this.find(number) !== undefined;
  }

  /** No request it began is open, nothing it kept waits, no own request of it is unanswered. */
  isFree(instance: Instance): boolean {
    const { number, phase } = instance;
    const { open, own, inbox } = this.#parts;
    if (phase !== 'SUSPENDED' || open.isAwaited(number) || own.isAwaited(number)) return false;
    return !inbox.entries.some((entry) => entry.kept && entry.target === number);
  }

  add(origin: InstanceOrigin): Instance {
    const slot = this.#slots.indexOf(undefined);
    return this.#put(slot, new Instance(this.#parts, origin, slot));
  }

  /** Takes over what another worker left. */
  adopt({ failures, memberships }: Aftermath): void {
    for (let slot = 0; slot < instancesPerAtom; slot += 1) {
      if (this.#parts.state.instance(slot, 'used') !== 1) continue;
      const instance = this.#put(slot, Instance.adopt(this.#parts, slot, failures));
      const own = memberships.find((membership) => membership.instance === instance.number);
      for (const alias of own?.aliases ?? []) instance.aliases.add(alias);
    }
  }

  #put(slot: number, instance: Instance): Instance {
    this.#slots[slot] = instance;
    this.#all = [...this.#all, instance].sort((left, right) => left.number - right.number);
    return instance;
  }

  remove(instance: Instance): void {
    this.#slots[this.#slots.indexOf(instance)] = undefined;
    this.#all = this.#all.filter((other) => other !== instance);
    instance.release();
  }

  /** A step of an instance; the atom is RUNNING when one runs, else as the instance with the lowest number. */
  setPhase(instance: Instance, phase: ShownPhase): void {
    instance.setPhase(phase);
    const shown = phase === 'RUNNING' ? phase : (this.#all[0]?.phase ?? phase);
    const { state, node } = this.#parts;
    if (phase === 'RUNNING' || phase === 'CREATED') state.set('phase', shownPhase[shown]);
    else node.later(() => state.set('phase', shownPhase[shown]));
  }

  /** Bytes of memory that all take. */
  get memoryBytes(): number {
    return this.#all.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }
}
