/** The part of a binaryen module used here. */
interface BinaryenModule {
  getFunction(name: string): number;
  getGlobal(name: string): number;
  removeExport(name: string): void;
  addGlobalExport(internalName: string, externalName: string): number;
}

interface Binaryen {
  getGlobalInfo(global: number): { readonly init: number };
  getExpressionInfo(expression: number): { readonly value?: unknown };
}

export interface Preparation {
  /** A transform class, as the compiler takes it. */
  readonly transform: unknown;
  /** First byte behind the static data; known after the compilation. */
  dataEnd(): number;
}

/** What is done to a module between compilation and optimization. */
export function createPreparation(): Preparation {
  let end = 0;
  class RadonTransform {
    /** Put on the prototype by the compiler. */
    declare readonly binaryen: Binaryen;

    afterCompile(module: BinaryenModule): void {
      end = heapBase(module, this.binaryen);
      if (module.getFunction('~lib/rt/stub/__new') === 0) module.removeExport('collect');
      // The interpreter takes the first mutable i32 global that starts at or below __heap_base for a C stack pointer
      // and guards it. `top` is the first of every module, and its initial 0 means "no stack to guard".
      module.addGlobalExport('~lib/rt/stub/top', 'radon:g0');
    }
  }
  return { transform: RadonTransform, dataEnd: () => end };
}

function heapBase(module: BinaryenModule, binaryen: Binaryen): number {
  const { init } = binaryen.getGlobalInfo(module.getGlobal('~lib/memory/__heap_base'));
  const { value } = binaryen.getExpressionInfo(init);
  if (typeof value !== 'number') throw new TypeError('The compiler left no __heap_base.');
  return value;
}
