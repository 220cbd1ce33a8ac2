/** Registrations: kept until they are removed, or until their lifetime is over. */
import { randomBytes } from 'node:crypto';
import type { CoreLink } from '../coap/link-format.ts';
import { RadonError } from '../problem/index.ts';
import { isListed, parseOutsideUri } from '../router/index.ts';
import { defaultLifetimeS, nodeNameOf, type Parameters } from './parameters.ts';
import { readRegisteredLinks } from './registered-links.ts';

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
  /** Calls `changed` after each change; the result stops that. */
  watch(changed: () => void): () => void;
  /** Idempotent. */
  close(): void;
}

interface Entry {
  registration: Registration;
  lifetimeS: number;
  hasOwnBase: boolean;
  readonly address: string;
  expiry: NodeJS.Timeout | undefined;
}

const mostRegistrations = 256;

export function createDirectory({ allowedHosts, isNameTaken }: DirectoryOptions): Directory {
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
    clearTimeout(entry.expiry);
    const { id } = entry.registration;
    entry.expiry = setTimeout(() => forget(id), entry.lifetimeS * 1_000);
    entry.expiry.unref();
    entries.set(id, entry);
    tell();
  }

  function forget(id: string): void {
    clearTimeout(entries.get(id)?.expiry);
    if (entries.delete(id)) tell();
  }

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
      keep({ registration, lifetimeS, hasOwnBase, address: from.address, expiry: undefined });
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
