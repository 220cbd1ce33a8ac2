import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PayloadNeed } from '@radon/bridge/image';
import { CommandFailure, unreachable } from '../failure.ts';
import type { Workspace } from '../workspace.ts';

/** The configuration a need depends on, bytes. The memory is built into the module. */
export interface MeasuredLimits {
  readonly stack: number;
}

const emulator = 'qemu-system-arm';
const timeoutMs = 20_000;

/**
 * Exact RAM need of a module: the firmware's own engine loads and instantiates it as ARM code in QEMU. Cached by
 * module, stack and measuring program under `.radon/cache/need`.
 */
export async function measureModule(
  wasm: Uint8Array,
  limits: MeasuredLimits,
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<PayloadNeed> {
  const program = findProgram(workspace);
  const key = createHash('sha256')
    .update(readFileSync(program))
    .update(wasm)
    .update(`${limits.stack}`)
    .digest('hex');
  const cached = join(workspace.folder('cache', 'need'), `${key.slice(0, 32)}.json`);
  if (existsSync(cached)) return JSON.parse(readFileSync(cached, 'utf8')) as PayloadNeed;
  const need = await runProgram(program, wasm, limits, signal);
  writeFileSync(`${cached}.new`, JSON.stringify(need));
  renameSync(`${cached}.new`, cached);
  return need;
}

function findProgram({ distribution }: Workspace): string {
  const program = join(distribution, 'firmware', 'build', 'measure', 'measure.elf');
  if (existsSync(program)) return program;
  throw unreachable('The program that measures RAM is not built.', 'Run: npm run build:firmware');
}

async function runProgram(
  program: string,
  wasm: Uint8Array,
  { stack }: MeasuredLimits,
  signal: AbortSignal | undefined,
): Promise<PayloadNeed> {
  const folder = mkdtempSync(join(tmpdir(), 'radon-measure-'));
  try {
    writeFileSync(join(folder, 'atom.wasm'), wasm);
    return parseNeed(await runEmulator(emulatorArguments(program, stack), folder, signal));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function emulatorArguments(program: string, stack: number): string[] {
  const semihosting = `enable=on,target=native,arg=radon-measure,arg=atom.wasm,arg=${stack}`;
  const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'none'];
  return ['-M', 'netduinoplus2', ...quiet, '-semihosting-config', semihosting, '-kernel', program];
}

function runEmulator(args: readonly string[], cwd: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      emulator,
      args,
      { cwd, timeout: timeoutMs, ...(signal && { signal }) },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (signal?.aborted) reject(signal.reason);
        else if (error.code === 'ENOENT') {
          reject(
            unreachable(
              `${emulator} is not installed.`,
              'npm start installs it; radon doctor tells what is missing.',
            ),
          );
        } else {
          const reason = stdout.trim() || stderr.trim() || error.message;
          reject(new CommandFailure(`The module cannot be measured: ${reason}.`, { cause: error }));
        }
      },
    );
  });
}

/** One line of JSON: `{"load":…,"run":…,"engine":"…"}`. */
function parseNeed(text: string): PayloadNeed {
  const { load, run, engine } = JSON.parse(text) as Partial<PayloadNeed>;
  if (typeof load === 'number' && typeof run === 'number' && typeof engine === 'string')
    return { load, run, engine };
  throw new CommandFailure(`The measuring program answered ${text.trim()}.`, {
    remedy: 'Run: npm run build:firmware',
  });
}
