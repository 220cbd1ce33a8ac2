import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type CompilerMessage, type Diagnostic, toDiagnostic } from './diagnostic.ts';
import { installLibrary } from './library.ts';
import { createPreparation } from './prepare.ts';

/** What to compile, and for which memory. */
export interface CompileOptions {
  /** Path of the atom's entry file. */
  readonly source: string;
  /**
   * The memory is built into a module, and `body` decides the size of the SDK's buffer; the rest of a configuration
   * travels in the manifest.
   */
  readonly configuration: { readonly limits: { readonly memory: number; readonly body: number } };
  /** Keeps assertions and logs the message of an abort before it traps; larger. */
  readonly debug?: boolean;
}

export interface CompileSuccess {
  readonly ok: true;
  /** With a name section; `__heap_base`, `__data_end` and state exports are added by `radon build`. */
  readonly wasm: Uint8Array;
  /** First byte of linear memory behind the static data, where the heap begins. */
  readonly dataEnd: number;
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** What was read, by absolute path; null where the compiler looked and found nothing. */
  readonly inputs: ReadonlyMap<string, string | null>;
}

export interface CompileFailure {
  readonly ok: false;
  /** At least one error. */
  readonly diagnostics: readonly Diagnostic[];
}

export type CompileResult = CompileSuccess | CompileFailure;

/** The part of `assemblyscript/asc` used here; its own types are too loose to help. */
interface Compiler {
  readonly libraryFiles: Record<string, string>;
  main(
    flags: readonly string[],
    host: {
      readFile(name: string, folder: string): Promise<string | null>;
      writeFile(name: string, contents: Uint8Array | string): void;
      listFiles(): string[];
      readonly transforms: readonly unknown[];
      reportDiagnostic(message: CompilerMessage): void;
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

/** A second entry file beside the atom's: exports the collector, and holds what only a debug build needs. */
const supportFile = 'radon-support.ts';
const collector = 'export function collect(): void { __collect(); }\n';
const abortImport = 'import "@radon/atoms-as/assembly/abort";\n';
const abortFunction = '~lib/@radon/atoms-as/assembly/abort/abort';

/** Bytes of a body the SDK's buffer holds at least. */
const smallestBody = 128;

let compiler: Promise<Compiler> | undefined;
/** The compiler keeps state in module variables: one compilation at a time. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * Compiles an atom. The compiler is imported once and stays warm: later calls take a fraction of the first.
 * Mistakes in the source are values (`ok` false); it throws when the compiler itself breaks.
 */
export function compileAtom(options: CompileOptions): Promise<CompileResult> {
  const result = queue.then(() => compile(options));
  queue = result.catch(() => undefined);
  return result;
}

async function compile(options: CompileOptions): Promise<CompileResult> {
  compiler ??= import('assemblyscript/asc') as unknown as Promise<Compiler>;
  const asc = await compiler;
  installLibrary(asc.libraryFiles);
  const source = resolve(options.source);
  const support = options.debug ? abortImport + collector : collector;
  const texts = new Map([[supportFile, support]]);
  const inputs = new Map<string, string | null>();
  const diagnostics: Diagnostic[] = [];
  const preparation = createPreparation();
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [basename(source), supportFile, ...compilerFlags(options, source)],
    {
      async readFile(name, folder) {
        if (name === supportFile) return support;
        const path = resolve(folder, name);
        const text = inputs.get(path) ?? (await readText(path));
        inputs.set(path, text);
        if (text !== null) texts.set(name, text);
        return text;
      },
      writeFile(_name, contents) {
        if (typeof contents !== 'string') wasm = contents;
      },
      listFiles: () => [],
      transforms: [preparation.transform],
      reportDiagnostic: (message) => diagnostics.push(toDiagnostic(message, texts, asc.libraryFiles)),
    },
  );
  if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics };
  if (wasm === undefined || error !== null) {
    throw new Error(`The AssemblyScript compiler failed: ${stderr.toString().trim()}`, { cause: error });
  }
  return { ok: true, wasm, dataEnd: preparation.dataEnd(), diagnostics, inputs };
}

function compilerFlags({ configuration, debug = false }: CompileOptions, source: string): string[] {
  const flags = ['--baseDir', dirname(source), '--outFile', 'atom.wasm', '--debug', '--noColors'];
  flags.push(
    '--runtime',
    'stub',
    '--exportStart',
    '_initialize',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '1',
  );
  const { memory, body } = configuration.limits;
  flags.push('--lowMemoryLimit', String(memory), '--use', `RADON_BODY=${Math.max(body, smallestBody)}`);
  flags.push('-O3s', '--use', `abort=${debug ? abortFunction : ''}`);
  if (!debug) flags.push('--noAssert');
  return flags;
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // The compiler tries several paths for one import; null is its "not here".
    return null;
  }
}
