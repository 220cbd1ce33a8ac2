import { readBridgeRecord } from '@radon/bridge/process';
import type { NodeState } from '@radon/bridge/registry';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { type DeviceRow, deviceRows } from '../devices/device-rows.ts';
import { type CoapServer, discoverCoapServers } from '../devices/discovery.ts';
import { listSerialPorts } from '../devices/serial-ports.ts';
import { listEmulatedBoards } from '../emulator/state.ts';
import { unreachable } from '../failure.ts';
import { withSession } from '../nodes/open.ts';
import { numberOption } from '../number-option.ts';

/** Longer than a server may take for its answer (DEFAULT_LEISURE of RFC 7252 section 8.2). */
const defaultWaitS = 6;

/** The nodes of the bridge; none where there is no bridge. */
async function bridgeNodes(context: CommandContext): Promise<readonly NodeState[]> {
  if (readBridgeRecord(context.workspace.radon) === undefined) return [];
  return withSession(context, (session) => session.list());
}

async function discover(waitS: number, { output, signal }: CommandContext): Promise<readonly CoapServer[]> {
  if (waitS === 0) return [];
  output.progress(`Asking the networks for CoAP servers, ${waitS} s (--wait 0 leaves it out)`);
  const servers = await discoverCoapServers(waitS * 1000, signal);
  output.progress();
  return servers;
}

function print(rows: readonly DeviceRow[], { output }: CommandContext): void {
  output.result(rows);
  if (rows.length === 0) {
    output.line('No nodes, boards or serial ports.');
    output.line(`Plug a board in, or start an emulated one: ${invocation} emu start NAME`);
    return;
  }
  output.table(
    ['NAME', 'KIND', 'STATE', 'ADDRESS', 'WHAT'],
    rows.map(({ name = '-', kind, state, address, what }) => [name, kind, state, address || '-', what]),
  );
  for (const { remedy } of rows) if (remedy !== undefined) output.note(remedy);
  const board = rows.find(
    ({ kind, state, role }) => kind === 'serial' && state === 'ready' && role === 'board',
  );
  if (board !== undefined) output.note(`next: ${invocation} bridge --serial NAME=${board.address}`);
}

/** What can be listed is listed, also where a part cannot; that part is told afterwards. */
async function devices(waitS: number, context: CommandContext): Promise<void> {
  const [nodes, ports, servers] = await Promise.allSettled([
    bridgeNodes(context),
    listSerialPorts(),
    discover(waitS, context),
  ]);
  context.signal.throwIfAborted();
  const listed = <T>(part: PromiseSettledResult<readonly T[]>) =>
    part.status === 'fulfilled' ? part.value : [];
  const rows = deviceRows({
    nodes: listed(nodes),
    boards: listEmulatedBoards(context.workspace),
    ports: listed(ports),
    servers: listed(servers),
  });
  print(rows, context);
  if (nodes.status === 'rejected') throw nodes.reason;
  if (ports.status === 'rejected') {
    throw unreachable(
      'The serial ports cannot be listed.',
      'Install the npm package: npm install serialport',
      ports.reason,
    );
  }
  if (servers.status === 'rejected') throw servers.reason;
}

const register: CommandModule = (program, context) => {
  program
    .command('devices')
    .description('What is or could be a node: nodes, emulated boards, serial ports, CoAP servers nearby.')
    .option(
      '--wait <s>',
      'how long CoAP servers on the networks have for their answer; 0: they are not asked',
      numberOption('--wait', 0, 60),
      defaultWaitS,
    )
    .addHelpText('after', `\nExample: ${invocation} devices`)
    .action(({ wait }: { wait: number }) => devices(wait, context));
};

export default register;
