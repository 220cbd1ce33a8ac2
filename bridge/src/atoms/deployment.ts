import { code } from '../coap/codes.ts';
import { sha256 } from '../crypto/index.ts';
import { type FieldValue, parseHex, sameBytes } from '../fields/index.ts';
import type { Manifest } from '../image/index.ts';
import { RadonError } from '../problem/index.ts';
import { encodeSnapshot, type Snapshot } from '../snapshot/index.ts';
import { logLevel } from '../tables/index.ts';
import { checkModule } from '../wasm/index.ts';
import { describeTrap } from './activation/trap-report.ts';
import type { ActivationControl } from './activation-control.ts';
import type { Admission } from './admission.ts';
import type { Catalog, CatalogEntry, Slot } from './catalog.ts';
import { type HostAtom, manifestIn } from './host-atom.ts';
import { type AtomStart, type Capture, type StopReason, stopReason, type TrapReport } from './messages.ts';
import { isTakenOf, openSnapshot, restoreCounters, snapshotOf } from './snapshots.ts';

export interface DeploymentParts {
  readonly catalog: Catalog;
  readonly control: ActivationControl;
  readonly admission: Admission;
  readonly atoms: Map<string, HostAtom>;
  /** Makes the network level's record of an atom. */
  addAtom(entry: CatalogEntry): HostAtom;
  /** The activation level knows nothing of this atom any more: nobody takes what it was sent. */
  abandon(atom: HostAtom): void;
  /** State of this atom, or the list of atoms, is another now. */
  changed(name: string): void;
  log(level: number, source: string, line: string): void;
}

export interface MissingPayload {
  readonly digest: Uint8Array;
  readonly size: number;
  readonly have: number;
}

/** A body, or a piece of one that starts at `offset`. */
export interface ImagePiece {
  readonly payload: Uint8Array;
  readonly offset: number;
  readonly more: boolean;
}

/** A version of an atom that is stored. */
interface Version {
  readonly atom: HostAtom;
  readonly slot: Slot;
  readonly manifest: Manifest;
}

const slots = ['a', 'b'] as const;

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
        const version = this.#shown(atom);
        if (version === undefined) continue;
        if (atom.entry.active !== undefined) await this.#start(version, false);
        else atom.life = this.#isWhole(version) ? 'STOPPED' : 'WAITING';
      }
    });
  }

  /** Step 1 of a push; answers the code and what is missing. */
  putManifest(name: string, file: Uint8Array): Promise<{ code: number; missing: readonly MissingPayload[] }> {
    return this.#job(async () => {
      const manifest = this.#parts.admission.open(name, file);
      const isNew = !this.#parts.atoms.has(name);
      const version = this.#store(manifest, file);
      const missing = this.missing(manifest);
      if (missing.length === 0) await this.#goOn(version);
      else this.#parts.changed(name);
      return { code: isNew ? code.created : code.changed, missing };
    });
  }

  /** Step 2 of a push; the last piece answers when the atom runs. */
  putImage(digestText: string, piece: ImagePiece): Promise<number> {
    return this.#job(async () => {
      const { digest, size } = this.#payload(digestText) ?? notWanted();
      if (!this.#parts.catalog.hasPayload(digest)) {
        this.#receive(digest, size, piece);
        if (piece.more) return code.continue;
        this.#keep(digest, size);
      }
      for (const version of this.#versionsOf(digest)) {
        const { atom, slot } = version;
        if (slot !== atom.entry.active || atom.life === 'WAITING') await this.#goOn(version);
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
        await this.#stop(atom, stopReason.stop);
        return;
      }
      await this.#replace(atom, async () => {
        await this.#stop(atom, stopReason.restart);
        await this.#startShown(atom);
      });
    });
  }

  /** Stops every atom that runs and starts it again. */
  restartAll(): Promise<void> {
    return this.#job(async () => {
      for (const atom of this.#parts.atoms.values()) {
        const version = this.#shown(atom);
        if (version === undefined || atom.entry.active === undefined) continue;
        await this.#replace(atom, async () => {
          await this.#stop(atom, stopReason.restart);
          await this.#start(version, false);
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
        const version = this.#shown(atom);
        if (version === undefined || atom.entry.active === undefined || isLeft(atom)) continue;
        atom.state.set('lastMessageId', 0);
        await this.#replace(atom, async () => void (await this.#start(version, false)));
      }
    });
  }

  remove(name: string): Promise<void> {
    return this.#job(async () => {
      const atom = this.#find(name);
      await this.#stop(atom, stopReason.delete);
      this.#forget(atom);
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
      const version = this.#shown(atom);
      const start = version && this.#startOf(version);
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
      await this.#replace(atom, () => this.#restoreAnew(version, start, snapshot));
    });
  }

  async #restoreAnew({ atom, slot }: Version, start: AtomStart, snapshot: Snapshot): Promise<void> {
    if (atom.life === 'LIVE') await this.#end(atom);
    atom.begin(slot);
    atom.resources.reset(start.configuration);
    atom.resources.restore(snapshot.publications);
    restoreCounters(atom.state, snapshot.counters);
    await this.#restored(atom, start, snapshot, false);
    this.#keepActive(atom);
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

  // ---- What is stored ----

  imageDocument(digestText: string): FieldValue {
    const payload = this.#payload(digestText);
    if (payload === undefined) throw new RadonError('NOT_FOUND', { name: `/images/${digestText}` });
    const { digest, size } = payload;
    return { digest, size, have: this.#have(digest, size) };
  }

  /** Payloads of a version that are not whole. */
  missing(manifest: Manifest): readonly MissingPayload[] {
    return manifest.payloads
      .filter(({ digest }) => !this.#parts.catalog.hasPayload(digest))
      .map(({ digest, size }) => ({ digest, size, have: this.#have(digest, size) }));
  }

  /** What an atom runs from; undefined while its payload is not whole. */
  atomStart(atom: HostAtom): AtomStart | undefined {
    const version = this.#shown(atom);
    return version === undefined ? undefined : this.#startOf(version);
  }

  /** The version that is active, else the one that was pushed. */
  #shown(atom: HostAtom): Version | undefined {
    const { slot, manifest } = atom;
    return manifest === undefined ? undefined : { atom, slot, manifest };
  }

  #isWhole({ manifest }: Version): boolean {
    return this.missing(manifest).length === 0;
  }

  /** Puts a manifest into the slot that does not run, unless a slot holds it already. */
  #store(manifest: Manifest, file: Uint8Array): Version {
    const { catalog, atoms } = this.#parts;
    const { name, sequence } = manifest;
    const before = catalog.get(name);
    const held = slots.find((slot) => isSame(before?.[slot], file));
    const slot = held ?? (before?.active === 'a' ? 'b' : 'a');
    if (held === undefined) catalog.put({ ...before, name, sequence, [slot]: file });
    const entry = catalog.get(name) ?? { name, sequence };
    const atom = atoms.get(name) ?? this.#parts.addAtom(entry);
    atom.entry = entry;
    this.#sweep();
    return { atom, slot, manifest };
  }

  /** A version that is no use: the other one stays, or nothing but the sequence number. */
  #discard({ atom, slot }: Version): void {
    const entry = { ...atom.entry, [slot]: undefined };
    if (entry.a === undefined && entry.b === undefined) {
      this.#forget(atom);
      return;
    }
    this.#parts.catalog.put(entry);
    atom.entry = entry;
    this.#sweep();
  }

  #forget(atom: HostAtom): void {
    const { name, entry } = atom;
    this.#parts.catalog.put({ name, sequence: entry.sequence });
    this.#parts.atoms.delete(name);
    this.#sweep();
    this.#parts.changed(name);
  }

  #sweep(): void {
    const { catalog } = this.#parts;
    const manifests = catalog.entries().flatMap((entry) => slots.map((slot) => manifestIn(entry, slot)));
    catalog.sweep(manifests.flatMap((manifest) => manifest?.payloads.map(({ digest }) => digest) ?? []));
  }

  #find(name: string): HostAtom {
    const atom = this.#parts.atoms.get(name);
    if (atom === undefined) throw new RadonError('NO_SUCH_ATOM', { name });
    return atom;
  }

  // ---- Payloads ----

  /** The payload of a stored manifest by its digest in hexadecimal. */
  #payload(digestText: string): { digest: Uint8Array; size: number } | undefined {
    const digest = parseHex(digestText);
    return digest === undefined ? undefined : this.#versionsOf(digest)[0]?.manifest.payloads[0];
  }

  #versionsOf(digest: Uint8Array): Version[] {
    const versions = [...this.#parts.atoms.values()].flatMap((atom) =>
      slots.map((slot) => ({ atom, slot, manifest: manifestIn(atom.entry, slot) })),
    );
    return versions.filter((version): version is Version => {
      return version.manifest !== undefined && sameBytes(version.manifest.payloads[0].digest, digest);
    });
  }

  #have(digest: Uint8Array, size: number): number {
    const { catalog } = this.#parts;
    return catalog.hasPayload(digest) ? size : catalog.received(digest);
  }

  #receive(digest: Uint8Array, size: number, { payload, offset, more }: ImagePiece): void {
    const { catalog } = this.#parts;
    if (offset === 0) catalog.discard(digest);
    const have = catalog.received(digest);
    const total = offset + payload.length;
    if (total > size) throw new RadonError('TOO_LARGE', { have: total, limit: size });
    if (offset !== have || (!more && total < size)) throw new RadonError('WRONG_OFFSET', { have });
    catalog.receive(digest, payload);
  }

  /** Keeps a payload that is whole, or throws it away when it is another one. */
  #keep(digest: Uint8Array, size: number): void {
    const { catalog } = this.#parts;
    const bytes = catalog.receivedBytes(digest);
    const isRight = bytes.length === size && sameBytes(sha256(bytes), digest);
    if (isRight) catalog.keep(digest, bytes);
    else catalog.discard(digest);
    if (!isRight) throw new RadonError('BAD_DIGEST');
  }

  // ---- Running ----

  /** A version has all its bytes: it becomes the active one, unless it is. */
  async #goOn(version: Version): Promise<void> {
    const { atom, slot } = version;
    if (atom.entry.active === slot) {
      if (!atom.isAlive) await this.#startShown(atom);
      return;
    }
    this.#checkModule(version);
    await this.#replace(atom, () => this.#switchTo(version));
  }

  /** Checks the module before anything is stopped; a version that is refused is forgotten. */
  #checkModule(version: Version): void {
    const bytes = this.#startOf(version)?.code ?? new Uint8Array(0);
    const check = checkModule(bytes, version.manifest.configuration.limits.memory);
    if (check.ok) return;
    this.#discard(version);
    throw new RadonError(check.problem.error, { detail: check.problem.detail });
  }

  /** Step 3 of a push: the old version stops, the new one starts, or the old one comes back. */
  async #switchTo(version: Version): Promise<void> {
    const { atom, slot } = version;
    const before = this.#shown(atom);
    await this.#stop(atom, stopReason.update);
    const trap = await this.#start(version, true);
    if (trap === undefined) return;
    const detail = describeTrap(trap);
    if (before !== undefined && before.slot !== slot) await this.#undo(version, before, detail);
    else atom.entry = this.#parts.catalog.get(atom.name) ?? atom.entry;
    throw new RadonError('START_FAILED', { name: atom.name, detail });
  }

  async #undo(version: Version, before: Version, detail: string): Promise<void> {
    const { atom } = version;
    atom.entry = { ...atom.entry, active: before.slot };
    this.#discard(version);
    await this.#start(before, false);
    atom.reason = `undone: ${detail}`;
    this.#parts.log(logLevel.WARN, atom.name, atom.reason);
  }

  /** Starts the version that is shown, for a command: its recovery policy holds. */
  async #startShown(atom: HostAtom): Promise<void> {
    const version = this.#shown(atom);
    if (version === undefined || !this.#isWhole(version)) {
      throw new RadonError('NOT_RUNNING', { name: atom.name, phase: atom.phase });
    }
    this.#parts.admission.checkPool(version.manifest);
    const trap = await this.#start(version, false);
    if (trap !== undefined)
      throw new RadonError('START_FAILED', { name: atom.name, detail: describeTrap(trap) });
  }

  /** A version that starts is stored as the active one. With `trial` a failure is final. */
  async #start(version: Version, trial: boolean): Promise<TrapReport | undefined> {
    const start = this.#startOf(version);
    if (start === undefined) return undefined;
    const { atom, slot } = version;
    const { control, abandon } = this.#parts;
    atom.begin(slot);
    atom.resources.reset(start.configuration);
    const result = await control.run({ op: 'start', atom: start, trial });
    if (!result.ok) {
      if (trial && !atom.isAlive) abandon(atom);
      return result.trap;
    }
    this.#keepActive(atom);
    return undefined;
  }

  /** The version that was started is stored as the active one. */
  #keepActive(atom: HostAtom): void {
    const { catalog } = this.#parts;
    if (catalog.get(atom.name)?.active !== atom.slot) catalog.put(atom.entry);
    atom.resources.tellObservers();
  }

  #startOf({ atom, manifest }: Version): AtomStart | undefined {
    const bytes = this.#parts.catalog.payload(manifest.payloads[0].digest);
    if (bytes === undefined) return undefined;
    return { index: atom.index, name: atom.name, configuration: manifest.configuration, code: bytes };
  }

  async #stop(atom: HostAtom, reason: StopReason): Promise<void> {
    if (atom.life === 'WAITING') return;
    if (atom.life === 'LIVE') await this.#end(atom, reason);
    atom.life = 'STOPPED';
    this.#parts.changed(atom.name);
  }

  /** Without a reason `on_stop` does not run. */
  async #end(atom: HostAtom, reason?: StopReason): Promise<void> {
    const why = reason === undefined ? {} : { reason };
    await this.#parts.control.run({ op: 'stop', index: atom.index, ...why });
    this.#parts.abandon(atom);
  }

  /** What happens meanwhile is no end for observers. */
  async #replace(atom: HostAtom, steps: () => Promise<void>): Promise<void> {
    atom.updating = true;
    try {
      await steps();
    } finally {
      atom.updating = false;
      this.#parts.changed(atom.name);
    }
  }
}

function isSame(stored: Uint8Array | undefined, file: Uint8Array): boolean {
  return stored !== undefined && sameBytes(stored, file);
}

function wrongPhase({ name, phase }: HostAtom, need: string): RadonError {
  return new RadonError('WRONG_PHASE', { name, phase, need });
}

function notWanted(): never {
  throw new RadonError('NOT_WANTED');
}
