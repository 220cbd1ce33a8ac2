import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Activations,
  type Effect,
  KvStore,
  type OutgoingMessage,
  type OwnRequest,
  type OwnResponse,
  requestBytes,
  requestState,
  SharedState,
  shownPhase,
  type TrapReport,
} from '@radon/bridge/atoms/activation';
import {
  abiError,
  contentFormat,
  errorTable,
  eventKind,
  logLevel,
  method,
  outcome,
} from '@radon/bridge/tables';
import type { BuiltAtom } from '../build/index.ts';
import type { TestChannel } from './open-atom.ts';
import {
  type AskedRequest,
  type LogLine,
  type MessageOptions,
  type Publication,
  type RequestOptions,
  type ResponseOptions,
  type SentMessage,
  TestReply,
} from './records.ts';

/** The one atom of the node a test stands for. */
const index = 0;
/** Requests are made one after the other: each uses the same cell. */
const ticket = 0;
/** A whole day of one-second timers: more without an end is a loop. */
const mostTurns = 1_000_000;
const noBytes = new Uint8Array(0);
const wallFactor = 1000;

/** An atom under test. Nothing happens by itself: requests, readings and `advance` run what is due, then return. */
export class TestAtom {
  /** Every line logged, oldest first. */
  readonly logs: LogLine[] = [];
  /** Every publication, oldest first; `get` answers with the newest of a path. */
  readonly publications: Publication[] = [];
  /** Every message to others, answers included, oldest first. */
  readonly sent: SentMessage[] = [];
  /** Every request to others, oldest first. */
  readonly asked: AskedRequest[] = [];
  /** Paths passed to `notify`. */
  readonly notifications: string[] = [];
  /** Why the last failed activation failed. */
  trap: TrapReport | undefined;
  readonly #built: BuiltAtom;
  readonly #channels: readonly TestChannel[];
  readonly #utcAtStart: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'radon-test-'));
  readonly #shared = SharedState.create(1);
  readonly #kv: KvStore;
  readonly #activations: Activations;
  #current: Map<string, Publication> = new Map();
  #reply: TestReply | undefined;
  #now = 0;

  /** Starts the atom; throws when `_initialize` or `on_start` fails. */
  constructor(built: BuiltAtom, channels: readonly TestChannel[], utcMs: number) {
    this.#built = built;
    this.#channels = channels;
    this.#utcAtStart = utcMs;
    this.#kv = KvStore.open(join(this.#folder, 'pairs.log'));
    this.#activations = new Activations(
      {
        shared: this.#shared,
        kv: this.#kv,
        wallFactor,
        now: () => this.#now,
        utc: () => (this.#utcAtStart === 0 ? 0 : this.#utcAtStart + this.#now),
        random: (out) => void randomFillSync(out),
        emit: (effect) => this.#take(effect),
      },
      {
        names: channels.map(({ name }) => name),
        outputs: channels.map(({ direction }) => direction === 'out'),
      },
      { name: 'test', hasUpstream: true },
    );
    this.#start();
  }

  /** Milliseconds since the test began. */
  get nowMs(): number {
    return this.#now;
  }

  /** `SUSPENDED` between two activations, `IDLE` for a reactive atom without instance. */
  get phase(): string {
    const value = this.#shared.atom(index).get('phase');
    return Object.entries(shownPhase).find(([, number]) => number === value)?.[0] ?? String(value);
  }

  /** Calls of handlers since the start. */
  get activations(): number {
    return this.#shared.atom(index).get('activations');
  }

  get restarts(): number {
    return this.#shared.atom(index).get('restarts');
  }

  /** Lets time pass: everything that falls due runs at its time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    this.#run();
    for (let wake = this.#activations.wakeAt; wake <= end; wake = this.#activations.wakeAt) {
      this.#now = Math.max(this.#now, wake);
      this.#run();
    }
    this.#now = end;
  }

  /** A new reading of a channel. */
  feed(channel: string, value: number): void {
    this.#activations.execute({ op: 'reading', job: 0, channel: this.#channel(channel), value });
    this.#run();
  }

  /** Present value of a channel: what was fed, or what the atom wrote. */
  channel(name: string): number {
    return this.#shared.channel(this.#channel(name));
  }

  get(path: string, options: RequestOptions = {}): TestReply {
    return this.request('GET', path, options);
  }

  put(path: string, payload: Uint8Array | string, options: RequestOptions = {}): TestReply {
    return this.request('PUT', path, { ...options, payload });
  }

  post(path: string, payload: Uint8Array | string, options: RequestOptions = {}): TestReply {
    return this.request('POST', path, { ...options, payload });
  }

  /** A request to `/a/{atom}/{path}`; waits `replyWithinMs` of the test's time for the answer. */
  request(name: keyof typeof method, path: string, options: RequestOptions = {}): TestReply {
    if (!this.#built.configuration.resources?.some((resource) => resource.path === path))
      return refusal('NOT_FOUND');
    const published = name === 'GET' ? this.#published(path) : [];
    if (published.length > 0) return serve(published, options.accept);
    if (this.#shared.atom(index).get('alive') === 0) return refusal('NOT_RUNNING');
    return this.#offer(method[name], path, options);
  }

  /** A message to the atom; false when its inbox has no room. */
  message(payload: Uint8Array | string, options: MessageOptions = {}): boolean {
    const { inbox } = this.#built.configuration.limits;
    const bytes = bytesOf(payload);
    const { from = '', id = from === '' ? 0 : 1, correlation = 0 } = options;
    const state = this.#shared.atom(index);
    if (!state.reserve(from.length + bytes.length, inbox)) return false;
    const cell = this.#shared.letters(index).findIndex((free) => free.claim());
    this.#shared.letters(index)[cell]?.write({
      kind: eventKind.MESSAGE,
      sender: from,
      payload: bytes,
      id,
      correlation,
      unordered: false,
      reason: 0,
      handle: 0,
      target: -1,
      waitUntil: this.#now + inbox.waitMs,
    });
    this.#activations.execute({ op: 'letter', index, cell });
    this.#run();
    return true;
  }

  /** Tells the atom what became of a message it sent. */
  report(message: SentMessage, result: keyof typeof outcome, error?: keyof typeof abiError): void {
    const { from: sender, to: destination, id } = message;
    const reason = outcome[result];
    const told = { sender, id, destination, reason, error: error === undefined ? 0 : abiError[error] };
    this.#activations.execute({ op: 'outcome', outcome: told });
    this.#run();
  }

  /** Answers a request the atom made. */
  respond(
    { id }: AskedRequest,
    body: Uint8Array | string,
    { code = '2.05', format = contentFormat.TEXT, isMore: more = false }: ResponseOptions = {},
  ): void {
    this.#respond({ id, code: parseCode(code), format, payload: bytesOf(body), error: 0, more });
  }

  /** Tells the atom why a request it made gets no answer. */
  giveUp({ id }: AskedRequest, error: keyof typeof abiError): void {
    this.#respond({ id, code: 0, format: -1, payload: noBytes, error: abiError[error], more: false });
  }

  /** Newest text published at a path; undefined when there is none. */
  text(path: string, format: number = contentFormat.TEXT): string | undefined {
    return this.#current.get(`${path} ${format}`)?.text;
  }

  /** A stored value, undefined when the key is missing. */
  stored(key: string): Uint8Array | undefined {
    const value = this.#kv.get(this.#built.name, new TextEncoder().encode(key));
    return typeof value === 'number' ? undefined : value;
  }

  /** Stops the atom and starts it again: fresh memory, the same storage and channels. Throws when the start fails. */
  restart(): void {
    this.stop();
    this.#current = new Map();
    this.#start();
  }

  stop(): void {
    this.#activations.execute({ op: 'stop', job: 0, index, reason: 2 });
  }

  /** Ends the test; idempotent. */
  close(): void {
    this.#kv.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #start(): void {
    const { name, configuration, wasm: code } = this.#built;
    this.#shared.atom(index).clear();
    this.trap = undefined;
    const atom = { index, name, configuration, code };
    this.#activations.execute({ op: 'start', job: 0, atom, trial: true });
    const { trap } = this as { trap: TrapReport | undefined };
    if (trap !== undefined) {
      const last = this.logs.at(-1)?.line;
      throw new Error(`${name} did not start: ${trap.reason}${last === undefined ? '' : ` (${last})`}`);
    }
    this.#run();
  }

  #run(): void {
    for (let turn = 0; this.#activations.step(); turn += 1) {
      if (turn > mostTurns) throw new Error(`${this.#built.name} never comes to rest`);
    }
  }

  #offer(number: number, path: string, options: RequestOptions): TestReply {
    const { limits, replyWithinMs } = this.#built.configuration;
    const payload =
      typeof options.payload === 'string' ? new TextEncoder().encode(options.payload) : options.payload;
    const body = { path, query: options.query ?? '', payload: payload ?? noBytes };
    const bytes = requestBytes(body);
    if (body.payload.length > limits.body || bytes > limits.inbox.bytes) return refusal('TOO_LARGE');
    const state = this.#shared.atom(index);
    const cell = state.request(ticket);
    cell.state = requestState.waiting;
    cell.event = 0;
    cell.failures = 0;
    state.add('inboxMessages');
    state.add('inboxBytes', bytes);
    this.#reply = undefined;
    const format = payload === undefined ? -1 : (options.format ?? formatOf(options.payload));
    const waitUntil = this.#now + Math.min(limits.inbox.waitMs, replyWithinMs);
    const request = {
      ...body,
      ticket,
      sender: 1,
      method: number,
      format,
      accept: options.accept ?? -1,
      waitUntil,
    };
    this.#activations.execute({ op: 'request', index, request });
    this.#run();
    if (this.#reply === undefined) this.advance(replyWithinMs);
    return this.#reply ?? this.#expire();
  }

  #respond(response: OwnResponse): void {
    this.#activations.execute({ op: 'response', index, response });
    this.#run();
  }

  #expire(): TestReply {
    this.#shared.atom(index).request(ticket).state = requestState.expired;
    this.#activations.execute({ op: 'expired', index, ticket });
    return refusal('NO_ANSWER_FROM_ATOM');
  }

  #published(path: string): Publication[] {
    return [...this.#current.values()].filter((entry) => entry.path === path && entry.expires > this.#now);
  }

  #channel(name: string): number {
    const found = this.#channels.findIndex((channel) => channel.name === name);
    if (found < 0) throw new RangeError(`there is no channel ${name}`);
    return found;
  }

  #take(effect: Effect): void {
    switch (effect.kind) {
      case 'answer':
        this.#reply = new TestReply(effect.code, effect.format, effect.payload);
        break;
      case 'refuse':
        this.#reply = refusal(effect.error);
        break;
      case 'publish':
        this.#publish(effect);
        break;
      case 'notify':
        this.notifications.push(effect.path);
        break;
      case 'send':
        this.#send(effect.message);
        break;
      case 'request':
        this.asked.push(askedRequest(effect.request));
        break;
      case 'failed':
        this.trap = effect.trap;
        break;
      case 'done':
        if (!effect.result.ok) this.trap = effect.result.trap;
        break;
      case 'log':
        this.logs.push({ level: levelOf(effect.level), line: effect.line });
        break;
    }
  }

  /** Nothing stays in the outbox of a test. */
  #send({ bytes, sender: from, to, id, correlation, payload }: OutgoingMessage): void {
    this.#shared.releaseOutbox(bytes);
    this.#shared.atom(index).add('outbox', -1);
    this.sent.push({ id, to, from, correlation, payload, text: new TextDecoder().decode(payload) });
  }

  #publish({ publication, payload }: Extract<Effect, { kind: 'publish' }>): void {
    const { path, format, expires } = publication;
    const entry = { path, format, payload, text: new TextDecoder().decode(payload), expires };
    this.publications.push(entry);
    this.#current.set(`${path} ${format}`, entry);
  }
}

function serve(published: readonly Publication[], accept: number | undefined): TestReply {
  const found = published.find(({ format }) => accept === undefined || format === accept);
  if (found === undefined) return refusal('NOT_ACCEPTABLE');
  return new TestReply(0x45, found.format, found.payload);
}

function refusal(error: keyof typeof errorTable): TestReply {
  return new TestReply(errorTable[error].coap, -1, noBytes, error);
}

function askedRequest({ id, method: verb, uri, payload, observe }: OwnRequest): AskedRequest {
  const text = new TextDecoder().decode(payload);
  return { id, method: verb, uri, payload, text, isObservation: observe };
}

function bytesOf(payload: Uint8Array | string): Uint8Array {
  return typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
}

/** `2.05` → 69. */
function parseCode(code: string): number {
  const [major = 0, minor = 0] = code.split('.').map(Number);
  return (major << 5) | minor;
}

function formatOf(payload: Uint8Array | string | undefined): number {
  return typeof payload === 'string' ? contentFormat.TEXT : contentFormat.OCTET_STREAM;
}

function levelOf(value: number): LogLine['level'] {
  const entry = Object.entries(logLevel).find(([, number]) => number === value);
  return (entry?.[0] ?? 'INFO') as LogLine['level'];
}
