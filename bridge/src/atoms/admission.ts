/** Whether the node takes a manifest: docs/reference/wire.md#push, step 1, in its order. */
import { sha256, verifyEd25519 } from '../crypto/index.ts';
import { toHex } from '../fields/index.ts';
import { blockBytes, type Manifest, moduleBytes, openManifest, type TrustedKey } from '../image/index.ts';
import { RadonError } from '../problem/index.ts';
import { abiVersion } from '../tables/index.ts';
import type { Catalog, CatalogEntry } from './catalog.ts';
import { type HostAtom, manifestIn } from './host-atom.ts';
import type { HostBudget } from './options.ts';

/** What a board's name is on this node. */
export const boardName = 'host';

export class Admission {
  readonly #catalog: Catalog;
  readonly #atoms: ReadonlyMap<string, HostAtom>;
  readonly #keys: readonly TrustedKey[];
  readonly #budget: HostBudget;

  constructor(
    catalog: Catalog,
    atoms: ReadonlyMap<string, HostAtom>,
    keys: readonly TrustedKey[],
    budget: HostBudget,
  ) {
    this.#catalog = catalog;
    this.#atoms = atoms;
    this.#keys = keys;
    this.#budget = budget;
  }

  /** Signature, key and rights, name, sequence, interface, board and room; any engine revision will do. */
  open(name: string, file: Uint8Array): Manifest {
    const manifest = openManifest(file, this.#keys, { sha256, verify: verifyEd25519 });
    if (manifest.name !== name) throw new RadonError('NAME_MISMATCH', { need: manifest.name, have: name });
    const stored = this.#catalog.get(name);
    checkSequence(manifest, file, stored);
    checkTarget(manifest);
    if (!this.#atoms.has(name) && this.#atoms.size >= this.#budget.atoms) {
      throw new RadonError('TOO_MANY_ATOMS', { have: this.#atoms.size });
    }
    this.checkPool(manifest);
    this.#checkFlash(manifest, file);
    return manifest;
  }

  /** RadonError DOES_NOT_FIT when the pool has no room for this version beside the other atoms. */
  checkPool(manifest: Manifest): void {
    const others = this.#running(manifest.name);
    const shared = others.some((other) => digestOf(other) === digestOf(manifest));
    const need = ownBytes(manifest) + (shared ? 0 : moduleBytes(manifest.payloads[0].need));
    const free = this.#budget.ram - poolBytes(others);
    if (need > free) throw new RadonError('DOES_NOT_FIT', { need, free });
  }

  /** Bytes of the pool that running atoms take. */
  poolUsed(): number {
    return poolBytes(this.#running());
  }

  /** Versions that have memory; `without` the one that a version replaces. */
  #running(without?: string): Manifest[] {
    const running: Manifest[] = [];
    for (const { name, isAlive, manifest } of this.#atoms.values()) {
      if (isAlive && name !== without && manifest !== undefined) running.push(manifest);
    }
    return running;
  }

  /** Bytes of stored manifests, payloads and promised pairs. */
  flashUsed(without?: string): number {
    const payloads = new Map<string, number>();
    let sum = 0;
    for (const { name, entry } of this.#atoms.values()) {
      if (name !== without) sum += flashOf(entry, payloads);
    }
    return [...payloads.values()].reduce((total, size) => total + size, sum);
  }

  #checkFlash({ name, payloads, configuration }: Manifest, file: Uint8Array): void {
    const free = this.#budget.flash - this.flashUsed(name);
    const need = file.length + payloads[0].size + configuration.limits.storage;
    if (need > free) throw new RadonError('NO_ROOM_IN_FLASH', { need, free });
  }
}

/** Its own block; the overheads of a device, for each atom and each instance, are 0 here. */
function ownBytes({ configuration, payloads: [{ need }] }: Manifest): number {
  return blockBytes(need, configuration);
}

/** Bytes of these versions together: a payload that several run counts once. */
function poolBytes(manifests: readonly Manifest[]): number {
  const modules = new Map(
    manifests.map((manifest) => [digestOf(manifest), moduleBytes(manifest.payloads[0].need)]),
  );
  const own = manifests.map((manifest) => ownBytes(manifest));
  return [...own, ...modules.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function digestOf({ payloads: [{ digest }] }: Manifest): string {
  return toHex(digest);
}

/** The same manifest again is no old one: a repeated push goes on where it was. */
function checkSequence({ sequence }: Manifest, file: Uint8Array, stored: CatalogEntry | undefined): void {
  if (stored === undefined || sequence > stored.sequence) return;
  const again = [stored.a, stored.b].some((held) => held !== undefined && Buffer.from(held).equals(file));
  if (sequence < stored.sequence || !again) {
    throw new RadonError('OLD_SEQUENCE', { sequence, have: stored.sequence });
  }
}

function checkTarget({ abi, board }: Manifest): void {
  if (abi !== abiVersion) throw new RadonError('WRONG_ABI', { need: abi, have: abiVersion });
  if (board !== 'any' && board !== boardName)
    throw new RadonError('WRONG_BOARD', { need: board, have: boardName });
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
