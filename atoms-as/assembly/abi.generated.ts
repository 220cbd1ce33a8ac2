// Generated from docs/atom-abi.json by scripts/generate.mjs. Do not edit.

/** One scalar field of the current event (table eventFields); E_ARG for an unknown field, E_STATE outside an activation. */
// @ts-ignore: decorator
@external("radon", "event_get")
export declare function event_get(field: i32): i32;

/** Copies a byte field of the current event; returns its full length, writes nothing when cap is smaller. */
// @ts-ignore: decorator
@external("radon", "event_read")
export declare function event_read(field: i32, out: usize, cap: i32): i32;

/** Answers a request (event 0: the current one) or the current message. For requests code is a CoAP response code byte and format a CoAP content-format or -1. E_STATE after a second reply or an expired event. */
// @ts-ignore: decorator
@external("radon", "reply")
export declare function reply(event: i32, code: i32, format: i32, ptr: usize, len: i32): i32;

/** Hands the node the representation it serves for GET and observers until replaced or older than maxAgeS (0: until replaced). E_NOT_FOUND for an undeclared path, E_QUOTA over the publish limit. */
// @ts-ignore: decorator
@external("radon", "publish")
export declare function publish(path: usize, pathLen: i32, format: i32, ptr: usize, len: i32, maxAgeS: i32): i32;

/** Asks the node to run the GET handler again for the observers of a path. */
// @ts-ignore: decorator
@external("radon", "notify")
export declare function notify(path: usize, pathLen: i32): i32;

/** Sends a message to an atom, an instance or an alias, on any node; returns its id > 0 (flags: table sendFlags). */
// @ts-ignore: decorator
@external("radon", "send")
export declare function send(to: usize, toLen: i32, ptr: usize, len: i32, flags: i32): i32;

/** Starts a REST request to a resource of this node (/path), of another (//node/path) or of an allowed host (coap://host/path); returns its id > 0. The answer is a RESPONSE event (flags: table requestFlags). */
// @ts-ignore: decorator
@external("radon", "request")
export declare function request(method: i32, uri: usize, uriLen: i32, format: i32, ptr: usize, len: i32, flags: i32): i32;

/** Ends an own request or observation: no RESPONSE follows. 0 or E_NOT_FOUND. */
// @ts-ignore: decorator
@external("radon", "request_cancel")
export declare function request_cancel(id: i32): i32;

/** Makes the instance a member of an alias. E_ARG for a name that is none or is that of an atom here, E_QUOTA over 4 aliases. */
// @ts-ignore: decorator
@external("radon", "alias_add")
export declare function alias_add(ptr: usize, len: i32): i32;

/** Leaves an alias. 0 or E_NOT_FOUND. */
// @ts-ignore: decorator
@external("radon", "alias_remove")
export declare function alias_remove(ptr: usize, len: i32): i32;

/** Names on this node (atoms, instances, aliases) that match a pattern, ascending, each followed by a newline. */
// @ts-ignore: decorator
@external("radon", "names")
export declare function names(pattern: usize, len: i32, out: usize, cap: i32): i32;

/** The instance's own name; returns its full length. */
// @ts-ignore: decorator
@external("radon", "self")
export declare function self(out: usize, cap: i32): i32;

/** Reads a stored value; returns its full length or E_NOT_FOUND. */
// @ts-ignore: decorator
@external("radon", "kv_get")
export declare function kv_get(key: usize, keyLen: i32, out: usize, cap: i32): i32;

/** Stores a value; after 0 it survives a power cut. E_QUOTA over the atom's storage limit, E_TOO_BIG for a key over 32 or a value over 1024 bytes. */
// @ts-ignore: decorator
@external("radon", "kv_set")
export declare function kv_set(key: usize, keyLen: i32, ptr: usize, len: i32): i32;

/** Removes a value; 0 or E_NOT_FOUND. */
// @ts-ignore: decorator
@external("radon", "kv_delete")
export declare function kv_delete(key: usize, keyLen: i32): i32;

/** Keys that start with prefix in ascending byte order, each followed by a newline. */
// @ts-ignore: decorator
@external("radon", "kv_list")
export declare function kv_list(prefix: usize, len: i32, out: usize, cap: i32): i32;

/** Starts or replaces timer id (0..limit-1); period 0 is one-shot. E_QUOTA over the limit, E_ARG for a negative time. */
// @ts-ignore: decorator
@external("radon", "timer_set")
export declare function timer_set(id: i32, delayMs: i32, periodMs: i32): i32;

/** Stops a timer; 0 or E_NOT_FOUND. */
// @ts-ignore: decorator
@external("radon", "timer_cancel")
export declare function timer_cancel(id: i32): i32;

/** Milliseconds since the node started. */
// @ts-ignore: decorator
@external("radon", "uptime_ms")
export declare function uptime_ms(): f64;

/** UTC in milliseconds since 1970, or 0 where unknown. */
// @ts-ignore: decorator
@external("radon", "clock_ms")
export declare function clock_ms(): f64;

/** Fills a range with cryptographically secure random bytes. */
// @ts-ignore: decorator
@external("radon", "random")
export declare function random(out: usize, len: i32): i32;

/** Handle of a channel: its index in the configuration's io list. E_DENIED when not listed, E_NOT_FOUND when the node lacks it. */
// @ts-ignore: decorator
@external("radon", "io_open")
export declare function io_open(name: usize, len: i32): i32;

/** Writes the channel's value as an f64 (8 bytes, little endian). */
// @ts-ignore: decorator
@external("radon", "io_read")
export declare function io_read(handle: i32, out: usize): i32;

/** Sets an output channel; E_DENIED on an input. */
// @ts-ignore: decorator
@external("radon", "io_write")
export declare function io_write(handle: i32, value: f64): i32;

/** Asks for an I/O event at every new reading that matches edges (bits: 1 rising, 2 falling, 4 same as before; 3 both, 7 every reading, 0 off). The event's PAYLOAD is the reading as an f64 (8 bytes, little endian). */
// @ts-ignore: decorator
@external("radon", "io_watch")
export declare function io_watch(handle: i32, edges: i32): i32;

/** Creates instance n > 0 of a reactive atom on this node; its START event carries args. */
// @ts-ignore: decorator
@external("radon", "spawn")
export declare function spawn(definition: usize, len: i32, args: usize, argsLen: i32): i32;

/** Ends the instance after this activation; its phase becomes TERMINATED. */
// @ts-ignore: decorator
@external("radon", "exit")
export declare function exit(code: i32): i32;

/** One line for /log (level: table logLevels); longer than 120 bytes is cut. */
// @ts-ignore: decorator
@external("radon", "log")
export declare function log(level: i32, ptr: usize, len: i32): i32;

export namespace EventField {
  // @ts-ignore: decorator
  @inline export const KIND: i32 = 0;
  // @ts-ignore: decorator
  @inline export const ID: i32 = 1;
  // @ts-ignore: decorator
  @inline export const METHOD: i32 = 2;
  // @ts-ignore: decorator
  @inline export const FORMAT: i32 = 3;
  // @ts-ignore: decorator
  @inline export const CORRELATION: i32 = 4;
  // @ts-ignore: decorator
  @inline export const REASON: i32 = 5;
  // @ts-ignore: decorator
  @inline export const HANDLE: i32 = 6;
  // @ts-ignore: decorator
  @inline export const ACCEPT: i32 = 7;
  // @ts-ignore: decorator
  @inline export const SENDER: i32 = 16;
  // @ts-ignore: decorator
  @inline export const PATH: i32 = 17;
  // @ts-ignore: decorator
  @inline export const QUERY: i32 = 18;
  // @ts-ignore: decorator
  @inline export const PAYLOAD: i32 = 19;
}

export namespace EventKind {
  // @ts-ignore: decorator
  @inline export const START: i32 = 1;
  // @ts-ignore: decorator
  @inline export const MESSAGE: i32 = 2;
  // @ts-ignore: decorator
  @inline export const REQUEST: i32 = 3;
  // @ts-ignore: decorator
  @inline export const RESPONSE: i32 = 4;
  // @ts-ignore: decorator
  @inline export const TIMER: i32 = 5;
  // @ts-ignore: decorator
  @inline export const IO: i32 = 6;
  // @ts-ignore: decorator
  @inline export const UNDELIVERED: i32 = 7;
  // @ts-ignore: decorator
  @inline export const STOP: i32 = 8;
  // @ts-ignore: decorator
  @inline export const RECOVER: i32 = 9;
}

export namespace Handled {
  // @ts-ignore: decorator
  @inline export const DONE: i32 = 0;
  // @ts-ignore: decorator
  @inline export const LATER: i32 = 1;
  // @ts-ignore: decorator
  @inline export const REJECT: i32 = 2;
}

export namespace ErrorCode {
  // @ts-ignore: decorator
  @inline export const E_ARG: i32 = -1;
  // @ts-ignore: decorator
  @inline export const E_NOT_FOUND: i32 = -2;
  // @ts-ignore: decorator
  @inline export const E_DENIED: i32 = -3;
  // @ts-ignore: decorator
  @inline export const E_FULL: i32 = -4;
  // @ts-ignore: decorator
  @inline export const E_QUOTA: i32 = -5;
  // @ts-ignore: decorator
  @inline export const E_TOO_BIG: i32 = -6;
  // @ts-ignore: decorator
  @inline export const E_NO_ROUTE: i32 = -7;
  // @ts-ignore: decorator
  @inline export const E_BUSY: i32 = -8;
  // @ts-ignore: decorator
  @inline export const E_TIMEOUT: i32 = -9;
  // @ts-ignore: decorator
  @inline export const E_IO: i32 = -10;
  // @ts-ignore: decorator
  @inline export const E_STATE: i32 = -11;
  // @ts-ignore: decorator
  @inline export const E_UNSUPPORTED: i32 = -12;
}

export namespace Trap {
  // @ts-ignore: decorator
  @inline export const NONE: i32 = 0;
  // @ts-ignore: decorator
  @inline export const UNREACHABLE: i32 = 1;
  // @ts-ignore: decorator
  @inline export const MEMORY: i32 = 2;
  // @ts-ignore: decorator
  @inline export const STACK: i32 = 3;
  // @ts-ignore: decorator
  @inline export const DEADLINE: i32 = 4;
  // @ts-ignore: decorator
  @inline export const ARITHMETIC: i32 = 5;
  // @ts-ignore: decorator
  @inline export const TABLE: i32 = 6;
  // @ts-ignore: decorator
  @inline export const CALL: i32 = 7;
  // @ts-ignore: decorator
  @inline export const ABORT: i32 = 8;
}

export namespace LogLevel {
  // @ts-ignore: decorator
  @inline export const DEBUG: i32 = 0;
  // @ts-ignore: decorator
  @inline export const INFO: i32 = 1;
  // @ts-ignore: decorator
  @inline export const WARN: i32 = 2;
  // @ts-ignore: decorator
  @inline export const ERROR: i32 = 3;
}

export namespace IoEdges {
  // @ts-ignore: decorator
  @inline export const OFF: i32 = 0;
  // @ts-ignore: decorator
  @inline export const RISING: i32 = 1;
  // @ts-ignore: decorator
  @inline export const FALLING: i32 = 2;
  // @ts-ignore: decorator
  @inline export const BOTH: i32 = 3;
  // @ts-ignore: decorator
  @inline export const SAME: i32 = 4;
  // @ts-ignore: decorator
  @inline export const EVERY: i32 = 7;
}

export namespace SendFlag {
  // @ts-ignore: decorator
  @inline export const UNORDERED: i32 = 1;
  // @ts-ignore: decorator
  @inline export const REPORT: i32 = 2;
}

export namespace RequestFlag {
  // @ts-ignore: decorator
  @inline export const OBSERVE: i32 = 1;
}

export namespace Outcome {
  // @ts-ignore: decorator
  @inline export const DELIVERED: i32 = 1;
  // @ts-ignore: decorator
  @inline export const NOT_DELIVERED: i32 = 2;
  // @ts-ignore: decorator
  @inline export const UNKNOWN: i32 = 3;
}

export namespace StopReason {
  // @ts-ignore: decorator
  @inline export const COMMAND: i32 = 1;
  // @ts-ignore: decorator
  @inline export const RESTART: i32 = 2;
  // @ts-ignore: decorator
  @inline export const UPDATE: i32 = 3;
  // @ts-ignore: decorator
  @inline export const DELETE: i32 = 4;
  // @ts-ignore: decorator
  @inline export const EXPIRED: i32 = 5;
}

export namespace Method {
  // @ts-ignore: decorator
  @inline export const GET: i32 = 1;
  // @ts-ignore: decorator
  @inline export const POST: i32 = 2;
  // @ts-ignore: decorator
  @inline export const PUT: i32 = 3;
  // @ts-ignore: decorator
  @inline export const DELETE: i32 = 4;
  // @ts-ignore: decorator
  @inline export const FETCH: i32 = 5;
  // @ts-ignore: decorator
  @inline export const PATCH: i32 = 6;
  // @ts-ignore: decorator
  @inline export const IPATCH: i32 = 7;
}

export namespace Format {
  // @ts-ignore: decorator
  @inline export const TEXT: i32 = 0;
  // @ts-ignore: decorator
  @inline export const LINK_FORMAT: i32 = 40;
  // @ts-ignore: decorator
  @inline export const OCTET_STREAM: i32 = 42;
  // @ts-ignore: decorator
  @inline export const JSON: i32 = 50;
  // @ts-ignore: decorator
  @inline export const CBOR: i32 = 60;
  // @ts-ignore: decorator
  @inline export const COSE_SIGN1: i32 = 18;
  // @ts-ignore: decorator
  @inline export const SENML_JSON: i32 = 110;
  // @ts-ignore: decorator
  @inline export const SENML_CBOR: i32 = 112;
  // @ts-ignore: decorator
  @inline export const PROBLEM_DETAILS: i32 = 257;
  // @ts-ignore: decorator
  @inline export const RADON_MESSAGE: i32 = 65000;
}
