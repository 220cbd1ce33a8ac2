// Generated from docs/errors.json by scripts/generate.mjs. Do not edit.

/** Every user-visible error: CoAP code byte, HTTP status, exit code, sentence, remedy. */
export const errorTable = {
  "BAD_SIGNATURE": {
    "coap": 129,
    "http": 403,
    "exit": 1,
    "sentence": "The signature does not match.",
    "remedy": "Sign again with radon sign."
  },
  "UNKNOWN_KEY": {
    "coap": 129,
    "http": 403,
    "exit": 1,
    "sentence": "The node does not trust key {kid}.",
    "remedy": "Trust it with radon keys trust and provision the board again with radon flash."
  },
  "KEY_RIGHTS": {
    "coap": 131,
    "http": 403,
    "exit": 1,
    "sentence": "Key {kid} lacks the right {right} for {name}.",
    "remedy": "Use a key with that right, or a name under its prefix."
  },
  "OLD_SEQUENCE": {
    "coap": 137,
    "http": 409,
    "exit": 1,
    "sentence": "Sequence {sequence} is not newer than {have}.",
    "remedy": "Build and sign again: the sequence number must grow."
  },
  "BAD_MANIFEST": {
    "coap": 128,
    "http": 400,
    "exit": 1,
    "sentence": "The manifest is not valid: {detail}.",
    "remedy": "Rebuild it with radon build."
  },
  "WRONG_ABI": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "Built for interface version {need}; the node has {have}.",
    "remedy": "Rebuild with the SDK of that version or update the firmware."
  },
  "WRONG_BOARD": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "Built for board {need}; this is {have}.",
    "remedy": "Rebuild for this board or for any."
  },
  "WRONG_ENGINE": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "Measured for engine {need}; the node runs {have}.",
    "remedy": "Bring its firmware up to date (radon flash NAME), then push again."
  },
  "DOES_NOT_FIT": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "Needs {need} bytes, {free} are free.",
    "remedy": "Stop an atom (radon stop NAME) or lower \"memory\" in atom.json."
  },
  "NO_ROOM_IN_FLASH": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "Needs {need} bytes of flash, {free} are free.",
    "remedy": "Remove an atom (radon rm NAME)."
  },
  "TOO_MANY_ATOMS": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "The node holds {have} atoms, its limit.",
    "remedy": "Remove an atom (radon rm NAME)."
  },
  "NAME_MISMATCH": {
    "coap": 128,
    "http": 400,
    "exit": 1,
    "sentence": "The manifest names {need}, the path {have}.",
    "remedy": "Put it to the path of its own name."
  },
  "BAD_DIGEST": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "The payload does not have the digest the manifest names.",
    "remedy": "Push again."
  },
  "NOT_WANTED": {
    "coap": 131,
    "http": 403,
    "exit": 1,
    "sentence": "No accepted manifest names this payload.",
    "remedy": "Put the manifest first."
  },
  "WRONG_OFFSET": {
    "coap": 136,
    "http": 409,
    "exit": 1,
    "sentence": "The next byte expected is {have}.",
    "remedy": "Go on from there."
  },
  "BAD_MODULE": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "The module is not valid WebAssembly: {detail}.",
    "remedy": "Rebuild it."
  },
  "FOREIGN_IMPORT": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "The module imports {detail}, which no node offers.",
    "remedy": "Remove the call; atoms may import only module radon."
  },
  "REFUSED_FEATURE": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "The module uses {detail}, which nodes refuse.",
    "remedy": "Compile without this feature."
  },
  "BAD_EXPORT": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "The module's exports do not fit: {detail}.",
    "remedy": "See docs/reference/runtime-interface.md."
  },
  "START_FAILED": {
    "coap": 160,
    "http": 502,
    "exit": 1,
    "sentence": "{name} failed while starting: {detail}.",
    "remedy": "After a push the version before it runs again, if there is one (radon ps); see radon logs."
  },
  "NO_SUCH_ATOM": {
    "coap": 132,
    "http": 404,
    "exit": 1,
    "sentence": "There is no atom {name}.",
    "remedy": "radon ps lists them."
  },
  "NOT_RUNNING": {
    "coap": 163,
    "http": 503,
    "exit": 1,
    "sentence": "{name} is not running ({phase}).",
    "remedy": "radon start NAME, or radon logs for the reason."
  },
  "NO_ANSWER_FROM_ATOM": {
    "coap": 163,
    "http": 503,
    "exit": 1,
    "sentence": "{name} did not answer in time.",
    "remedy": "See radon logs."
  },
  "REJECTED": {
    "coap": 163,
    "http": 503,
    "exit": 1,
    "sentence": "{name} refused this request.",
    "remedy": "Try again later."
  },
  "ATOM_FAILED": {
    "coap": 160,
    "http": 502,
    "exit": 1,
    "sentence": "{name} failed while handling the request: {detail}.",
    "remedy": "See radon logs."
  },
  "INBOX_FULL": {
    "coap": 163,
    "http": 503,
    "exit": 1,
    "sentence": "The inbox of {name} is full.",
    "remedy": "Try again later."
  },
  "BUSY": {
    "coap": 163,
    "http": 503,
    "exit": 1,
    "sentence": "The node is busy with {detail}.",
    "remedy": "Try again later."
  },
  "BAD_CONTENT": {
    "coap": 128,
    "http": 400,
    "exit": 1,
    "sentence": "The body cannot be read: {detail}.",
    "remedy": "Check it against docs/reference/wire.md."
  },
  "NOT_A_CHANNEL": {
    "coap": 132,
    "http": 404,
    "exit": 1,
    "sentence": "There is no channel {name}.",
    "remedy": "GET /io lists them."
  },
  "READ_ONLY": {
    "coap": 133,
    "http": 405,
    "exit": 1,
    "sentence": "{name} cannot be set.",
    "remedy": ""
  },
  "FORBIDDEN_HERE": {
    "coap": 131,
    "http": 403,
    "exit": 1,
    "sentence": "This link does not carry control requests.",
    "remedy": "Use the serial link through the bridge, or start it with --udp-control."
  },
  "TOO_LARGE": {
    "coap": 141,
    "http": 413,
    "exit": 1,
    "sentence": "The body is larger than the limit of {limit} bytes.",
    "remedy": "Send less."
  },
  "NO_SUCH_NODE": {
    "coap": 132,
    "http": 404,
    "exit": 1,
    "sentence": "There is no node {name}.",
    "remedy": "radon ls lists them."
  },
  "NODE_UNREACHABLE": {
    "coap": 164,
    "http": 504,
    "exit": 3,
    "sentence": "{name} does not answer.",
    "remedy": "radon emu list shows whether it runs."
  },
  "HOST_NOT_ALLOWED": {
    "coap": 131,
    "http": 421,
    "exit": 1,
    "sentence": "This server does not answer for host {name}.",
    "remedy": "Add it to allowedHosts."
  },
  "ORIGIN_NOT_ALLOWED": {
    "coap": 131,
    "http": 403,
    "exit": 1,
    "sentence": "A page of {name} may not do this.",
    "remedy": "Use the dashboard or a program."
  },
  "METHOD_NOT_ALLOWED": {
    "coap": 133,
    "http": 405,
    "exit": 1,
    "sentence": "{name} does not take {method}.",
    "remedy": ""
  },
  "NOT_FOUND": {
    "coap": 132,
    "http": 404,
    "exit": 1,
    "sentence": "There is nothing at {name}.",
    "remedy": "GET /.well-known/core lists what is there."
  },
  "NOT_ACCEPTABLE": {
    "coap": 134,
    "http": 406,
    "exit": 1,
    "sentence": "{name} has no such format.",
    "remedy": "Leave Accept out."
  },
  "BAD_REQUEST": {
    "coap": 128,
    "http": 400,
    "exit": 1,
    "sentence": "The request cannot be understood: {detail}.",
    "remedy": "Check it against docs/reference/http.md."
  },
  "RATE_LIMITED": {
    "coap": 157,
    "http": 429,
    "exit": 1,
    "sentence": "More than {limit} requests a second.",
    "remedy": "Wait a second; the option rateLimit sets how many there may be."
  },
  "TOKEN_REQUIRED": {
    "coap": 129,
    "http": 401,
    "exit": 1,
    "sentence": "This bridge asks for a token.",
    "remedy": "Make one with radon tokens create and send it as Authorization: Bearer."
  },
  "TOKEN_UNKNOWN": {
    "coap": 129,
    "http": 401,
    "exit": 1,
    "sentence": "This token is not known here, or no longer.",
    "remedy": "radon tokens list shows those that are; radon tokens create makes one."
  },
  "RIGHT_MISSING": {
    "coap": 131,
    "http": 403,
    "exit": 1,
    "sentence": "This needs the right {needs}; the token {name} has {right}.",
    "remedy": "Use a token with that right; radon tokens create --right makes one."
  },
  "TOKEN_IN_QUERY": {
    "coap": 128,
    "http": 400,
    "exit": 1,
    "sentence": "A token does not belong in an address, which logs and histories keep.",
    "remedy": "Send it as Authorization: Bearer, and revoke it with radon tokens revoke: it may have been seen."
  },
  "BAD_ANSWER": {
    "coap": 162,
    "http": 502,
    "exit": 1,
    "sentence": "{name} sent an answer that cannot be read: {detail}.",
    "remedy": "Update its firmware; radon logs may tell more."
  },
  "NODE_REFUSED": {
    "coap": 162,
    "http": 502,
    "exit": 1,
    "sentence": "{name} answered {code}: {detail}.",
    "remedy": "See radon logs."
  },
  "ADDRESS_IN_USE": {
    "coap": 160,
    "http": 500,
    "exit": 3,
    "sentence": "The address {name} is in use.",
    "remedy": "End the program that uses it or choose another."
  },
  "FOLDER_IN_USE": {
    "coap": 160,
    "http": 500,
    "exit": 3,
    "sentence": "{name} is in use by process {detail}.",
    "remedy": "Stop that process first, or choose another folder."
  },
  "INTERNAL_ERROR": {
    "coap": 160,
    "http": 500,
    "exit": 1,
    "sentence": "The bridge failed: {detail}.",
    "remedy": "Report it with the log of the bridge."
  },
  "UNSUPPORTED_FORMAT": {
    "coap": 143,
    "http": 415,
    "exit": 1,
    "sentence": "{name} is no format that nodes know.",
    "remedy": "Name one of docs/reference/http.md, for example application/json or text/plain."
  },
  "PRECONDITION_FAILED": {
    "coap": 140,
    "http": 412,
    "exit": 1,
    "sentence": "Nothing here has the entity tag {name}.",
    "remedy": "Read it again and take its ETag."
  },
  "NOT_OBSERVABLE": {
    "coap": 134,
    "http": 406,
    "exit": 1,
    "sentence": "{name} cannot be observed.",
    "remedy": "Read it again and again, or declare it with \"obs\": true."
  },
  "HOP_LIMIT": {
    "coap": 168,
    "http": 508,
    "exit": 1,
    "sentence": "The request to {name} went through too many hops.",
    "remedy": "Look for atoms that ask each other in a circle."
  },
  "NODE_LOST": {
    "coap": 163,
    "http": 503,
    "exit": 3,
    "sentence": "{name} is not connected.",
    "remedy": "It is tried again; radon ls shows its link."
  },
  "HOST_NOT_LISTED": {
    "coap": 131,
    "http": 403,
    "exit": 1,
    "sentence": "{name} is no host that requests may reach through the bridge.",
    "remedy": "Start the bridge with --request-host, or add it to requestHosts."
  },
  "NAME_TAKEN": {
    "coap": 137,
    "http": 409,
    "exit": 1,
    "sentence": "Another node is named {name}.",
    "remedy": "Register under another name."
  },
  "OWNED": {
    "coap": 137,
    "http": 409,
    "exit": 1,
    "sentence": "The node belongs to the bridge {owner}; {name} may not have it.",
    "remedy": "End the other bridge, or wait until its lease is over."
  },
  "WRONG_PHASE": {
    "coap": 137,
    "http": 409,
    "exit": 1,
    "sentence": "{name} is {phase}; this needs {need}.",
    "remedy": "radon ps shows phases."
  },
  "BAD_SNAPSHOT": {
    "coap": 150,
    "http": 422,
    "exit": 1,
    "sentence": "The snapshot cannot be restored: {detail}.",
    "remedy": "Take it again from an atom with the same code."
  }
} as const;

export type ErrorName = keyof typeof errorTable;
