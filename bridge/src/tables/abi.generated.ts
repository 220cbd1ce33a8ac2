// Generated from docs/atom-abi.json by scripts/generate.mjs. Do not edit.

/** Version of the runtime interface. */
export const abiVersion = 1 as const;

/** The one module an atom may import. */
export const abiModule = "radon" as const;

/** The functions an atom may import, by fixed number. */
export const abiFunctions = [
  {
    "number": 0,
    "name": "event_get",
    "params": [
      "field:i32"
    ],
    "result": "i32",
    "doc": "One scalar field of the current event (table eventFields); E_ARG for an unknown field, E_STATE outside an activation."
  },
  {
    "number": 1,
    "name": "event_read",
    "params": [
      "field:i32",
      "out:ptr",
      "cap:len"
    ],
    "result": "i32",
    "doc": "Copies a byte field of the current event; returns its full length, writes nothing when cap is smaller."
  },
  {
    "number": 2,
    "name": "reply",
    "params": [
      "event:i32",
      "code:i32",
      "format:i32",
      "ptr:ptr",
      "len:len"
    ],
    "result": "i32",
    "doc": "Answers a request (event 0: the current one) or the current message. For requests code is a CoAP response code byte and format a CoAP content-format or -1. E_STATE after a second reply or an expired event."
  },
  {
    "number": 3,
    "name": "publish",
    "params": [
      "path:ptr",
      "pathLen:len",
      "format:i32",
      "ptr:ptr",
      "len:len",
      "maxAgeS:i32"
    ],
    "result": "i32",
    "doc": "Hands the node the representation it serves for GET and observers until replaced or older than maxAgeS (0: until replaced). E_NOT_FOUND for an undeclared path, E_QUOTA over the publish limit."
  },
  {
    "number": 4,
    "name": "notify",
    "params": [
      "path:ptr",
      "pathLen:len"
    ],
    "result": "i32",
    "doc": "Asks the node to run the GET handler again for the observers of a path."
  },
  {
    "number": 5,
    "name": "send",
    "params": [
      "to:ptr",
      "toLen:len",
      "ptr:ptr",
      "len:len",
      "flags:i32"
    ],
    "result": "i32",
    "doc": "Sends a message to an atom, an instance or an alias, on any node; returns its id > 0 (flags: table sendFlags)."
  },
  {
    "number": 6,
    "name": "request",
    "params": [
      "method:i32",
      "uri:ptr",
      "uriLen:len",
      "format:i32",
      "ptr:ptr",
      "len:len",
      "flags:i32"
    ],
    "result": "i32",
    "doc": "Starts a REST request to a resource of this node (/path), of another (//node/path) or of an allowed host (coap://host/path); returns its id > 0. The answer is a RESPONSE event (flags: table requestFlags)."
  },
  {
    "number": 7,
    "name": "request_cancel",
    "params": [
      "id:i32"
    ],
    "result": "i32",
    "doc": "Ends an own request or observation: no RESPONSE follows. 0 or E_NOT_FOUND."
  },
  {
    "number": 8,
    "name": "alias_add",
    "params": [
      "ptr:ptr",
      "len:len"
    ],
    "result": "i32",
    "doc": "Makes the instance a member of an alias. E_ARG for a name that is none or is that of an atom here, E_QUOTA over 4 aliases."
  },
  {
    "number": 9,
    "name": "alias_remove",
    "params": [
      "ptr:ptr",
      "len:len"
    ],
    "result": "i32",
    "doc": "Leaves an alias. 0 or E_NOT_FOUND."
  },
  {
    "number": 10,
    "name": "names",
    "params": [
      "pattern:ptr",
      "len:len",
      "out:ptr",
      "cap:len"
    ],
    "result": "i32",
    "doc": "Names on this node (atoms, instances, aliases) that match a pattern, ascending, each followed by a newline."
  },
  {
    "number": 11,
    "name": "self",
    "params": [
      "out:ptr",
      "cap:len"
    ],
    "result": "i32",
    "doc": "The instance's own name; returns its full length."
  },
  {
    "number": 12,
    "name": "kv_get",
    "params": [
      "key:ptr",
      "keyLen:len",
      "out:ptr",
      "cap:len"
    ],
    "result": "i32",
    "doc": "Reads a stored value; returns its full length or E_NOT_FOUND."
  },
  {
    "number": 13,
    "name": "kv_set",
    "params": [
      "key:ptr",
      "keyLen:len",
      "ptr:ptr",
      "len:len"
    ],
    "result": "i32",
    "doc": "Stores a value; after 0 it survives a power cut. E_QUOTA over the atom's storage limit, E_TOO_BIG for a key over 32 or a value over 1024 bytes."
  },
  {
    "number": 14,
    "name": "kv_delete",
    "params": [
      "key:ptr",
      "keyLen:len"
    ],
    "result": "i32",
    "doc": "Removes a value; 0 or E_NOT_FOUND."
  },
  {
    "number": 15,
    "name": "kv_list",
    "params": [
      "prefix:ptr",
      "len:len",
      "out:ptr",
      "cap:len"
    ],
    "result": "i32",
    "doc": "Keys that start with prefix in ascending byte order, each followed by a newline."
  },
  {
    "number": 16,
    "name": "timer_set",
    "params": [
      "id:i32",
      "delayMs:i32",
      "periodMs:i32"
    ],
    "result": "i32",
    "doc": "Starts or replaces timer id (0..limit-1); period 0 is one-shot. E_QUOTA over the limit, E_ARG for a negative time."
  },
  {
    "number": 17,
    "name": "timer_cancel",
    "params": [
      "id:i32"
    ],
    "result": "i32",
    "doc": "Stops a timer; 0 or E_NOT_FOUND."
  },
  {
    "number": 18,
    "name": "uptime_ms",
    "params": [],
    "result": "f64",
    "doc": "Milliseconds since the node started."
  },
  {
    "number": 19,
    "name": "clock_ms",
    "params": [],
    "result": "f64",
    "doc": "UTC in milliseconds since 1970, or 0 where unknown."
  },
  {
    "number": 20,
    "name": "random",
    "params": [
      "out:ptr",
      "len:len"
    ],
    "result": "i32",
    "doc": "Fills a range with cryptographically secure random bytes."
  },
  {
    "number": 21,
    "name": "io_open",
    "params": [
      "name:ptr",
      "len:len"
    ],
    "result": "i32",
    "doc": "Handle of a channel: its index in the configuration's io list. E_DENIED when not listed, E_NOT_FOUND when the node lacks it."
  },
  {
    "number": 22,
    "name": "io_read",
    "params": [
      "handle:i32",
      "out:ptr8"
    ],
    "result": "i32",
    "doc": "Writes the channel's value as an f64 (8 bytes, little endian)."
  },
  {
    "number": 23,
    "name": "io_write",
    "params": [
      "handle:i32",
      "value:f64"
    ],
    "result": "i32",
    "doc": "Sets an output channel; E_DENIED on an input."
  },
  {
    "number": 24,
    "name": "io_watch",
    "params": [
      "handle:i32",
      "edges:i32"
    ],
    "result": "i32",
    "doc": "Asks for an I/O event at every new reading that matches edges (bits: 1 rising, 2 falling, 4 same as before; 3 both, 7 every reading, 0 off). The event's PAYLOAD is the reading as an f64 (8 bytes, little endian)."
  },
  {
    "number": 25,
    "name": "spawn",
    "params": [
      "definition:ptr",
      "len:len",
      "args:ptr",
      "argsLen:len"
    ],
    "result": "i32",
    "doc": "Creates instance n > 0 of a reactive atom on this node; its START event carries args."
  },
  {
    "number": 26,
    "name": "exit",
    "params": [
      "code:i32"
    ],
    "result": "i32",
    "doc": "Ends the instance after this activation; its phase becomes TERMINATED."
  },
  {
    "number": 27,
    "name": "log",
    "params": [
      "level:i32",
      "ptr:ptr",
      "len:len"
    ],
    "result": "i32",
    "doc": "One line for /log (level: table logLevels); longer than 120 bytes is cut."
  }
] as const;

/** Fields of event_get (< 16) and event_read. */
export const eventField = {
  "KIND": 0,
  "ID": 1,
  "METHOD": 2,
  "FORMAT": 3,
  "CORRELATION": 4,
  "REASON": 5,
  "HANDLE": 6,
  "ACCEPT": 7,
  "SENDER": 16,
  "PATH": 17,
  "QUERY": 18,
  "PAYLOAD": 19
} as const;

/** What woke an instance. */
export const eventKind = {
  "START": 1,
  "MESSAGE": 2,
  "REQUEST": 3,
  "RESPONSE": 4,
  "TIMER": 5,
  "IO": 6,
  "UNDELIVERED": 7,
  "STOP": 8,
  "RECOVER": 9
} as const;

/** Functions a module may export, and the event each handles. */
export const abiExports = {
  "_initialize": {
    "event": null,
    "result": null
  },
  "on_start": {
    "event": "START",
    "result": null
  },
  "on_message": {
    "event": "MESSAGE",
    "result": "i32"
  },
  "on_request": {
    "event": "REQUEST",
    "result": "i32"
  },
  "on_response": {
    "event": "RESPONSE",
    "result": "i32"
  },
  "on_timer": {
    "event": "TIMER",
    "result": "i32"
  },
  "on_io": {
    "event": "IO",
    "result": "i32"
  },
  "on_undelivered": {
    "event": "UNDELIVERED",
    "result": "i32"
  },
  "on_stop": {
    "event": "STOP",
    "result": null
  },
  "on_recover": {
    "event": "RECOVER",
    "result": null
  },
  "collect": {
    "event": null,
    "result": null
  }
} as const;

/** What a handler answers. */
export const handlerResult = {
  "DONE": 0,
  "LATER": 1,
  "REJECT": 2
} as const;

/** Errors a runtime function returns. */
export const abiError = {
  "E_ARG": -1,
  "E_NOT_FOUND": -2,
  "E_DENIED": -3,
  "E_FULL": -4,
  "E_QUOTA": -5,
  "E_TOO_BIG": -6,
  "E_NO_ROUTE": -7,
  "E_BUSY": -8,
  "E_TIMEOUT": -9,
  "E_IO": -10,
  "E_STATE": -11,
  "E_UNSUPPORTED": -12
} as const;

/** Why an activation ended in ERROR. */
export const trap = {
  "NONE": 0,
  "UNREACHABLE": 1,
  "MEMORY": 2,
  "STACK": 3,
  "DEADLINE": 4,
  "ARITHMETIC": 5,
  "TABLE": 6,
  "CALL": 7,
  "ABORT": 8
} as const;

/** Phase of an instance. */
export const phase = {
  "CREATED": 0,
  "SUSPENDED": 1,
  "RUNNING": 2,
  "COMPLETED": 3,
  "ERROR": 4,
  "TERMINATED": 5,
  "FROZEN": 6
} as const;

/** Level of a log line. */
export const logLevel = {
  "DEBUG": 0,
  "INFO": 1,
  "WARN": 2,
  "ERROR": 3
} as const;

/** Edges of io_watch. */
export const ioEdges = {
  "OFF": 0,
  "RISING": 1,
  "FALLING": 2,
  "BOTH": 3,
  "SAME": 4,
  "EVERY": 7
} as const;

/** Flags of send. */
export const sendFlag = {
  "UNORDERED": 1,
  "REPORT": 2
} as const;

/** Flags of request. */
export const requestFlag = {
  "OBSERVE": 1
} as const;

/** What became of a message: REASON of an UNDELIVERED event. */
export const outcome = {
  "DELIVERED": 1,
  "NOT_DELIVERED": 2,
  "UNKNOWN": 3
} as const;

/** REASON of a STOP event. */
export const stopReason = {
  "COMMAND": 1,
  "RESTART": 2,
  "UPDATE": 3,
  "DELETE": 4,
  "EXPIRED": 5
} as const;

/** CoAP method codes. */
export const method = {
  "GET": 1,
  "POST": 2,
  "PUT": 3,
  "DELETE": 4,
  "FETCH": 5,
  "PATCH": 6,
  "IPATCH": 7
} as const;

/** CoAP content-formats in use. */
export const contentFormat = {
  "TEXT": 0,
  "LINK_FORMAT": 40,
  "OCTET_STREAM": 42,
  "JSON": 50,
  "CBOR": 60,
  "COSE_SIGN1": 18,
  "SENML_JSON": 110,
  "SENML_CBOR": 112,
  "PROBLEM_DETAILS": 257,
  "RADON_MESSAGE": 65000
} as const;

/** WebAssembly features nodes accept and refuse. */
export const abiFeatures = {
  "accepted": [
    "mvp",
    "mutable-globals",
    "sign-extension",
    "nontrapping-float-to-int",
    "bulk-memory",
    "multi-value"
  ],
  "refused": {
    "exceptions": "tag section, try, throw, rethrow, delegate",
    "simd": "opcode prefix 0xFD, type v128",
    "threads": "opcode prefix 0xFE, shared memory",
    "tail-calls": "return_call, return_call_indirect",
    "gc": "opcode prefix 0xFB, struct, array and typed reference types",
    "memory64": "memory limits flag 0x04",
    "reference-typed-globals": "globals of type funcref or externref",
    "reference-types": "opcodes 0x1C, 0x25 and 0xD0 to 0xD2, values of type funcref or externref, element segments in another form than flags 0",
    "table.set": "opcode 0x26",
    "table.grow": "0xFC 15",
    "table.fill": "0xFC 17",
    "table.copy": "0xFC 14",
    "table.init": "0xFC 12",
    "elem.drop": "0xFC 13",
    "data.drop": "0xFC 9",
    "memory.grow": "opcode 0x40",
    "memory.size": "opcode 0x3F",
    "start-section": "section 8; use on_start"
  }
} as const;

/** Fixed limits of the interface, in the unit of their name. */
export const abiLimits = {
  "moduleBytes": 65536,
  "manifestBytes": 1024,
  "nameBytes": 32,
  "functions": 256,
  "kvKeyBytes": 32,
  "kvValueBytes": 1024,
  "logLineBytes": 120,
  "pathBytes": 64,
  "queryBytes": 128,
  "resources": 8,
  "ioChannels": 8,
  "messageBytes": 512,
  "argumentBytes": 256,
  "requestBytes": 1024,
  "uriBytes": 160,
  "uriAndBodyBytes": 1120,
  "patternBytes": 64,
  "aliases": 4,
  "hops": 8,
  "outboxMessages": 8,
  "outboxBytes": 2048,
  "outboxPerAtom": 4,
  "messageTtlMs": 10000,
  "requestTimeoutMs": 30000
} as const;

/** Values, defaults and ranges of a configuration. */
export const configurationTable = {
  "kind": {
    "values": [
      "daemon",
      "reactive"
    ],
    "default": "daemon"
  },
  "policy": {
    "values": [
      "one",
      "round-robin",
      "on-demand",
      "on-demand-expire"
    ],
    "default": "one"
  },
  "recovery": {
    "values": [
      "none",
      "restart",
      "recover",
      "escalate"
    ],
    "default": "none"
  },
  "limits": {
    "memory": {
      "default": 2048,
      "min": 64,
      "max": 65536,
      "multiple": 8,
      "unit": "bytes",
      "doc": "linear memory; fixed at build"
    },
    "stack": {
      "default": 1024,
      "min": 256,
      "max": 8192,
      "unit": "bytes",
      "doc": "interpreter stack; fixed at build"
    },
    "deadlineMs": {
      "default": 100,
      "min": 1,
      "max": 10000,
      "unit": "ms",
      "doc": "running time of one activation"
    },
    "storage": {
      "default": 512,
      "min": 0,
      "max": 8192,
      "unit": "bytes",
      "doc": "keys and values in the KV store"
    },
    "timers": {
      "default": 2,
      "min": 0,
      "max": 8,
      "unit": "count",
      "doc": "timers running at once"
    },
    "pending": {
      "default": 2,
      "min": 1,
      "max": 8,
      "unit": "count",
      "doc": "requests waiting for an answer"
    },
    "body": {
      "default": 256,
      "min": 0,
      "max": 8192,
      "unit": "bytes",
      "doc": "largest request or response body"
    },
    "publish": {
      "default": 256,
      "min": 0,
      "max": 8192,
      "unit": "bytes",
      "doc": "representations held by the node"
    },
    "instances": {
      "default": 1,
      "min": 1,
      "max": 8,
      "unit": "count",
      "optional": true,
      "doc": "instances at once"
    },
    "idleMs": {
      "default": 10000,
      "min": 10,
      "max": 86400000,
      "unit": "ms",
      "optional": true,
      "doc": "on-demand-expire: an instance unused for so long ends"
    },
    "maxEvents": {
      "default": 0,
      "min": 0,
      "max": 1000000,
      "unit": "count",
      "optional": true,
      "doc": "on-demand-expire: an instance ends after so many events; 0: never"
    },
    "inbox": {
      "messages": {
        "default": 4,
        "min": 1,
        "max": 32,
        "unit": "count",
        "doc": "events waiting"
      },
      "bytes": {
        "default": 512,
        "min": 64,
        "max": 16384,
        "unit": "bytes",
        "doc": "their payloads, paths and queries"
      },
      "waitMs": {
        "default": 5000,
        "min": 1,
        "max": 600000,
        "unit": "ms",
        "doc": "longest wait of an event"
      },
      "createAfterMs": {
        "default": 0,
        "min": 0,
        "max": 600000,
        "unit": "ms",
        "optional": true,
        "doc": "on-demand-expire: an event waits so long for a free instance before another is created"
      }
    }
  },
  "replyWithinMs": {
    "default": 5000,
    "min": 10,
    "max": 600000,
    "unit": "ms"
  },
  "maxRestarts": {
    "default": 5,
    "min": 0,
    "max": 100,
    "unit": "count",
    "optional": true,
    "doc": "restarts by recovery within windowMs; one more failure stops the instance"
  },
  "windowMs": {
    "default": 60000,
    "min": 1000,
    "max": 86400000,
    "unit": "ms",
    "optional": true,
    "doc": "time in which restarts are counted"
  }
} as const;
