/** A program behind a terminal of its own, into which keys are typed. */
import { spawn } from 'node:child_process';

export interface Terminal {
  type(keys: string): void;
  /** Resolves with the match when the text since the last match shows it; throws with the text when it takes too long. */
  shows(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  close(): void;
}

/** 200 columns wide; ends with the process that opened it. */
export function openTerminal(
  command: readonly string[],
  cwd: string,
  variables: NodeJS.ProcessEnv,
): Terminal {
  const run = 'import os, pty, sys; pty.spawn(sys.argv[1:])';
  const child = spawn(
    'python3',
    ['-c', run, 'sh', '-c', 'stty cols 200 rows 50; exec "$@"', 'sh', ...command],
    {
      cwd,
      env: { ...process.env, ...variables },
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  let text = '';
  let look = () => {};
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    look();
  });
  return {
    type: (keys) => void child.stdin.write(keys),
    shows: (pattern, withinMs = 20_000) =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new Error(`the terminal did not show ${pattern}:\n${text}`));
        const timer = setTimeout(fail, withinMs);
        look = () => {
          const match = pattern.exec(text);
          if (match === null) return;
          clearTimeout(timer);
          text = text.slice(match.index + match[0].length);
          resolve(match);
        };
        look();
      }),
    close: () => void child.kill('SIGKILL'),
  };
}
