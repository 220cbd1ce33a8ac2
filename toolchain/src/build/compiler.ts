import { Worker } from 'node:worker_threads';
import { type CompileOptions, type CompileResult, compileAtom } from '@radon/atoms-as';
import { CommandFailure } from '../failure.ts';

/** What the worker answers: a result, or why the compiler itself broke. */
export type CompilerAnswer = { readonly result: CompileResult } | { readonly failure: string };

/**
 * The AssemblyScript compiler, kept warm. It runs in a thread of its own: Ctrl-C and the logs of boards are not held up
 * while it works, and when it breaks, or ends its process as it does on some inputs, the command goes on.
 */
let thread: Worker | undefined;
let queue: Promise<unknown> = Promise.resolve();

/** Workers do not run TypeScript; sources do so only under a test runner, where the compiler stays in this thread. */
const isCompiled = import.meta.url.endsWith('.js');

/** Compiles one atom after the other. Throws `CommandFailure` when the compiler breaks, the signal's reason when it fires. */
export function compile(options: CompileOptions, signal?: AbortSignal): Promise<CompileResult> {
  if (!isCompiled) return compileAtom(options);
  const result = queue.then(() => {
    signal?.throwIfAborted();
    return compileInThread(options, signal);
  });
  queue = result.catch(() => undefined);
  return result;
}

function openThread(): Worker {
  thread ??= new Worker(new URL('./compiler-worker.js', import.meta.url), {
    name: 'radon-compiler',
    stdout: true,
    stderr: true,
  });
  thread.ref();
  return thread;
}

function compileInThread(options: CompileOptions, signal: AbortSignal | undefined): Promise<CompileResult> {
  const worker = openThread();
  const listeners = new AbortController();
  return new Promise<CompileResult>((resolve, reject) => {
    const giveUp = (error: unknown) => {
      thread = undefined;
      void worker.terminate();
      reject(error);
    };
    const onAbort = () => giveUp(signal?.reason);
    signal?.addEventListener('abort', onAbort, { signal: listeners.signal });
    worker.once('message', (answer: CompilerAnswer) => {
      if ('result' in answer) resolve(answer.result);
      else giveUp(compilerFailure(answer.failure));
    });
    worker.once('error', (error) => giveUp(compilerFailure(error.stack ?? error.message)));
    worker.once('exit', () => giveUp(compilerFailure(String(worker.stderr.read() ?? 'It ended.'))));
    worker.postMessage(options);
  }).finally(() => {
    listeners.abort();
    // By name: Node.js keeps listeners of its own on a worker.
    for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
    // An idle compiler does not keep the command alive.
    worker.unref();
  });
}

function compilerFailure(cause: string): CommandFailure {
  return new CommandFailure('The AssemblyScript compiler broke down.', {
    remedy: 'Take back the last change or write it in another way; --verbose shows the cause.',
    cause,
  });
}
