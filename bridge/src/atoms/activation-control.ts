import { eventKind } from '../tables/index.ts';
import type { ActivationSetup } from './activation/run-activations.ts';
import { trapSentence } from './activation/trap-report.ts';
import type { ActivationThread, OpenThread } from './activation-thread.ts';
import type { Command, Effect, JobResult } from './messages.ts';
import { SharedState } from './shared-state.ts';

/** A command that is answered, without its number. */
export type Job = DistributiveOmit<Extract<Command, { readonly job: number }>, 'job'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The atom under whose event a thread ended. */
export interface RunningAtom {
  readonly index: number;
  readonly event: string;
  /** Number of its instance. */
  readonly instance: number;
}

export interface ControlEvents {
  effect(effect: Effect): void;
  /** The thread ended in the middle of its work, under an event of this atom; what the next one has to know. */
  aftermath(running: RunningAtom | undefined): readonly Command[];
  /** The thread was ended on purpose; what the next one has to know. */
  restarted(): readonly Command[];
  log(level: number, line: string): void;
}

/** How often the running activation is compared with the clock, milliseconds. */
const lookMs = 50;

/** A new thread that ends at once is opened again after this time, milliseconds. */
const reopenMs = 1000;

const threadEnded: JobResult = {
  ok: false,
  trap: { kind: 'ABORT', event: 'START', reason: trapSentence.ABORT },
};

/** Keeps an activation thread alive: numbers its jobs, ends it when it is stuck, opens another with what was left. */
export class ActivationControl {
  readonly shared: SharedState;
  readonly #setup: ActivationSetup;
  readonly #open: OpenThread;
  readonly #events: ControlEvents;
  readonly #now: () => number;
  readonly #jobs = new Map<number, (result: JobResult) => void>();
  readonly #watch: NodeJS.Timeout;
  #thread: ActivationThread | undefined;
  #nextJob = 1;
  #openedAt = 0;
  #closed = false;
  /** What a thread that is not there yet has to do. */
  #backlog: Command[] = [];
  #restart: (() => void) | undefined;

  constructor(setup: ActivationSetup, open: OpenThread, events: ControlEvents, now: () => number) {
    this.shared = new SharedState(setup.shared);
    this.#setup = setup;
    this.#open = open;
    this.#events = events;
    this.#now = now;
    this.#openThread();
    this.#watch = setInterval(() => this.#look(), lookMs);
    this.#watch.unref();
  }

  post(command: Command): void {
    if (this.#thread === undefined) this.#backlog.push(command);
    else this.#thread.post(command);
  }

  /** Afterwards everything that is shown was also told. */
  drain(): void {
    this.shared.settle();
    this.#thread?.drain();
  }

  /** Runs a job to its end. A job whose thread ends under it failed. */
  run(job: Job): Promise<JobResult> {
    const number = this.#nextJob;
    this.#nextJob += 1;
    return new Promise((resolve) => {
      this.#jobs.set(number, resolve);
      this.post({ ...job, job: number } as Command);
    });
  }

  /** Ends the thread and opens another that starts with nothing. */
  restart(): Promise<void> {
    return new Promise((resolve) => {
      this.#restart = resolve;
      void this.#thread?.terminate();
    });
  }

  /** Stops every atom, closes the store, ends the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#thread !== undefined) await this.run({ op: 'close' });
    clearInterval(this.#watch);
    await this.#thread?.terminate();
  }

  #openThread(): void {
    this.#openedAt = this.#now();
    this.shared.set('running', 0);
    this.shared.set('telling', 0);
    this.#thread = this.#open(this.#setup, {
      effect: (effect) => this.#effect(effect),
      ended: (error) => this.#ended(error),
    });
  }

  #effect(effect: Effect): void {
    this.shared.settle();
    if (effect.kind !== 'done') {
      this.#events.effect(effect);
      return;
    }
    this.#jobs.get(effect.job)?.(effect.result);
    this.#jobs.delete(effect.job);
  }

  /** Fuel ends an activation long before; this is for what fuel does not see. */
  #look(): void {
    const { shared } = this;
    const limit = shared.get('deadlineMs') * this.#setup.wallFactor + lookMs;
    if (shared.get('running') === 0 || this.#now() - shared.activationStart < limit) return;
    this.#events.log(3, 'the atom worker is stuck and is ended');
    void this.#thread?.terminate();
  }

  #ended(error: Error | undefined): void {
    if (this.#closed) {
      this.#failJobs();
      return;
    }
    if (error !== undefined) this.#events.log(3, `the atom worker failed: ${error.message}`);
    this.#thread = undefined;
    if (this.#restart !== undefined) {
      this.#failJobs();
      this.#reopen(this.#events.restarted());
      this.#restart();
      this.#restart = undefined;
      return;
    }
    const left = this.#events.aftermath(this.#running());
    this.#failJobs();
    const wait = this.#now() - this.#openedAt < reopenMs ? reopenMs : 0;
    setTimeout(() => this.#reopen(left), wait);
  }

  #running(): RunningAtom | undefined {
    const index = this.shared.get('running') - 1;
    const kinds = Object.entries(eventKind);
    const event = kinds.find(([, kind]) => kind === this.shared.get('event'))?.[0] ?? 'START';
    return index < 0 ? undefined : { index, event, instance: this.shared.get('instance') };
  }

  #reopen(left: readonly Command[]): void {
    if (this.#closed) return;
    this.#openThread();
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const command of [...left, ...backlog]) this.post(command);
  }

  #failJobs(): void {
    for (const resolve of this.#jobs.values()) resolve(threadEnded);
    this.#jobs.clear();
  }
}
