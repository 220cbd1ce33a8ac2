import {
  createReconnectingLink,
  type Link,
  openSerialLink,
  openStreamLink,
  serialTiming,
} from '@radon/bridge/link';
import { readBridgeRecord } from '@radon/bridge/process';
import { type CommandModule, invocation } from '../command-line.ts';
import { selectBoards } from '../emulator/fleet.ts';
import { unreachable, usageFailure } from '../failure.ts';
import { lockLinks } from '../nodes/lock.ts';
import type { Workspace } from '../workspace.ts';

const baud = 115_200;

function lineOf(board: string, workspace: Workspace): { name: string; open: () => Promise<Link> } {
  if (board.startsWith('/dev/')) return { name: board, open: () => openSerialLink({ path: board, baud }) };
  const [emulated] = selectBoards(workspace, [board]);
  if (emulated === undefined) throw usageFailure(`There is no board ${board}.`);
  return { name: emulated.socket, open: () => openStreamLink({ to: emulated.socket, baud }) };
}

const monitor: CommandModule = (program, { workspace, output, signal }) => {
  program
    .command('monitor')
    .description('Show the diagnostic text a board writes beside CoAP on its serial line, until Ctrl-C.')
    .argument('<board>', 'an emulated board or a serial device such as /dev/ttyACM0')
    .addHelpText('after', `\nExample: ${invocation} monitor gauge-1`)
    .action(async (board: string) => {
      const bridge = readBridgeRecord(workspace.radon);
      if (bridge !== undefined) {
        throw unreachable(
          `The bridge (pid ${bridge.pid}) owns the serial lines and prints their diagnostics itself.`,
          'Look there, or stop the bridge first.',
        );
      }
      const unlock = await lockLinks(workspace, signal);
      const { name, open } = lineOf(board, workspace);
      const link = createReconnectingLink(name, open, { timing: serialTiming(baud) });
      try {
        await new Promise<never>((_resolve, reject) => {
          link.attach({
            datagrams() {},
            state: (state) => output.note(`${board}: line ${state}`),
            diagnostic(text) {
              output.result({ board, text });
              output.line(text.trimEnd());
            },
          });
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      } finally {
        await link.close();
        unlock();
      }
    });
};

export default monitor;
