import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openAtom, type TestAtom } from '../testing/index.ts';
import { openWorkspace } from '../workspace.ts';
import { type BuiltAtom, buildAtom, readAtomProject } from './index.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const folderOf = (name: string) =>
  fileURLToPath(new URL(`../../../atoms-as/examples/${name}`, import.meta.url));

const cache = openWorkspace(folderOf(''));

/** Bytes of wasm an example may have at most, and one event of the kind it lives on. */
const examples: [string, number, (atom: TestAtom, turn: number) => void][] = [
  ['echo', 640, (atom, turn) => atom.post('say', new Uint8Array(turn % 200))],
  ['blink', 1760, (atom) => atom.advance(500)],
  ['rain', 2880, (atom, turn) => atom.feed('rain0', turn % 50)],
];

/** The same bound for the atoms of applications, whose tests lie beside them. */
const parts: [string, number][] = [
  ['chain/chain-a', 1400],
  ['chain/chain-b', 1088],
  ['workflow/intake', 1248],
  ['workflow/smooth', 1184],
  ['workflow/report', 1744],
  ['fan-out/button', 944],
  ['fan-out/lamp', 848],
  ['fan-out/horn', 1312],
  ['workers/dispatcher', 944],
  ['workers/worker', 976],
  ['supervisor/supervisor', 1440],
  ['supervisor/task', 1008],
  ['causal/peer', 1472],
];

test.each(parts)('%s stays small and has no heap that could grow', async (name, largest) => {
  const { sizes, warnings, exports } = await buildAtom(readAtomProject(folderOf(name)), { cache });
  console.info(`${name}: ${sizes.total} bytes of wasm, ${sizes.staticMemory} of ${sizes.memory} static`);
  expect(sizes.total).toBeLessThanOrEqual(largest);
  expect(warnings).toEqual([]);
  expect(exports).not.toContain('collect');
});

describe.each(examples)('example %s', (name, largest, event) => {
  const rows: BuiltAtom[] = [];
  afterAll(() => {
    for (const { sizes, digest } of rows) {
      const id = Buffer.from(digest).toString('hex').slice(0, 8);
      console.info(
        `${name}: ${sizes.total} bytes of wasm (${id}), ${sizes.staticMemory} of ${sizes.memory} static`,
      );
    }
  });

  test('stays small, and is the same when built again', async () => {
    const project = readAtomProject(folderOf(name));
    const built = await buildAtom(project, { cache });
    rows.push(built);
    expect(built.sizes.total).toBeLessThanOrEqual(largest);
    expect((await buildAtom(project)).wasm).toEqual(built.wasm);
    expect(built.warnings).toEqual([]);
  });

  // A heap of a few hundred bytes cannot hide a leak of one object an event; without `collect` there is no heap.
  test('thousands of events need no more memory than the first', async () => {
    const atom = await openAtom(folderOf(name));
    try {
      for (let turn = 0; turn < 2000; turn += 1) event(atom, turn);
      expect(atom.trap).toBeUndefined();
      expect(atom.restarts).toBe(0);
      expect(atom.activations).toBeGreaterThanOrEqual(2000);
    } finally {
      atom.close();
    }
  });
});
