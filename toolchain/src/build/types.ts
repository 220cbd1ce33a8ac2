/** What the build functions take and give; shapes only. */
import type { Configuration, PayloadNeed } from '@radon/bridge/image';

/** A folder with atom.ts and atom.json, read and checked. */
export interface AtomProject {
  readonly name: string;
  /** For people, at most 16 bytes; stands in the manifest. */
  readonly version: string;
  /** Absolute paths. */
  readonly folder: string;
  readonly sourceFile: string;
  readonly configurationFile: string;
  /** Complete: defaults filled in, content-formats as numbers. */
  readonly configuration: Configuration;
  /** atom.test.ts, where there is one. */
  readonly testFile?: string;
}

/** Bytes of a module by what they are for. */
export interface ModuleSizes {
  /** The whole module, as signed and pushed. */
  readonly total: number;
  /** The code section. */
  readonly code: number;
  /** The data section. */
  readonly data: number;
  /** Static data in linear memory; the rest of `memory` is heap. */
  readonly staticMemory: number;
  /** Linear memory nodes give the module. */
  readonly memory: number;
}

export interface ModuleImport {
  readonly module: string;
  readonly name: string;
}

/** What can be told of a module by reading it. */
export interface ModuleDescription {
  readonly imports: readonly ModuleImport[];
  /** State exports (`radon:g0` …) left out. */
  readonly exports: readonly string[];
  readonly sizes: ModuleSizes;
}

/** A finished module: what gets signed and pushed. */
export interface BuiltAtom extends ModuleDescription {
  readonly name: string;
  readonly version: string;
  readonly wasm: Uint8Array;
  /** SHA-256 of `wasm`, 32 bytes. */
  readonly digest: Uint8Array;
  readonly configuration: Configuration;
  /** Left out where `measure` was not asked for. */
  readonly need?: PayloadNeed;
  /** By function index, kept beside the image; empty where the module carried none. */
  readonly functionNames: ReadonlyMap<number, string>;
  /** Messages of the compiler that did not stop it. */
  readonly warnings: readonly SourceMessage[];
}

/** Something about one place of a file, for people. */
export interface SourceMessage {
  readonly file: string;
  /** From 1; 0 where the place is unknown. */
  readonly line: number;
  /** From 1; 0 where the place is unknown. */
  readonly column: number;
  readonly message: string;
}

/** Outcome of one case of an atom's test file. */
export interface AtomTestCase {
  readonly name: string;
  readonly passed: boolean;
  readonly durationMs: number;
  /** Why it failed. */
  readonly message?: string;
}

export interface AtomTestReport {
  readonly passed: number;
  readonly failed: number;
  readonly cases: readonly AtomTestCase[];
}
