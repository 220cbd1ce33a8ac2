import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { problemReply, RadonError } from '../problem/index.ts';
import { takeProcessLock } from '../process/index.ts';
import type {
  NodePort,
  NodeRequest,
  NodeResponse,
  NodeState,
  Observation,
  ObservationListener,
  Upstream,
} from '../registry/node.ts';
import { logLevel } from '../tables/index.ts';
import { monotonicMs } from './activation/run-activations.ts';
import { ActivationControl, type RunningAtom } from './activation-control.ts';
import { openSameThread, openWorkerThread } from './activation-thread.ts';
import { Admission } from './admission.ts';
import { AtomResources } from './atom-resources.ts';
import { AtomRunner } from './atom-runner.ts';
import { Catalog, type CatalogEntry } from './catalog.ts';
import { ChannelResources } from './channels.ts';
import { Deployment } from './deployment.ts';
import { type NodeFacts, namesDocument } from './documents.ts';
import { Escalations } from './escalations.ts';
import { HostAtom } from './host-atom.ts';
import { HostRequests } from './host-requests.ts';
import { createLease } from './lease.ts';
import { LogBook } from './log-book.ts';
import { MessageReception } from './message-reception.ts';
import type { Aftermath, AtomStart, Command, Effect } from './messages.ts';
import { Observers } from './observers.ts';
import { OpenRequestTable } from './open-request-table.ts';
import { defaultBudget, defaultChannels, defaultHostName, type HostNodeOptions } from './options.ts';
import { Outbox } from './outbox.ts';
import { PublicationTable } from './publication-table.ts';
import { RequestClient, withAtomRights } from './request-client.ts';
import { SharedState } from './shared-state.ts';
import { StoredVersions } from './stored-versions.ts';

/**
 * Opens the host node: what was stored in its folder runs when the promise resolves. RadonError FOLDER_IN_USE when
 * another node has it open, in this process or another.
 */
export async function openHostNode(options: HostNodeOptions): Promise<NodePort> {
  const { dataFolder } = options;
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const lock = takeProcessLock(join(dataFolder, 'lock'));
  if (!lock.isTaken)
    throw new RadonError('FOLDER_IN_USE', { name: dataFolder, detail: String(lock.holder.pid) });
  try {
    const node = new HostNode(options, lock.release);
    await node.boot();
    return node;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Effects that concern one atom. */
type AtomEffect = Exclude<Effect, { kind: 'log' | 'reading' | 'done' | 'send' | 'request' | 'cancel' }>;

/** Observers of `/node` get it at least this often, milliseconds. */
const pulseMs = 7000;

class HostNode implements NodePort {
  readonly name: string;
  readonly #startedAt = monotonicMs();
  readonly #since = Date.now();
  readonly #atoms = new Map<string, HostAtom>();
  readonly #byIndex: (HostAtom | undefined)[] = [];
  readonly #log = new LogBook();
  readonly #observers = new Observers();
  readonly #catalog: Catalog;
  readonly #control: ActivationControl;
  readonly #deployment: Deployment;
  readonly #channels: ChannelResources;
  readonly #versions: StoredVersions;
  readonly #requests: HostRequests;
  readonly #outbox: Outbox | undefined;
  readonly #client: RequestClient;
  readonly #reception: MessageReception;
  readonly #escalations = new Escalations();
  /** What `/names` said last. */
  #names = '';
  #reset: 'power' | 'escalate' = 'power';
  /** Figures of the node change without an event that tells it. */
  readonly #pulse = setInterval(() => this.#observers.changed('/node'), pulseMs);
  readonly #closed: () => void;
  #closing: Promise<void> | undefined;

  /** `closed` is called once, when nothing uses the data folder any more. */
  constructor(options: HostNodeOptions, closed: () => void) {
    this.#closed = closed;
    const { name = defaultHostName, budget = defaultBudget, channels = defaultChannels } = options;
    this.name = name;
    this.#catalog = Catalog.open(options.dataFolder);
    this.#control = this.#openControl(options, budget.atoms);
    this.#channels = new ChannelResources(channels, this.#control.shared);
    const admission = new Admission(this.#catalog, this.#atoms, options.keys, budget);
    this.#versions = this.#openVersions();
    this.#deployment = this.#openDeployment(admission);
    const lease = createLease(
      () => performance.now(),
      () => this.#observers.changed('/node'),
    );
    const facts: NodeFacts = {
      id: options.id,
      name,
      budget,
      keys: options.keys,
      admission,
      versions: this.#versions,
      control: this.#control,
      reset: () => this.#reset,
      now: () => this.#now(),
      owner: () => lease.owner(),
    };
    this.#outbox = this.#openOutbox(options.upstream);
    this.#client = this.#openClient(options.upstream);
    this.#reception = this.#openReception();
    this.#requests = new HostRequests(
      {
        facts,
        atoms: this.#atoms,
        channels: this.#channels,
        log: this.#log,
        reception: this.#reception,
        lease,
        deployment: this.#deployment,
      },
      this.#observers,
    );
  }

  #openVersions(): StoredVersions {
    return new StoredVersions({
      catalog: this.#catalog,
      atoms: this.#atoms,
      addAtom: (entry) => this.#addAtom(entry),
      changed: (atom) => this.#changed(atom),
    });
  }

  #openDeployment(admission: Admission): Deployment {
    const shared = {
      versions: this.#versions,
      control: this.#control,
      admission,
      changed: (atom: string) => this.#changed(atom),
    };
    const runner = new AtomRunner({
      ...shared,
      abandon: (atom) => this.#reception.abandon(atom),
      log: (level, source, line) => this.#addLog(level, source, line),
    });
    return new Deployment({ ...shared, runner, atoms: this.#atoms });
  }

  #openControl(options: HostNodeOptions, atoms: number): ActivationControl {
    const { channels = defaultChannels, wallFactor = 10, dataFolder } = options;
    const setup = {
      shared: SharedState.create(atoms).buffer,
      channels: {
        names: channels.map(({ name }) => name),
        outputs: channels.map(({ direction }) => direction === 'out'),
      },
      dataFolder,
      wallFactor,
      startedAt: this.#startedAt,
      place: { name: this.name, hasUpstream: options.upstream !== undefined },
    };
    const open = options.inProcess === true ? openSameThread : openWorkerThread;
    const events = {
      effect: (effect: Effect) => this.#apply(effect),
      aftermath: (running: RunningAtom | undefined) => this.#aftermath(running),
      restarted: () => this.#forNewWorker(),
      log: (level: number, line: string) => this.#addLog(level, 'node', line),
    };
    return new ActivationControl(setup, open, events, () => this.#now());
  }

  #openOutbox(upstream: Upstream | undefined): Outbox | undefined {
    if (upstream === undefined) return undefined;
    const { name } = this;
    return new Outbox({
      upstream,
      name,
      incarnation: randomInt(2 ** 32),
      shared: this.#control.shared,
      now: () => this.#now(),
      told: (outcome) => this.#control.post({ op: 'outcome', outcome }),
    });
  }

  #openReception(): MessageReception {
    return new MessageReception({
      shared: this.#control.shared,
      atoms: this.#atoms,
      outbox: this.#outbox,
      post: (command) => this.#control.post(command),
      now: () => this.#now(),
    });
  }

  #openClient(upstream: Upstream | undefined): RequestClient {
    return new RequestClient({
      name: this.name,
      own: withAtomRights(this),
      upstream,
      bodyLimit: (index) => this.#byIndex[index]?.configuration?.limits.body ?? 0,
      respond: (index, response) => this.#control.post({ op: 'response', index, response }),
    });
  }

  async boot(): Promise<void> {
    this.#pulse.unref();
    for (const entry of this.#catalog.entries()) {
      if (entry.a !== undefined || entry.b !== undefined) this.#addAtom(entry);
    }
    await this.#deployment.boot();
  }

  // ---- NodePort ----

  async request(request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse> {
    signal?.throwIfAborted();
    if (this.#closing !== undefined) throw new RadonError('NODE_UNREACHABLE', { name: this.name });
    const answer = this.#requests.answer(request);
    return signal === undefined ? answer : await abortable(answer, signal);
  }

  observe(request: NodeRequest, listener: ObservationListener): Observation {
    return this.#requests.observe(request, listener);
  }

  state(): NodeState {
    const lastSeen = Date.now();
    return { name: this.name, kind: 'host', link: 'up', address: 'worker', since: this.#since, lastSeen };
  }

  /** The host node is never lost. */
  watch(): () => void {
    return () => undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#pulse);
    await this.#deployment.settle();
    this.#client.close();
    this.#outbox?.close();
    await this.#control.close();
    for (const atom of this.#atoms.values()) atom.resources.close();
    this.#observers.close();
    this.#catalog.close();
    this.#closed();
  }

  // ---- Atoms ----

  #addAtom(entry: CatalogEntry): HostAtom {
    const free = this.#byIndex.indexOf(undefined);
    const index = free < 0 ? this.#byIndex.length : free;
    const state = this.#control.shared.atom(index);
    state.clear();
    const now = () => this.#now();
    const requests = new OpenRequestTable(
      { name: entry.name, index, state },
      (command) => this.#control.post(command),
      now,
    );
    const atom = new HostAtom(
      entry,
      index,
      this.#control.shared,
      new AtomResources(requests, new PublicationTable(now), state),
    );
    this.#byIndex[index] = atom;
    this.#atoms.set(entry.name, atom);
    this.#control.post({ op: 'know', name: entry.name });
    return atom;
  }

  /** Its state changed for longer than an activation; observers of an atom that has ended are told. */
  #changed(name: string): void {
    for (const path of ['/node', '/atoms', `/atoms/${name}`]) this.#observers.changed(path);
    this.#namesChanged();
    const atom = this.#byIndex.find((candidate) => candidate?.name === name);
    if (atom === undefined) return;
    const isGone = !this.#atoms.has(name);
    const error = isGone
      ? new RadonError('NO_SUCH_ATOM', { name })
      : new RadonError('NOT_RUNNING', { name, phase: atom.phase });
    if (!atom.isAlive) {
      this.#client.cancel(atom.index);
      this.#outbox?.orphan(atom.index);
    }
    if (!atom.isAlive && !atom.updating) atom.resources.endObservers(problemReply(error));
    if (isGone) this.#byIndex[atom.index] = undefined;
  }

  /** Tells the observers of `/names` when it says something else than before. */
  #namesChanged(): void {
    const names = JSON.stringify(namesDocument(this.#atoms.values()));
    if (names === this.#names) return;
    this.#names = names;
    this.#observers.changed('/names');
  }

  #apply(effect: Effect): void {
    switch (effect.kind) {
      case 'log':
        this.#addLog(effect.level, effect.source, effect.line);
        break;
      case 'reading':
        this.#observers.changed(`/io/${this.#channels.names[effect.channel]}`);
        break;
      case 'send':
        this.#outbox?.send(effect.message);
        break;
      case 'request':
        this.#client.make(effect.request);
        break;
      case 'cancel':
        this.#client.cancel(effect.index, effect.id);
        break;
      case 'done':
        break;
      default:
        this.#applyToAtom(this.#byIndex[effect.index], effect);
    }
  }

  #applyToAtom(atom: HostAtom | undefined, effect: AtomEffect): void {
    if (atom === undefined) return;
    switch (effect.kind) {
      case 'failed':
        this.#addLog(logLevel.ERROR, atom.name, atom.failed(effect));
        break;
      case 'escalate':
        this.#escalate(atom);
        break;
      case 'joined':
        atom.joined(effect.membership);
        this.#namesChanged();
        break;
      case 'changed':
        if (effect.exitCode !== undefined) atom.exitCode = effect.exitCode;
        this.#changed(atom.name);
        break;
      default:
        atom.resources.apply(effect);
    }
  }

  /** The node starts anew because of an atom, which stays as it is after three times in a minute. */
  #escalate(atom: HostAtom): void {
    const isLast = this.#escalations.add(atom.name, this.#now());
    this.#reset = 'escalate';
    this.#addLog(logLevel.ERROR, 'node', `restarts because of ${atom.name}: ${atom.reason ?? ''}`);
    void this.#deployment.restartWorker((other) => isLast && other === atom);
  }

  /** What a new worker has to know of this node. */
  #forNewWorker(): Command[] {
    this.#client.close();
    this.#outbox?.recount();
    return Array.from(this.#atoms.keys(), (name) => ({ op: 'know', name }));
  }

  /** What the atoms of a worker that ended leave to the next one. */
  #aftermath(running: RunningAtom | undefined): readonly Command[] {
    return [
      ...this.#forNewWorker(),
      ...[...this.#atoms.values()].flatMap((atom) => this.#adoption(atom, running)),
    ];
  }

  #adoption(atom: HostAtom, running: RunningAtom | undefined): Command[] {
    const left = atom.resources.aftermath();
    const start: AtomStart | undefined = atom.life === 'LIVE' ? this.#versions.atomStart(atom) : undefined;
    if (start === undefined) return [];
    const { failures, memberships, index } = atom;
    const stuckIn = running?.index === index ? { stuckIn: running } : {};
    const aftermath: Aftermath = { ...left, ...stuckIn, failures, memberships };
    return [{ op: 'adopt', atom: start, aftermath }];
  }

  #addLog(level: number, source: string, line: string): void {
    this.#log.add(this.#now(), level, source, line);
    this.#observers.changed('/log');
  }

  #now(): number {
    return monotonicMs() - this.#startedAt;
  }
}

/** Settles with the promise or rejects with the signal's reason, whichever comes first. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
