import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from '../workspace.ts';
import { buildAtom, measureModule, readAtomProject } from './index.ts';

const exampleFolder = (name: string) =>
  fileURLToPath(new URL(`../../../atoms-as/examples/${name}`, import.meta.url));

let folder: string;
let workspace: Workspace;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-measure-'));
  workspace = { ...openWorkspace(), folder: () => folder };
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('measuring the RAM need', () => {
  test.each(['echo', 'blink', 'rain'])('%s: load and run hold memory and stack', async (name) => {
    const project = readAtomProject(exampleFolder(name));
    const { need, configuration, sizes } = await buildAtom(project, { measure: workspace });
    const { memory, stack } = configuration.limits;
    expect(need?.engine).toMatch(/^[0-9a-f]{8}$/);
    expect(need?.run).toBeGreaterThan(memory + stack);
    console.info(`${name}: ${sizes.total} bytes of wasm, load ${need?.load}, run ${need?.run} bytes of RAM`);
  });

  test('more memory needs exactly as much more', async () => {
    const { wasm, configuration } = await buildAtom(readAtomProject(exampleFolder('echo')));
    const measure = (stack: number) => measureModule(wasm, { ...configuration.limits, stack }, workspace);
    const [small, large] = [await measure(1024), await measure(2048)];
    expect(large.run - small.run).toBe(1024);
    expect(large.load).toBe(small.load);
  });

  test('a result is kept', async () => {
    const { wasm, configuration } = await buildAtom(readAtomProject(exampleFolder('echo')));
    const before = readdirSync(folder).length;
    await measureModule(wasm, configuration.limits, workspace);
    expect(readdirSync(folder)).toHaveLength(before);
  });

  test('a module the engine refuses is refused with its reason', async () => {
    const broken = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x02, 0x00, 0x00, 0x00]);
    await expect(measureModule(broken, { memory: 1024, stack: 1024 }, workspace)).rejects.toThrow(
      'not valid WebAssembly',
    );
  });
});
