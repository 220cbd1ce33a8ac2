// Runs the steps of `npm run check` and `npm test` one after the other and adds up what they counted.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const vitestReport = (project) => join(root, '.radon', `vitest-${project}.json`);

/** A step passes or fails as a whole: one count. */
export const command = (title, file, args) => ({
  title,
  file,
  args,
  count: (_output, ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }),
});
export const node = (title, ...args) => command(title, process.execPath, args);
export const tool = (title, name, ...args) => command(title, bin(name), args);

/** vitest; counts come from its JSON report. */
export const vitest = (title, project) => ({
  title,
  file: bin('vitest'),
  args: [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${vitestReport(project)}`,
  ],
  before: () => rmSync(vitestReport(project), { force: true }),
  count: (_output, ok) => countVitest(project, ok),
});

function countVitest(project, ok) {
  let report;
  try {
    report = JSON.parse(readFileSync(vitestReport(project), 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const failed =
    report.numFailedTests +
    report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
      .length;
  return {
    passed: report.numPassedTests,
    failed: ok ? failed : Math.max(failed, 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** C tests; their last line is "N passed, N failed". */
export const cTests = (title, ...args) => ({
  title,
  file: 'make',
  args: ['--no-print-directory', '-C', 'firmware', ...args],
  count: countLines,
});

function countLines(output, ok) {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)];
  const sum = (index) => lines.reduce((total, match) => total + Number(match[index] ?? 0), 0);
  const failed = sum(2);
  return { passed: sum(1), failed: ok ? failed : Math.max(failed, 1), skipped: sum(3) };
}

let running;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill(signal);
  });
}

function runStep(step) {
  step.before?.();
  return new Promise((resolve) => {
    const child = spawn(step.file, step.args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    });
    running = child;
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', (error) => {
      console.error(error.message);
      resolve({ ok: false, output });
    });
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/** Runs all steps, also after a failure; prints a line a step and the sum. Returns whether all passed. */
export async function runSteps(steps) {
  mkdirSync(join(root, '.radon'), { recursive: true, mode: 0o700 });
  const total = { passed: 0, failed: 0, skipped: 0 };
  const summary = [];
  for (const step of steps) {
    if (interrupted) break;
    const started = Date.now();
    console.log(`\n== ${step.title}`);
    const { ok, output } = await runStep(step);
    const counts = step.count(output, ok);
    for (const key of Object.keys(total)) total[key] += counts[key];
    const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
    summary.push(
      `${counts.failed === 0 && ok ? '✔' : '✘'} ${step.title.padEnd(28)} ${String(counts.passed).padStart(5)} passed ${String(counts.failed).padStart(3)} failed ${String(counts.skipped).padStart(3)} skipped  ${took}`,
    );
  }
  console.log(`\n${summary.join('\n')}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 && !interrupted;
}
