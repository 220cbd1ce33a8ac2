// Long commands in one line each: what they print goes to `.radon/setup.log`.
import { spawn } from 'node:child_process';
import { fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './root.mjs';

const log = join(root, '.radon', 'setup.log');

/** Set-up cannot go on; the message is for the user. */
export class SetupError extends Error {}

/** Runs a command with a moving line on a terminal; its output goes to `.radon/setup.log`. */
export function runQuietly(title, command, args, options = {}) {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const output = openSync(log, 'a');
  const begin = fstatSync(output).size;
  const started = Date.now();
  const terminal = process.stderr.isTTY === true;
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const draw = () => process.stderr.write(`\r\x1b[2K… ${title}  ${seconds()}`);
  const timer = terminal ? setInterval(draw, 200) : undefined;
  if (!terminal) process.stderr.write(`… ${title}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', output, output], ...options });
    child.on('error', (error) => {
      clearInterval(timer);
      reject(new SetupError(`${title}: ${command} cannot be started (${error.code}).`));
    });
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      if (terminal) process.stderr.write('\r\x1b[2K');
      if (code === 0) {
        process.stderr.write(`✔ ${title}  ${seconds()}\n`);
        resolve();
        return;
      }
      const words = readFileSync(log)
        .subarray(begin)
        .toString()
        .trimEnd()
        .split('\n')
        .slice(-12)
        .join('\n  ');
      reject(
        new SetupError(
          `${title} failed (${signal ?? `exit ${code}`}).\n  ${words}\n  The whole log: .radon/setup.log`,
        ),
      );
    });
  });
}
