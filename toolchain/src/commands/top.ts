import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { usageFailure } from '../failure.ts';
import { atomColumns, atomRows } from '../nodes/atom-rows.ts';
import { type NodeSession, withSession } from '../nodes/open.ts';
import { type NodeSnapshot, takeSnapshot } from '../nodes/snapshot.ts';
import { numberOption } from '../number-option.ts';
import { formatBytes, formatDuration } from '../output.ts';

interface Options {
  readonly interval: number;
  readonly once?: boolean;
}

/** Events handled by each atom in a second, by node and atom. */
type Rates = ReadonlyMap<string, number>;

const keyOf = (node: string, atom: string) => `${node}/${atom}`;

/** A count that went back starts anew: the atom or its node did. */
function ratesBetween(before: readonly NodeSnapshot[], now: readonly NodeSnapshot[], ms: number): Rates {
  const counts = (nodes: readonly NodeSnapshot[]) =>
    new Map(
      nodes.flatMap(({ node, atoms }) => atoms.map(({ name, inbox }) => [keyOf(node, name), inbox.done])),
    );
  const earlier = counts(before);
  return new Map(
    [...counts(now)].map(([key, done]) => {
      const last = earlier.get(key) ?? done;
      return [key, (1000 * (done < last ? done : done - last)) / ms];
    }),
  );
}

function nodeRow({ node, link, figures }: NodeSnapshot): string[] {
  if (figures === undefined) return [node, link];
  const { uptimeMs, ram, flash, counters } = figures;
  return [
    node,
    link,
    formatDuration(uptimeMs),
    `${formatBytes(ram.used)} of ${formatBytes(ram.total)}`,
    `${formatBytes(flash.used)} of ${formatBytes(flash.total)}`,
    String((counters.localMessages ?? 0) + (counters.remoteMessages ?? 0)),
    String(counters.traps ?? 0),
  ];
}

function printSnapshot(nodes: readonly NodeSnapshot[], rates: Rates, { output }: CommandContext): void {
  output.table(['NODE', 'LINK', 'UP', 'ATOM POOL', 'FLASH', 'MESSAGES', 'TRAPS'], nodes.map(nodeRow));
  const rows = nodes.flatMap(({ node, atoms }) =>
    atoms.flatMap((atom) => {
      const [first = [], ...instances] = atomRows(node, atom);
      const rate = rates.get(keyOf(node, atom.name));
      return [[...first, rate === undefined ? '-' : rate.toFixed(rate < 10 ? 1 : 0)], ...instances];
    }),
  );
  if (rows.length === 0) return;
  output.line();
  output.table([...atomColumns, 'EVENTS/S'], rows);
}

/** Snapshot after snapshot, until Ctrl-C or after the first. */
async function watch(
  session: NodeSession,
  names: readonly string[],
  options: Options,
  context: CommandContext,
) {
  const { output, signal } = context;
  for (const name of names) await session.node(name);
  let before: readonly NodeSnapshot[] = [];
  let takenAt = performance.now();
  for (let count = 0; ; count += 1) {
    const nodes = await takeSnapshot(session, names, signal);
    const now = performance.now();
    const rates: Rates = count === 0 ? new Map() : ratesBetween(before, nodes, now - takenAt);
    output.result({ nodes });
    if (options.once !== true && !output.json) clearScreen();
    printSnapshot(nodes, rates, context);
    if (options.once === true) return;
    before = nodes;
    takenAt = now;
    await sleep(options.interval * 1000, undefined, { signal });
  }
}

/** Cursor to the first column of the first line, everything behind it erased. */
function clearScreen(): void {
  process.stdout.write('\x1b[H\x1b[J');
}

const top: CommandModule = (program, context) => {
  program
    .command('top')
    .description('Nodes and atoms at work, again and again until Ctrl-C.')
    .argument('[nodes...]', 'only these nodes')
    .option('--interval <s>', 'seconds between two looks', numberOption('--interval', 0.1, 3600), 1)
    .option('--once', 'look once and end')
    .addHelpText('after', `\nExample: ${invocation} top --once`)
    .action((names: string[], options: Options) => {
      if (options.once !== true && !context.output.json && !process.stdout.isTTY)
        throw usageFailure(
          'Standard output is no terminal.',
          'Use --once for one look, or --json for one a line.',
        );
      return withSession(context, (session) => watch(session, names, options, context));
    });
};

export default top;
