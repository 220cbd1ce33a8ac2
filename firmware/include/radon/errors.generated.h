/* Generated from docs/errors.json by scripts/generate.mjs. Do not edit. */
#ifndef RADON_ERRORS_GENERATED_H
#define RADON_ERRORS_GENERATED_H

/** X(NAME, CoAP response code, sentence with {details}) for every error that a device answers or reads. */
#define RADON_PROBLEMS(X) \
    X(BAD_SIGNATURE, 0x81, "The signature does not match.") \
    X(UNKNOWN_KEY, 0x81, "The node does not trust key {kid}.") \
    X(KEY_RIGHTS, 0x83, "Key {kid} lacks the right {right} for {name}.") \
    X(OLD_SEQUENCE, 0x89, "Sequence {sequence} is not newer than {have}.") \
    X(BAD_MANIFEST, 0x80, "The manifest is not valid: {detail}.") \
    X(WRONG_ABI, 0x96, "Built for interface version {need}; the node has {have}.") \
    X(WRONG_BOARD, 0x96, "Built for board {need}; this is {have}.") \
    X(WRONG_ENGINE, 0x96, "Measured for engine {need}; the node runs {have}.") \
    X(DOES_NOT_FIT, 0x96, "Needs {need} bytes, {free} are free.") \
    X(NO_ROOM_IN_FLASH, 0x96, "Needs {need} bytes of flash, {free} are free.") \
    X(TOO_MANY_ATOMS, 0x96, "The node holds {have} atoms, its limit.") \
    X(NAME_MISMATCH, 0x80, "The manifest names {need}, the path {have}.") \
    X(BAD_DIGEST, 0x96, "The payload does not have the digest the manifest names.") \
    X(NOT_WANTED, 0x83, "No accepted manifest names this payload.") \
    X(WRONG_OFFSET, 0x88, "The next byte expected is {have}.") \
    X(BAD_MODULE, 0x96, "The module is not valid WebAssembly: {detail}.") \
    X(FOREIGN_IMPORT, 0x96, "The module imports {detail}, which no node offers.") \
    X(REFUSED_FEATURE, 0x96, "The module uses {detail}, which nodes refuse.") \
    X(BAD_EXPORT, 0x96, "The module's exports do not fit: {detail}.") \
    X(START_FAILED, 0xa0, "{name} failed while starting: {detail}.") \
    X(NO_SUCH_ATOM, 0x84, "There is no atom {name}.") \
    X(NOT_RUNNING, 0xa3, "{name} is not running ({phase}).") \
    X(NO_ANSWER_FROM_ATOM, 0xa3, "{name} did not answer in time.") \
    X(REJECTED, 0xa3, "{name} refused this request.") \
    X(ATOM_FAILED, 0xa0, "{name} failed while handling the request: {detail}.") \
    X(INBOX_FULL, 0xa3, "The inbox of {name} is full.") \
    X(BUSY, 0xa3, "The node is busy with {detail}.") \
    X(BAD_CONTENT, 0x80, "The body cannot be read: {detail}.") \
    X(NOT_A_CHANNEL, 0x84, "There is no channel {name}.") \
    X(READ_ONLY, 0x85, "{name} cannot be set.") \
    X(FORBIDDEN_HERE, 0x83, "This link does not carry control requests.") \
    X(TOO_LARGE, 0x8d, "The body is larger than the limit of {limit} bytes.") \
    X(METHOD_NOT_ALLOWED, 0x85, "{name} does not take {method}.") \
    X(NOT_FOUND, 0x84, "There is nothing at {name}.") \
    X(NOT_ACCEPTABLE, 0x86, "{name} has no such format.") \
    X(NODE_LOST, 0xa3, "{name} is not connected.") \
    X(OWNED, 0x89, "The node belongs to the bridge {owner}; {name} may not have it.") \
    X(WRONG_PHASE, 0x89, "{name} is {phase}; this needs {need}.") \
    X(BAD_SNAPSHOT, 0x96, "The snapshot cannot be restored: {detail}.")

typedef enum {
#define X(name, code, sentence) RADON_PROBLEM_##name,
    RADON_PROBLEMS(X)
#undef X
        RADON_PROBLEM_COUNT
} radon_problem_t;

#endif
