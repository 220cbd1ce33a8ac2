/** Registrations: kept until they are removed, or until their lifetime is over. */
import { randomBytes } from 'node:crypto';
import { type CoreLink, formatLinks } from '../coap/link-format.ts';
import { RadonError } from '../problem/index.ts';
import { isListed, parseOutsideUri } from '../router/index.ts';
import { defaultLifetimeS, nodeNameOf, type Parameters } from './parameters.ts';
import { readRegisteredLinks } from './registered-links.ts';
import type { KeptRegistration, RegistrationStore } from './registration-store.ts';

/** Where a request of a registrant came from. */
export interface Registrant {
  readonly address: string;
  readonly port: number;
}

export interface Registration {
  /** Last segment of its location. */
  readonly id: string;
  readonly endpoint: string;
  readonly sector: string | undefined;
  /** Of the node that stands for it. */
  readonly name: string;
  /** `coap://host:port`. */
  readonly base: string;
  readonly host: string;
  readonly port: number;
  /** With targets as absolute paths, such as `/light`. */
  readonly links: readonly CoreLink[];
  readonly further: Readonly<Record<string, string>>;
}

export interface DirectoryOptions {
  /** `host` or `host:port` that a `base` may name beside the sender's own address. */
  readonly allowedHosts: readonly string[];
  /** Whether something else has a node's name. */
  readonly isNameTaken: (name: string) => boolean;
  /** Where registrations outlive the process (default: they do not). */
  readonly store?: RegistrationStore;
  /** Told why a registration of an earlier run is over. */
  readonly onDropped?: (name: string, reason: unknown) => void;
}

export interface Directory {
  /** Registers, or replaces what the same endpoint registered. RadonError for what is refused. */
  register(parameters: Parameters, payload: Uint8Array, from: Registrant): Registration;
  /** Begins the lifetime anew. RadonError for what is refused. */
  update(id: string, parameters: Parameters, from: Registrant): void;
  /** RadonError NOT_FOUND, or FORBIDDEN_HERE for who did not register it. */
  remove(id: string, from: Registrant): void;
  /** Takes out a registration whose node gave way. */
  drop(name: string): void;
  /** By name. */
  list(): readonly Registration[];
  /** Resolves when all that was done so far outlives the process; rejects with what the file system says. */
  settled(): Promise<void>;
  /** Calls `changed` after each change; the result stops that. */
  watch(changed: () => void): () => void;
  /** What is registered stays in the store. Idempotent. */
  close(): void;
}

interface Entry {
  registration: Registration;
  lifetimeS: number;
  /** UTC, milliseconds. */
  endsAt: number;
  hasOwnBase: boolean;
  readonly address: string;
  expiry: NodeJS.Timeout | undefined;
}

const mostRegistrations = 256;

export function createDirectory(options: DirectoryOptions): Directory {
  const { allowedHosts, isNameTaken, store } = options;
  const entries = new Map<string, Entry>();
  const watchers = new Set<() => void>();

  function tell(): void {
    for (const changed of [...watchers]) changed();
  }

  function baseOf(base: string | undefined, from: Registrant) {
    const authority = from.address.includes(':') ? `[${from.address}]` : from.address;
    const uri = base ?? `coap://${authority}:${from.port}`;
    const to = parseOutsideUri(uri);
    if (to.path.length > 0 || to.query.length > 0)
      throw new RadonError('BAD_REQUEST', { detail: 'base has a path' });
    if (to.host !== from.address && !isListed(allowedHosts, to))
      throw new RadonError('BAD_REQUEST', { detail: "base is not the sender's own address" });
    return { base: uri.replace(/\/$/, ''), host: to.host, port: to.port };
  }

  function find(id: string, from: Registrant): Entry {
    const entry = entries.get(id);
    if (entry === undefined) throw new RadonError('NOT_FOUND', { name: `/rd/${id.slice(0, 32)}` });
    if (entry.address !== from.address) throw new RadonError('FORBIDDEN_HERE');
    return entry;
  }

  /** The entry that a registration replaces. RadonError where the name or the room is taken. */
  function findPrevious(endpoint: string, sector: string | undefined, from: Registrant): Entry | undefined {
    const name = nodeNameOf(endpoint, sector);
    const previous = [...entries.values()].find(({ registration }) => registration.name === name);
    const isSame = previous?.registration.endpoint === endpoint && previous.registration.sector === sector;
    if (previous !== undefined ? !isSame || previous.address !== from.address : isNameTaken(name))
      throw new RadonError('NAME_TAKEN', { name });
    if (previous === undefined && entries.size >= mostRegistrations)
      throw new RadonError('BUSY', { detail: 'registrations' });
    return previous;
  }

  function keep(entry: Entry): void {
    entry.endsAt = Date.now() + entry.lifetimeS * 1_000;
    hold(entry);
    store?.put(entry.registration.id, keptOf(entry));
    tell();
  }

  function hold(entry: Entry): void {
    clearTimeout(entry.expiry);
    const { id } = entry.registration;
    entry.expiry = setTimeout(() => forget(id), entry.endsAt - Date.now());
    entry.expiry.unref();
    entries.set(id, entry);
  }

  function forget(id: string): void {
    clearTimeout(entries.get(id)?.expiry);
    if (!entries.delete(id)) return;
    store?.delete(id);
    tell();
  }

  /** A registration of an earlier run, by the rules of today. */
  function restore(id: string, kept: KeptRegistration): void {
    const { endpoint, sector, address, base, lifetimeS, hasOwnBase, further } = kept;
    const place = baseOf(base, { address, port: 0 });
    const links = readRegisteredLinks(new TextEncoder().encode(kept.links), place.base);
    const name = nodeNameOf(endpoint, sector);
    if (findPrevious(endpoint, sector, { address, port: 0 }) !== undefined)
      throw new RadonError('NAME_TAKEN', { name });
    const registration = { id, endpoint, sector, name, ...place, links, further };
    const endsAt = Math.min(kept.endsAt, Date.now() + lifetimeS * 1_000);
    hold({ registration, lifetimeS, endsAt, hasOwnBase, address, expiry: undefined });
  }

  function restoreOrDrop(id: string, kept: KeptRegistration): void {
    try {
      if (kept.endsAt > Date.now()) restore(id, kept);
      else store?.delete(id);
    } catch (error) {
      store?.delete(id);
      options.onDropped?.(kept.endpoint, error);
    }
  }

  for (const [id, kept] of store?.found ?? []) restoreOrDrop(id, kept);

  return {
    register(parameters, payload, from) {
      const { endpoint, sector, lifetimeS = defaultLifetimeS, further } = parameters;
      if (endpoint === undefined) throw new RadonError('BAD_REQUEST', { detail: 'ep is missing' });
      const place = baseOf(parameters.base, from);
      const links = readRegisteredLinks(payload, place.base);
      const previous = findPrevious(endpoint, sector, from);
      const id = previous?.registration.id ?? randomBytes(4).toString('hex');
      const name = nodeNameOf(endpoint, sector);
      const registration = { id, endpoint, sector, name, ...place, links, further };
      clearTimeout(previous?.expiry);
      const hasOwnBase = parameters.base !== undefined;
      keep({ registration, lifetimeS, endsAt: 0, hasOwnBase, address: from.address, expiry: undefined });
      return registration;
    },
    update(id, { lifetimeS, base }, from) {
      const entry = find(id, from);
      const isKept = base === undefined && entry.hasOwnBase;
      const place = isKept ? {} : baseOf(base, from);
      entry.registration = { ...entry.registration, ...place };
      entry.hasOwnBase ||= base !== undefined;
      entry.lifetimeS = lifetimeS ?? entry.lifetimeS;
      keep(entry);
    },
    remove(id, from) {
      find(id, from);
      forget(id);
    },
    drop(name) {
      const dropped = [...entries].find(([, { registration }]) => registration.name === name);
      if (dropped !== undefined) forget(dropped[0]);
    },
    list: () =>
      [...entries.values()]
        .map(({ registration }) => registration)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    settled: () => store?.settled() ?? Promise.resolve(),
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    close() {
      for (const { expiry } of entries.values()) clearTimeout(expiry);
      entries.clear();
      watchers.clear();
    },
  };
}

function keptOf({ registration, lifetimeS, endsAt, hasOwnBase, address }: Entry): KeptRegistration {
  const { endpoint, sector, base, links, further } = registration;
  return {
    endpoint,
    ...(sector !== undefined && { sector }),
    lifetimeS,
    endsAt,
    address,
    base,
    hasOwnBase,
    further,
    links: formatLinks(links),
  };
}
