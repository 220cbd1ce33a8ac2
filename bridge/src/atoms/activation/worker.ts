/** Entry of the atom worker: the activation level in a thread of its own. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Command, Effect } from '../messages.ts';
import { type ActivationSetup, createActivations, monotonicMs } from './run-activations.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const port = parentPort;
const { setup, effects } = workerData as { setup: ActivationSetup; effects: MessagePort };
let told: Effect[] = [];
const activations = createActivations(
  setup,
  (effect) => told.push(effect),
  () => {
    if (told.length > 0) effects.postMessage(told);
    told = [];
  },
);
let timer: NodeJS.Timeout | undefined;

/** Runs until nothing can be done; commands that came meanwhile are taken between two activations. */
function run(): void {
  do {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      execute(next.message as readonly Command[]);
    }
  } while (activations.step());
  clearTimeout(timer);
  const wait = activations.wakeAt - (monotonicMs() - setup.startedAt);
  timer = Number.isFinite(wait) ? setTimeout(run, Math.max(0, Math.ceil(wait))) : undefined;
}

function execute(commands: readonly Command[]): void {
  for (const command of commands) activations.execute(command);
}

port.on('message', (commands: readonly Command[]) => {
  execute(commands);
  run();
});
