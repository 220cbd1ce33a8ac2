import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkModule } from '@radon/bridge/wasm';
import binaryen from 'binaryen';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { packModule } from './pack.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-pack-'));
  writeFileSync(join(folder, 'atom.json'), '{"name":"foreign","limits":{"memory":1024}}');
});
afterAll(() => rmSync(folder, { recursive: true }));

const layout = `(global $sp (mut i32) (i32.const 256))
  (global (export "__heap_base") i32 (i32.const 528)) (global (export "__data_end") i32 (i32.const 523))`;
const memory = '(memory (export "memory") 2)';

/** A module as another compiler would leave it. */
function assemble(...fields: string[]): Uint8Array {
  const module = binaryen.parseText(`(module ${fields.join('\n')})`);
  try {
    module.setFeatures(binaryen.Features.All);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

function pack(bytes: Uint8Array) {
  const file = join(folder, 'foreign.wasm');
  writeFileSync(file, bytes);
  return packModule(file);
}

/** Sentence and remedy of the failure a module causes. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const error: unknown = await pack(bytes).catch((caught: unknown) => caught);
  if (error instanceof CommandFailure) return `${error.message} ${error.remedy}`;
  throw new Error('packed');
}

describe('packing a module of another compiler', () => {
  test('gives it the configured memory and exports its state', async () => {
    const stack = '(func (export "on_timer") (result i32) (global.set $sp (i32.const 240)) (global.get $sp))';
    const { wasm, name, configuration } = await pack(assemble(memory, layout, stack));
    const check = checkModule(wasm, 1024);
    if (!check.ok) throw new Error(check.problem.detail);
    expect([name, configuration.limits.memory]).toEqual(['foreign', 1024]);
    expect([check.module.heapBase, check.module.dataEnd]).toEqual([1024, 523]);
    expect(check.module.memory).toEqual({ minimum: 1, maximum: 1 });
    expect(check.module.exports).toContainEqual({ name: 'radon:g0', kind: 'global', index: 0 });
  });

  test('the same module is packed to the same bytes, and a packed one stays as it is', async () => {
    const bytes = assemble(memory, layout);
    const first = (await pack(bytes)).wasm;
    expect((await pack(bytes)).wasm).toEqual(first);
    expect((await pack(first)).wasm).toEqual(first);
  });

  test.each<[string, string, string[]]>([
    [
      'an import from elsewhere',
      'imports wasi_snapshot_preview1.fd_write, which no node offers. Atoms may import only',
      [
        '(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))',
        memory,
        layout,
      ],
    ],
    [
      'a function of the node with another type',
      'imports radon.log with another signature',
      ['(import "radon" "log" (func (param i32)))', memory, layout],
    ],
    [
      'an imported memory',
      'imports env.memory, which no node offers. Atoms may import only',
      ['(import "env" "memory" (memory 1))', layout],
    ],
    [
      'a growing memory',
      'uses memory.grow, which nodes refuse',
      [memory, layout, '(func (export "on_start") (drop (memory.grow (i32.const 1))))'],
    ],
    [
      'SIMD',
      'uses simd, which nodes refuse. Compile without',
      [memory, layout, '(func (drop (v128.const i64x2 0 0)))'],
    ],
    ['no __heap_base', '__heap_base is missing. Export memory, __heap_base', [memory]],
    [
      'a __heap_base that changes',
      '__heap_base is missing',
      [
        memory,
        '(global (export "__heap_base") (mut i32) (i32.const 8)) (global (export "__data_end") i32 (i32.const 8))',
      ],
    ],
    ['no memory', 'memory is missing. Export memory', [layout]],
    [
      'more stack and data than memory',
      'Stack and static data take 1048592 bytes; limits.memory in atom.json is 1024. Raise',
      [
        memory,
        '(global (export "__heap_base") i32 (i32.const 1048592)) (global (export "__data_end") i32 (i32.const 16))',
      ],
    ],
    [
      'data behind the memory',
      'Stack and static data take 2003 bytes',
      [memory, layout, '(data (i32.const 2000) "abc")'],
    ],
    [
      'a handler with arguments',
      'on_message has another signature. Export memory',
      [memory, layout, '(func (export "on_message") (param i32) (result i32) (i32.const 0))'],
    ],
    ['a start section', 'uses start-section, which nodes refuse', [memory, layout, '(func $go) (start $go)']],
  ])('%s is refused with what to do', async (_, message, fields) => {
    expect(await refusal(assemble(...fields))).toContain(message);
  });

  test('what is no module, and one with its debug information, are refused', async () => {
    expect(await refusal(Buffer.from('\x7fELF'))).toContain('not valid WebAssembly');
    expect(await refusal(new Uint8Array(70_000))).toContain('more than 65536 bytes. Strip debug information');
  });

  test('a file or a configuration that is missing is named', async () => {
    await expect(packModule(join(folder, 'gone.wasm'))).rejects.toMatchObject({ exitCode: 2 });
    const lonely = join(folder, 'empty', 'x.wasm');
    await expect(packModule(lonely)).rejects.toThrow('There is no atom.json beside');
    const configurationFile = join(folder, 'other.json');
    await expect(packModule(lonely, { configurationFile })).rejects.toThrow('There is no file');
  });
});
