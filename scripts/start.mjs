// npm start: from a fresh clone to an emulated STM32 that serves a reading over HTTP.
//
//   npm start              until Ctrl-C
//   npm start -- --once    makes each printed request itself, prints the answers, ends
import { nodeVersionProblem } from './node-version.mjs';

const problem = nodeVersionProblem();
if (problem) {
  console.error(problem);
  process.exitCode = 3;
} else {
  import('./demo.mjs').then((demo) => demo.start(process.argv.slice(2)));
}
