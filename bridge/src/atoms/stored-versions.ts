import { sha256 } from '../crypto/index.ts';
import { type FieldValue, parseHex, sameBytes } from '../fields/index.ts';
import type { Manifest } from '../image/index.ts';
import { RadonError } from '../problem/index.ts';
import type { Catalog, CatalogEntry, Slot } from './catalog.ts';
import { type HostAtom, manifestIn } from './host-atom.ts';
import type { AtomStart } from './messages.ts';

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
export interface Version {
  readonly atom: HostAtom;
  readonly slot: Slot;
  readonly manifest: Manifest;
}

const slots = ['a', 'b'] as const;

export interface StoredVersionsParts {
  readonly catalog: Catalog;
  readonly atoms: Map<string, HostAtom>;
  /** Makes the network level's record of an atom. */
  addAtom(entry: CatalogEntry): HostAtom;
  /** The list of atoms is another now. */
  changed(name: string): void;
}

/** Manifests in the slots of atoms, and the payloads they name. */
export class StoredVersions {
  readonly #parts: StoredVersionsParts;
  readonly #catalog: Catalog;

  constructor(parts: StoredVersionsParts) {
    this.#parts = parts;
    this.#catalog = parts.catalog;
  }

  // ---- Versions ----

  imageDocument(digestText: string): FieldValue {
    const payload = this.payload(digestText);
    if (payload === undefined) throw new RadonError('NOT_FOUND', { name: `/images/${digestText}` });
    const { digest, size } = payload;
    return { digest, size, have: this.#have(digest, size) };
  }

  /** Payloads of a version that are not whole. */
  missing(manifest: Manifest): readonly MissingPayload[] {
    return manifest.payloads
      .filter(({ digest }) => !this.#catalog.hasPayload(digest))
      .map(({ digest, size }) => ({ digest, size, have: this.#have(digest, size) }));
  }

  /** What an atom runs from; undefined while its payload is not whole. */
  atomStart(atom: HostAtom): AtomStart | undefined {
    const version = this.shown(atom);
    return version === undefined ? undefined : this.startOf(version);
  }

  /** The version that is active, else the one that was pushed. */
  shown(atom: HostAtom): Version | undefined {
    const { slot, manifest } = atom;
    return manifest === undefined ? undefined : { atom, slot, manifest };
  }

  isWhole({ manifest }: Version): boolean {
    return this.missing(manifest).length === 0;
  }

  /** Puts a manifest into the slot that does not run, unless a slot holds it already. */
  store(manifest: Manifest, file: Uint8Array): Version {
    const { catalog, atoms, addAtom } = this.#parts;
    const { name, sequence } = manifest;
    const before = catalog.get(name);
    const held = slots.find((slot) => isSame(before?.[slot], file));
    const slot = held ?? (before?.active === 'a' ? 'b' : 'a');
    if (held === undefined) catalog.put({ ...before, name, sequence, [slot]: file });
    const entry = catalog.get(name) ?? { name, sequence };
    const atom = atoms.get(name) ?? addAtom(entry);
    atom.entry = entry;
    this.#sweep();
    return { atom, slot, manifest };
  }

  /** A version that is no use: the other one stays, or nothing but the sequence number. */
  discard({ atom, slot }: Version): void {
    const entry = { ...atom.entry, [slot]: undefined };
    if (entry.a === undefined && entry.b === undefined) {
      this.forget(atom);
      return;
    }
    this.#catalog.put(entry);
    atom.entry = entry;
    this.#sweep();
  }

  /** The atom is deleted; its highest sequence number stays. */
  forget(atom: HostAtom): void {
    const { name, entry } = atom;
    this.#catalog.put({ name, sequence: entry.sequence });
    this.#parts.atoms.delete(name);
    this.#sweep();
    this.#parts.changed(name);
  }

  #sweep(): void {
    const catalog = this.#catalog;
    const manifests = catalog.entries().flatMap((entry) => slots.map((slot) => manifestIn(entry, slot)));
    catalog.sweep(manifests.flatMap((manifest) => manifest?.payloads.map(({ digest }) => digest) ?? []));
  }

  /** What a version runs from; undefined while its payload is not whole. */
  startOf({ atom, manifest }: Version): AtomStart | undefined {
    const bytes = this.#catalog.payload(manifest.payloads[0].digest);
    if (bytes === undefined) return undefined;
    return { index: atom.index, name: atom.name, configuration: manifest.configuration, code: bytes };
  }

  /** The version that runs is the active one from now on. */
  activate(atom: HostAtom): void {
    if (this.#catalog.get(atom.name)?.active !== atom.slot) this.#catalog.put(atom.entry);
  }

  /** A version did not start: the atom is what is stored of it. */
  deactivate(atom: HostAtom): void {
    atom.entry = this.#catalog.get(atom.name) ?? atom.entry;
  }

  // ---- Payloads ----

  /** The payload of a stored manifest by its digest in hexadecimal. */
  payload(digestText: string): { digest: Uint8Array; size: number } | undefined {
    const digest = parseHex(digestText);
    return digest === undefined ? undefined : this.versionsOf(digest)[0]?.manifest.payloads[0];
  }

  /** Those that run this code. */
  versionsOf(digest: Uint8Array): Version[] {
    const versions = [...this.#parts.atoms.values()].flatMap((atom) =>
      slots.map((slot) => ({ atom, slot, manifest: manifestIn(atom.entry, slot) })),
    );
    return versions.filter((version): version is Version => {
      return version.manifest !== undefined && sameBytes(version.manifest.payloads[0].digest, digest);
    });
  }

  #have(digest: Uint8Array, size: number): number {
    const catalog = this.#catalog;
    return catalog.hasPayload(digest) ? size : catalog.received(digest);
  }

  /** Takes the next piece of a payload; true when it is whole. */
  receive(digest: Uint8Array, size: number, piece: ImagePiece): boolean {
    if (this.#catalog.hasPayload(digest)) return true;
    this.#append(digest, size, piece);
    if (!piece.more) this.#keep(digest, size);
    return !piece.more;
  }

  #append(digest: Uint8Array, size: number, { payload, offset, more }: ImagePiece): void {
    const catalog = this.#catalog;
    if (offset === 0) catalog.discard(digest);
    const have = catalog.received(digest);
    const total = offset + payload.length;
    if (total > size) throw new RadonError('TOO_LARGE', { have: total, limit: size });
    if (offset !== have || (!more && total < size)) throw new RadonError('WRONG_OFFSET', { have });
    catalog.receive(digest, payload);
  }

  /** Keeps a payload that is whole, or throws it away when it is another one. */
  #keep(digest: Uint8Array, size: number): void {
    const catalog = this.#catalog;
    const bytes = catalog.receivedBytes(digest);
    const isRight = bytes.length === size && sameBytes(sha256(bytes), digest);
    if (isRight) catalog.keep(digest, bytes);
    else catalog.discard(digest);
    if (!isRight) throw new RadonError('BAD_DIGEST');
  }
}

function isSame(stored: Uint8Array | undefined, file: Uint8Array): boolean {
  return stored !== undefined && sameBytes(stored, file);
}
