// A copy of the checkout that faults can be put into: sources and builds copied, packages and fetched sources linked.
import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const own = ['bridge', 'toolchain', 'atoms-as'];
/** What builds left, so that the copy builds only what changes. */
const builds = [
  ...own.map((name) => `${name}/dist`),
  'firmware/build/include',
  'firmware/build/posix',
  'firmware/build/measure',
  '.radon/cache',
];
/** A scenario that a fault makes wait runs into its own time limit first. */
const runWithinMs = 300_000;

/** Copies with their times, which `make` and `tsc` go by. */
function copyPath(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

function copySources(folder) {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  for (const file of new Set(list.split('\0'))) {
    if (file !== '' && existsSync(join(root, file))) copyPath(join(root, file), join(folder, file));
  }
  for (const path of builds) if (existsSync(join(root, path))) copyPath(join(root, path), join(folder, path));
}

/** The packages of the checkout; this project's own are the copy's. */
function linkPackages(folder) {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@radon'), { recursive: true });
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry !== '@radon') symlinkSync(join(root, 'node_modules', entry), join(modules, entry));
  }
  for (const name of own) symlinkSync(join(folder, name), join(modules, '@radon', name));
  symlinkSync(join(root, 'firmware/third_party/vendor'), join(folder, 'firmware/third_party/vendor'));
}

function run(folder, file, args, environment = {}) {
  const options = {
    cwd: folder,
    env: { ...process.env, ...environment },
    maxBuffer: 1 << 26,
    timeout: runWithinMs,
  };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) =>
      resolve({ isOk: error === null, output: `${stderr}${stdout}` }),
    );
  });
}

/** What failed, as names of scenarios; undefined when the run left no report. */
function readFailures(file) {
  if (!existsSync(file)) return undefined;
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (results.length === 0) return undefined;
  return results.filter(({ status }) => status === 'failed').map(({ title }) => title);
}

/** A copy in which the scenarios run on one runtime: `host` (TypeScript) or `posix` (C). */
export async function createCopy(runtime) {
  const folder = mkdtempSync(join(tmpdir(), `radon-mutants-${runtime}-`));
  copySources(folder);
  linkPackages(folder);
  const report = join(folder, 'report.json');
  return {
    runtime,
    /** Builds what changed. Throws what the compiler said. */
    async build() {
      const steps = [[join(root, 'node_modules/.bin/tsc'), ['-b', ...own]]];
      // What measures modules has to be of the same engine as what runs them.
      if (runtime === 'posix') steps.push([process.execPath, ['scripts/firmware.mjs', 'posix', 'measure']]);
      for (const [file, args] of steps) {
        const { isOk, output } = await run(folder, file, args);
        if (!isOk) throw new Error(output);
      }
    },
    async run(scenarios) {
      rmSync(report, { force: true });
      const { output } = await run(
        folder,
        join(root, 'node_modules/.bin/vitest'),
        [
          'run',
          '--project=system',
          '--retry=0',
          '--reporter=json',
          `--outputFile=${report}`,
          'test/conformance/conformance.test.ts',
        ],
        {
          RADON_CONFORMANCE_NODES: runtime,
          RADON_CONFORMANCE_SCENARIOS: scenarios.join(','),
          RADON_CONFORMANCE_PATIENCE_MS: '6000',
        },
      );
      return { failed: readFailures(report), output };
    },
    /** Puts a fault in; the result takes it out again. Undefined when its place is not there exactly once. */
    mutate({ file, find, replace }) {
      const path = join(folder, file);
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      if (text.split(find).length !== 2) return undefined;
      writeFileSync(
        path,
        text.replace(find, () => replace),
      );
      return () => writeFileSync(path, text);
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
