import { encodeFields } from '@radon/bridge/fields';
import type { NodePort } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import { command, nodeRequest } from './state.ts';

/** Sends a control command to an atom; throws what the node said unless it was done. */
export async function controlAtom(
  node: NodePort,
  atom: string,
  verb: 'start' | 'stop' | 'restart',
  signal?: AbortSignal,
): Promise<void> {
  const payload = encodeFields({ command: verb });
  const path = ['atoms', atom];
  const request = nodeRequest({ method: method.POST, path, payload, contentFormat: contentFormat.CBOR });
  await command(node, request, signal);
}

/** Removes an atom, its code and what it stored. */
export async function removeAtom(node: NodePort, atom: string, signal?: AbortSignal): Promise<void> {
  await command(node, nodeRequest({ method: method.DELETE, path: ['atoms', atom] }), signal);
}
