import { type PushOptions, type PushResult, pushImage } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { formatBytes, formatDuration, type Output } from '../output.ts';
import type { Resignable } from './sign-image.ts';

const barWidth = 24;

/** `██████░░░░  1.2 KiB of 1.7 KiB  9.8 KiB/s  0.05 s left`. */
function progressBar(sent: number, total: number, rate: number): string {
  const filled = total === 0 ? barWidth : Math.round((barWidth * sent) / total);
  const left = rate > 0 ? `  ${formatDuration((1000 * (total - sent)) / rate)} left` : '';
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  return `${bar}  ${formatBytes(sent)} of ${formatBytes(total)}  ${formatBytes(rate)}/s${left}`;
}

/** The sequence number a node holds against an image that is not newer; undefined for any other error. */
function heldSequence(error: unknown): number | undefined {
  if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'OLD_SEQUENCE') return undefined;
  const { have } = Reflect.get(error, 'details') as { readonly have?: unknown };
  return typeof have === 'number' ? have : undefined;
}

/**
 * Pushes an atom to one node; throws the node's own reason when it is refused or undone. A node remembers the sequence
 * number of an atom that was removed, or that somebody else signed: then the image is signed again above it.
 */
export async function pushAtom(node: NodePort, atom: Resignable, options: PushOptions): Promise<PushResult> {
  try {
    return await pushImage(node, atom.image, options);
  } catch (error) {
    const held = heldSequence(error);
    if (held === undefined) throw error;
    return pushImage(node, atom.resign(held), options);
  }
}

/** The same with a progress bar. */
export async function pushToNode(
  node: NodePort,
  atom: Resignable,
  { output, signal }: { readonly output: Output; readonly signal: AbortSignal },
): Promise<PushResult> {
  const result = await pushAtom(node, atom, {
    signal,
    onProgress({ phase, sent, total, bytesPerSecond }) {
      if (phase === 'manifest') output.progress(`${node.name}: manifest`);
      if (phase === 'code') output.progress(`${node.name}: ${progressBar(sent, total, bytesPerSecond)}`);
      if (phase === 'start') output.progress(`${node.name}: verifying and starting`);
    },
  });
  output.progress();
  return result;
}
