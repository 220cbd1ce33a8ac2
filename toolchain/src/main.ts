import { type ErrorName, errorTable } from '@radon/bridge/tables';
import { CommanderError } from 'commander';
import { commandTable, createProgram, invocation, topLevelHelp } from './command-line.ts';
import { CommandFailure, exitCode } from './failure.ts';
import { createOutput, type Output } from './output.ts';
import { openWorkspace } from './workspace.ts';

/** What any thrown value becomes for the user: sentence, remedy, exit code. */
function describeFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (error instanceof CommanderError) {
    const sentence = error.message.replace(/^error: /, '');
    return new CommandFailure(`${sentence[0]?.toUpperCase()}${sentence.slice(1)}.`.replace(/\.\.$/, '.'), {
      exitCode: exitCode.usage,
      remedy: `See ${invocation} --help.`,
    });
  }
  if (isBridgeError(error)) {
    return new CommandFailure(error.message, {
      remedy: error.remedy,
      exitCode: errorTable[error.code].exit,
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CommandFailure(message, { cause: error });
}

/** RadonError of the bridge, told by name so that its module is loaded only by commands that need it. */
function isBridgeError(
  error: unknown,
): error is Error & { readonly code: ErrorName; readonly remedy: string } {
  return error instanceof Error && error.name === 'RadonError';
}

function printFailure(error: unknown, command: string, output: Output): number {
  const failure = describeFailure(error);
  output.progress();
  if (output.json) {
    output.result({ error: { sentence: failure.message, remedy: failure.remedy, ...failure.details } });
  }
  output.note(`${['radon', command].join(' ').trim()}: ${failure.message}`);
  if (failure.remedy !== '') output.note(`  ${failure.remedy}`);
  if (output.verbose && failure.cause !== undefined) output.note(causeText(failure.cause));
  return failure.exitCode;
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

/** Commander says "help was shown" by throwing too. */
function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/** Runs one command and sets the exit code of the process. */
export async function run(args: readonly string[]): Promise<void> {
  const name = args.find((arg) => !arg.startsWith('-'));
  const output = createOutput({ json: args.includes('--json'), verbose: args.includes('--verbose') });
  const entry = commandTable.find((candidate) => candidate.name === name);
  if (entry === undefined) {
    process.exitCode = runWithoutCommand(name, args, output);
    return;
  }
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new CommandFailure('Interrupted.', { exitCode: exitCode.interrupted }));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const program = createProgram();
    const { default: register } = await entry.load();
    register(program, { workspace: openWorkspace(), output, signal: interrupt.signal });
    await program.parseAsync(args, { from: 'user' });
    output.progress();
  } catch (error) {
    if (isHelp(error)) return;
    process.exitCode = interrupt.signal.aborted
      ? exitCode.interrupted
      : printFailure(error, entry.name, output);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function runWithoutCommand(name: string | undefined, args: readonly string[], output: Output): number {
  if (name === undefined && (args.includes('--help') || args.includes('-h'))) {
    process.stdout.write(`${topLevelHelp()}\n`);
    return exitCode.done;
  }
  if (name === undefined) {
    process.stderr.write(`${topLevelHelp()}\n`);
    return exitCode.usage;
  }
  const near = commandTable
    .filter((entry) => entry.name.startsWith(name.slice(0, 2)))
    .map((entry) => entry.name);
  const remedy = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `See ${invocation} --help.`;
  return printFailure(
    new CommandFailure(`There is no command "${name}".`, { remedy, exitCode: exitCode.usage }),
    '',
    output,
  );
}
