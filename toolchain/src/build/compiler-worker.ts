/** Entry of the compiler's thread: options in, one answer each. */
import { parentPort } from 'node:worker_threads';
import { type CompileOptions, compileAtom } from '@radon/atoms-as';
import type { CompilerAnswer } from './compiler.ts';

const answer = (message: CompilerAnswer) => parentPort?.postMessage(message);

parentPort?.on('message', (options: CompileOptions) => {
  compileAtom(options).then(
    (result) => answer({ result }),
    (error: Error) => answer({ failure: error.stack ?? error.message }),
  );
});
