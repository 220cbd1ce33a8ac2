import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CompileResult, compileAtom } from '../src/index.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-compile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function compile(text: string, memory = 1024, debug = false): Promise<CompileResult> {
  const source = join(folder, 'atom.ts');
  writeFileSync(source, text);
  return compileAtom({ source, configuration: { limits: { memory, body: 64 } }, debug });
}

async function diagnosticsOf(text: string, memory?: number) {
  const result = await compile(text, memory);
  expect(result.ok).toBe(false);
  return result.diagnostics;
}

async function exportsOf(text: string, debug = false): Promise<string[]> {
  const result = await compile(text, 1024, debug);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return WebAssembly.Module.exports(await WebAssembly.compile(result.wasm)).map(({ name }) => name);
}

/** The part of V8's WebAssembly interface used here; the ES library has no types for it. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  readonly Module: {
    exports(module: object): readonly { readonly name: string }[];
    imports(module: object): readonly { readonly module: string; readonly name: string }[];
  };
};

describe('compileAtom', () => {
  test('an error names file, line and column', async () => {
    expect(await diagnosticsOf('export function on_start(): void {\n  missing();\n}\n')).toEqual([
      expect.objectContaining({
        severity: 'error',
        file: 'atom.ts',
        line: 2,
        column: 3,
        message: "Cannot find name 'missing'.",
      }),
    ]);
  });

  test('a missing import names the file that asked for it', async () => {
    const [first] = await diagnosticsOf('import { x } from "./nowhere";\nexport const y = x;\n');
    expect(first?.message).toContain('nowhere');
  });

  test('a captured variable is explained: there are no closures', async () => {
    const [first] = await diagnosticsOf(
      'export function on_start(): void {\n  let n = 1;\n  [1].forEach((x) => { n += x; });\n}\n',
    );
    expect(first).toMatchObject({ line: 3, message: expect.stringContaining('make it a global') });
  });

  test('static data beyond the memory is an error', async () => {
    const diagnostics = await diagnosticsOf(
      'const data = memory.data(200);\nexport function on_start(): void { store<u8>(data, 1); }',
      128,
    );
    expect(diagnostics.map(({ severity }) => severity)).toContain('error');
  });

  test('an atom that allocates exports its collector, another does not', async () => {
    expect(await exportsOf('export function on_start(): void { store<u8>(8, 1); }')).not.toContain('collect');
    expect(
      await exportsOf('let kept = "";\nexport function on_start(): void { kept = kept + "x"; }'),
    ).toContain('collect');
  });

  test('top-level code becomes _initialize', async () => {
    expect(
      await exportsOf('const list = new Array<i32>(3);\nexport function on_start(): void { list[0] = 1; }'),
    ).toContain('_initialize');
  });

  test('abort needs no import, with and without debug', async () => {
    for (const debug of [false, true]) {
      const result = await compile(
        'export function on_start(): void { throw new Error("too warm"); }',
        1024,
        debug,
      );
      if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
      const imports = WebAssembly.Module.imports(await WebAssembly.compile(result.wasm));
      expect(imports).toEqual(debug ? [{ module: 'radon', name: 'log', kind: 'function' }] : []);
    }
  });

  test('the same source gives the same bytes, also after another one', async () => {
    const text = 'let n: i32 = 3;\nexport function on_timer(): i32 { n++; return n & 1; }';
    const first = await compile(text);
    await compile('export function on_start(): void { missing(); }');
    expect(await compile(text)).toEqual(first);
  });

  test('compilations asked for at once do not disturb each other', async () => {
    const text = (value: number) => `export function on_timer(): i32 { return ${value}; }`;
    const results = await Promise.all(
      [1, 2, 3].map((value) => {
        const source = join(folder, `atom${value}.ts`);
        writeFileSync(source, text(value));
        return compileAtom({ source, configuration: { limits: { memory: 1024, body: 64 } } });
      }),
    );
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(
      new Set(results.map((result) => (result.ok ? Buffer.from(result.wasm).toString('hex') : ''))).size,
    ).toBe(3);
  });
});
