import { type PushResult, pushImage } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { formatBytes, formatDuration, type Output } from '../output.ts';
import type { SignedImage } from './sign-image.ts';

const barWidth = 24;

/** `██████░░░░  1.2 KiB of 1.7 KiB  9.8 KiB/s  0.05 s left`. */
function progressBar(sent: number, total: number, rate: number): string {
  const filled = total === 0 ? barWidth : Math.round((barWidth * sent) / total);
  const left = rate > 0 ? `  ${formatDuration((1000 * (total - sent)) / rate)} left` : '';
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  return `${bar}  ${formatBytes(sent)} of ${formatBytes(total)}  ${formatBytes(rate)}/s${left}`;
}

/** Pushes an image to one node with a progress bar; throws the node's own reason when it is refused or undone. */
export async function pushToNode(
  node: NodePort,
  image: SignedImage,
  { output, signal }: { readonly output: Output; readonly signal: AbortSignal },
): Promise<PushResult> {
  const result = await pushImage(node, image, {
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
