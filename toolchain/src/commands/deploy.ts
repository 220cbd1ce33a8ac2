import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { toHex } from '@radon/bridge/fields';
import type { Image } from '@radon/bridge/image';
import { takeProcessLock } from '@radon/bridge/process';
import type { NodePort } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { type App, parseAppFile } from '../deploy/app-file.ts';
import type { StepResult } from '../deploy/apply.ts';
import type { Definition } from '../deploy/definitions.ts';
import { placeAtoms, withTags } from '../deploy/placement.ts';
import { planNode, type Step, type StepKind } from '../deploy/plan.ts';
import { type AppRecord, openAppRecord } from '../deploy/record.ts';
import { describeFailure } from '../describe-failure.ts';
import { CommandFailure, exitCode, unreadableFile } from '../failure.ts';
import { openKeyStore, signingKey } from '../keys/key-store.ts';
import { type NodeSession, withSession } from '../nodes/open.ts';
import { nodeRequest, readAtoms, readFields } from '../nodes/state.ts';
import { formatBytes, formatDuration } from '../output.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly forget?: readonly string[];
  readonly key?: string;
}

/** A node of the plan, with what is to be done there or why it cannot be asked. */
interface NodePlan {
  readonly name: string;
  readonly steps: readonly Step<Definition>[];
  readonly node?: NodePort;
  readonly failure?: CommandFailure;
}

/** What is left to do after the plan was printed. */
const active: ReadonlySet<StepKind> = new Set(['push', 'reconfigure', 'start', 'remove', 'forget']);

async function deploy(path: string, options: Options, context: CommandContext): Promise<void> {
  const { workspace } = context;
  const app = readApp(path);
  const { prepareAtoms } = await import('../deploy/definitions.ts');
  const key = signingKey(openKeyStore(workspace), options.key);
  const definitions = await prepareAtoms({ app, file: resolve(path), key, context });
  const unlock = lockApp(context, app.name);
  try {
    await withSession(context, async (session) => {
      const { placed, problems } = placeAtoms(withTags(app, await session.list()), definitions);
      if (problems.length > 0) throw app.failure(problems);
      const record = openAppRecord(workspace, app.name);
      const { dryRun = false, forget = [] } = options;
      const left = record.nodes().filter((node) => !forget.includes(node));
      const plans = await planNodes(session, placed, left, record, context);
      printPlan(app, plans, context);
      const results = dryRun ? [] : await applyPlans(plans, record, context);
      if (!dryRun) for (const node of forget) if (!placed.has(node)) record.forgetNode(node);
      throwFailures(plans, results);
    });
  } finally {
    unlock();
  }
}

function readApp(path: string): App {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadableFile(path, cause);
  }
  const near = relative(process.cwd(), resolve(path));
  return parseAppFile(text, near.startsWith('..') ? path : near);
}

/** One deployment of an application at a time: its record has one writer. */
function lockApp({ workspace }: CommandContext, app: string): () => void {
  const lock = takeProcessLock(join(workspace.folder('run'), `app-${app}.lock`));
  if (lock.isTaken) return lock.release;
  throw new CommandFailure(`${app} is being deployed already (pid ${lock.holder.pid}).`, {
    remedy: 'Wait for that to end.',
  });
}

/** Plans for the nodes of the file, and for others that have something of the application on them (`left`). */
function planNodes(
  session: NodeSession,
  placed: ReadonlyMap<string, readonly Definition[]>,
  left: readonly string[],
  record: AppRecord,
  context: CommandContext,
): Promise<readonly NodePlan[]> {
  const names = [...new Set([...placed.keys(), ...left])];
  return Promise.all(
    names.map(async (name): Promise<NodePlan> => {
      try {
        const node = await session.node(name);
        const steps = await planNode(await viewOf(node, context), placed.get(name) ?? [], record);
        return { name, steps, node };
      } catch (error) {
        if (context.signal.aborted) throw error;
        return { name, steps: [], failure: describeFailure(error) };
      }
    }),
  );
}

async function viewOf(node: NodePort, { signal }: CommandContext) {
  const atoms = await readAtoms(node, signal);
  return {
    name: node.name,
    atoms,
    async hasCode(digest: Uint8Array): Promise<boolean> {
      const path = ['images', toHex(digest)];
      const request = nodeRequest({ method: method.GET, path, accept: contentFormat.CBOR });
      const fields = readFields(await node.request(request, signal));
      return fields !== undefined && fields.size === fields.have;
    },
  };
}

function printPlan(app: App, plans: readonly NodePlan[], { output }: CommandContext): void {
  const rows = plans.flatMap(({ name: node, steps }) =>
    steps.map(({ kind, atom, reason }) => ({ node, atom, step: kind, reason })),
  );
  const unreachable = plans.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [{ node: name, sentence: failure.message }],
  );
  output.result({ application: app.name, plan: rows, unreachable });
  const width = (column: 'node' | 'atom' | 'step') => Math.max(0, ...rows.map((row) => row[column].length));
  for (const { node, atom, step, reason } of rows) {
    const columns = [node.padEnd(width('node')), atom.padEnd(width('atom')), step.padEnd(width('step'))];
    output.line([...columns, reason].join('  ').trimEnd());
  }
  const isIdle = unreachable.length === 0 && rows.every(({ step }) => step === 'unchanged');
  if (isIdle) output.line(`${app.name}: nothing to do`);
}

/** Nodes are served at the same time. */
async function applyPlans(
  plans: readonly NodePlan[],
  record: AppRecord,
  context: CommandContext,
): Promise<readonly StepResult[]> {
  const { applySteps } = await import('../deploy/apply.ts');
  const { output, signal } = context;
  const imageOf = signOnce(plans);
  const results = await Promise.all(
    plans.map(({ node, steps }) =>
      node === undefined
        ? []
        : applySteps(
            node,
            steps.filter(({ kind }) => active.has(kind)),
            {
              record,
              signal,
              imageOf,
              progress: (name, atom, sent, total) =>
                output.progress(`${name}: ${atom}  ${formatBytes(sent)} of ${formatBytes(total)}`),
              done: (result) => printResult(result, context),
            },
          ),
    ),
  );
  output.progress();
  return results.flat();
}

/** The same image for all nodes, with a number above those the nodes have. */
function signOnce(plans: readonly NodePlan[]): (definition: Definition) => Image {
  const steps = plans.flatMap((plan) => plan.steps);
  const signed = new Map<Definition, Image>();
  return (definition) => {
    const held = steps.filter(({ wanted }) => wanted === definition).map((step) => step.held);
    const image = signed.get(definition) ?? definition.seal(Math.max(0, ...held));
    signed.set(definition, image);
    return image;
  };
}

const past: Readonly<Record<StepKind, string>> = {
  push: 'pushed',
  reconfigure: 'reconfigured',
  start: 'started',
  remove: 'removed',
  forget: 'left alone',
  unchanged: 'unchanged',
  refuse: 'refused',
};

function printResult({ node, step, sent, elapsedMs, failure }: StepResult, { output }: CommandContext): void {
  const { kind, atom } = step;
  if (failure !== undefined) {
    const { message: sentence, remedy } = failure;
    output.result({ node, atom, step: kind, error: { sentence, remedy } });
    output.note(`${atom} on ${node} not ${past[kind]}: ${sentence}`);
    return;
  }
  output.result({ node, atom, step: kind, sent, ms: Math.round(elapsedMs) });
  if (kind === 'forget') return;
  const what = kind === 'push' ? `, ${formatBytes(sent)} sent` : '';
  output.line(`${atom} on ${node} ${past[kind]}${what} in ${formatDuration(elapsedMs)}`);
}

/** What did not succeed, together; nothing when all did. */
function throwFailures(plans: readonly NodePlan[], results: readonly StepResult[]): void {
  const lost = plans.flatMap(({ name, failure }) => (failure ? [{ node: name, failure }] : []));
  const refused = plans.flatMap(({ name, steps }) =>
    steps.filter(({ kind }) => kind === 'refuse').map(({ atom, reason }) => `${atom} on ${name}: ${reason}`),
  );
  const failed = results.flatMap(({ node, step, failure }) =>
    failure ? [{ node, atom: step.atom, failure }] : [],
  );
  const sentences = [
    ...lost.map(({ node, failure }) => `${node}: ${failure.message}`),
    ...refused.map((reason) => `${reason}.`),
    ...failed.map(({ node, atom, failure }) => `${atom} on ${node}: ${failure.message}`),
  ];
  if (sentences.length === 0) return;
  const remedies = [...lost, ...failed].map(({ failure }) => failure.remedy);
  if (refused.length > 0) remedies.push('Deploy that application without it first, or use another name.');
  throw new CommandFailure(sentences.join('\n'), {
    remedy: [...new Set(remedies.filter((remedy) => remedy !== ''))].join('\n  '),
    exitCode: lost.length === plans.length ? exitCode.unreachable : exitCode.failed,
    details: { nodes: [...new Set([...lost, ...failed].map(({ node }) => node))] },
  });
}

const register: CommandModule = (program, context) => {
  program
    .command('deploy')
    .description('Bring an application to its nodes: push, replace, remove, as its file says.')
    .argument('<file>', 'for example app.json')
    .option('--dry-run', 'print the plan and do nothing')
    .option('--forget <node...>', 'nodes that are gone for good: what was put on them is not removed')
    .option('--key <key>', 'key to sign with')
    .addHelpText('after', `\nExample: ${invocation} deploy app.json --dry-run`)
    .action((file: string, options: Options) => deploy(file, options, context));
};

export default register;
