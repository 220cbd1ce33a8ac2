import { abiError, eventField } from '../../tables/index.ts';
import type { WasmImports } from '../../wasm/webassembly.ts';
import { type CurrentEvent, eventScalar } from './current-event.ts';
import { type Messenger, messageFunctions } from './message-functions.ts';
import type { Surroundings } from './surroundings.ts';
import type { Timers } from './timers.ts';
import type { Watches } from './watches.ts';

/** What the functions of the runtime interface see of the instance that calls them. */
export interface Caller extends Messenger {
  /** Of the atom; `name` is the instance's. */
  readonly atom: string;
  readonly name: string;
  readonly node: Surroundings;
  readonly event: CurrentEvent | undefined;
  readonly timers: Timers;
  readonly watches: Watches;
  /** Whole milliseconds, as `uptime_ms` tells them. */
  readonly uptimeMs: number;
  readonly storage: number;
  /** Bytes of guest memory; traps when any of them is outside, or when the activation has run far too long. */
  range(address: number, length: number): Uint8Array;
  reply(event: number, code: number, format: number, payload: Uint8Array): number;
  publish(path: string, format: number, payload: Uint8Array, maxAgeS: number): number;
  notify(path: string): number;
  /** Index of a handle's channel; an error when there is no such handle or channel. */
  channel(handle: number): number;
  open(name: string): number;
  exit(code: number): void;
  log(level: number, line: Uint8Array): number;
  /** A pair was written or removed. */
  stored(): void;
  /** Passes a result on; one that tells of a limit is counted. */
  counted(result: number): number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The functions an atom may import, bound to their caller. Semantics: docs/reference/runtime-interface.md. */
export function createHostFunctions(caller: Caller): WasmImports {
  return {
    radon: {
      ...eventFunctions(caller),
      ...resourceFunctions(caller),
      ...kvFunctions(caller),
      ...timeFunctions(caller),
      ...ioFunctions(caller),
      ...instanceFunctions(caller),
      ...messageFunctions(caller),
    },
  };
}

type HostFunctions = WasmImports[string];

/** Copies an output when it fits and answers its full length; an error passes through. */
export function output(value: Uint8Array | number, out: Uint8Array): number {
  if (typeof value === 'number') return value;
  if (value.length <= out.length) out.set(value);
  return value.length;
}

function eventBytes(event: CurrentEvent, field: number): Uint8Array | number {
  switch (field) {
    case eventField.SENDER:
      return encoder.encode(event.sender);
    case eventField.PATH:
      return encoder.encode(event.path);
    case eventField.QUERY:
      return encoder.encode(event.query);
    case eventField.PAYLOAD:
      return event.payload;
    default:
      return abiError.E_ARG;
  }
}

function eventFunctions(caller: Caller): HostFunctions {
  return {
    event_get: (field = 0) => {
      if (caller.event === undefined) return abiError.E_STATE;
      return eventScalar(caller.event, field) ?? abiError.E_ARG;
    },
    event_read: (field = 0, out = 0, cap = 0) => {
      const target = caller.range(out, cap);
      if (caller.event === undefined) return abiError.E_STATE;
      return output(eventBytes(caller.event, field), target);
    },
    reply: (event = 0, code = 0, format = 0, ptr = 0, len = 0) =>
      caller.counted(caller.reply(event, code, format, caller.range(ptr, len))),
  };
}

function resourceFunctions(caller: Caller): HostFunctions {
  return {
    publish: (path = 0, pathLen = 0, format = 0, ptr = 0, len = 0, maxAgeS = 0) => {
      const name = caller.range(path, pathLen);
      const payload = caller.range(ptr, len);
      return caller.counted(caller.publish(decoder.decode(name), format, payload, maxAgeS));
    },
    notify: (path = 0, pathLen = 0) => caller.notify(decoder.decode(caller.range(path, pathLen))),
  };
}

function kvFunctions(caller: Caller): HostFunctions {
  const { kv } = caller.node;
  return {
    kv_get: (key = 0, keyLen = 0, out = 0, cap = 0) => {
      const name = caller.range(key, keyLen);
      const target = caller.range(out, cap);
      return caller.counted(output(kv.get(caller.atom, name), target));
    },
    kv_set: (key = 0, keyLen = 0, ptr = 0, len = 0) => {
      const name = caller.range(key, keyLen);
      const value = caller.range(ptr, len);
      const result = kv.set(caller.atom, name, value, caller.storage);
      if (result === 0) caller.stored();
      return caller.counted(result);
    },
    kv_delete: (key = 0, keyLen = 0) => {
      const result = kv.delete(caller.atom, caller.range(key, keyLen));
      if (result === 0) caller.stored();
      return caller.counted(result);
    },
    kv_list: (prefix = 0, len = 0, out = 0, cap = 0) => {
      const start = caller.range(prefix, len);
      const target = caller.range(out, cap);
      return caller.counted(output(kv.list(caller.atom, start), target));
    },
  };
}

function timeFunctions(caller: Caller): HostFunctions {
  const { node } = caller;
  return {
    timer_set: (id = 0, delayMs = 0, periodMs = 0) =>
      caller.counted(caller.timers.set(id, delayMs, periodMs, node.now())),
    timer_cancel: (id = 0) => caller.timers.cancel(id),
    uptime_ms: () => caller.uptimeMs,
    clock_ms: () => Math.floor(node.utc()),
    random: (out = 0, len = 0) => {
      const target = caller.range(out, len);
      try {
        node.random(target);
        return 0;
      } catch {
        return abiError.E_IO;
      }
    },
  };
}

function ioFunctions(caller: Caller): HostFunctions {
  const { channels } = caller.node;
  return {
    io_open: (name = 0, len = 0) => caller.counted(caller.open(decoder.decode(caller.range(name, len)))),
    io_read: (handle = 0, out = 0) => {
      const target = caller.range(out, 8);
      const channel = caller.channel(handle);
      if (channel < 0) return channel;
      new DataView(target.buffer, target.byteOffset, 8).setFloat64(0, channels.read(channel), true);
      return 0;
    },
    io_write: (handle = 0, value = 0) => {
      const channel = caller.channel(handle);
      if (channel === abiError.E_ARG || !Number.isFinite(value)) return abiError.E_ARG;
      if (channel < 0) return channel;
      if (!channels.isOutput(channel)) return caller.counted(abiError.E_DENIED);
      channels.write(channel, value);
      return 0;
    },
    io_watch: (handle = 0, edges = 0) => {
      const channel = caller.channel(handle);
      if (channel === abiError.E_ARG || edges < 0 || edges > 7) return abiError.E_ARG;
      return channel < 0 ? channel : caller.watches.set(handle, edges);
    },
  };
}

function instanceFunctions(caller: Caller): HostFunctions {
  return {
    self: (out = 0, cap = 0) => output(encoder.encode(caller.name), caller.range(out, cap)),
    exit: (code = 0) => {
      caller.exit(code);
      return 0;
    },
    log: (level = 0, ptr = 0, len = 0) => caller.log(level, caller.range(ptr, len)),
  };
}
