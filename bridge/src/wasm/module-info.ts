/** Types of values an atom may use. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64';

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly type: FunctionType;
}

/** A function with a body; offsets are bytes from the start of the module. */
export interface DefinedFunction {
  /** Index in the function index space: imports come first. */
  readonly index: number;
  readonly type: FunctionType;
  /** First byte of the body: its local declarations. */
  readonly bodyStart: number;
  /** First instruction. */
  readonly codeStart: number;
  /** One past the closing `end`. */
  readonly end: number;
  /** Declared locals, without parameters. */
  readonly locals: number;
}

export type ExportKind = 'function' | 'table' | 'memory' | 'global';

export interface ModuleExport {
  readonly name: string;
  readonly kind: ExportKind;
  readonly index: number;
}

export interface ModuleGlobal {
  readonly type: ValueType;
  readonly mutable: boolean;
  /** Initial value of an i32 global; other types are left out. */
  readonly initial?: number | undefined;
}

export interface Section {
  readonly id: number;
  /** Name of a custom section, else the empty text. */
  readonly name: string;
  /** First byte of the content (after the size; after the name for a custom section). */
  readonly start: number;
  readonly end: number;
}

/** What a bounded reading of a module found. */
export interface ModuleInfo {
  readonly size: number;
  readonly sections: readonly Section[];
  readonly types: readonly FunctionType[];
  readonly imports: readonly FunctionImport[];
  readonly functions: readonly DefinedFunction[];
  readonly globals: readonly ModuleGlobal[];
  readonly exports: readonly ModuleExport[];
  /** Pages of 64 KiB; `maximum` left out when the module sets none. */
  readonly memory?: { readonly minimum: number; readonly maximum?: number | undefined } | undefined;
  /** Entries of the table, 0 without one. */
  readonly tableEntries: number;
  /** Bytes of all data segments. */
  readonly dataBytes: number;
  /** One past the last byte that the data segments write when an instance is made. */
  readonly dataLimit: number;
  /** Function names by index, from the name section; empty without one. */
  readonly functionNames: ReadonlyMap<number, string>;
}

export type ModuleProblemName = 'BAD_MODULE' | 'FOREIGN_IMPORT' | 'REFUSED_FEATURE' | 'BAD_EXPORT';

/** Why nodes refuse a module: a row of docs/errors.json and the `detail` of its sentence. */
export interface ModuleProblem {
  readonly error: ModuleProblemName;
  readonly detail: string;
}

/** A checked module is one every node loads. `heapBase` is the exact size of its memory in bytes. */
export interface CheckedModule extends ModuleInfo {
  readonly heapBase: number;
  readonly dataEnd: number;
}

export type ModuleCheck =
  | { readonly ok: true; readonly module: CheckedModule }
  | { readonly ok: false; readonly problem: ModuleProblem };

/** How the readers of this folder give up; `checkModule` turns it into a value. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
  readonly problem: ModuleProblem;

  constructor(error: ModuleProblemName, detail: string) {
    super(`${error}: ${detail}`);
    this.problem = { error, detail };
  }
}
