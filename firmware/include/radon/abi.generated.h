/* Generated from docs/atom-abi.json by scripts/generate.mjs. Do not edit. */
#ifndef RADON_ABI_GENERATED_H
#define RADON_ABI_GENERATED_H

#define RADON_ABI_VERSION 1
#define RADON_ABI_MODULE "radon"

#define RADON_MAX_MODULE_BYTES 65536
#define RADON_MAX_MANIFEST_BYTES 1024
#define RADON_MAX_NAME_BYTES 32
#define RADON_MAX_FUNCTIONS 256
#define RADON_MAX_KV_KEY_BYTES 32
#define RADON_MAX_KV_VALUE_BYTES 1024
#define RADON_MAX_LOG_LINE_BYTES 120
#define RADON_MAX_PATH_BYTES 64
#define RADON_MAX_QUERY_BYTES 128
#define RADON_MAX_RESOURCES 8
#define RADON_MAX_IO_CHANNELS 8
#define RADON_MAX_MESSAGE_BYTES 512
#define RADON_MAX_ARGUMENT_BYTES 256
#define RADON_MAX_REQUEST_BYTES 1024
#define RADON_MAX_URI_BYTES 160
#define RADON_MAX_URI_AND_BODY_BYTES 1120
#define RADON_MAX_PATTERN_BYTES 64
#define RADON_MAX_ALIASES 4
#define RADON_MAX_HOPS 8
#define RADON_MAX_OUTBOX_MESSAGES 8
#define RADON_MAX_OUTBOX_BYTES 2048
#define RADON_MAX_OUTBOX_PER_ATOM 4
#define RADON_MAX_MESSAGE_TTL_MS 10000
#define RADON_MAX_REQUEST_TIMEOUT_MS 30000

/** X(number, name, WAMR signature) for every function of the runtime interface. */
#define RADON_ABI_FUNCTIONS(X) \
    X(0, event_get, "(i)i") \
    X(1, event_read, "(iii)i") \
    X(2, reply, "(iiiii)i") \
    X(3, publish, "(iiiiii)i") \
    X(4, notify, "(ii)i") \
    X(5, send, "(iiiii)i") \
    X(6, request, "(iiiiiii)i") \
    X(7, request_cancel, "(i)i") \
    X(8, alias_add, "(ii)i") \
    X(9, alias_remove, "(ii)i") \
    X(10, names, "(iiii)i") \
    X(11, self, "(ii)i") \
    X(12, kv_get, "(iiii)i") \
    X(13, kv_set, "(iiii)i") \
    X(14, kv_delete, "(ii)i") \
    X(15, kv_list, "(iiii)i") \
    X(16, timer_set, "(iii)i") \
    X(17, timer_cancel, "(i)i") \
    X(18, uptime_ms, "()F") \
    X(19, clock_ms, "()F") \
    X(20, random, "(ii)i") \
    X(21, io_open, "(ii)i") \
    X(22, io_read, "(ii)i") \
    X(23, io_write, "(iF)i") \
    X(24, io_watch, "(ii)i") \
    X(25, spawn, "(iiii)i") \
    X(26, exit, "(i)i") \
    X(27, log, "(iii)i")

#define RADON_ABI_FUNCTION_COUNT 28

/** X(NAME, "name", has a result) for every function a module may export for the node to call. */
#define RADON_ABI_EXPORTS(X) \
    X(INITIALIZE, "_initialize", 0) \
    X(ON_START, "on_start", 0) \
    X(ON_MESSAGE, "on_message", 1) \
    X(ON_REQUEST, "on_request", 1) \
    X(ON_RESPONSE, "on_response", 1) \
    X(ON_TIMER, "on_timer", 1) \
    X(ON_IO, "on_io", 1) \
    X(ON_UNDELIVERED, "on_undelivered", 1) \
    X(ON_STOP, "on_stop", 0) \
    X(ON_RECOVER, "on_recover", 0) \
    X(COLLECT, "collect", 0)

/** X(NAME, default, min, max) for every number in a configuration. */
#define RADON_CONFIGURATION_LIMITS(X) \
    X(MEMORY, 2048, 64, 65536) \
    X(STACK, 1024, 256, 8192) \
    X(DEADLINE_MS, 100, 1, 10000) \
    X(STORAGE, 512, 0, 8192) \
    X(TIMERS, 2, 0, 8) \
    X(PENDING, 2, 1, 8) \
    X(BODY, 256, 0, 8192) \
    X(PUBLISH, 256, 0, 8192) \
    X(INSTANCES, 1, 1, 8) \
    X(IDLE_MS, 10000, 10, 86400000) \
    X(MAX_EVENTS, 0, 0, 1000000) \
    X(INBOX_MESSAGES, 4, 1, 32) \
    X(INBOX_BYTES, 512, 64, 16384) \
    X(INBOX_WAIT_MS, 5000, 1, 600000) \
    X(INBOX_CREATE_AFTER_MS, 0, 0, 600000) \
    X(REPLY_WITHIN_MS, 5000, 10, 600000) \
    X(MAX_RESTARTS, 5, 0, 100) \
    X(WINDOW_MS, 60000, 1000, 86400000)

/** Texts of `policy` and `recovery` in the order of the tables below. */
#define RADON_POLICY_TEXTS "one", "round-robin", "on-demand", "on-demand-expire"
#define RADON_RECOVERY_TEXTS "none", "restart", "recover", "escalate"

/** Who takes an event sent to the name of a reactive atom. */
typedef enum {
    RADON_POLICY_ONE = 0,
    RADON_POLICY_ROUND_ROBIN = 1,
    RADON_POLICY_ON_DEMAND = 2,
    RADON_POLICY_ON_DEMAND_EXPIRE = 3,
} radon_policy_t;

/** What follows a failure. */
typedef enum {
    RADON_RECOVERY_NONE = 0,
    RADON_RECOVERY_RESTART = 1,
    RADON_RECOVERY_RECOVER = 2,
    RADON_RECOVERY_ESCALATE = 3,
} radon_recovery_t;

/** Result of a call: 0, or an error below it; the same numbers atoms see. */
typedef enum {
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
} radon_err_t;

/** Fields of event_get (< 16) and event_read. */
typedef enum {
    RADON_EVENT_FIELD_KIND = 0,
    RADON_EVENT_FIELD_ID = 1,
    RADON_EVENT_FIELD_METHOD = 2,
    RADON_EVENT_FIELD_FORMAT = 3,
    RADON_EVENT_FIELD_CORRELATION = 4,
    RADON_EVENT_FIELD_REASON = 5,
    RADON_EVENT_FIELD_HANDLE = 6,
    RADON_EVENT_FIELD_ACCEPT = 7,
    RADON_EVENT_FIELD_SENDER = 16,
    RADON_EVENT_FIELD_PATH = 17,
    RADON_EVENT_FIELD_QUERY = 18,
    RADON_EVENT_FIELD_PAYLOAD = 19,
} radon_event_field_t;

/** What woke an instance. */
typedef enum {
    RADON_EVENT_START = 1,
    RADON_EVENT_MESSAGE = 2,
    RADON_EVENT_REQUEST = 3,
    RADON_EVENT_RESPONSE = 4,
    RADON_EVENT_TIMER = 5,
    RADON_EVENT_IO = 6,
    RADON_EVENT_UNDELIVERED = 7,
    RADON_EVENT_STOP = 8,
    RADON_EVENT_RECOVER = 9,
} radon_event_kind_t;

/** What a handler answers. */
typedef enum {
    RADON_HANDLER_DONE = 0,
    RADON_HANDLER_LATER = 1,
    RADON_HANDLER_REJECT = 2,
} radon_handler_result_t;

/** Why an activation ended in ERROR. */
typedef enum {
    RADON_TRAP_NONE = 0,
    RADON_TRAP_UNREACHABLE = 1,
    RADON_TRAP_MEMORY = 2,
    RADON_TRAP_STACK = 3,
    RADON_TRAP_DEADLINE = 4,
    RADON_TRAP_ARITHMETIC = 5,
    RADON_TRAP_TABLE = 6,
    RADON_TRAP_CALL = 7,
    RADON_TRAP_ABORT = 8,
} radon_trap_t;

/** Phase of an instance. */
typedef enum {
    RADON_PHASE_CREATED = 0,
    RADON_PHASE_SUSPENDED = 1,
    RADON_PHASE_RUNNING = 2,
    RADON_PHASE_COMPLETED = 3,
    RADON_PHASE_ERROR = 4,
    RADON_PHASE_TERMINATED = 5,
    RADON_PHASE_FROZEN = 6,
} radon_phase_t;

/** Level of a log line. */
typedef enum {
    RADON_LOG_DEBUG = 0,
    RADON_LOG_INFO = 1,
    RADON_LOG_WARN = 2,
    RADON_LOG_ERROR = 3,
} radon_log_level_t;

/** Edges of io_watch. */
typedef enum {
    RADON_IO_EDGES_OFF = 0,
    RADON_IO_EDGES_RISING = 1,
    RADON_IO_EDGES_FALLING = 2,
    RADON_IO_EDGES_BOTH = 3,
    RADON_IO_EDGES_SAME = 4,
    RADON_IO_EDGES_EVERY = 7,
} radon_io_edges_t;

/** Flags of send. */
typedef enum {
    RADON_SEND_UNORDERED = 1,
    RADON_SEND_REPORT = 2,
} radon_send_flag_t;

/** Flags of request. */
typedef enum {
    RADON_REQUEST_OBSERVE = 1,
} radon_request_flag_t;

/** What became of a message: REASON of an UNDELIVERED event. */
typedef enum {
    RADON_OUTCOME_DELIVERED = 1,
    RADON_OUTCOME_NOT_DELIVERED = 2,
    RADON_OUTCOME_UNKNOWN = 3,
} radon_outcome_kind_t;

/** REASON of a STOP event. */
typedef enum {
    RADON_STOP_COMMAND = 1,
    RADON_STOP_RESTART = 2,
    RADON_STOP_UPDATE = 3,
    RADON_STOP_DELETE = 4,
    RADON_STOP_EXPIRED = 5,
} radon_stop_reason_t;

/** CoAP method codes (RFC 7252 12.1.1, RFC 8132). */
typedef enum {
    RADON_METHOD_GET = 1,
    RADON_METHOD_POST = 2,
    RADON_METHOD_PUT = 3,
    RADON_METHOD_DELETE = 4,
    RADON_METHOD_FETCH = 5,
    RADON_METHOD_PATCH = 6,
    RADON_METHOD_IPATCH = 7,
} radon_method_t;

/** CoAP content-formats in use (RFC 7252 12.3 and the registry). */
typedef enum {
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
} radon_format_t;

#endif
