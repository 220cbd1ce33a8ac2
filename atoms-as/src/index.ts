/** AssemblyScript SDK of Radon: compiles an atom to WebAssembly. */
export {
  type CompileFailure,
  type CompileOptions,
  type CompileResult,
  type CompileSuccess,
  compileAtom,
} from './compile.ts';
export type { Diagnostic } from './diagnostic.ts';
export { compilerRevision } from './revision.ts';
