import { code } from '../coap/codes.ts';
import { RadonError } from '../problem/index.ts';
import { encodeSnapshot, type Snapshot } from '../snapshot/index.ts';
import { describeTrap } from './activation/trap-report.ts';
import type { ActivationControl } from './activation-control.ts';
import type { Admission } from './admission.ts';
import type { AtomRunner } from './atom-runner.ts';
import type { HostAtom } from './host-atom.ts';
import { type AtomStart, type Capture, stopReason } from './messages.ts';
import { isTakenOf, openSnapshot, restoreCounters, snapshotOf } from './snapshots.ts';
import type { ImagePiece, MissingPayload, StoredVersions, Version } from './stored-versions.ts';

export interface DeploymentParts {
  readonly versions: StoredVersions;
  readonly runner: AtomRunner;
  readonly control: ActivationControl;
  readonly admission: Admission;
  readonly atoms: ReadonlyMap<string, HostAtom>;
  /** State of this atom is another now. */
  changed(name: string): void;
}

/** The steps of a push and the control of atoms (docs/reference/wire.md#push), one job at a time. */
export class Deployment {
  readonly #parts: DeploymentParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: DeploymentParts) {
    this.#parts = parts;
  }

  // ---- Jobs ----

  /** Starts what was active. A version that never ran waits for its bytes, or for a start command. */
  boot(): Promise<void> {
    return this.#job(async () => {
      for (const atom of this.#parts.atoms.values()) {
        const version = this.#parts.versions.shown(atom);
        if (version === undefined) continue;
        if (atom.entry.active !== undefined) await this.#parts.runner.start(version, false);
        else atom.life = this.#parts.versions.isWhole(version) ? 'STOPPED' : 'WAITING';
      }
    });
  }

  /** Step 1 of a push; answers the code and what is missing. */
  putManifest(name: string, file: Uint8Array): Promise<{ code: number; missing: readonly MissingPayload[] }> {
    return this.#job(async () => {
      const manifest = this.#parts.admission.open(name, file);
      const isNew = !this.#parts.atoms.has(name);
      const version = this.#parts.versions.store(manifest, file);
      const missing = this.#parts.versions.missing(manifest);
      if (missing.length === 0) await this.#parts.runner.goOn(version);
      else this.#parts.changed(name);
      return { code: isNew ? code.created : code.changed, missing };
    });
  }

  /** Step 2 of a push; the last piece answers when the atom runs. */
  putImage(digestText: string, piece: ImagePiece): Promise<number> {
    return this.#job(async () => {
      const { digest, size } = this.#parts.versions.payload(digestText) ?? notWanted();
      if (!this.#parts.versions.receive(digest, size, piece)) return code.continue;
      for (const version of this.#parts.versions.versionsOf(digest)) {
        const { atom, slot } = version;
        if (slot !== atom.entry.active || atom.life === 'WAITING') await this.#parts.runner.goOn(version);
      }
      return code.created;
    });
  }

  command(name: string, command: string): Promise<void> {
    return this.#job(async () => {
      const atom = this.#find(name);
      if (command === 'start' && atom.isAlive) return;
      if (command === 'freeze' || command === 'thaw') {
        await this.#move(atom, command);
        return;
      }
      if (command === 'stop') {
        await this.#parts.runner.stop(atom, stopReason.stop);
        return;
      }
      await this.#parts.runner.replace(atom, async () => {
        await this.#parts.runner.stop(atom, stopReason.restart);
        await this.#parts.runner.startShown(atom);
      });
    });
  }

  /** Stops every atom that runs and starts it again. */
  restartAll(): Promise<void> {
    return this.#job(async () => {
      for (const atom of this.#parts.atoms.values()) {
        const version = this.#parts.versions.shown(atom);
        if (version === undefined || atom.entry.active === undefined) continue;
        await this.#parts.runner.replace(atom, async () => {
          await this.#parts.runner.stop(atom, stopReason.restart);
          await this.#parts.runner.start(version, false);
        });
      }
    });
  }

  /** The worker ends and what was active starts anew, as after a power cut; but an atom that is `left` out. */
  restartWorker(isLeft: (atom: HostAtom) => boolean): Promise<void> {
    return this.#job(async () => {
      const { atoms, control } = this.#parts;
      await control.restart();
      for (const atom of atoms.values()) {
        atom.resources.abandon();
        const version = this.#parts.versions.shown(atom);
        if (version === undefined || atom.entry.active === undefined || isLeft(atom)) continue;
        atom.state.set('lastMessageId', 0);
        await this.#parts.runner.replace(
          atom,
          async () => void (await this.#parts.runner.start(version, false)),
        );
      }
    });
  }

  remove(name: string): Promise<void> {
    return this.#job(async () => {
      const atom = this.#find(name);
      await this.#parts.runner.stop(atom, stopReason.delete);
      this.#parts.versions.forget(atom);
      await this.#parts.control.run({ op: 'forget', name });
    });
  }

  /** Waits for the jobs that were asked for. */
  async settle(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  #job<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run, run);
    this.#last = result.catch(() => undefined);
    return result;
  }

  // ---- Snapshots ----

  /** The snapshot of a frozen atom, as content-format 60. */
  snapshot(name: string): Promise<Uint8Array> {
    return this.#job(async () => {
      const atom = this.#find(name);
      const digest = atom.manifest?.payloads[0].digest;
      const capture = await this.#capture(atom);
      if (digest === undefined || capture === undefined) throw wrongPhase(atom, 'FROZEN');
      return encodeSnapshot(snapshotOf(atom, digest, capture));
    });
  }

  /** Makes a frozen instance of a snapshot; nothing has changed when it is refused. */
  restore(name: string, bytes: Uint8Array): Promise<void> {
    return this.#job(async () => {
      const atom = this.#find(name);
      const version = this.#parts.versions.shown(atom);
      const start = version && this.#parts.versions.startOf(version);
      if (version === undefined || start === undefined) throw wrongPhase(atom, 'its payload');
      const { digest } = version.manifest.payloads[0];
      const snapshot = openSnapshot(bytes, start, digest, (alias) => this.#parts.atoms.has(alias));
      const capture = await this.#capture(atom);
      if (capture !== undefined && isTakenOf(capture, snapshot)) {
        await this.#restored(atom, start, snapshot, true);
        return;
      }
      if (atom.life !== 'LIVE') this.#parts.admission.checkPool(version.manifest);
      const stored = await this.#parts.control.run({ op: 'store', atom: start, storage: snapshot.storage });
      if (!stored.ok) throw new RadonError('BUSY', { detail: 'a store that does not take it' });
      await this.#parts.runner.replace(atom, () => this.#restoreAnew(version, start, snapshot));
    });
  }

  async #restoreAnew({ atom, slot }: Version, start: AtomStart, snapshot: Snapshot): Promise<void> {
    if (atom.life === 'LIVE') await this.#parts.runner.end(atom);
    atom.begin(slot);
    atom.resources.reset(start.configuration);
    atom.resources.restore(snapshot.publications);
    restoreCounters(atom.state, snapshot.counters);
    await this.#restored(atom, start, snapshot, false);
    this.#parts.versions.activate(atom);
    atom.resources.tellObservers();
  }

  async #restored(atom: HostAtom, start: AtomStart, snapshot: Snapshot, inPlace: boolean): Promise<void> {
    const result = await this.#parts.control.run({ op: 'restore', atom: start, snapshot, inPlace });
    if (result.ok) return;
    throw new RadonError('START_FAILED', { name: atom.name, detail: describeTrap(result.trap) });
  }

  /** What a frozen instance is; undefined for an atom that is not frozen. */
  async #capture(atom: HostAtom): Promise<Capture | undefined> {
    if (atom.phase !== 'FROZEN') return undefined;
    const result = await this.#parts.control.run({ op: 'capture', index: atom.index });
    return result.ok ? result.capture : undefined;
  }

  async #move(atom: HostAtom, command: 'freeze' | 'thaw'): Promise<void> {
    const need = command === 'freeze' ? 'one SUSPENDED instance' : 'FROZEN';
    const isFrozen = atom.phase === 'FROZEN';
    if (isFrozen === (command === 'freeze')) throw wrongPhase(atom, need);
    await this.#parts.control.run({ op: command, index: atom.index });
    if (command === 'freeze' && atom.phase !== 'FROZEN') throw wrongPhase(atom, need);
  }

  #find(name: string): HostAtom {
    const atom = this.#parts.atoms.get(name);
    if (atom === undefined) throw new RadonError('NO_SUCH_ATOM', { name });
    return atom;
  }
}

function wrongPhase({ name, phase }: HostAtom, need: string): RadonError {
  return new RadonError('WRONG_PHASE', { name, phase, need });
}

function notWanted(): never {
  throw new RadonError('NOT_WANTED');
}
