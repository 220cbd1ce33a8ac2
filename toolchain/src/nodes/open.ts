import { type CoapClient, createCoapContext } from '@radon/bridge/coap';
import { createDevice, waitUntilUp } from '@radon/bridge/device';
import { decodeFields } from '@radon/bridge/fields';
import {
  createReconnectingLink,
  defaultBaud,
  openStreamLink,
  openUdpClient,
  serialTiming,
} from '@radon/bridge/link';
import { RadonError } from '@radon/bridge/problem';
import { type BridgeRecord, readBridgeRecord } from '@radon/bridge/process';
import type { NodePort, NodeResponse, NodeState } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import type { CommandContext } from '../command-line.ts';
import { withDeadline } from '../deadline.ts';
import { type EmulatedBoard, listEmulatedBoards } from '../emulator/state.ts';
import { CommandFailure, unreachable } from '../failure.ts';
import { expectSuccess } from '../representation.ts';
import type { Workspace } from '../workspace.ts';
import { hostNodeName } from './host-node-name.ts';
import { lockLinks } from './lock.ts';
import { readAtoms } from './state.ts';

/**
 * The nodes a command can reach: through the running bridge, or, without one, over the links of the emulated boards
 * opened by this command itself (a serial line has one opener).
 */
export interface NodeSession {
  /** The bridge that is used; undefined when the command opened the links itself. */
  readonly bridge: BridgeRecord | undefined;
  /** A POST to the bridge's own tree (`m/…`); undefined without a bridge. */
  readonly postToBridge?: (
    path: readonly string[],
    payload: Uint8Array,
    signal: AbortSignal,
  ) => Promise<NodeResponse>;
  list(): Promise<readonly NodeState[]>;
  /** Throws `NO_SUCH_NODE` for an unknown name. */
  node(name: string): Promise<NodePort>;
  close(): Promise<void>;
}

const reachableWithinMs = 5_000;

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
    refreshObservations: () => client.refreshObservations(),
    setNstart: (nstart, to) => client.setNstart(nstart, to),
    get counters() {
      return client.counters;
    },
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function openBridgeSession(bridge: BridgeRecord, signal: AbortSignal): Promise<NodeSession> {
  const { hostname, port } = new URL(bridge.coap);
  const address = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
  const client = createCoapContext(await openUdpClient(address));
  const opened = new Map<string, NodePort>();
  const list = () => listNodes(bridge, client, signal);
  return {
    bridge,
    postToBridge: (path, payload, deadline) =>
      client.request({ method: method.POST, path, payload }, { signal: deadline }),
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
      await waitUntilUp(node, reachableWithinMs, signal);
      return node;
    },
    async close() {
      await Promise.all([...opened.values()].map((node) => node.close()));
      await client.close();
    },
  };
}

/** What the bridge says of its nodes. Throws (exit 3) when it hangs. */
async function listNodes(
  bridge: BridgeRecord,
  client: CoapClient,
  signal: AbortSignal,
): Promise<readonly NodeState[]> {
  const request = { method: method.GET, path: ['nodes'], accept: contentFormat.CBOR };
  const response = await withDeadline(reachableWithinMs, signal, (deadline) =>
    client.request(request, { signal: deadline }),
  ).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    const sentence = `The bridge (pid ${bridge.pid}) does not answer.`;
    throw unreachable(sentence, 'Stop it and start it again: radon bridge.', cause);
  });
  return decodeFields(expectSuccess(response, 'bridge').payload) as unknown as NodeState[];
}

/** A board behind its own serial line. */
function openBoard({ name, socket }: EmulatedBoard): NodePort {
  const link = createReconnectingLink(`unix:${socket}`, () => openStreamLink({ to: socket }), {
    timing: serialTiming(defaultBaud),
  });
  return createDevice({ name, link, createClient: (own) => createCoapContext(own) });
}

async function openDirectSession({ workspace, signal }: SessionContext): Promise<NodeSession> {
  const unlock = await lockLinks(workspace, signal);
  const running = listEmulatedBoards(workspace).filter((entry) => entry.running);
  const nodes = new Map(running.map(({ board }) => [board.name, openBoard(board)]));
  const settle = (node: NodePort) => waitUntilUp(node, reachableWithinMs, signal).catch(() => undefined);
  return {
    bridge: undefined,
    async list() {
      await Promise.all([...nodes.values()].map(settle));
      signal.throwIfAborted();
      return [...nodes.values()].map((node) => node.state());
    },
    async node(name) {
      const node = nodes.get(name);
      if (node === undefined) throw noSuchNode(workspace, name);
      await waitUntilUp(node, reachableWithinMs, signal);
      return node;
    },
    async close() {
      await Promise.all([...nodes.values()].map((node) => node.close()));
      unlock();
    },
  };
}

/** A board that was stopped is no unknown one, nor is the host node where no bridge runs. */
function noSuchNode(workspace: Workspace, name: string): Error {
  if (name === hostNodeName)
    return unreachable('The host node runs in the bridge, and there is none.', 'Start it with: radon bridge');
  const isStopped = listEmulatedBoards(workspace).some((entry) => entry.board.name === name);
  if (!isStopped) return new RadonError('NO_SUCH_NODE', { name });
  return unreachable(`The board ${name} is stopped.`, `Start it with: radon emu start ${name}`);
}

type SessionContext = Pick<CommandContext, 'workspace' | 'signal'>;

/** Opens a session, runs `action` in it, closes it whatever happens. */
export async function withSession<T>(
  context: SessionContext,
  action: (session: NodeSession) => Promise<T>,
): Promise<T> {
  const bridge = readBridgeRecord(context.workspace.radon);
  const session =
    bridge === undefined ? await openDirectSession(context) : await openBridgeSession(bridge, context.signal);
  try {
    return await action(session);
  } finally {
    await session.close();
  }
}

/**
 * The named nodes, each of which must answer; or every node that answers and is wanted, with a note on those that do
 * not. Throws when none is left.
 */
export async function reachableNodes(
  session: NodeSession,
  names: readonly string[],
  { output }: Pick<CommandContext, 'output'>,
  isWanted: (state: NodeState) => boolean = () => true,
): Promise<readonly NodePort[]> {
  if (names.length > 0) return Promise.all(names.map((name) => session.node(name)));
  const states = (await session.list()).filter(isWanted);
  for (const lost of states.filter((state) => state.link === 'lost')) {
    output.note(`${lost.name} does not answer (${lost.lastError ?? 'lost'}).`);
  }
  const up = states.filter((state) => state.link === 'up');
  if (up.length === 0) {
    throw unreachable(
      'No node can be reached.',
      'Start a board (radon emu start NAME) or the bridge (radon bridge).',
    );
  }
  return Promise.all(up.map((state) => session.node(state.name)));
}

/** The nodes that hold an atom, out of the named ones or all; throws when none does. */
export async function atomTargets(
  session: NodeSession,
  atom: string,
  names: readonly string[],
  context: CommandContext,
): Promise<readonly NodePort[]> {
  const nodes = await reachableNodes(session, names, context);
  const holders: NodePort[] = [];
  for (const node of nodes) {
    const atoms = await readAtoms(node, context.signal);
    if (atoms.some((state) => state.name === atom)) holders.push(node);
  }
  if (holders.length > 0) return holders;
  const where = nodes.map((node) => node.name).join(', ');
  throw new CommandFailure(`There is no atom ${atom} on ${where}.`, { remedy: 'radon ps lists them.' });
}
