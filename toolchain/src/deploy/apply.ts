import type { Image } from '@radon/bridge/image';
import type { NodePort } from '@radon/bridge/registry';
import { pushAtom } from '../atoms/push.ts';
import { describeFailure } from '../describe-failure.ts';
import { type CommandFailure, exitCode } from '../failure.ts';
import { controlAtom, removeAtom } from '../nodes/control.ts';
import type { Definition } from './definitions.ts';
import type { Step } from './plan.ts';
import type { AppRecord } from './record.ts';

/** What became of a step. */
export interface StepResult {
  readonly node: string;
  readonly step: Step<Definition>;
  /** Bytes of code that were sent. */
  readonly sent: number;
  readonly elapsedMs: number;
  readonly failure?: CommandFailure;
}

export interface ApplyContext {
  readonly record: AppRecord;
  readonly signal: AbortSignal;
  /** The image of a definition, signed once for all nodes. */
  readonly imageOf: (definition: Definition) => Image;
  readonly progress: (node: string, atom: string, sent: number, total: number) => void;
  readonly done: (result: StepResult) => void;
}

/**
 * Does the steps of one node, one after the other. One that fails does not hold up the rest, but for a node that is lost:
 * it is not waited for again. Throws on Ctrl-C alone.
 */
export async function applySteps(
  node: NodePort,
  steps: readonly Step<Definition>[],
  context: ApplyContext,
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  let lost: CommandFailure | undefined;
  for (const step of steps) {
    const result: StepResult =
      lost === undefined
        ? await applyStep(node, step, context)
        : { node: node.name, step, sent: 0, elapsedMs: 0, failure: lost };
    context.signal.throwIfAborted();
    if (result.failure?.exitCode === exitCode.unreachable) lost = result.failure;
    context.done(result);
    results.push(result);
  }
  return results;
}

async function applyStep(node: NodePort, step: Step<Definition>, context: ApplyContext): Promise<StepResult> {
  const startedAt = performance.now();
  const told = (sent: number, error?: unknown): StepResult => ({
    node: node.name,
    step,
    sent,
    elapsedMs: performance.now() - startedAt,
    ...(error !== undefined && { failure: describeFailure(error) }),
  });
  try {
    return told(await perform(node, step, context));
  } catch (error) {
    return told(0, error);
  }
}

/** Resolves with the bytes of code that were sent. */
async function perform(node: NodePort, step: Step<Definition>, context: ApplyContext): Promise<number> {
  const { record, signal } = context;
  switch (step.kind) {
    case 'push':
    case 'reconfigure':
      return step.wanted === undefined ? 0 : push(node, step.wanted, context);
    case 'start':
      await controlAtom(node, step.atom, 'start', signal);
      return 0;
    case 'remove':
      await removeAtom(node, step.atom, signal);
      record.forget(node.name, step.atom);
      return 0;
    case 'forget':
      record.forget(node.name, step.atom);
      return 0;
    case 'unchanged':
    case 'refuse':
      return 0;
  }
}

async function push(node: NodePort, wanted: Definition, context: ApplyContext): Promise<number> {
  const { record, signal } = context;
  const { name, content } = wanted;
  const announce = (image: Image): Image => {
    record.intend(node.name, name, { sequence: image.manifest.sequence, content });
    return image;
  };
  let image = announce(context.imageOf(wanted));
  const atom = {
    image,
    resign(newerThan: number) {
      image = announce(wanted.seal(newerThan));
      return image;
    },
  };
  const { sent } = await pushAtom(node, atom, {
    signal,
    onProgress: (progress) => context.progress(node.name, name, progress.sent, progress.total),
  });
  record.settle(node.name, name, { sequence: image.manifest.sequence, content });
  return sent;
}
