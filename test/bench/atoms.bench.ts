/** What atoms cost and what one may do to others, on a board and on the host. */
import { join } from 'node:path';
import { createSigner, publicKeyBytes, sha256 } from '@radon/bridge/crypto';
import { pushImage } from '@radon/bridge/device';
import { decodeImage, encodeImage, keyId, type Manifest, signManifest } from '@radon/bridge/image';
import type { NodeRequest } from '@radon/bridge/registry';
import { abiVersion, contentFormat } from '@radon/bridge/tables';
import { type BuiltAtom, buildAtom, openWorkspace, readAtomProject } from '@radon/toolchain';
import { afterEach, expect, test } from 'vitest';
import { type NodeKind, type NodeUnderTest, openNode } from '../conformance/nodes.ts';
import { builtAtom } from '../support/built-atoms.ts';
import { describeResponse, nodeRequest, readDocument } from '../support/requests.ts';
import { median, recordFigure, recordGoal } from './goals.mjs';

const root = new URL('../..', import.meta.url).pathname;
const where: Readonly<Record<NodeKind, string>> = {
  emulated: 'board',
  posix: 'POSIX device',
  host: 'host',
};
const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open(kind: NodeKind): Promise<NodeUnderTest> {
  const node = await openNode(kind);
  ends.push(() => node.close());
  return node;
}

async function push(target: NodeUnderTest, built: BuiltAtom, name: string): Promise<void> {
  if (built.need === undefined) throw new Error('not measured');
  const manifest: Manifest = {
    name,
    version: built.version,
    sequence: target.nextSequence(),
    abi: abiVersion,
    board: 'any',
    configuration: built.configuration,
    payloads: [{ format: 'wasm', digest: built.digest, size: built.wasm.length, need: built.need }],
  };
  const kid = keyId(publicKeyBytes(target.signingKey), sha256);
  const file = signManifest(manifest, kid, createSigner(target.signingKey));
  await pushImage(target.node, decodeImage(encodeImage(file, built.wasm), sha256));
}

/** What the configuration asks for, in bytes: docs/reference/wire.md has the formula. */
function asked({ limits }: BuiltAtom['configuration']): number {
  const { memory, stack, inbox, publish, body, pending } = limits;
  return memory + stack + inbox.bytes + publish + body * pending + 40 * (inbox.messages + pending);
}

test('bytes of an atom on a board beside what it asks for', async () => {
  const board = await open('emulated');
  for (const name of ['rain', 'echo']) {
    const built = await builtAtom(name);
    await push(board, built, name);
    const { total } = (await readDocument(board.node, `/atoms/${name}`)).memory as { total: number };
    recordFigure(`${name} on a board, code not counted`, total, 'bytes');
    recordFigure(`${name}: asked for by its configuration`, asked(built.configuration), 'bytes');
    recordGoal({
      name: `${name} on a board, beside memory, stack, buffers and places of its configuration`,
      value: total - asked(built.configuration),
      unit: 'bytes',
      goal: 2560,
      bound: 'most',
    });
    expect(total).toBeGreaterThan(asked(built.configuration));
  }
}, 60_000);

/** `flood`: another atom's inbox is full at all times; `calls`: activations of 100 calls one after the other; `endless`: one that its deadline ends. */
const modes = ['flood', 'calls', 'endless'] as const;
const rounds = 5;
const asksInRound = 20;

/** Milliseconds of each answer of the atom `third`. */
async function ask(target: NodeUnderTest): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < asksInRound; count += 1) {
    const began = performance.now();
    const answer = await target.node.request(nodeRequest('POST', '/a/third/say', 'hello'));
    times.push(performance.now() - began);
    expect(describeResponse(answer)).toBe('2.05 hello');
  }
  return times;
}

async function change(target: NodeUnderTest, request: NodeRequest): Promise<void> {
  expect(describeResponse(await target.node.request(request))).toBe('2.04');
}

const toMode = (mode: string) => nodeRequest('PUT', '/a/flooder/mode', mode);
const toDo = (command: string) =>
  nodeRequest('POST', '/atoms/flooder', `{"command":"${command}"}`, { contentFormat: contentFormat.JSON });

test.each(['emulated', 'host'] as const)(
  'an atom that takes all it can get beside another: %s',
  async (kind) => {
    const target = await open(kind);
    const flooder = await buildAtom(readAtomProject(join(root, 'test/bench/atoms/flooder')), {
      measure: openWorkspace(root),
    });
    await push(target, flooder, 'flooder');
    await push(target, flooder, 'victim');
    await push(target, await builtAtom('echo'), 'third');
    await ask(target);
    const times: Record<(typeof modes)[number] | 'idle', number[]> = {
      idle: [],
      flood: [],
      calls: [],
      endless: [],
    };
    for (const mode of modes) {
      for (let round = 0; round < rounds; round += 1) {
        times.idle.push(...(await ask(target)));
        // Its failures end an endless one at last; started again it goes on in the same way.
        await change(target, mode === 'endless' && round > 0 ? toDo('start') : toMode(mode));
        times[mode].push(...(await ask(target)));
        await change(target, mode === 'endless' ? toDo('stop') : toMode('rest'));
      }
    }
    recordFigure(`answer of an atom, ${where[kind]}, idle`, Number(median(times.idle).toFixed(3)), 'ms');
    for (const mode of modes) {
      recordGoal({
        name: `answer of an atom, ${where[kind]}, another in ${mode}`,
        value: Number((median(times[mode]) / median(times.idle)).toFixed(2)),
        unit: '× idle',
        goal: 3,
        bound: 'most',
      });
    }
  },
  120_000,
);
