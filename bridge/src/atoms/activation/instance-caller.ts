import { parsePattern } from '../../pattern/index.ts';
import { abiError, abiLimits } from '../../tables/index.ts';
import type { AtomStart } from '../messages.ts';
import { type AtomState, requestState } from '../shared-state.ts';
import type { CurrentEvent } from './current-event.ts';
import { type GuestCode, GuestTrap } from './guest.ts';
import type { Caller } from './host-functions.ts';
import type { Inbox } from './inbox.ts';
import type { Instance } from './instance.ts';
import { logLine } from './log-line.ts';
import type { MessageExchange } from './message-exchange.ts';
import type { OpenRequests } from './open-requests.ts';
import type { OwnRequests } from './own-requests.ts';
import type { Publications } from './publications.ts';
import type { Surroundings } from './surroundings.ts';
import type { Timers } from './timers.ts';
import type { Watches } from './watches.ts';

/** Ranges of guest memory that runtime functions take between two looks at the clock. */
const rangesPerLook = 16;

/** 65535 stands for no content-format on devices. */
const highestFormat = 0xfffe;

/** What belongs to an atom over all its instances. */
export interface AtomParts {
  readonly start: AtomStart;
  readonly code: GuestCode;
  readonly node: Surroundings;
  readonly exchange: MessageExchange;
  readonly state: AtomState;
  readonly inbox: Inbox;
  readonly open: OpenRequests;
  readonly own: OwnRequests;
  readonly publications: Publications;
  /** Index of the channel behind each handle, -1 where the node lacks it. */
  readonly channels: readonly number[];
  /** Whether the configuration allows a destination or URI. */
  readonly maySend: (to: string) => boolean;
  readonly mayRequest: (uri: string) => boolean;
  nextPlace(): number;
  nextEventId(): number;
}

/** One instance as the functions of the runtime interface see it, and what they leave for the end of the activation. */
export class InstanceCaller implements Caller {
  readonly name: string;
  readonly node: Surroundings;
  readonly storage: number;
  readonly atom: string;
  /** Exact memory; empty until the instance is there. */
  memory: Uint8Array = new Uint8Array(0);
  event: CurrentEvent | undefined;
  /** When the activation has run far too long by the clock, milliseconds since the node started. */
  wallEnd = 0;
  exitCode: number | undefined;
  /** Published or notified in this activation. */
  told = false;
  readonly #parts: AtomParts;
  readonly #instance: Instance;
  #ranges = 0;

  constructor(parts: AtomParts, instance: Instance) {
    this.#parts = parts;
    this.#instance = instance;
    this.name = instance.name;
    this.atom = parts.start.name;
    this.node = parts.node;
    this.storage = parts.start.configuration.limits.storage;
  }

  get timers(): Timers {
    return this.#instance.timers;
  }

  get watches(): Watches {
    return this.#instance.watches;
  }

  get uptimeMs(): number {
    return Math.floor(this.node.now() + this.#instance.uptimeOffset);
  }

  range(address: number, length: number): Uint8Array {
    const start = address >>> 0;
    const size = length >>> 0;
    this.#checkClock();
    if (size > 0 && start + size > this.memory.length) {
      throw new GuestTrap('MEMORY', `bytes ${start} to ${start + size} of ${this.memory.length}`);
    }
    return this.memory.subarray(start, start + size);
  }

  /** Time in runtime functions costs no fuel, so the clock is looked at every few calls. */
  #checkClock(): void {
    this.#ranges = (this.#ranges + 1) % rangesPerLook;
    if (this.#ranges === 0 && this.node.now() > this.wallEnd) {
      throw new GuestTrap('DEADLINE', 'ran far longer than its deadline by the clock');
    }
  }

  counted(result: number): number {
    if (result <= abiError.E_DENIED && result >= abiError.E_TOO_BIG) {
      this.node.later(() => this.#parts.state.add('refused'));
    }
    return result;
  }

  // ---- Answers ----

  reply(event: number, code: number, format: number, payload: Uint8Array): number {
    const { entry, id } = this.event ?? {};
    if (entry?.kind === 'MESSAGE' && (event === 0 || event === id)) return this.#replyToMessage(payload);
    const { open, state, start } = this.#parts;
    const current = this.event?.kind === 'REQUEST' ? id : undefined;
    const wanted = event === 0 ? current : event;
    const ticket = wanted === undefined ? undefined : open.find(wanted);
    if (ticket === undefined) return abiError.E_STATE;
    if (!isResponseCode(code) || format < -1 || format > highestFormat) return abiError.E_ARG;
    if (payload.length > start.configuration.limits.body) return abiError.E_TOO_BIG;
    const result = open.answer(ticket, code, format, payload);
    const isCurrent = entry?.kind === 'REQUEST' && ticket === entry.request.ticket;
    if (result === 0 && !isCurrent) {
      this.node.later(() => {
        state.request(ticket).state = requestState.free;
      });
    }
    return result;
  }

  #replyToMessage(payload: Uint8Array): number {
    const entry = this.event?.entry;
    if (entry?.kind !== 'MESSAGE' || entry.replied || entry.letter.sender === '') return abiError.E_STATE;
    const { sender: to, id: correlation } = entry.letter;
    const result = this.#send(to, payload, 0, correlation);
    if (result < 0) return result;
    entry.replied = true;
    return 0;
  }

  // ---- Messages ----

  send(to: string, payload: Uint8Array, flags: number): number {
    const { exchange, maySend } = this.#parts;
    if (flags < 0 || flags > 3 || !exchange.isDestination(to)) return abiError.E_ARG;
    return maySend(to) ? this.#send(to, payload, flags, 0) : abiError.E_DENIED;
  }

  #send(to: string, payload: Uint8Array, flags: number, correlation: number): number {
    if (payload.length > abiLimits.messageBytes) return abiError.E_TOO_BIG;
    const { state, start, exchange } = this.#parts;
    const id = state.get('lastMessageId') + 1;
    const sender = { index: start.index, name: this.name };
    const result = exchange.send({ sender, to, payload, flags, correlation, id });
    if (result !== 0) return result;
    state.set('lastMessageId', id);
    this.node.later(() => state.add('sent'));
    return id;
  }

  join(alias: string): number {
    const { aliases } = this.#instance;
    if (!this.#parts.exchange.isAlias(alias)) return abiError.E_ARG;
    if (aliases.has(alias)) return 0;
    if (aliases.size >= abiLimits.aliases) return abiError.E_QUOTA;
    aliases.add(alias);
    this.#tellAliases();
    return 0;
  }

  leave(alias: string): number {
    if (!this.#instance.aliases.delete(alias)) return abiError.E_NOT_FOUND;
    this.#tellAliases();
    return 0;
  }

  #tellAliases(): void {
    const { number: instance, aliases } = this.#instance;
    const membership = { instance, aliases: [...aliases] };
    this.node.emit({ kind: 'joined', index: this.#index, membership });
  }

  names(pattern: Uint8Array): string | undefined {
    const parsed = parsePattern(pattern);
    if (parsed === undefined) return undefined;
    const names = this.#parts.exchange.names().filter((name) => parsed.matches(name));
    return names.map((name) => `${name}\n`).join('');
  }

  spawn(definition: string, args: Uint8Array): number {
    const { exchange, maySend } = this.#parts;
    if (!exchange.isName(definition)) return abiError.E_ARG;
    if (!maySend(definition)) return abiError.E_DENIED;
    if (args.length > abiLimits.argumentBytes) return abiError.E_TOO_BIG;
    return exchange.spawn(definition, this.name, args);
  }

  // ---- Own requests ----

  request(method: number, uri: string, format: number, payload: Uint8Array, observe: boolean): number {
    const { own, open, state, mayRequest, start } = this.#parts;
    if (!mayRequest(uri)) return abiError.E_DENIED;
    const most = Math.min(start.configuration.limits.body, abiLimits.requestBytes);
    if (payload.length > most || uri.length + payload.length > abiLimits.uriAndBodyBytes)
      return abiError.E_TOO_BIG;
    const hops = this.#hopsLeft();
    if (hops <= 0) return abiError.E_NO_ROUTE;
    if (!open.room) return abiError.E_QUOTA;
    const id = state.add('lastMessageId') + 1;
    const made = { index: this.#index, id, method, uri, format, payload: payload.slice(), observe, hops };
    own.add(made, this.#instance.number);
    this.node.emit({ kind: 'request', request: made });
    return id;
  }

  /** Of a request made now. */
  #hopsLeft(): number {
    const entry = this.event?.entry;
    const hops = entry?.kind === 'REQUEST' ? entry.request.hops : undefined;
    return hops === undefined ? abiLimits.hops : hops - 1;
  }

  cancel(id: number): number {
    const { own } = this.#parts;
    if (own.find(id)?.instance !== this.#instance.number) return abiError.E_NOT_FOUND;
    own.remove(id);
    this.node.emit({ kind: 'cancel', index: this.#index, id });
    return 0;
  }

  // ---- Publications ----

  publish(path: string, format: number, payload: Uint8Array, maxAgeS: number): number {
    if (format < 0 || format > highestFormat || maxAgeS < 0) return abiError.E_ARG;
    if (!this.#declares(path)) return abiError.E_NOT_FOUND;
    const now = this.node.now();
    const expires = maxAgeS === 0 ? Number.POSITIVE_INFINITY : now + maxAgeS * 1000;
    const publication = { path, format, size: payload.length, expires };
    const result = this.#parts.publications.put(publication, now);
    if (result !== 0) return result;
    this.node.emit({ kind: 'publish', index: this.#index, publication, payload: payload.slice() });
    this.told = true;
    return 0;
  }

  notify(path: string): number {
    if (!this.#declares(path)) return abiError.E_NOT_FOUND;
    this.node.emit({ kind: 'notify', index: this.#index, path });
    this.told = true;
    return 0;
  }

  // ---- Channels and the rest ----

  channel(handle: number): number {
    const channel = this.#parts.channels[handle];
    this.#checkClock();
    if (channel === undefined) return abiError.E_ARG;
    return channel < 0 ? abiError.E_NOT_FOUND : channel;
  }

  open(name: string): number {
    const handle = this.#parts.start.configuration.io?.indexOf(name) ?? -1;
    if (handle < 0) return abiError.E_DENIED;
    const channel = this.channel(handle);
    return channel < 0 ? channel : handle;
  }

  exit(code: number): void {
    this.exitCode = code;
  }

  log(level: number, line: Uint8Array): number {
    if (level < 0 || level > 3) return abiError.E_ARG;
    this.node.emit({ kind: 'log', level, source: this.name, line: logLine(line) });
    return 0;
  }

  stored(): void {
    const used = this.node.kv.used(this.atom);
    this.node.shared.add('kvWrites');
    this.node.later(() => this.#parts.state.set('storageUsed', used));
  }

  get #index(): number {
    return this.#parts.start.index;
  }

  #declares(path: string): boolean {
    const { resources } = this.#parts.start.configuration;
    return resources?.some((resource) => resource.path === path) === true;
  }
}

/** 2.xx (0x40–0x5E), 4.xx (0x80–0x9F) or 5.xx (0xA0–0xBF). */
function isResponseCode(code: number): boolean {
  return (code >= 0x40 && code <= 0x5e) || (code >= 0x80 && code <= 0xbf);
}
