/** Names that only a running bridge knows. Nothing is opened where there is none, and none is waited for long. */
import { readBridgeRecord } from '@radon/bridge/process';
import type { CommandContext } from '../command-line.ts';
import { withDeadline } from '../deadline.ts';
import { type NodeSession, withSession } from '../nodes/open.ts';
import { readAtoms } from '../nodes/state.ts';

/** Whoever presses Tab waits for it. */
const patienceMs = 500;

/** Undefined without a bridge, or with one that does not answer in time. */
function askBridge<T>(
  { workspace, signal }: CommandContext,
  action: (session: NodeSession, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  if (readBridgeRecord(workspace.radon) === undefined) return Promise.resolve(undefined);
  return withDeadline(patienceMs, signal, (deadline) =>
    withSession({ workspace, signal: deadline }, (session) => action(session, deadline)),
  ).catch(() => undefined);
}

export async function nodesOfBridge(context: CommandContext): Promise<readonly string[]> {
  const states = await askBridge(context, (session) => session.list());
  return states?.map(({ name }) => name) ?? [];
}

/** `coap://127.0.0.1:5683/nodes/gauge-1/`. */
export async function urisOfBridge(context: CommandContext): Promise<readonly string[]> {
  const base = readBridgeRecord(context.workspace.radon)?.coap;
  return (await nodesOfBridge(context)).map((name) => `${base}/nodes/${name}/`);
}

export function atomsOfBridge(context: CommandContext): Promise<readonly string[] | undefined> {
  return askBridge(context, async (session, signal) => {
    const up = (await session.list()).filter(({ link, kind }) => link === 'up' && kind !== 'foreign');
    const listed = await Promise.all(up.map(({ name }) => namesOn(session, name, signal)));
    return listed.flat();
  });
}

/** A node that does not answer in time has none. */
async function namesOn(session: NodeSession, name: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const atoms = await readAtoms(await session.node(name), signal);
    return atoms.map((atom) => atom.name);
  } catch {
    return [];
  }
}
