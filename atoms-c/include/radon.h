/* Generated from docs/atom-abi.json by scripts/generate.mjs. Do not edit. */

/*
 * What an atom in C imports from its node, and the functions it may define for the node to call. docs/reference/runtime-interface.md
 * says how they behave, atoms-c/README.md how to compile and link.
 */
#ifndef RADON_H
#define RADON_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RADON_ABI_VERSION 1
#define RADON_IMPORT(function) __attribute__((import_module("radon"), import_name(#function)))
#define RADON_EXPORT(function) __attribute__((export_name(#function)))

/* What a node calls: define those that are needed. */
RADON_EXPORT(_initialize)    void    _initialize(void);
RADON_EXPORT(on_start)       void    on_start(void);
RADON_EXPORT(on_message)     int32_t on_message(void);
RADON_EXPORT(on_request)     int32_t on_request(void);
RADON_EXPORT(on_response)    int32_t on_response(void);
RADON_EXPORT(on_timer)       int32_t on_timer(void);
RADON_EXPORT(on_io)          int32_t on_io(void);
RADON_EXPORT(on_undelivered) int32_t on_undelivered(void);
RADON_EXPORT(on_stop)        void    on_stop(void);
RADON_EXPORT(on_recover)     void    on_recover(void);
RADON_EXPORT(collect)        void    collect(void);

/** One scalar field of the current event (table eventFields); E_ARG for an unknown field, E_STATE outside an activation. */
RADON_IMPORT(event_get)
int32_t radon_event_get(int32_t field);

/** Copies a byte field of the current event; returns its full length, writes nothing when cap is smaller. */
RADON_IMPORT(event_read)
int32_t radon_event_read(int32_t field, void *out, uint32_t cap);

/** Answers a request (event 0: the current one) or the current message. For requests code is a CoAP response code byte and format a CoAP content-format or -1. E_STATE after a second reply or an expired event. */
RADON_IMPORT(reply)
int32_t radon_reply(int32_t event, int32_t code, int32_t format, const void *ptr, uint32_t len);

/** Hands the node the representation it serves for GET and observers until replaced or older than maxAgeS (0: until replaced). E_NOT_FOUND for an undeclared path, E_QUOTA over the publish limit. */
RADON_IMPORT(publish)
int32_t radon_publish(const void *path, uint32_t pathLen, int32_t format, const void *ptr, uint32_t len, int32_t maxAgeS);

/** Asks the node to run the GET handler again for the observers of a path. */
RADON_IMPORT(notify)
int32_t radon_notify(const void *path, uint32_t pathLen);

/** Sends a message to an atom, an instance or an alias, on any node; returns its id > 0 (flags: table sendFlags). */
RADON_IMPORT(send)
int32_t radon_send(const void *to, uint32_t toLen, const void *ptr, uint32_t len, int32_t flags);

/** Starts a REST request to a resource of this node (/path), of another (//node/path) or of an allowed host (coap://host/path); returns its id > 0. The answer is a RESPONSE event (flags: table requestFlags). */
RADON_IMPORT(request)
int32_t radon_request(int32_t method, const void *uri, uint32_t uriLen, int32_t format, const void *ptr, uint32_t len, int32_t flags);

/** Ends an own request or observation: no RESPONSE follows. 0 or E_NOT_FOUND. */
RADON_IMPORT(request_cancel)
int32_t radon_request_cancel(int32_t id);

/** Makes the instance a member of an alias. E_ARG for a name that is none or is that of an atom here, E_QUOTA over 4 aliases. */
RADON_IMPORT(alias_add)
int32_t radon_alias_add(const void *ptr, uint32_t len);

/** Leaves an alias. 0 or E_NOT_FOUND. */
RADON_IMPORT(alias_remove)
int32_t radon_alias_remove(const void *ptr, uint32_t len);

/** Names on this node (atoms, instances, aliases) that match a pattern, ascending, each followed by a newline. */
RADON_IMPORT(names)
int32_t radon_names(const void *pattern, uint32_t len, void *out, uint32_t cap);

/** The instance's own name; returns its full length. */
RADON_IMPORT(self)
int32_t radon_self(void *out, uint32_t cap);

/** Reads a stored value; returns its full length or E_NOT_FOUND. */
RADON_IMPORT(kv_get)
int32_t radon_kv_get(const void *key, uint32_t keyLen, void *out, uint32_t cap);

/** Stores a value; after 0 it survives a power cut. E_QUOTA over the atom's storage limit, E_TOO_BIG for a key over 32 or a value over 1024 bytes. */
RADON_IMPORT(kv_set)
int32_t radon_kv_set(const void *key, uint32_t keyLen, const void *ptr, uint32_t len);

/** Removes a value; 0 or E_NOT_FOUND. */
RADON_IMPORT(kv_delete)
int32_t radon_kv_delete(const void *key, uint32_t keyLen);

/** Keys that start with prefix in ascending byte order, each followed by a newline. */
RADON_IMPORT(kv_list)
int32_t radon_kv_list(const void *prefix, uint32_t len, void *out, uint32_t cap);

/** Starts or replaces timer id (0..limit-1); period 0 is one-shot. E_QUOTA over the limit, E_ARG for a negative time. */
RADON_IMPORT(timer_set)
int32_t radon_timer_set(int32_t id, int32_t delayMs, int32_t periodMs);

/** Stops a timer; 0 or E_NOT_FOUND. */
RADON_IMPORT(timer_cancel)
int32_t radon_timer_cancel(int32_t id);

/** Milliseconds since the node started. */
RADON_IMPORT(uptime_ms)
double radon_uptime_ms(void);

/** UTC in milliseconds since 1970, or 0 where unknown. */
RADON_IMPORT(clock_ms)
double radon_clock_ms(void);

/** Fills a range with cryptographically secure random bytes. */
RADON_IMPORT(random)
int32_t radon_random(void *out, uint32_t len);

/** Handle of a channel: its index in the configuration's io list. E_DENIED when not listed, E_NOT_FOUND when the node lacks it. */
RADON_IMPORT(io_open)
int32_t radon_io_open(const void *name, uint32_t len);

/** Writes the channel's value as an f64 (8 bytes, little endian). */
RADON_IMPORT(io_read)
int32_t radon_io_read(int32_t handle, double *out);

/** Sets an output channel; E_DENIED on an input. */
RADON_IMPORT(io_write)
int32_t radon_io_write(int32_t handle, double value);

/** Asks for an I/O event at every new reading that matches edges (bits: 1 rising, 2 falling, 4 same as before; 3 both, 7 every reading, 0 off). The event's PAYLOAD is the reading as an f64 (8 bytes, little endian). */
RADON_IMPORT(io_watch)
int32_t radon_io_watch(int32_t handle, int32_t edges);

/** Creates instance n > 0 of a reactive atom on this node; its START event carries args. */
RADON_IMPORT(spawn)
int32_t radon_spawn(const void *definition, uint32_t len, const void *args, uint32_t argsLen);

/** Ends the instance after this activation; its phase becomes TERMINATED. */
RADON_IMPORT(exit)
int32_t radon_exit(int32_t code);

/** One line for /log (level: table logLevels); longer than 120 bytes is cut. */
RADON_IMPORT(log)
int32_t radon_log(int32_t level, const void *ptr, uint32_t len);

/** Results: 0, or an error below it. */
enum radon_error {
    RADON_OK = 0,
    RADON_E_ARG = -1,
    RADON_E_NOT_FOUND = -2,
    RADON_E_DENIED = -3,
    RADON_E_FULL = -4,
    RADON_E_QUOTA = -5,
    RADON_E_TOO_BIG = -6,
    RADON_E_NO_ROUTE = -7,
    RADON_E_BUSY = -8,
    RADON_E_TIMEOUT = -9,
    RADON_E_IO = -10,
    RADON_E_STATE = -11,
    RADON_E_UNSUPPORTED = -12,
};

/** Fields of event_get (below 16) and event_read. */
enum radon_event_field {
    RADON_FIELD_KIND = 0,
    RADON_FIELD_ID = 1,
    RADON_FIELD_METHOD = 2,
    RADON_FIELD_FORMAT = 3,
    RADON_FIELD_CORRELATION = 4,
    RADON_FIELD_REASON = 5,
    RADON_FIELD_HANDLE = 6,
    RADON_FIELD_ACCEPT = 7,
    RADON_FIELD_SENDER = 16,
    RADON_FIELD_PATH = 17,
    RADON_FIELD_QUERY = 18,
    RADON_FIELD_PAYLOAD = 19,
};

/** What woke the instance. */
enum radon_event_kind {
    RADON_EVENT_START = 1,
    RADON_EVENT_MESSAGE = 2,
    RADON_EVENT_REQUEST = 3,
    RADON_EVENT_RESPONSE = 4,
    RADON_EVENT_TIMER = 5,
    RADON_EVENT_IO = 6,
    RADON_EVENT_UNDELIVERED = 7,
    RADON_EVENT_STOP = 8,
    RADON_EVENT_RECOVER = 9,
};

/** What a handler answers. */
enum radon_handled {
    RADON_DONE = 0,
    RADON_LATER = 1,
    RADON_REJECT = 2,
};

/** REASON in on_recover. */
enum radon_trap {
    RADON_TRAP_NONE = 0,
    RADON_TRAP_UNREACHABLE = 1,
    RADON_TRAP_MEMORY = 2,
    RADON_TRAP_STACK = 3,
    RADON_TRAP_DEADLINE = 4,
    RADON_TRAP_ARITHMETIC = 5,
    RADON_TRAP_TABLE = 6,
    RADON_TRAP_CALL = 7,
    RADON_TRAP_ABORT = 8,
};

/** Level of a log line. */
enum radon_log_level {
    RADON_LOG_DEBUG = 0,
    RADON_LOG_INFO = 1,
    RADON_LOG_WARN = 2,
    RADON_LOG_ERROR = 3,
};

/** Edges of io_watch. */
enum radon_io_edges {
    RADON_IO_OFF = 0,
    RADON_IO_RISING = 1,
    RADON_IO_FALLING = 2,
    RADON_IO_BOTH = 3,
    RADON_IO_SAME = 4,
    RADON_IO_EVERY = 7,
};

/** Flags of send. */
enum radon_send_flag {
    RADON_SEND_UNORDERED = 1,
    RADON_SEND_REPORT = 2,
};

/** Flags of request. */
enum radon_request_flag {
    RADON_REQUEST_OBSERVE = 1,
};

/** REASON in on_undelivered. */
enum radon_outcome {
    RADON_OUTCOME_DELIVERED = 1,
    RADON_OUTCOME_NOT_DELIVERED = 2,
    RADON_OUTCOME_UNKNOWN = 3,
};

/** REASON in on_stop. */
enum radon_stop_reason {
    RADON_STOP_COMMAND = 1,
    RADON_STOP_RESTART = 2,
    RADON_STOP_UPDATE = 3,
    RADON_STOP_DELETE = 4,
    RADON_STOP_EXPIRED = 5,
};

/** METHOD of a request (RFC 7252 section 12.1.1, RFC 8132). */
enum radon_method {
    RADON_METHOD_GET = 1,
    RADON_METHOD_POST = 2,
    RADON_METHOD_PUT = 3,
    RADON_METHOD_DELETE = 4,
    RADON_METHOD_FETCH = 5,
    RADON_METHOD_PATCH = 6,
    RADON_METHOD_IPATCH = 7,
};

/** Content-formats (RFC 7252 section 12.3). */
enum radon_format {
    RADON_FORMAT_TEXT = 0,
    RADON_FORMAT_LINK_FORMAT = 40,
    RADON_FORMAT_OCTET_STREAM = 42,
    RADON_FORMAT_JSON = 50,
    RADON_FORMAT_CBOR = 60,
    RADON_FORMAT_COSE_SIGN1 = 18,
    RADON_FORMAT_SENML_JSON = 110,
    RADON_FORMAT_SENML_CBOR = 112,
    RADON_FORMAT_PROBLEM_DETAILS = 257,
    RADON_FORMAT_RADON_MESSAGE = 65000,
};

/** A CoAP response code: RADON_CODE(2, 5) is 2.05. */
#define RADON_CODE(cls, detail) ((cls) << 5 | (detail))

/** The pointer and the length of a text that is written out. */
#define RADON_TEXT(literal) (literal), (uint32_t)(sizeof(literal) - 1)

/** Length of a byte field of the current event. */
static inline int32_t radon_event_size(int32_t field)
{
    return radon_event_read(field, 0, 0);
}

/** Answers the current request; returns RADON_DONE, so that a handler can end with it. */
static inline int32_t radon_answer(int32_t code, int32_t format, const void *ptr, uint32_t len)
{
    radon_reply(0, code, format, ptr, len);
    return RADON_DONE;
}

/** Ends the activation with a trap after logging why. */
__attribute__((noreturn)) static inline void radon_fail(const char *why, uint32_t len)
{
    radon_log(RADON_LOG_ERROR, why, len);
    __builtin_trap();
}

#ifdef __cplusplus
}
#endif

#endif
