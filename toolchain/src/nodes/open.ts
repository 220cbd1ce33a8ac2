import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CoapClient, createCoapContext } from '@radon/bridge/coap';
import { createDevice, waitUntilUp } from '@radon/bridge/device';
import { decodeFields } from '@radon/bridge/fields';
import { createReconnectingLink, openStreamLink, openUdpClient, serialTiming } from '@radon/bridge/link';
import { RadonError } from '@radon/bridge/problem';
import type { NodePort, NodeState } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import type { CommandContext } from '../command-line.ts';
import { listEmulatedBoards } from '../emulator/state.ts';
import { CommandFailure, unreachable } from '../failure.ts';
import type { Output } from '../output.ts';
import { isRunning, type ProcessRecord } from '../process/record.ts';
import { expectSuccess } from '../representation.ts';
import type { Workspace } from '../workspace.ts';
import { lockLinks } from './lock.ts';
import { readAtoms } from './state.ts';

/** What a running bridge says of itself in `.radon/run/bridge.json`. */
export interface BridgeRecord extends ProcessRecord {
  /** HTTP base, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** CoAP base, such as `coap://127.0.0.1:5683`. */
  readonly coap: string;
}

/**
 * The nodes a command can reach: through the running bridge, or, without one, over the links of the emulated boards
 * opened by this command itself (a serial line has one opener).
 */
export interface NodeSession {
  /** The bridge that is used; undefined when the command opened the links itself. */
  readonly bridge: BridgeRecord | undefined;
  list(): Promise<readonly NodeState[]>;
  /** Throws `NO_SUCH_NODE` for an unknown name. */
  node(name: string): Promise<NodePort>;
  close(): Promise<void>;
}

const reachableWithinMs = 5_000;

/** The bridge that runs in this workspace, if one does. */
export function runningBridge(workspace: Workspace): BridgeRecord | undefined {
  const file = join(workspace.radon, 'run', 'bridge.json');
  if (!existsSync(file)) return undefined;
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as BridgeRecord;
    return isRunning(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** A client whose paths start below `prefix`: the bridge shows a node's tree under `/nodes/{node}`. */
function belowPrefix(client: CoapClient, prefix: readonly string[]): CoapClient {
  const below = (path: string | readonly string[]) => [
    ...prefix,
    ...(typeof path === 'string' ? path.split('/').filter((segment) => segment !== '') : path),
  ];
  return {
    request: (request, options) => client.request({ ...request, path: below(request.path) }, options),
    observe: (request, observer, options) =>
      client.observe({ ...request, path: below(request.path) }, observer, options),
    ping: (options) => client.ping(options),
    setNstart: (nstart, to) => client.setNstart(nstart, to),
    get counters() {
      return client.counters;
    },
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function openBridgeSession(bridge: BridgeRecord): Promise<NodeSession> {
  const { hostname, port } = new URL(bridge.coap);
  const address = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
  const client = createCoapContext(await openUdpClient(address));
  const opened = new Map<string, NodePort>();
  const list = async () => {
    const request = { method: method.GET, path: ['nodes'], accept: contentFormat.CBOR };
    return decodeFields(
      expectSuccess(await client.request(request), 'bridge').payload,
    ) as unknown as NodeState[];
  };
  return {
    bridge,
    list,
    async node(name) {
      const known = opened.get(name);
      if (known !== undefined) return known;
      if (!(await list()).some((state) => state.name === name))
        throw new RadonError('NO_SUCH_NODE', { name });
      const node = createDevice({
        name,
        link: await openUdpClient(address),
        createClient: (link) => belowPrefix(createCoapContext(link), ['nodes', name]),
      });
      opened.set(name, node);
      await waitUntilUp(node, reachableWithinMs);
      return node;
    },
    async close() {
      await Promise.all([...opened.values()].map((node) => node.close()));
      await client.close();
    },
  };
}

async function openDirectSession(workspace: Workspace): Promise<NodeSession> {
  const unlock = await lockLinks(workspace);
  const nodes = new Map<string, NodePort>();
  for (const { board, running } of listEmulatedBoards(workspace)) {
    if (!running) continue;
    const link = createReconnectingLink(`unix:${board.socket}`, () => openStreamLink({ to: board.socket }), {
      timing: serialTiming(115_200),
    });
    nodes.set(
      board.name,
      createDevice({ name: board.name, link, createClient: (own) => createCoapContext(own) }),
    );
  }
  const settle = (node: NodePort) => waitUntilUp(node, reachableWithinMs).catch(() => undefined);
  return {
    bridge: undefined,
    async list() {
      await Promise.all([...nodes.values()].map(settle));
      return [...nodes.values()].map((node) => node.state());
    },
    async node(name) {
      const node = nodes.get(name);
      if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name });
      await waitUntilUp(node, reachableWithinMs);
      return node;
    },
    async close() {
      await Promise.all([...nodes.values()].map((node) => node.close()));
      unlock();
    },
  };
}

/** Opens a session, runs `action` in it, closes it whatever happens. */
export async function withSession<T>(
  { workspace }: Pick<CommandContext, 'workspace'>,
  action: (session: NodeSession) => Promise<T>,
): Promise<T> {
  const bridge = runningBridge(workspace);
  const session = bridge === undefined ? await openDirectSession(workspace) : await openBridgeSession(bridge);
  try {
    return await action(session);
  } finally {
    await session.close();
  }
}

/** The named nodes, each of which must answer; or every node that answers, with a note on those that do not. */
export async function reachableNodes(
  session: NodeSession,
  names: readonly string[],
  output: Output,
): Promise<readonly NodePort[]> {
  if (names.length > 0) return Promise.all(names.map((name) => session.node(name)));
  const states = await session.list();
  if (states.length === 0) {
    throw unreachable(
      'No node can be reached.',
      'Start a board (radon emu start NAME) or the bridge (radon bridge).',
    );
  }
  for (const lost of states.filter((state) => state.link === 'lost')) {
    output.note(`${lost.name} does not answer (${lost.lastError ?? 'lost'})`);
  }
  return Promise.all(states.filter((state) => state.link === 'up').map((state) => session.node(state.name)));
}

/** The nodes that hold an atom, out of the named ones or all; throws when none does. */
export async function atomTargets(
  session: NodeSession,
  atom: string,
  names: readonly string[],
  context: CommandContext,
): Promise<readonly NodePort[]> {
  const nodes = await reachableNodes(session, names, context.output);
  const holders: NodePort[] = [];
  for (const node of nodes) {
    const atoms = await readAtoms(node, context.signal);
    if (atoms.some((state) => state.name === atom)) holders.push(node);
  }
  if (holders.length > 0) return holders;
  const where = nodes.map((node) => node.name).join(', ') || 'any node';
  throw new CommandFailure(`There is no atom ${atom} on ${where}.`, { remedy: 'radon ps lists them.' });
}
