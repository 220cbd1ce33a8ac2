import { code } from '../coap/codes.ts';
import { sha256, verifyEd25519 } from '../crypto/index.ts';
import { type FieldValue, parseHex, sameBytes, toHex } from '../fields/index.ts';
import { type Manifest, openManifest, type TrustedKey } from '../image/index.ts';
import { RadonError } from '../problem/index.ts';
import { abiVersion } from '../tables/index.ts';
import { checkModule } from '../wasm/index.ts';
import type { ActivationControl } from './activation-control.ts';
import type { Catalog, CatalogEntry, Slot } from './catalog.ts';
import { type HostAtom, manifestIn, poolBytes } from './host-atom.ts';
import { type AtomStart, type StopReason, stopReason, type TrapReport } from './messages.ts';
import type { HostBudget } from './options.ts';

/** The host needs no block head for an atom: nothing is added to the figures of its manifest. */
export const atomOverhead = 0;

/** What a board's name is on this node. */
export const boardName = 'host';

export interface DeploymentParts {
  readonly catalog: Catalog;
  readonly control: ActivationControl;
  readonly atoms: Map<string, HostAtom>;
  readonly keys: readonly TrustedKey[];
  readonly budget: HostBudget;
  /** Makes the network level's record of an atom. */
  addAtom(entry: CatalogEntry): HostAtom;
  /** State of this atom, or the list of atoms, is another now. */
  changed(name: string): void;
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

/** The steps of a push and the control of atoms (docs/reference/wire.md#push), one job at a time. */
export class Deployment {
  readonly #parts: DeploymentParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: DeploymentParts) {
    this.#parts = parts;
  }

  /** Starts what was stored. */
  boot(): Promise<void> {
    return this.#job(async () => {
      for (const atom of this.#parts.atoms.values()) {
        if (atom.entry.active !== undefined) await this.#start(atom, atom.entry.active, false);
      }
    });
  }

  /** Step 1 of a push; answers the code and what is missing. */
  putManifest(name: string, file: Uint8Array): Promise<{ code: number; missing: readonly MissingPayload[] }> {
    return this.#job(async () => {
      const { keys, atoms } = this.#parts;
      const manifest = openManifest(file, keys, { sha256, verify: verifyEd25519 });
      if (manifest.name !== name) throw new RadonError('NAME_MISMATCH', { need: manifest.name, have: name });
      this.#admit(manifest, file);
      const isNew = !atoms.has(name);
      const { atom, slot } = this.#store(manifest, file);
      const missing = this.missing(manifest);
      const runs = atom.isAlive && atom.entry.active === slot;
      if (missing.length === 0 && !runs) await this.#activate(atom, slot);
      else this.#parts.changed(name);
      return { code: isNew ? code.created : code.changed, missing };
    });
  }

  /** Step 2 of a push; the last piece answers when the atom runs. */
  putImage(digestText: string, piece: ImagePiece): Promise<number> {
    return this.#job(async () => {
      const { digest, size } = this.#wanted(digestText);
      const { catalog } = this.#parts;
      if (!catalog.hasPayload(digest)) {
        this.#receive(digest, size, piece);
        if (piece.more) return code.continue;
        this.#verify(digest, size);
      }
      await this.#startWaiting(digest);
      return code.created;
    });
  }

  command(name: string, command: string): Promise<void> {
    return this.#job(async () => {
      const atom = this.#find(name);
      const slot = atom.entry.active;
      if (slot === undefined) throw new RadonError('NOT_RUNNING', { name, phase: atom.phase });
      if (command === 'start' && atom.isAlive) return;
      if (command !== 'start')
        await this.#stop(atom, command === 'stop' ? stopReason.stop : stopReason.restart);
      if (command !== 'stop') await this.#start(atom, slot, false);
      atom.updating = false;
    });
  }

  remove(name: string): Promise<void> {
    return this.#job(async () => {
      const atom = this.#find(name);
      const { catalog, control, atoms } = this.#parts;
      await this.#stop(atom, stopReason.delete);
      catalog.put({ name, sequence: atom.entry.sequence });
      atoms.delete(name);
      await control.run({ op: 'forget', name });
      this.#sweep();
      this.#parts.changed(name);
    });
  }

  /** Stops every atom that runs and starts it again. */
  restartAll(): Promise<void> {
    return this.#job(async () => {
      for (const atom of this.#parts.atoms.values()) {
        const slot = atom.entry.active;
        atom.updating = true;
        await this.#stop(atom, stopReason.restart);
        if (slot !== undefined) await this.#start(atom, slot, false);
        atom.updating = false;
      }
    });
  }

  /** Waits for the jobs that were asked for. */
  async settle(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  imageDocument(digestText: string): FieldValue {
    const { digest, size } = this.#wanted(digestText);
    return { digest: toHex(digest), size, have: this.#have(digest, size) };
  }

  /** Payloads of a version that are not whole. */
  missing(manifest: Manifest): readonly MissingPayload[] {
    return manifest.payloads
      .filter(({ digest }) => !this.#parts.catalog.hasPayload(digest))
      .map(({ digest, size }) => ({ digest, size, have: this.#have(digest, size) }));
  }

  /** Bytes of the pool that running atoms take; without one of them where a version replaces it. */
  poolUsed(without?: string): number {
    let sum = 0;
    for (const { name, isAlive, manifest } of this.#parts.atoms.values()) {
      if (isAlive && name !== without && manifest !== undefined) sum += poolBytes(manifest, atomOverhead);
    }
    return sum;
  }

  /** Bytes of stored manifests, payloads and promised pairs. */
  flashUsed(without?: string): number {
    const sizes = new Map<string, number>();
    let sum = 0;
    for (const { name, entry } of this.#parts.atoms.values()) {
      if (name !== without) sum += flashOf(entry, sizes);
    }
    return [...sizes.values()].reduce((total, size) => total + size, sum);
  }

  // ---- One job at a time ----

  #job<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run, run);
    this.#last = result.catch(() => undefined);
    return result;
  }

  // ---- Manifests ----

  /** Sequence, interface version, board and room, in this order; any engine revision will do. */
  #admit(manifest: Manifest, file: Uint8Array): void {
    const { catalog, atoms, budget } = this.#parts;
    const { name, sequence, abi, board } = manifest;
    const have = catalog.get(name);
    const again = [have?.a, have?.b].some((stored) => stored !== undefined && sameBytes(stored, file));
    const isOld = have !== undefined && (sequence < have.sequence || (sequence === have.sequence && !again));
    if (isOld) throw new RadonError('OLD_SEQUENCE', { sequence, have: have.sequence });
    if (abi !== abiVersion) throw new RadonError('WRONG_ABI', { need: abi, have: abiVersion });
    if (board !== 'any' && board !== boardName)
      throw new RadonError('WRONG_BOARD', { need: board, have: boardName });
    const isFull = !atoms.has(name) && atoms.size >= budget.atoms;
    if (isFull) throw new RadonError('TOO_MANY_ATOMS', { have: atoms.size });
    const need = poolBytes(manifest, atomOverhead);
    const free = budget.ram - this.poolUsed(name);
    if (need > free) throw new RadonError('DOES_NOT_FIT', { need, free });
    this.#admitFlash(manifest, file);
  }

  #admitFlash({ name, payloads, configuration }: Manifest, file: Uint8Array): void {
    const free = this.#parts.budget.flash - this.flashUsed(name);
    const need = file.length + payloads[0].size + configuration.limits.storage;
    if (need > free) throw new RadonError('NO_ROOM_IN_FLASH', { need, free });
  }

  /** Puts a manifest into the slot that does not run, unless a slot holds it already. */
  #store({ name, sequence }: Manifest, file: Uint8Array): { atom: HostAtom; slot: Slot } {
    const { catalog, atoms } = this.#parts;
    const before = catalog.get(name);
    const held = (['a', 'b'] as const).find((slot) => isSame(before?.[slot], file));
    const slot = held ?? (before?.active === 'a' ? 'b' : 'a');
    const entry = { ...before, name, sequence, [slot]: file };
    catalog.put(entry);
    const atom = atoms.get(name) ?? this.#parts.addAtom(entry);
    atom.entry = entry;
    this.#sweep();
    return { atom, slot };
  }

  #sweep(): void {
    const { catalog } = this.#parts;
    const manifests = catalog.entries().flatMap((entry) => [manifestIn(entry, 'a'), manifestIn(entry, 'b')]);
    catalog.sweep(manifests.flatMap((manifest) => manifest?.payloads.map(({ digest }) => digest) ?? []));
  }

  // ---- Payloads ----

  /** The payload of a stored manifest by its digest in hexadecimal. */
  #wanted(digestText: string): { digest: Uint8Array; size: number } {
    const digest = parseHex(digestText);
    for (const entry of this.#parts.catalog.entries()) {
      for (const slot of ['a', 'b'] as const) {
        const payload = manifestIn(entry, slot)?.payloads[0];
        if (payload !== undefined && digest !== undefined && sameBytes(payload.digest, digest))
          return payload;
      }
    }
    throw new RadonError('NOT_WANTED');
  }

  #have(digest: Uint8Array, size: number): number {
    const { catalog } = this.#parts;
    return catalog.hasPayload(digest) ? size : catalog.received(digest);
  }

  #receive(digest: Uint8Array, size: number, { payload, offset, more }: ImagePiece): void {
    const { catalog } = this.#parts;
    if (offset === 0) catalog.discard(digest);
    const have = catalog.received(digest);
    if (offset !== have) throw new RadonError('WRONG_OFFSET', { have });
    const total = offset + payload.length;
    if (total > size) throw new RadonError('TOO_LARGE', { have: total, limit: size });
    if (!more && total < size) throw new RadonError('WRONG_OFFSET', { have });
    catalog.receive(digest, payload);
  }

  /** Digest, then module; a payload that fails is thrown away. */
  #verify(digest: Uint8Array, size: number): void {
    const { catalog } = this.#parts;
    const bytes = catalog.receivedBytes(digest);
    try {
      if (bytes.length !== size || !sameBytes(sha256(bytes), digest)) throw new RadonError('BAD_DIGEST');
      const check = checkModule(bytes, this.#memoryLimit(digest));
      if (!check.ok) throw new RadonError(check.problem.error, { detail: check.problem.detail });
      catalog.keep(digest, bytes);
    } finally {
      catalog.discard(digest);
    }
  }

  #memoryLimit(digest: Uint8Array): number {
    const limits = this.#versionsOf(digest).map(({ manifest }) => manifest.configuration.limits.memory);
    return Math.min(...limits);
  }

  #versionsOf(digest: Uint8Array): { atom: HostAtom; slot: Slot; manifest: Manifest }[] {
    return [...this.#parts.atoms.values()].flatMap((atom) =>
      (['a', 'b'] as const).flatMap((slot) => {
        const manifest = manifestIn(atom.entry, slot);
        return manifest !== undefined && sameBytes(manifest.payloads[0].digest, digest)
          ? [{ atom, slot, manifest }]
          : [];
      }),
    );
  }

  /** Activates the versions that waited for a payload: those with the newest sequence of their atom. */
  async #startWaiting(digest: Uint8Array): Promise<void> {
    for (const { atom, slot, manifest } of this.#versionsOf(digest)) {
      const waits = slot !== atom.entry.active && manifest.sequence === atom.entry.sequence;
      if (waits || !atom.isAlive) await this.#activate(atom, slot);
    }
  }

  // ---- Running ----

  /** Step 3 of a push: the old version stops, the new one starts, or the old one comes back. */
  async #activate(atom: HostAtom, slot: Slot): Promise<void> {
    const before = atom.isAlive ? atom.entry.active : undefined;
    atom.updating = true;
    try {
      this.#checkMemory(atom, slot);
      await this.#stop(atom, stopReason.update);
      const trap = await this.#start(atom, slot, true);
      if (trap === undefined) return;
      const detail = `${trap.kind} in ${trap.function ?? trap.event}`;
      if (before !== undefined && before !== slot) await this.#start(atom, before, false);
      atom.reason = detail;
      throw new RadonError('START_FAILED', { name: atom.name, detail });
    } finally {
      atom.updating = false;
      this.#parts.changed(atom.name);
    }
  }

  /** A payload that was kept for another manifest may not fit this one's memory. */
  #checkMemory(atom: HostAtom, slot: Slot): void {
    const manifest = manifestIn(atom.entry, slot);
    const bytes = manifest && this.#parts.catalog.payload(manifest.payloads[0].digest);
    const check = bytes && checkModule(bytes, manifest.configuration.limits.memory);
    if (check?.ok === false) throw new RadonError(check.problem.error, { detail: check.problem.detail });
  }

  /** With `trial` the version is stored as the active one only when it runs, or when there is no other. */
  async #start(atom: HostAtom, slot: Slot, trial: boolean): Promise<TrapReport | undefined> {
    const start = this.atomStart(atom, slot);
    if (start === undefined) return undefined;
    atom.begin(slot);
    atom.resources.reset(start.configuration);
    const { control, catalog } = this.#parts;
    const result = await control.run({ op: 'start', atom: start, trial });
    const stored = catalog.get(atom.name)?.active;
    if (stored !== slot && (result.ok || stored === undefined)) catalog.put(atom.entry);
    return result.ok ? undefined : result.trap;
  }

  /** What an atom runs from; undefined while its payload is not whole. */
  atomStart(atom: HostAtom, slot: Slot): AtomStart | undefined {
    const manifest = manifestIn(atom.entry, slot);
    const bytes = manifest && this.#parts.catalog.payload(manifest.payloads[0].digest);
    if (manifest === undefined || bytes === undefined) return undefined;
    return { index: atom.index, name: atom.name, configuration: manifest.configuration, code: bytes };
  }

  async #stop(atom: HostAtom, reason: StopReason): Promise<void> {
    if (atom.life !== 'LIVE') return;
    await this.#parts.control.run({ op: 'stop', index: atom.index, reason });
    atom.life = 'STOPPED';
    this.#parts.changed(atom.name);
  }

  #find(name: string): HostAtom {
    const atom = this.#parts.atoms.get(name);
    if (atom === undefined) throw new RadonError('NO_SUCH_ATOM', { name });
    return atom;
  }
}

function isSame(stored: Uint8Array | undefined, file: Uint8Array): boolean {
  return stored !== undefined && sameBytes(stored, file);
}

/** Manifests and pairs of an entry; payloads are noted by digest, since versions share them. */
function flashOf(entry: CatalogEntry, payloads: Map<string, number>): number {
  let sum = 0;
  for (const slot of ['a', 'b'] as const) {
    const manifest = manifestIn(entry, slot);
    if (manifest === undefined) continue;
    const [{ digest, size }] = manifest.payloads;
    payloads.set(toHex(digest), size);
    sum += (entry[slot]?.length ?? 0) + (slot === entry.active ? manifest.configuration.limits.storage : 0);
  }
  return sum;
}
