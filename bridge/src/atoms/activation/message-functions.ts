import { abiError, abiLimits, method as methodTable, requestFlag } from '../../tables/index.ts';
import type { WasmImports } from '../../wasm/webassembly.ts';
import { output } from './host-functions.ts';
import { isRequestUri } from './request-uri.ts';

/** What the functions for messages, names, own requests and new instances see of the instance that calls them. */
export interface Messenger {
  range(address: number, length: number): Uint8Array;
  send(to: string, payload: Uint8Array, flags: number): number;
  join(alias: string): number;
  leave(alias: string): number;
  /** Each with a newline behind it; undefined for a pattern outside the dialect. */
  names(pattern: Uint8Array): string | undefined;
  spawn(definition: string, args: Uint8Array): number;
  request(method: number, uri: string, format: number, payload: Uint8Array, observe: boolean): number;
  cancel(id: number): number;
  counted(result: number): number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const methods: readonly number[] = Object.values(methodTable);
const highestFormat = 0xfffe;

/** Names and destinations are ASCII: what is not is none of them. */
function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function messageFunctions(caller: Messenger): WasmImports[string] {
  return {
    send: (to = 0, toLen = 0, ptr = 0, len = 0, flags = 0) => {
      const destination = caller.range(to, toLen);
      const payload = caller.range(ptr, len);
      return caller.counted(caller.send(textOf(destination), payload, flags));
    },
    alias_add: (ptr = 0, len = 0) => caller.counted(caller.join(textOf(caller.range(ptr, len)))),
    alias_remove: (ptr = 0, len = 0) => caller.leave(textOf(caller.range(ptr, len))),
    names: (pattern = 0, len = 0, out = 0, cap = 0) => {
      const wanted = caller.range(pattern, len);
      const target = caller.range(out, cap);
      const names = caller.names(wanted);
      return output(names === undefined ? abiError.E_ARG : encoder.encode(names), target);
    },
    spawn: (definition = 0, len = 0, args = 0, argsLen = 0) => {
      const name = caller.range(definition, len);
      return caller.counted(caller.spawn(textOf(name), caller.range(args, argsLen)));
    },
    ...requestFunctions(caller),
  };
}

function requestFunctions(caller: Messenger): WasmImports[string] {
  return {
    request: (method = 0, uri = 0, uriLen = 0, format = 0, ptr = 0, len = 0, flags = 0) => {
      const target = caller.range(uri, uriLen);
      const payload = caller.range(ptr, len);
      const observe = flags === requestFlag.OBSERVE;
      const isRight =
        methods.includes(method) &&
        target.length <= abiLimits.uriBytes &&
        isRequestUri(textOf(target)) &&
        format >= -1 &&
        format <= highestFormat &&
        (flags === 0 || (observe && method === methodTable.GET));
      if (!isRight) return abiError.E_ARG;
      return caller.counted(caller.request(method, textOf(target), format, payload, observe));
    },
    request_cancel: (id = 0) => caller.cancel(id),
  };
}
