import type { Configuration } from '../../image/index.ts';
import type { abiExports } from '../../tables/index.ts';
import { fuelPerMs, functionAt, type MeteredModule, type ModuleInfo, meterModule } from '../../wasm/index.ts';
import { type WasmImports, type WasmModule, webAssembly } from '../../wasm/webassembly.ts';
import { type EventKind, handlerOf } from './current-event.ts';
import { readState, writeState } from './guest-globals.ts';
import type { TrapKind } from './trap-report.ts';

export type GuestExport = keyof typeof abiExports;

/** Thrown by a host function to end the activation; guests cannot catch it, exceptions are refused at load. */
export class GuestTrap extends Error {
  override readonly name = 'GuestTrap';
  readonly kind: TrapKind;

  constructor(kind: TrapKind, reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** Where and why a call ended early. */
export interface Trap {
  readonly kind: TrapKind;
  /** Name or `#index`, and the byte offset in the signed module. */
  readonly function?: string;
  readonly offset?: number;
}

export type Outcome = { readonly result: number } | { readonly trap: Trap };

/** A module ready to be instantiated any number of times. */
export interface GuestCode {
  readonly info: ModuleInfo;
  readonly metered: MeteredModule;
  readonly module: WasmModule;
  /** Exact size of the memory in bytes. */
  readonly memoryBytes: number;
  /** Whether the module exports the handler of a kind of event. */
  handles(kind: EventKind): boolean;
}

/** Meters and compiles a checked module. */
export function compileGuest(info: ModuleInfo, code: Uint8Array, memoryBytes: number): GuestCode {
  const metered = meterModule(code, info);
  const exported = new Set(info.exports.map(({ name }) => name));
  return {
    info,
    metered,
    module: new webAssembly.Module(metered.bytes),
    memoryBytes,
    handles: (kind) => exported.has(handlerOf[kind]),
  };
}

interface Fuel {
  value: number;
}

/** One running copy of a module. */
export class Guest {
  /** The exact memory; what lies behind it in the page is not the guest's. */
  readonly memory: Uint8Array;
  readonly #code: GuestCode;
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #fuel: Fuel;
  readonly #deadlineMs: number;

  /** Runs no guest code. Throws when the segments do not fit. */
  constructor(code: GuestCode, imports: WasmImports, limits: Configuration['limits']) {
    if (code.info.dataLimit > code.memoryBytes) throw new RangeError('data segment beyond the memory');
    this.#code = code;
    this.#exports = new webAssembly.Instance(code.module, imports).exports;
    this.#fuel = this.#exports[code.metered.fuelExport] as Fuel;
    this.#deadlineMs = limits.deadlineMs;
    const { buffer } = this.#exports.memory as { readonly buffer: ArrayBuffer };
    this.memory = new Uint8Array(buffer, 0, code.memoryBytes);
  }

  has(name: GuestExport): boolean {
    return typeof this.#exports[name] === 'function';
  }

  /** Bits of radon:g0, radon:g1 …, for a snapshot. */
  get globals(): Uint8Array[] {
    return readState(this.#code.info, this.#exports);
  }

  set globals(values: readonly Uint8Array[]) {
    writeState(this.#code.info, this.#exports, values);
  }

  /** Calls an export under the deadline. A missing one returns at once with 0; one without result gives 0. */
  call(name: GuestExport): Outcome {
    const target = this.#exports[name];
    if (typeof target !== 'function') return { result: 0 };
    this.#fuel.value = this.#deadlineMs * fuelPerMs;
    try {
      const result: unknown = target();
      return { result: typeof result === 'number' ? result : 0 };
    } catch (error) {
      return { trap: this.#trap(error) };
    }
  }

  #trap(error: unknown): Trap {
    if (!(error instanceof Error)) throw error;
    const kind = this.#fuel.value < 0 ? 'DEADLINE' : trapKind(error);
    return { kind, ...this.#locate(error) };
  }

  /** The innermost guest function of a stack trace: V8 writes `wasm-function[INDEX]:0xOFFSET`. */
  #locate(error: Error): Pick<Trap, 'function' | 'offset'> {
    const frame = /wasm-function\[\d+\]:0x([0-9a-f]+)/.exec(error.stack ?? '');
    if (frame?.[1] === undefined) return {};
    const offset = this.#code.metered.signedOffset(Number.parseInt(frame[1], 16));
    const found = functionAt(this.#code.info, offset);
    return found === undefined ? { offset } : { function: found.name, offset };
  }
}

/** V8's sentences for traps (src/common/message-template.h, kTrap…). */
const trapMessages: readonly (readonly [RegExp, TrapKind])[] = [
  [/^unreachable/, 'UNREACHABLE'],
  [/memory access out of bounds|data segment/, 'MEMORY'],
  [/divide|remainder|unrepresentable/, 'ARITHMETIC'],
  [/table index is out of bounds|table access/, 'TABLE'],
  [/signature mismatch|null function/, 'CALL'],
];

/** Rethrows what is neither the guest's nor a host function's deliberate end: a fault of this program. */
function trapKind(error: Error): TrapKind {
  if (error instanceof GuestTrap) return error.kind;
  if (error instanceof RangeError && error.message.startsWith('Maximum call stack')) return 'STACK';
  if (!(error instanceof webAssembly.RuntimeError)) throw error;
  return trapMessages.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'UNREACHABLE';
}
