/** One atom, "rain", in a runtime with a fake engine: what tests of lifecycle and instances start from. */
#ifndef RADON_TEST_ATOM_FIXTURE_H
#define RADON_TEST_ATOM_FIXTURE_H

#include "check.h"
#include "engine_fake.h"
#include "flash_fake.h"
#include "port_fake.h"

#include "radon/base/problem.h"
#include "radon/runtime/lifecycle.h"
#include "radon/runtime/requests.h"

#define POOL_BYTES 16384
#define GET RADON_METHOD_GET
#define POST RADON_METHOD_POST

/* Numbers of the runtime interface. */
enum {
    EVENT_GET = 0,
    EVENT_READ = 1,
    REPLY = 2,
    PUBLISH = 3,
    NOTIFY = 4,
    SELF = 11,
    KV_GET = 12,
    KV_SET = 13,
    KV_DELETE = 14,
    KV_LIST = 15,
    TIMER_SET = 16,
    RANDOM = 20,
    IO_OPEN = 21,
    IO_READ = 22,
    IO_WRITE = 23,
    IO_WATCH = 24,
    EXIT = 26,
    LOG = 27,
};

static _Alignas(8) uint8_t pool[POOL_BYTES];
static radon_runtime_t runtime;
static radon_kv_t kv;
static flash_fake_t flash;
static radon_definition_t *rain;
static uint8_t digest[32]; /**< of the payload that start() names */
static radon_configuration_t configuration;
static radon_refusal_t refusal;
static uint32_t next_exchange;
static int notices;
static char last_notice[64];

/** What the guest of a test does and saw. */
static struct {
    int calls[RADON_EXPORT_COUNT];
    int32_t answer;     /**< of handlers */
    int32_t results[8]; /**< of host functions */
    int32_t id;
    radon_trap_t trap; /**< to end with */
    radon_export_t trap_in;
    int traps_left;
} guest;

/** Hears of what observers are owed. */
static inline void count_notice(void *context, radon_bytes_t path)
{
    (void)context;
    notices++;
    memcpy(last_notice, path.data, path.len);
    last_notice[path.len] = 0;
}

/** Guest memory at `offset` becomes `text`; returns its length. */
static inline uint64_t poke(uint32_t offset, const char *text)
{
    memcpy(engine_fake.memory + offset, text, strlen(text));
    return strlen(text);
}

/** Counts calls and traps as `guest` says. */
static inline int32_t default_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    guest.calls[function]++;
    if (function != RADON_EXPORT_COLLECT) {
        guest.id = HOST(caller, EVENT_GET, RADON_EVENT_FIELD_ID);
    }
    if (guest.traps_left > 0 && function == guest.trap_in) {
        guest.traps_left--;
        outcome->trap = guest.trap;
    }
    return guest.answer;
}

/** An empty runtime at a fresh time, and a daemon's configuration. */
static inline void prepare(void)
{
    port_fake_reset();
    engine_fake_reset();
    memset(&guest, 0, sizeof guest);
    memset(digest, 1, sizeof digest);
    engine_fake.guest = default_guest;
    flash_fake_close(&flash);
    flash_fake_open(&flash, 2, 16384, RADON_FLASH_ERASED);
    (void)radon_kv_open(&kv, &flash.flash, (const uint32_t[2]){0, 1});
    (void)radon_runtime_init(&runtime, &kv, (radon_region_t){pool, sizeof pool});
    runtime.notify = count_notice;
    next_exchange = 1;
    notices = 0;
    rain = radon_runtime_add(&runtime, radon_bytes_text("rain"));
    configuration = (radon_configuration_t){
        .instances = 1,
        .max_restarts = 5,
        .window_ms = 60000,
        .timers = 2,
        .pending = 2,
        .inbox_messages = 4,
        .resource_count = 2,
        .io_count = 3,
        .body = 64,
        .publish = 64,
        .inbox_bytes = 128,
        .memory = ENGINE_FAKE_MEMORY,
        .stack = 256,
        .deadline_ms = 50,
        .storage = 32,
        .wait_ms = 1000,
        .reply_within_ms = 2000,
        .need_load = 1000,
        .need_run = 800,
        .resources = {radon_bytes_text("level"), radon_bytes_text("set")},
        .observable = 1,
        .io = {radon_bytes_text("rain0"), radon_bytes_text("led0"), radon_bytes_text("none")},
        .channels = {0, 1, -1},
    };
}

static inline radon_err_t start_atom(radon_definition_t *definition, radon_on_failure_t on_failure)
{
    radon_version_t version = {.configuration = &configuration,
                               .version = radon_bytes_text("1"),
                               .code = radon_bytes_text("code"),
                               .digest = digest,
                               .sequence = 1};
    return radon_lifecycle_start(&runtime, definition, &version, on_failure, &refusal);
}

static inline radon_err_t start_as(radon_on_failure_t on_failure)
{
    return start_atom(rain, on_failure);
}

static inline void start(void)
{
    REQUIRE(start_as(RADON_ON_FAILURE_STOP) == RADON_OK);
}

static inline bool step(void)
{
    return radon_lifecycle_step(rain, port_fake.now_us);
}

static inline void pass_ms(uint32_t ms)
{
    port_fake.now_us += (uint64_t)ms * 1000U;
}

/** A request of `sender` on resource `resource`. */
static inline radon_err_t request_from(uint32_t sender, uint8_t resource, const char *payload)
{
    radon_request_event_t event = {
        .exchange = next_exchange,
        .sender = sender,
        .resource = resource,
        .method = POST,
        .format = RADON_FORMAT_NONE,
        .accept = RADON_FORMAT_NONE,
        .query = radon_bytes_text("a=1"),
        .payload = radon_bytes_text(payload),
    };
    radon_err_t err = radon_requests_accept(rain->atom, &event, port_fake.now_us);
    next_exchange += err == RADON_OK;
    return err;
}

static inline void request(const char *payload)
{
    REQUIRE(request_from(1, 1, payload) == RADON_OK);
}

/** The next refusal, the last one first, must be `problem` for `exchange`. */
static inline void check_refused(uint32_t exchange, radon_problem_t problem)
{
    radon_refusal_entry_t entry;
    REQUIRE(radon_refusals_take(&runtime.refusals, &entry));
    CHECK_EQ(entry.exchange, exchange);
    CHECK_STR(radon_problem_name(entry.problem), radon_problem_name(problem));
}

static inline void check_nothing_refused(void)
{
    CHECK_EQ(runtime.refusals.count, 0);
}

/** The next answer must be for `exchange` with `code` and `body`; it is sent. */
static inline void check_answered(uint32_t exchange, uint8_t code, const char *body)
{
    radon_request_answer_t answer;
    REQUIRE(radon_requests_next_answer(&runtime, &answer));
    CHECK_EQ(answer.open->exchange, exchange);
    CHECK_EQ(answer.open->code, code);
    CHECK_BYTES(radon_opens_body(&answer.atom->opens, answer.open), answer.open->length, body, strlen(body));
    radon_requests_sent(&answer);
}

#endif
