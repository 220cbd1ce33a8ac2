/** AssemblyScript SDK of Radon: compiles an atom to WebAssembly. */
export type { CompileFailure, CompileOptions, CompileResult, CompileSuccess, Diagnostic } from './compile.ts';
