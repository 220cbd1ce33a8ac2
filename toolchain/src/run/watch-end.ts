import { setTimeout as sleep } from 'node:timers/promises';
import { decodeFields } from '@radon/bridge/fields';
import type { NodePort, NodeResponse } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import { type AtomState, nodeRequest, readDocument } from '../nodes/state.ts';
import { isSuccess } from '../representation.ts';

/** How an atom that runs alone ended: by `exit`, or by a failure that nothing restarts. */
export interface AtomEnd {
  readonly state: AtomState;
  readonly hasFailed: boolean;
}

function endOf(state: AtomState): AtomEnd | undefined {
  if (state.phase === 'TERMINATED') return { state, hasFailed: false };
  // With an instance to come, the atom restarts by itself.
  const isOver = state.phase === 'ERROR' && (state.instances ?? []).length === 0;
  return isOver ? { state, hasFailed: true } : undefined;
}

/** Resolves when the atom has ended; rejects with the signal's reason. */
export function watchEnd(node: NodePort, atom: string, signal: AbortSignal): Promise<AtomEnd> {
  const request = nodeRequest({ method: method.GET, path: ['atoms', atom], accept: contentFormat.CBOR });
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      observation.close();
      signal.removeEventListener('abort', abort);
      settle();
    };
    const look = (response: NodeResponse) => {
      if (!isSuccess(response.code)) return;
      const end = endOf(decodeFields(response.payload) as unknown as AtomState);
      if (end !== undefined) finish(() => resolve(end));
    };
    const observation = node.observe(request, { next: look, lost() {}, back() {}, end: look });
    const abort = () => finish(() => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

const lookAgainMs = 20;

/** Resolves when no event waits and none is handled: what a message caused is over then. With the end, if it caused that. */
export async function untilIdle(
  node: NodePort,
  atom: string,
  signal: AbortSignal,
): Promise<AtomEnd | undefined> {
  for (;;) {
    const state = (await readDocument(node, ['atoms', atom], signal)) as AtomState;
    const { waiting, ready } = state.inbox;
    const isBusy = waiting + ready > 0 || state.phase === 'RUNNING' || state.phase === 'CREATED';
    if (!isBusy) return endOf(state);
    await sleep(lookAgainMs, undefined, { signal });
  }
}
