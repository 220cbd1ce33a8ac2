/** The real `radon` command as a child process, in a project of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandTable } from '@radon/toolchain';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const launcher = join(root, 'toolchain', 'bin', 'radon.js');
const longestRunMs = 50_000;

export interface CommandResult {
  /** Exit code; the signal's name when one ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that waits: `dev`, `bridge`, `logs -f` … */
export interface RunningCommand {
  readonly process: ChildProcess;
  /** Everything it wrote so far, both streams. */
  text(): string;
  /** Resolves when the text matches, with the match; throws with the text when it ends or takes too long. */
  until(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  /** Ctrl-C; resolves when it has ended. */
  interrupt(): Promise<CommandResult>;
  kill(signal: NodeJS.Signals): Promise<CommandResult>;
}

export interface Scratch {
  /** A folder with a package.json that depends on the toolchain, outside the repository. */
  readonly folder: string;
  radon(...args: string[]): Promise<CommandResult>;
  /** The same with other environment variables. */
  radonWith(variables: NodeJS.ProcessEnv, ...args: string[]): Promise<CommandResult>;
  start(...args: string[]): RunningCommand;
  write(path: string, text: string): void;
  /** Ends what still runs (boards, waiting commands) and removes the folder. */
  close(): Promise<void>;
}

export const commandNames = commandTable.map(({ name }) => name);

const environment = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };

export function openScratch(): Scratch {
  const temporary = makeTemporaryFolder();
  const folder = temporary.path;
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: { '@radon/toolchain': '0.1.0' } }),
  );
  const packages = join(folder, 'node_modules', '@radon');
  mkdirSync(packages, { recursive: true });
  for (const name of ['toolchain', 'atoms-as', 'bridge']) symlinkSync(join(root, name), join(packages, name));
  const waiting = new Set<RunningCommand>();
  const radon = (...args: string[]) => runCommand(folder, args, environment);
  return {
    folder,
    radon,
    radonWith: (variables, ...args) => runCommand(folder, args, { ...environment, ...variables }),
    start(...args) {
      const command = startCommand(folder, args);
      waiting.add(command);
      command.process.once('exit', () => waiting.delete(command));
      return command;
    },
    write(path, text) {
      const file = join(folder, path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text);
    },
    async close() {
      await Promise.all([...waiting].map((command) => command.kill('SIGKILL')));
      await radon('emu', 'stop');
      await temporary.remove();
    },
  };
}

function runCommand(folder: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const options = { cwd: folder, env, timeout: longestRunMs, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? 'unknown'), stdout, stderr });
    });
  });
}

function startCommand(folder: string, args: readonly string[]): RunningCommand {
  const child = spawn(process.execPath, [launcher, ...args], { cwd: folder, env: environment });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    tell();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    tell();
  });
  const ended = new Promise<CommandResult>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code: code ?? signal ?? 'unknown', stdout, stderr });
      tell();
    });
  });
  const text = () => stdout + stderr;
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    process: child,
    text,
    until: (pattern, withinMs = 20_000) => untilText({ pattern, withinMs, text, listeners, ended, args }),
    interrupt: () => kill('SIGINT'),
    kill,
  };
}

interface Expected {
  readonly pattern: RegExp;
  readonly withinMs: number;
  readonly text: () => string;
  readonly listeners: Set<() => void>;
  readonly ended: Promise<CommandResult>;
  readonly args: readonly string[];
}

function untilText({ pattern, withinMs, text, listeners, ended, args }: Expected): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      listeners.delete(look);
      settle();
    };
    const fail = (why: string) =>
      finish(() => reject(new Error(`radon ${args.join(' ')} ${why}; it wrote:\n${text()}`)));
    const look = () => {
      const match = pattern.exec(text());
      if (match !== null) finish(() => resolve(match));
    };
    const timer = setTimeout(() => fail(`did not write ${pattern} within ${withinMs} ms`), withinMs);
    listeners.add(look);
    look();
    void ended.then(() => {
      look();
      fail(`ended before it wrote ${pattern}`);
    });
  });
}
