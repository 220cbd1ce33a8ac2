import { createInterface } from 'node:readline';
import { followLog } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { method } from '@radon/bridge/tables';
import { withNames } from '../atoms/function-names.ts';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { showAnswer } from '../exchange.ts';
import { CommandFailure, exitCode } from '../failure.ts';
import { nodeRequest } from '../nodes/state.ts';
import { expectSuccess } from '../representation.ts';
import { type Asked, parseAsked } from '../run/requests.ts';
import type { RunnableAtom } from '../run/source.ts';
import { type AtomEnd, untilIdle, watchEnd } from '../run/watch-end.ts';
import { formatLogLine } from './logs.ts';

interface Options {
  readonly asked: readonly Asked[];
  readonly stdin?: boolean;
}

async function runAtom(source: string, options: Options, context: CommandContext): Promise<void> {
  const { readRunnable } = await import('../run/source.ts');
  const { openLoneNode } = await import('../run/lone-node.ts');
  const atom = await readRunnable(source, context);
  const lone = await openLoneNode();
  const closeLog = showLog(lone.node, atom, context);
  try {
    await lone.start(atom, context.signal);
    await runToEnd(lone.node, atom, options, context);
  } finally {
    await closeLog();
    await lone.close();
  }
}

/** Shows log lines on standard error until the returned function is called. */
function showLog(node: NodePort, atom: RunnableAtom, { output }: CommandContext): () => Promise<void> {
  const named = (line: string) => withNames(line, (index) => atom.functionNames.get(index));
  const log = followLog(node, {
    lines: (lines) => {
      for (const entry of lines) output.note(formatLogLine({ ...entry, line: named(entry.line) }));
    },
  });
  return async () => {
    // Whatever was logged before this is answered is shown before the next turn.
    await node.request(nodeRequest({ method: method.GET, path: ['log'] })).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    log.close();
  };
}

/** Until the atom has ended, or until everything that was asked is answered and done; else until Ctrl-C. */
async function runToEnd(
  node: NodePort,
  atom: RunnableAtom,
  { asked, stdin = false }: Options,
  context: CommandContext,
): Promise<void> {
  const { name } = atom.manifest;
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const ended = watchEnd(node, name, signal);
  const ask = async (): Promise<AtomEnd | undefined> => {
    for (const one of asked) await askOne(node, name, one, context);
    if (stdin) await askLines(node, name, { ...context, signal });
    if (asked.length === 0 && !stdin) {
      context.output.note(`${name} runs (Ctrl-C ends it).`);
      return ended;
    }
    return untilIdle(node, name, signal);
  };
  try {
    const end = await Promise.race([ask(), ended]);
    if (end !== undefined) reportEnd(end, atom);
  } finally {
    ended.catch(() => undefined);
    stopping.abort();
  }
}

/** What ended by `exit` with a code other than 0 has failed, like what trapped. */
function reportEnd({ state, hasFailed }: AtomEnd, { manifest, functionNames }: RunnableAtom): void {
  const { trap, reason, exitCode: code = 0 } = state;
  if (!hasFailed && code === 0) return;
  const failed = trap === undefined ? reason : `${trap.kind} in function ${trap.function}: ${trap.reason}`;
  const why = hasFailed ? `failed: ${failed ?? 'no reason is known'}` : `exited with ${code}`;
  throw new CommandFailure(`${manifest.name} ${withNames(why, (index) => functionNames.get(index))}.`, {
    exitCode: exitCode.failed,
  });
}

async function askOne(
  node: NodePort,
  atom: string,
  { text, request }: Asked,
  { output, signal }: CommandContext,
): Promise<void> {
  const answer = await node.request(request(atom), signal);
  showAnswer(expectSuccess(answer, node.name), output, { asked: text });
}

/** One thing asked a line; empty lines and those that begin with # are none. */
async function askLines(node: NodePort, atom: string, context: CommandContext): Promise<void> {
  const lines = createInterface({ input: process.stdin, signal: context.signal });
  try {
    for await (const line of lines)
      if (!/^\s*(#|$)/.test(line)) await askOne(node, atom, parseAsked(line), context);
  } finally {
    lines.close();
  }
}

const register: CommandModule = (program, context) => {
  const asked: Asked[] = [];
  const collect = (verb: string) => (text: string) => asked.push(parseAsked(`${verb} ${text}`));
  program
    .command('run')
    .description('Run one atom in a node of this process alone, until it ends or Ctrl-C; nothing is kept.')
    .argument('[source]', 'name, folder, .atom or .wasm file', '.')
    .option('--get <path>', 'GET a resource of it; may be repeated', collect('get'))
    .option('--post <path>', 'POST to one: PATH, a space, BODY; may be repeated', collect('post'))
    .option('--send <text>', 'send it a message; may be repeated', collect('send'))
    .option('--stdin', 'do what lines of standard input say: get, post, put, delete, send, feed')
    .addHelpText('after', `\nExample: ${invocation} run rain --get threshold`)
    .action((source: string, { stdin = false }: { stdin?: boolean }) =>
      runAtom(source, { stdin, asked }, context),
    );
};

export default register;
