import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Limits, PayloadNeed } from '@radon/bridge/image';
import { isErrorName } from '@radon/bridge/problem';
import { type CommandFailure, unreachable } from '../failure.ts';
import { replaceFile } from '../replace-file.ts';
import type { Workspace } from '../workspace.ts';
import { moduleFailure } from './describe.ts';

/** The limits a need depends on, bytes. */
export type MeasuredLimits = Pick<Limits, 'memory' | 'stack'>;

const emulator = 'qemu-system-arm';
const machine = 'netduinoplus2';
const moduleFile = 'atom.wasm';
const timeoutMs = 20_000;

/**
 * Exact RAM need of a module: the firmware's own engine loads and instantiates it as ARM code in QEMU. Cached by
 * module, limits and measuring program under `.radon/cache/need`.
 */
export async function measureModule(
  wasm: Uint8Array,
  limits: MeasuredLimits,
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<PayloadNeed> {
  const program = findProgram(workspace);
  const cached = join(workspace.folder('cache', 'need'), `${cacheKey(program, wasm, limits)}.json`);
  if (existsSync(cached)) return JSON.parse(readFileSync(cached, 'utf8')) as PayloadNeed;
  const need = await runProgram(program, wasm, limits, signal);
  replaceFile(cached, JSON.stringify(need));
  return need;
}

function findProgram({ distribution }: Workspace): string {
  const program = join(distribution, 'firmware', 'build', 'measure', 'measure.elf');
  if (existsSync(program)) return program;
  throw unreachable('The program that measures RAM is not built.', 'Run: npm run build:firmware');
}

function cacheKey(program: string, wasm: Uint8Array, { memory, stack }: MeasuredLimits): string {
  const hash = createHash('sha256').update(readFileSync(program)).update(`${memory} ${stack}`).update(wasm);
  return hash.digest('hex').slice(0, 32);
}

async function runProgram(
  program: string,
  wasm: Uint8Array,
  limits: MeasuredLimits,
  signal: AbortSignal | undefined,
): Promise<PayloadNeed> {
  const folder = mkdtempSync(join(tmpdir(), 'radon-measure-'));
  try {
    writeFileSync(join(folder, moduleFile), wasm);
    return parseAnswer(await runEmulator(emulatorArguments(program, limits), folder, signal));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Arguments of the program: memory, stack, module (firmware/port/stm32f4/measure.c). */
function emulatorArguments(program: string, { memory, stack }: MeasuredLimits): string[] {
  const args = ['measure', memory, stack, moduleFile].map((arg) => `arg=${arg}`).join(',');
  const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'none'];
  const semihosting = `enable=on,target=native,${args}`;
  const fixed = ['-M', machine, '-icount', 'shift=0', ...quiet];
  return [...fixed, '-semihosting-config', semihosting, '-kernel', program];
}

/** Resolves with what the program printed; a module it refuses is told there too, by another exit code. */
function runEmulator(args: readonly string[], cwd: string, signal: AbortSignal | undefined): Promise<string> {
  const options = { cwd, timeout: timeoutMs, ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    execFile(emulator, args, options, (error, stdout, stderr) => {
      // Semihosting prints to QEMU's standard error.
      const answer = [stderr, stdout].find((text) => text.startsWith('{'));
      if (signal?.aborted) reject(signal.reason);
      else if (answer !== undefined) resolve(answer);
      else reject(emulatorFailure(error, stderr));
    });
  });
}

function emulatorFailure(
  cause: (Error & { readonly code?: unknown }) | null,
  stderr: string,
): CommandFailure {
  if (cause?.code === 'ENOENT') {
    return unreachable(
      `${emulator} is not installed.`,
      'npm start installs it; radon doctor tells what is missing.',
    );
  }
  const reason = stderr.trim().split('\n')[0] || 'it printed nothing';
  return unreachable(`The program that measures RAM did not answer: ${reason}.`, 'See: radon doctor', cause);
}

/** One line of JSON: `{"load":…,"run":…,"engine":"…"}`, or `{"problem":"…","detail":"…"}`. */
function parseAnswer(text: string): PayloadNeed {
  const { load, run, engine, problem, detail } = JSON.parse(text) as Partial<PayloadNeed> & Partial<Refusal>;
  if (isErrorName(problem)) throw moduleFailure({ error: problem, detail: detail ?? '' });
  if (load !== undefined && run !== undefined && engine !== undefined) return { load, run, engine };
  throw unreachable(`The program that measures RAM answered ${text.trim()}.`, 'Run: npm run build:firmware');
}

interface Refusal {
  readonly problem: string;
  readonly detail: string;
}
