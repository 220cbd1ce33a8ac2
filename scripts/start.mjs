// npm start: from a fresh clone to an emulated STM32 that serves a reading over HTTP.
//
//   npm start              until Ctrl-C
//   npm start -- --once    makes each printed request itself, prints the answers, ends
//
// Only node: imports and old syntax at the top, so that a too old Node.js gets a sentence and no stack trace.
const oldest = [20, 19];
const current = process.versions.node.split('.').map(Number);

if (current[0] < oldest[0] || (current[0] === oldest[0] && current[1] < oldest[1])) {
  console.error(`Radon needs Node.js ${oldest.join('.')} or newer; this is ${process.versions.node}.`);
  process.exitCode = 3;
} else {
  import('./demo.mjs').then((demo) => demo.start(process.argv.slice(2)));
}
