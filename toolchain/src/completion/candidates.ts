/** What may stand at the end of a command line, found by walking the tree of commands that also reads it. */
import type { Argument, Command, Option } from 'commander';
import { type CommandContext, commandTable, createProgram } from '../command-line.ts';
import { namesFor } from './names.ts';

export interface Candidate {
  readonly word: string;
  readonly summary?: string | undefined;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Whether the name of a file may stand here too. */
  readonly files: boolean;
}

const nothing: Completion = { candidates: [], files: false };

/** `words` are those behind `radon` up to the cursor; the last one, which may be empty, is completed. */
export async function complete(words: readonly string[], context: CommandContext): Promise<Completion> {
  // Options of every command may stand before it.
  const start = words.slice(0, -1).findIndex((word) => !word.startsWith('-'));
  const [name = '', ...rest] = words.slice(start === -1 ? -1 : start);
  const entry = commandTable.find((candidate) => candidate.name === name);
  const completion =
    rest.length === 0
      ? completeName(name)
      : entry === undefined
        ? nothing
        : await completeIn(entry, rest, context);
  const word = words.at(-1) ?? '';
  return {
    ...completion,
    candidates: completion.candidates.filter((candidate) => candidate.word.startsWith(word)),
  };
}

function completeName(word: string): Completion {
  const candidates = word.startsWith('-')
    ? optionsOf([createProgram().version('')])
    : commandTable.map(({ name, summary }) => ({ word: name, summary }));
  return { candidates, files: false };
}

async function completeIn(
  entry: (typeof commandTable)[number],
  words: readonly string[],
  context: CommandContext,
): Promise<Completion> {
  const program = createProgram();
  const { default: register } = await entry.load();
  register(program, context);
  const line = readLine(program, [entry.name, ...words.slice(0, -1)]);
  return completeWord(line, words.at(-1) ?? '', context);
}

interface Line {
  readonly command: Command;
  /** Arguments that stand already. */
  readonly given: readonly string[];
  /** The option whose value comes next; a variadic one also takes more. */
  readonly open: Option | undefined;
  /** Behind `--` nothing is an option. */
  readonly isLiteral: boolean;
}

function readLine(program: Command, words: readonly string[]): Line {
  let line: Line = { command: program, given: [], open: undefined, isLiteral: false };
  for (const word of words) line = readWord(line, word);
  return line;
}

function readWord(line: Line, word: string): Line {
  const { command, given, open, isLiteral } = line;
  if (!isLiteral && word === '--') return { ...line, open: undefined, isLiteral: true };
  if (!isLiteral && word.startsWith('-'))
    return { ...line, open: word.includes('=') ? undefined : takesValue(command, word) };
  if (open !== undefined) return { ...line, open: open.variadic ? open : undefined };
  const subcommand = command.commands.find((candidate) => candidate.name() === word);
  if (subcommand !== undefined && given.length === 0) return { ...line, command: subcommand };
  return { ...line, given: [...given, word] };
}

function takesValue(command: Command, flag: string): Option | undefined {
  const option = command.options.find(({ long, short }) => long === flag || short === flag);
  return option?.required === true || option?.optional === true ? option : undefined;
}

async function completeWord(line: Line, word: string, context: CommandContext): Promise<Completion> {
  const { command, given, open, isLiteral } = line;
  const [flag, value] = word.split('=', 2);
  if (!isLiteral && word.startsWith('--') && value !== undefined) {
    return prefixed(`${flag}=`, await completeValue(takesValue(command, flag ?? ''), line, context));
  }
  if (!isLiteral && word.startsWith('-')) return { candidates: optionsOf(ancestors(command)), files: false };
  if (open !== undefined) return completeValue(open, line, context);
  if (command.commands.length > 0) return { candidates: command.commands.map(describeCommand), files: false };
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[given.length] ?? (last?.variadic === true ? last : undefined);
  const completion = await completeValue(argument, line, context);
  return {
    ...completion,
    candidates: completion.candidates.filter((candidate) => !given.includes(candidate.word)),
  };
}

function prefixed(prefix: string, { candidates }: Completion): Completion {
  return { candidates: candidates.map(({ word }) => ({ word: `${prefix}${word}` })), files: false };
}

async function completeValue(
  place: Option | Argument | undefined,
  { command }: Line,
  context: CommandContext,
): Promise<Completion> {
  if (place === undefined) return nothing;
  if (place.argChoices !== undefined) {
    return { candidates: place.argChoices.map((word) => ({ word })), files: false };
  }
  const { names, files } = await namesFor(placeholderOf(place), command.name(), context);
  return { candidates: names.map((word) => ({ word })), files };
}

/** `node` of `--to <node...>` and of `[node...]`. */
function placeholderOf(place: Option | Argument): string {
  return 'flags' in place ? (/[<[]([^\].>]+)/.exec(place.flags)?.[1] ?? '') : place.name();
}

const describeCommand = (command: Command): Candidate => ({
  word: command.name(),
  summary: command.summary() || command.description(),
});

function ancestors(command: Command): readonly Command[] {
  return command.parent === null ? [command] : [command, ...ancestors(command.parent)];
}

function optionsOf(commands: readonly Command[]): readonly Candidate[] {
  const options = commands.flatMap((command) => command.options).filter(({ hidden }) => !hidden);
  const help = { word: '--help', summary: 'options and an example' };
  return [...options.map(({ long, description }) => ({ word: long ?? '', summary: description })), help];
}
