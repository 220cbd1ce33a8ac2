/** What the build functions take and give; shapes only. */

/** A configuration as it stands in the manifest (docs/reference/wire.md): every limit written out. */
export interface AtomConfiguration {
  readonly kind: 'daemon' | 'reactive';
  /** Reactive atoms only. */
  readonly policy?: 'one';
  readonly recovery: 'none' | 'restart';
  readonly limits: AtomLimits;
  readonly replyWithinMs: number;
  /** Channel names; an I/O handle is an index into this list. */
  readonly io?: readonly string[];
  readonly send?: readonly string[];
  readonly request?: readonly string[];
  readonly aliases?: readonly string[];
  readonly resources?: readonly AtomResource[];
  readonly hosts?: { readonly require?: readonly string[]; readonly avoid?: readonly string[] };
}

/** Bytes, counts and milliseconds; docs/atom-abi.json says which and within which bounds. */
export interface AtomLimits {
  readonly memory: number;
  readonly stack: number;
  readonly deadlineMs: number;
  readonly storage: number;
  readonly timers: number;
  readonly pending: number;
  readonly body: number;
  readonly publish: number;
  readonly inbox: { readonly messages: number; readonly bytes: number; readonly waitMs: number };
}

export interface AtomResource {
  readonly path: string;
  readonly rt?: string;
  readonly if?: string;
  /** CoAP content-format numbers. */
  readonly ct?: readonly number[];
  readonly obs?: boolean;
  readonly title?: string;
}

/** A folder with atom.ts and atom.json, read and checked. */
export interface AtomProject {
  readonly name: string;
  /** For people, at most 16 bytes; stands in the manifest. */
  readonly version: string;
  /** Absolute paths. */
  readonly folder: string;
  readonly sourceFile: string;
  readonly configurationFile: string;
  readonly configuration: AtomConfiguration;
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
  /** Static data in linear memory: the rest of `limits.memory` is heap. */
  readonly staticMemory: number;
}

export interface ModuleImport {
  readonly module: string;
  readonly name: string;
}

/** Bytes of RAM a module needs on a device, and the engine revision they were measured with. */
export interface AtomNeed {
  /** Peak of the atom's arena while the module loads. */
  readonly load: number;
  /** What the loaded module and one running instance hold. */
  readonly run: number;
  /** Eight hexadecimal digits. */
  readonly engine: string;
}

/** A finished module: what gets signed and pushed. */
export interface BuiltAtom {
  readonly name: string;
  readonly version: string;
  readonly wasm: Uint8Array;
  /** SHA-256 of `wasm`, 32 bytes. */
  readonly digest: Uint8Array;
  readonly configuration: AtomConfiguration;
  readonly imports: readonly ModuleImport[];
  readonly exports: readonly string[];
  readonly sizes: ModuleSizes;
  /** Left out where `measure` was not asked for. */
  readonly need?: AtomNeed;
  /** Function index → name, kept beside the image; empty where the module carried none. */
  readonly functionNames: ReadonlyMap<number, string>;
  /** Warnings of the compiler. */
  readonly warnings: readonly SourceMessage[];
}

/** Something about one place of a file, for people. */
export interface SourceMessage {
  readonly file: string;
  /** From 1; 0 where the place is unknown. */
  readonly line: number;
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
