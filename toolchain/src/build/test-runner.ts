import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailure } from '../failure.ts';
import type { AtomProject, AtomTestCase, AtomTestReport } from './types.ts';

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  readonly testResults: readonly {
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly duration?: number;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

const configuration = fileURLToPath(new URL('../../template/atom-tests.config.mjs', import.meta.url));

export interface TestOptions {
  readonly signal?: AbortSignal;
}

/** An atom, or an application: what has tests. */
export type TestSubject = Pick<AtomProject, 'name' | 'folder' | 'testFile'>;

/** Runs the test file of an atom or an application in a process of its own; a failed case is a value. */
export async function runAtomTests(subject: TestSubject, options: TestOptions = {}): Promise<AtomTestReport> {
  const { name, testFile, folder } = subject;
  if (testFile === undefined) {
    throw new CommandFailure(`${name} has no atom.test.ts.`, {
      remedy: 'radon new NAME shows what one looks like.',
    });
  }
  const results = mkdtempSync(join(tmpdir(), 'radon-test-'));
  const report = join(results, 'report.json');
  const args = [
    'run',
    '--root',
    folder,
    '--config',
    configuration,
    '--reporter=json',
    `--outputFile=${report}`,
  ];
  try {
    const output = await runVitest(args, options.signal);
    if (!existsSync(report)) throw new CommandFailure(`The tests of ${name} did not run.`, { cause: output });
    return summarize(JSON.parse(readFileSync(report, 'utf8')) as VitestReport);
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

/** Resolves with what it printed; failed tests and a failed start look alike from outside, the report tells. */
function runVitest(args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [vitest, ...args], { ...(signal && { signal }) }, (_error, stdout, stderr) => {
      if (signal?.aborted) reject(signal.reason);
      else resolve(`${stdout}${stderr}`);
    });
  });
}

function summarize({ testResults }: VitestReport): AtomTestReport {
  const cases = testResults.flatMap(({ assertionResults, message }): AtomTestCase[] =>
    assertionResults.length === 0
      ? [{ name: 'atom.test.ts', passed: false, durationMs: 0, message: message ?? 'no tests found' }]
      : assertionResults.map(({ fullName, status, duration = 0, failureMessages: [first] = [] }) => ({
          name: fullName.trim(),
          passed: status === 'passed',
          durationMs: duration,
          ...(first !== undefined && { message: first.split('\n')[0] ?? first }),
        })),
  );
  const passed = cases.filter((entry) => entry.passed).length;
  return { passed, failed: cases.length - passed, cases };
}
