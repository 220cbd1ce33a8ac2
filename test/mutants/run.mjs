// npm run test:mutants [-- host|posix] [RULE…]: breaks the runtime in one place after the other and sees that the
// conformance scenarios notice. Every rule of the atom model has a fault in each runtime. Works on copies of the
// checkout, one a runtime, at the same time; the checkout itself is not touched.
import { performance } from 'node:perf_hooks';
import { createCopy } from './copy.mjs';
import { mutants } from './mutants.mjs';

const rules = 22;
const runtimes = ['host', 'posix'];

/** Runs the scenarios of all mutants on a copy without a fault: red here says nothing about a mutant. */
async function proveGreen(copy, chosen) {
  const scenarios = [...new Set(chosen.flatMap((mutant) => mutant.red))].sort();
  await copy.build();
  const { failed, output } = await copy.run(scenarios);
  if (failed === undefined) throw new Error(`The scenarios cannot be run on ${copy.runtime}:\n${output}`);
  if (failed.length > 0) throw new Error(`Red without a fault on ${copy.runtime}: ${failed.join(', ')}`);
}

/** `killed`, or what is wrong with the mutant. */
async function judge(copy, mutant) {
  const undo = copy.mutate(mutant);
  if (undo === undefined) return 'stale: its text is not there exactly once';
  try {
    await copy.build();
    const { failed, output } = await copy.run(mutant.red);
    if (failed === undefined) return `cannot be run: ${output.slice(-300)}`;
    return failed.length > 0 ? 'killed' : 'SURVIVED';
  } catch (error) {
    return `does not build: ${error.message.slice(-600)}`;
  } finally {
    undo();
  }
}

async function runLane(runtime, chosen, report) {
  if (chosen.length === 0) return;
  const copy = await createCopy(runtime);
  try {
    await proveGreen(copy, chosen);
    for (const mutant of chosen) {
      const startedAt = performance.now();
      const verdict = await judge(copy, mutant);
      report(mutant, verdict, (performance.now() - startedAt) / 1000);
    }
    // Green again: what was red was so because of its fault alone.
    await proveGreen(copy, chosen);
  } finally {
    copy.remove();
  }
}

function missingRules(runtime) {
  const covered = new Set(mutants.filter((mutant) => mutant.runtime === runtime).map(({ rule }) => rule));
  return Array.from({ length: rules }, (_, index) => index + 1).filter((rule) => !covered.has(rule));
}

function describe({ rule, runtime, fault, red }, verdict, seconds) {
  const head = `rule ${String(rule).padStart(2)}  ${runtime.padEnd(5)}  ${verdict.padEnd(8)}`;
  return `${head}  ${seconds.toFixed(0).padStart(3)} s  ${fault}  [${red.join(', ')}]`;
}

const words = process.argv.slice(2);
const wantedRules = words.filter((word) => /^\d+$/.test(word)).map(Number);
const wantedRuntimes = runtimes.filter((runtime) => words.includes(runtime));
const chosen = mutants.filter(
  ({ rule, runtime }) =>
    (wantedRules.length === 0 || wantedRules.includes(rule)) &&
    (wantedRuntimes.length === 0 || wantedRuntimes.includes(runtime)),
);

const results = [];
const report = (mutant, verdict, seconds) => {
  results.push({ mutant, verdict });
  console.log(describe(mutant, verdict, seconds));
};
const lanes = await Promise.allSettled(
  runtimes.map((runtime) =>
    runLane(
      runtime,
      chosen.filter((mutant) => mutant.runtime === runtime),
      report,
    ),
  ),
);
for (const { reason } of lanes) if (reason !== undefined) console.error(reason.message);
for (const runtime of runtimes) {
  const missing = missingRules(runtime);
  if (missing.length > 0) console.error(`No fault for rules ${missing.join(', ')} on ${runtime}.`);
}
const killed = results.filter(({ verdict }) => verdict === 'killed').length;
console.log(`${killed} killed, ${chosen.length - killed} not, of ${chosen.length} faults`);
const complete = runtimes.every((runtime) => missingRules(runtime).length === 0);
const isProven = lanes.every(({ status }) => status === 'fulfilled');
process.exitCode = killed === chosen.length && complete && isProven ? 0 : 1;
