import { fileURLToPath } from 'node:url';
import { compileAtom } from '../src/index.ts';

/** Functions of a fixture: numbers in, numbers out. */
export type FixtureExports = Readonly<Record<string, (...values: (number | bigint)[]) => number>>;

export interface Fixture {
  readonly call: FixtureExports;
  readonly memory: Uint8Array;
  /** End of the used part of the heap. */
  heapTop(): number;
}

/** The part of V8's WebAssembly interface used here; the ES library has no types for it. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ readonly instance: { readonly exports: Record<string, unknown> } }>;
};

async function compileFixture(name: string, memory: number): Promise<Uint8Array> {
  const source = fileURLToPath(new URL(`../assembly/test/${name}`, import.meta.url));
  const result = await compileAtom({ source, configuration: { limits: { memory, body: 128 } } });
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  return result.wasm;
}

const compiled = new Map<string, Promise<Uint8Array>>();

/** A fresh instance of a file of assembly/test, its top-level code run; functions of the node answer 0. */
export async function openFixture(name: string, memory: number): Promise<Fixture> {
  const key = `${name} ${memory}`;
  const module = compiled.get(key) ?? compileFixture(name, memory);
  compiled.set(key, module);
  const radon = new Proxy({}, { get: () => () => 0 });
  const { instance } = await WebAssembly.instantiate(await module, { radon });
  const call = instance.exports as FixtureExports;
  call._initialize?.();
  const { buffer } = instance.exports.memory as { readonly buffer: ArrayBuffer };
  const top = instance.exports['radon:g0'] as { readonly value: number };
  return { call, memory: new Uint8Array(buffer, 0, memory), heapTop: () => top.value };
}
