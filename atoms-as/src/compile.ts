/** What to compile, and for which memory. */
export interface CompileOptions {
  /** Path of the atom's entry file. */
  readonly source: string;
  /** Only the memory is built into a module; the rest of a configuration travels in the manifest. */
  readonly configuration: { readonly limits: { readonly memory: number } };
  /** Keeps assertions and logs the message of an abort before it traps; larger. */
  readonly debug?: boolean;
}

/** One message of the compiler. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info';
  /** Number of the compiler's message; 0 where it has none. */
  readonly code: number;
  readonly message: string;
  /** Path as the compiler was given it, `~lib/…` for the library; left out where no place is known. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

export interface CompileSuccess {
  readonly ok: true;
  /** With a name section; memory limits and state exports are added by the build (`radon build`). */
  readonly wasm: Uint8Array;
  readonly diagnostics: readonly Diagnostic[];
}

export interface CompileFailure {
  readonly ok: false;
  /** At least one error. */
  readonly diagnostics: readonly Diagnostic[];
}

export type CompileResult = CompileSuccess | CompileFailure;
