/** The parts of binaryen used here; its own types are not exported by the compiler's package. */
interface BinaryenModule {
  getFunction(name: string): number;
  getGlobal(name: string): number;
  getNumGlobals(): number;
  getGlobalByIndex(index: number): number;
  removeExport(name: string): void;
  addGlobalExport(internalName: string, externalName: string): number;
}

interface Binaryen {
  readonly i32: number;
  readonly NopId: number;
  getGlobalInfo(global: number): GlobalInfo;
  getFunctionInfo(fn: number): { readonly body: number };
  getExpressionId(expression: number): number;
  getExpressionInfo(expression: number): { readonly value?: unknown };
}

interface GlobalInfo {
  readonly name: string;
  readonly type: number;
  readonly mutable: boolean;
  readonly init: number;
}

export interface Preparation {
  /** A transform class, as the compiler takes it. */
  readonly transform: unknown;
  /** First byte behind the static data; known after the compilation. */
  dataEnd(): number;
}

const runtime = '~lib/rt/stub/';

/** What is done to a module between compilation and optimization. */
export function createPreparation(): Preparation {
  let end = 0;
  class RadonTransform {
    /** Put on the prototype by the compiler. */
    declare readonly binaryen: Binaryen;

    afterCompile(module: BinaryenModule): void {
      end = heapBase(module, this.binaryen);
      const allocates = module.getFunction(`${runtime}__new`) !== 0;
      if (!allocates) module.removeExport('collect');
      if (isEmpty(module.getFunction('~start'), this.binaryen)) module.removeExport('_initialize');
      if (allocates || looksLikeStack(module, this.binaryen))
        module.addGlobalExport(`${runtime}top`, 'radon:g0');
    }
  }
  return { transform: RadonTransform, dataEnd: () => end };
}

function heapBase(module: BinaryenModule, binaryen: Binaryen): number {
  const value = initialValue(binaryen.getGlobalInfo(module.getGlobal('~lib/memory/__heap_base')), binaryen);
  if (typeof value !== 'number') throw new TypeError('The compiler left no __heap_base.');
  return value;
}

function isEmpty(fn: number, binaryen: Binaryen): boolean {
  return fn !== 0 && binaryen.getExpressionId(binaryen.getFunctionInfo(fn).body) === binaryen.NopId;
}

/**
 * The interpreter takes the first mutable i32 global whose initial value may be an address for a C stack pointer and
 * guards it; 0 means "no stack". In a module that allocates the first is the runtime's `top`, which begins as 0. In
 * another one `top` is kept when a global of the atom could be taken for a stack.
 */
function looksLikeStack(module: BinaryenModule, binaryen: Binaryen): boolean {
  return Array.from({ length: module.getNumGlobals() }, (_, index) =>
    binaryen.getGlobalInfo(module.getGlobalByIndex(index)),
  ).some((global) => global.mutable && global.type === binaryen.i32 && initialValue(global, binaryen) !== 0);
}

function initialValue({ init }: GlobalInfo, binaryen: Binaryen): unknown {
  return binaryen.getExpressionInfo(init).value;
}
