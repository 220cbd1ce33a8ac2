import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentFormat, method } from '@radon/bridge/tables';
import { type CommandModule, invocation } from '../command-line.ts';
import { unreadableFile } from '../failure.ts';
import { withSession } from '../nodes/open.ts';
import { command, nodeRequest } from '../nodes/state.ts';
import { numberOption, wholeNumberOption } from '../number-option.ts';

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadableFile(path, cause);
  }
}

/** A day, milliseconds. */
const longestPace = 86_400_000;

const feed: CommandModule = (program, context) => {
  const { output, signal } = context;
  program
    .command('feed')
    .description('Drive a simulated input from a column of a CSV file, one reading after the other.')
    .argument('<node>')
    .argument('<channel>')
    .argument('<file>')
    .requiredOption('--column <name>', 'which column')
    .option('--pace <ms>', 'milliseconds between two readings', numberOption('--pace', 0, longestPace), 1000)
    .option('--loop', 'start again at the end')
    .option('--limit <n>', 'stop after so many readings', wholeNumberOption('--limit', 1, 1e9))
    .addHelpText(
      'after',
      `\nExample: ${invocation} feed gauge-1 rain0 atoms-as/examples/rain/seattle-precipitation.csv --column precipitation --pace 200`,
    )
    .action(
      (
        name: string,
        channel: string,
        file: string,
        options: { column: string; pace: number; loop?: boolean; limit?: number },
      ) =>
        withSession(context, async (session) => {
          const { readColumn } = await import('../csv-column.ts');
          const values = readColumn(readFile(file), options.column);
          const node = await session.node(name);
          const limit = options.limit ?? (options.loop === true ? Number.POSITIVE_INFINITY : values.length);
          let fed = 0;
          for (; fed < limit && values.length > 0; fed += 1) {
            const value = values[fed % values.length] as number;
            const request = nodeRequest({
              method: method.PUT,
              path: ['io', channel],
              payload: new TextEncoder().encode(String(value)),
              contentFormat: contentFormat.TEXT,
            });
            await command(node, request, signal);
            output.progress(`${channel} = ${value}  (${fed + 1} of ${Number.isFinite(limit) ? limit : '∞'})`);
            if (fed + 1 < limit) await sleep(options.pace, undefined, { signal });
          }
          output.progress();
          output.result({ node: name, channel, fed });
          output.line(`${fed} readings fed to ${channel} of ${name}`);
        }),
    );
};

export default feed;
