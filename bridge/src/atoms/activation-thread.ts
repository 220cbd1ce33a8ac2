/** The activation level as the network level sees it: commands in, effects out, in a worker or in this thread. */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type ActivationSetup, createActivations, monotonicMs } from './activation/run-activations.ts';
import type { Command, Effect } from './messages.ts';

export interface ActivationThread {
  post(command: Command): void;
  /** Hands over at once what was told and has not arrived. */
  drain(): void;
  /** Ends it where it stands. */
  terminate(): Promise<void>;
}

export interface ThreadEvents {
  effect(effect: Effect): void;
  /** It ended by itself or by `terminate`; every effect was told before. */
  ended(error: Error | undefined): void;
}

export type OpenThread = (setup: ActivationSetup, events: ThreadEvents) => ActivationThread;

/** Sources run from TypeScript only under a test runner, which workers do not have: they take the compiled entry. */
function workerEntry(): URL {
  const compiled = import.meta.url.endsWith('.ts')
    ? '../../dist/atoms/activation/worker.js'
    : './activation/worker.js';
  return new URL(compiled, import.meta.url);
}

/** Runs activations in a worker thread: the main thread answers while an atom computes. */
export const openWorkerThread: OpenThread = (setup, events) => {
  const { port1: effects, port2 } = new MessageChannel();
  const workerData = { setup, effects: port2 };
  const worker = new Worker(workerEntry(), { workerData, transferList: [port2], name: 'radon-atoms' });
  let failure: Error | undefined;
  const tell = (told: readonly Effect[]) => {
    for (const effect of told) events.effect(effect);
  };
  const drain = () => {
    for (let next = receiveMessageOnPort(effects); next !== undefined; next = receiveMessageOnPort(effects)) {
      tell(next.message as readonly Effect[]);
    }
  };
  effects.on('message', tell);
  let commands: Command[] = [];
  const flush = () => {
    if (commands.length > 0) worker.postMessage(commands);
    commands = [];
  };
  worker.on('error', (error: Error) => {
    failure = error;
  });
  worker.on('exit', () => {
    drain();
    effects.close();
    events.ended(failure);
  });
  return {
    // What comes in one turn of the event loop goes in one message: each wakes the worker.
    post: (command) => {
      if (commands.length === 0) setImmediate(flush);
      commands.push(command);
    },
    drain,
    terminate: async () => {
      flush();
      await worker.terminate();
    },
  };
};

/** Runs activations in the calling thread, one a turn of its event loop. */
export const openSameThread: OpenThread = (setup, events) => {
  const effects: Effect[] = [];
  const drain = () => {
    for (let next = effects.shift(); next !== undefined; next = effects.shift()) events.effect(next);
  };
  const activations = createActivations(setup, (effect) => {
    if (effects.length === 0) queueMicrotask(drain);
    effects.push(structuredClone(effect));
  });
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const run = () => {
    if (ended) return;
    if (activations.step()) {
      setImmediate(run);
      return;
    }
    clearTimeout(timer);
    const wait = activations.wakeAt - (monotonicMs() - setup.startedAt);
    timer = Number.isFinite(wait) ? setTimeout(run, Math.max(0, Math.ceil(wait))) : undefined;
  };
  return {
    post(command) {
      if (ended) return;
      const copy = structuredClone(command);
      setImmediate(() => {
        activations.execute(copy);
        run();
      });
    },
    drain() {
      activations.flush();
      drain();
    },
    async terminate() {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      activations.abandon();
      drain();
      events.ended(undefined);
    },
  };
};
