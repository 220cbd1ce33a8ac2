import { RadonError } from '../problem/index.ts';
import { logLevel } from '../tables/index.ts';
import { checkModule } from '../wasm/index.ts';
import { describeTrap } from './activation/trap-report.ts';
import type { ActivationControl } from './activation-control.ts';
import type { Admission } from './admission.ts';
import type { HostAtom } from './host-atom.ts';
import { type StopReason, stopReason, type TrapReport } from './messages.ts';
import type { StoredVersions, Version } from './stored-versions.ts';

export interface AtomRunnerParts {
  readonly versions: StoredVersions;
  readonly control: ActivationControl;
  readonly admission: Admission;
  /** The activation level knows nothing of this atom any more: nobody takes what it was sent. */
  abandon(atom: HostAtom): void;
  /** State of this atom is another now. */
  changed(name: string): void;
  log(level: number, source: string, line: string): void;
}

/** Starts and stops versions of atoms, and puts one in the place of another. */
export class AtomRunner {
  readonly #parts: AtomRunnerParts;

  constructor(parts: AtomRunnerParts) {
    this.#parts = parts;
  }

  /** A version has all its bytes: it becomes the active one, unless it is. */
  async goOn(version: Version): Promise<void> {
    const { atom, slot } = version;
    if (atom.entry.active === slot) {
      if (!atom.isAlive) await this.startShown(atom);
      return;
    }
    this.#checkModule(version);
    await this.replace(atom, () => this.#switchTo(version));
  }

  /** Checks the module before anything is stopped; a version that is refused is forgotten. */
  #checkModule(version: Version): void {
    const bytes = this.#parts.versions.startOf(version)?.code ?? new Uint8Array(0);
    const check = checkModule(bytes, version.manifest.configuration.limits.memory);
    if (check.ok) return;
    this.#parts.versions.discard(version);
    throw new RadonError(check.problem.error, { detail: check.problem.detail });
  }

  /** Step 3 of a push: the old version stops, the new one starts, or the old one comes back. */
  async #switchTo(version: Version): Promise<void> {
    const { atom, slot } = version;
    const before = this.#parts.versions.shown(atom);
    await this.stop(atom, stopReason.update);
    const trap = await this.start(version, true);
    if (trap === undefined) return;
    const detail = describeTrap(trap);
    if (before !== undefined && before.slot !== slot) await this.#undo(version, before, detail);
    else this.#parts.versions.deactivate(atom);
    throw new RadonError('START_FAILED', { name: atom.name, detail });
  }

  async #undo(version: Version, before: Version, detail: string): Promise<void> {
    const { atom } = version;
    atom.entry = { ...atom.entry, active: before.slot };
    this.#parts.versions.discard(version);
    await this.start(before, false);
    atom.reason = `undone: ${detail}`;
    this.#parts.log(logLevel.WARN, atom.name, atom.reason);
  }

  /** Starts the version that is shown, for a command: its recovery policy holds. */
  async startShown(atom: HostAtom): Promise<void> {
    const version = this.#parts.versions.shown(atom);
    if (version === undefined || !this.#parts.versions.isWhole(version)) {
      throw new RadonError('NOT_RUNNING', { name: atom.name, phase: atom.phase });
    }
    this.#parts.admission.checkPool(version.manifest);
    const trap = await this.start(version, false);
    if (trap !== undefined)
      throw new RadonError('START_FAILED', { name: atom.name, detail: describeTrap(trap) });
  }

  /** A version that starts is stored as the active one. With `trial` a failure is final. */
  async start(version: Version, trial: boolean): Promise<TrapReport | undefined> {
    const start = this.#parts.versions.startOf(version);
    if (start === undefined) return undefined;
    const { atom, slot } = version;
    const { control, versions, abandon } = this.#parts;
    atom.begin(slot);
    atom.resources.reset(start.configuration);
    const result = await control.run({ op: 'start', atom: start, trial });
    if (!result.ok) {
      if (trial && !atom.isAlive) abandon(atom);
      return result.trap;
    }
    versions.activate(atom);
    atom.resources.tellObservers();
    return undefined;
  }

  async stop(atom: HostAtom, reason: StopReason): Promise<void> {
    if (atom.life === 'WAITING') return;
    if (atom.life === 'LIVE') await this.end(atom, reason);
    atom.life = 'STOPPED';
    this.#parts.changed(atom.name);
  }

  /** Without a reason `on_stop` does not run. */
  async end(atom: HostAtom, reason?: StopReason): Promise<void> {
    const why = reason === undefined ? {} : { reason };
    await this.#parts.control.run({ op: 'stop', index: atom.index, ...why });
    this.#parts.abandon(atom);
  }

  /** What happens meanwhile is no end for observers. */
  async replace(atom: HostAtom, steps: () => Promise<void>): Promise<void> {
    atom.updating = true;
    try {
      await steps();
    } finally {
      atom.updating = false;
      this.#parts.changed(atom.name);
    }
  }
}
