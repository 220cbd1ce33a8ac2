import { abiError } from '../../tables/index.ts';
import type { AtomStart } from '../messages.ts';
import { type AtomState, requestState } from '../shared-state.ts';
import type { CurrentEvent } from './current-event.ts';
import type { EventQueue } from './event-queue.ts';
import { GuestTrap } from './guest.ts';
import type { Caller } from './host-functions.ts';
import { logLine } from './log-line.ts';
import type { OpenRequests } from './open-requests.ts';
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
  readonly node: Surroundings;
  readonly state: AtomState;
  readonly queue: EventQueue;
  readonly open: OpenRequests;
  readonly publications: Publications;
  /** Index of the channel behind each handle, -1 where the node lacks it. */
  readonly channels: readonly number[];
}

/** One instance as the functions of the runtime interface see it, and what they leave for the end of the activation. */
export class InstanceCaller implements Caller {
  readonly name: string;
  readonly node: Surroundings;
  readonly storage: number;
  /** Exact memory; empty until the instance is there. */
  memory: Uint8Array = new Uint8Array(0);
  event: CurrentEvent | undefined;
  /** When the activation has run far too long by the clock, milliseconds since the node started. */
  wallEnd = 0;
  exitCode: number | undefined;
  /** Published or notified in this activation. */
  told = false;
  readonly #parts: AtomParts;
  #ranges = 0;

  constructor(parts: AtomParts) {
    this.#parts = parts;
    this.name = parts.start.name;
    this.node = parts.node;
    this.storage = parts.start.configuration.limits.storage;
  }

  get timers(): Timers {
    return this.#parts.queue.timers;
  }

  get watches(): Watches {
    return this.#parts.queue.watches;
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

  reply(event: number, code: number, format: number, payload: Uint8Array): number {
    const { open, state, start } = this.#parts;
    const current = this.event?.kind === 'REQUEST' ? this.event.id : undefined;
    const id = event === 0 ? current : event;
    const ticket = id === undefined ? undefined : open.find(id);
    if (ticket === undefined) return abiError.E_STATE;
    if (!isResponseCode(code) || format < -1 || format > highestFormat) return abiError.E_ARG;
    if (payload.length > start.configuration.limits.body) return abiError.E_TOO_BIG;
    const result = open.answer(ticket, code, format, payload);
    const isCurrent = ticket === this.event?.message?.request.ticket;
    if (result === 0 && !isCurrent) {
      this.node.later(() => {
        state.request(ticket).state = requestState.free;
      });
    }
    return result;
  }

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

  channel(handle: number): number {
    const channel = this.#parts.channels[handle];
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
    const used = this.node.kv.used(this.name);
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
