import { readFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { commandTable, createProgram, invocation, topLevelHelp } from './command-line.ts';
import { describeFailure } from './describe-failure.ts';
import { CommandFailure, exitCode, usageFailure } from './failure.ts';
import { createOutput, type Output } from './output.ts';
import { openWorkspace } from './workspace.ts';

/** Commander's words for a wrong argument or option, as a sentence with the help to read. */
function describeUsage(error: CommanderError, command: string): CommandFailure {
  const words = error.message.replace(/^error: /, '');
  const sentence = `${words[0]?.toUpperCase()}${words.slice(1)}.`.replace(/\.\.$/, '.').replace(/\n/g, ' ');
  return usageFailure(sentence, `See: ${invocation} ${command} --help`.replace('  ', ' '));
}

function printFailure(error: unknown, command: string, output: Output): number {
  const failure = error instanceof CommanderError ? describeUsage(error, command) : describeFailure(error);
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

/** Commander says "help was shown" by throwing too: asked for, or because a subcommand is missing (a wrong usage). */
function exitCodeOfHelp(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  if (error.exitCode === 0) return exitCode.done;
  return error.code === 'commander.help' ? exitCode.usage : undefined;
}

/** `emu start`, as far as the arguments name commands. */
function commandPath(program: Command, args: readonly string[]): string {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const names: string[] = [];
  let command: Command | undefined = program;
  for (const word of words) {
    command = command?.commands.find((candidate) => candidate.name() === word);
    if (command === undefined) break;
    names.push(word);
  }
  return names.join(' ');
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Runs one command and sets the exit code of the process. */
export async function run(args: readonly string[]): Promise<void> {
  const name = args.find((arg) => !arg.startsWith('-'));
  const options = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined);
  const output = createOutput({ json: options.includes('--json'), verbose: options.includes('--verbose') });
  const entry = commandTable.find((candidate) => candidate.name === name);
  if (entry === undefined) {
    process.exitCode = runWithoutCommand(name, args, output);
    return;
  }
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new CommandFailure('Interrupted.', { exitCode: exitCode.interrupted }));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  endQuietlyWithTheReader();
  const program = createProgram();
  try {
    const { default: register } = await entry.load();
    register(program, { workspace: openWorkspace(), output, signal: interrupt.signal });
    await program.parseAsync(args, { from: 'user' });
    output.progress();
  } catch (error) {
    process.exitCode = interrupt.signal.aborted
      ? interrupted(output)
      : (exitCodeOfHelp(error) ?? printFailure(error, commandPath(program, args) || entry.name, output));
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function interrupted(output: Output): number {
  output.progress();
  return exitCode.interrupted;
}

/** `radon logs -f | head -1`: when nobody reads on, the command ends. */
function endQuietlyWithTheReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.kill(process.pid, 'SIGTERM');
  });
}

function runWithoutCommand(name: string | undefined, args: readonly string[], output: Output): number {
  if (name === undefined && args.includes('--version')) {
    process.stdout.write(`${version()}\n`);
    return exitCode.done;
  }
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
  const remedy = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `See: ${invocation} --help`;
  return printFailure(usageFailure(`There is no command "${name}".`, remedy), '', output);
}
