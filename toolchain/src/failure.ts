/** Exit codes of the command (docs/reference/cli.md). */
export const exitCode = { done: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/**
 * What a user is told when a command does not succeed: one sentence, one remedy, never a stack trace.
 * The technical reason travels in `cause` and is printed with --verbose.
 */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly remedy: string;
  readonly exitCode: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    sentence: string,
    options: { remedy?: string; exitCode?: number; cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.remedy = options.remedy ?? '';
    this.exitCode = options.exitCode ?? exitCode.failed;
    this.details = options.details ?? {};
  }
}

/** A wrong argument or option: exit code 2. */
export function usageFailure(sentence: string, remedy = ''): CommandFailure {
  return new CommandFailure(sentence, { remedy, exitCode: exitCode.usage });
}

/** A target or a tool that cannot be reached: exit code 3. */
export function unreachable(sentence: string, remedy = '', cause?: unknown): CommandFailure {
  return new CommandFailure(sentence, { remedy, exitCode: exitCode.unreachable, cause });
}

/** A file named on the command line: exit code 2. */
export function unreadableFile(file: string, cause: unknown): CommandFailure {
  const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  return new CommandFailure(isMissing ? `There is no file ${file}.` : `The file ${file} cannot be read.`, {
    remedy: 'Check the path; it starts at the folder you stand in.',
    exitCode: exitCode.usage,
    cause,
  });
}
