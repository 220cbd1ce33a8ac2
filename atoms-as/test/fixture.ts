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

/** Functions of the node, with the memory of the atom in front of their arguments. */
export type FakeNode = Readonly<Record<string, (memory: Uint8Array, ...values: number[]) => number>>;

/** A fresh instance of a file of assembly/test, its top-level code run; what `node` does not have answers 0. */
export async function openFixture(name: string, memory: number, node: FakeNode = {}): Promise<Fixture> {
  const key = `${name} ${memory}`;
  const module = compiled.get(key) ?? compileFixture(name, memory);
  compiled.set(key, module);
  let bytes = new Uint8Array(0);
  const answer =
    (name: string) =>
    (...values: number[]) =>
      node[name]?.(bytes, ...values) ?? 0;
  const radon = new Proxy({}, { get: (_, name) => answer(String(name)) });
  const { instance } = await WebAssembly.instantiate(await module, { radon });
  const call = instance.exports as FixtureExports;
  const { buffer } = instance.exports.memory as { readonly buffer: ArrayBuffer };
  bytes = new Uint8Array(buffer, 0, memory);
  call._initialize?.();
  const top = instance.exports['radon:g0'] as { readonly value: number } | undefined;
  return { call, memory: bytes, heapTop: () => top?.value ?? 0 };
}
