/** Freeze, thaw, and what goes through a snapshot from one instance into another. */
#include "atom_fixture.h"

#include "radon/runtime/capture.h"
#include "radon/runtime/delivery.h"
#include "radon/runtime/freeze.h"
#include "radon/runtime/restore.h"

enum { REQUEST = 6, ALIAS_ADD = 8 };

static uint8_t document[4096];
static radon_restore_failure_t failure;

static void deliver(const char *sender, const char *payload)
{
    const radon_delivery_t delivery = {
        .sender = radon_bytes_text(sender), .payload = radon_bytes_text(payload), .id = 9};
    REQUIRE(radon_delivery_message(rain->atom, &delivery, port_fake.now_us) == RADON_OK);
}

static radon_bytes_t take(void)
{
    radon_sink_t sink;
    radon_actor_t *actor = radon_frozen(rain->atom);
    REQUIRE(actor != NULL);
    radon_sink_init(&sink, document, sizeof document, 0);
    radon_capture(actor, &sink);
    REQUIRE(radon_sink_fits(&sink));
    return radon_sink_window(&sink);
}

static radon_err_t restore_on(const char *name, radon_bytes_t bytes)
{
    const radon_version_t version = {.configuration = &configuration,
                                     .version = radon_bytes_text("1"),
                                     .code = radon_bytes_text("code"),
                                     .digest = digest,
                                     .sequence = 1};
    const radon_restoration_t restoration = {.version = &version, .document = bytes};
    runtime.messaging.node = radon_bytes_text(name);
    return radon_restore(&runtime, rain, &restoration, &failure);
}

/** Reports to senders on other nodes. */
static int reports(void)
{
    int count = 0;
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        count += runtime.messaging.outbox.entries[i].report;
    }
    return count;
}

static void freeze(void)
{
    REQUIRE(radon_freeze(rain) == RADON_OK);
}

/** Sets timer 1, publishes "level", stores "k" = "1", watches handle 0. */
static int32_t busy_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    if (function == RADON_EXPORT_ON_START) {
        uint64_t path = poke(0, "level");
        (void)poke(8, "12k1");
        guest.results[0] = HOST(caller, TIMER_SET, 1, 500, 1000);
        guest.results[1] = HOST(caller, PUBLISH, 0, path, 0, 8, 2, 3);
        guest.results[2] = HOST(caller, KV_SET, 10, 1, 11, 1);
        guest.results[3] = HOST(caller, IO_WATCH, 0, RADON_IO_EDGES_RISING);
    }
    return default_guest(caller, function, outcome);
}

static void start_busy(void)
{
    prepare();
    runtime.messaging.node = radon_bytes_text("n1");
    runtime.messaging.bridge = true;
    engine_fake.guest = busy_guest;
    engine_fake.globals[0] = 42;
    start();
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(guest.results[i], RADON_OK);
    }
}

/** Joins two aliases and makes three requests: GET, POST, and an observation. */
static int32_t asking_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    if (function == RADON_EXPORT_ON_START) {
        (void)poke(0, "gaugecrew");
        uint64_t uri = poke(16, "/node");
        guest.results[0] = HOST(caller, ALIAS_ADD, 0, 5);
        guest.results[1] = HOST(caller, ALIAS_ADD, 5, 4);
        guest.results[2] = HOST(caller, REQUEST, GET, 16, uri, (uint64_t)-1, 0, 0, 0);
        guest.results[3] = HOST(caller, REQUEST, POST, 16, uri, 0, 16, 5, 0);
        guest.results[4] = HOST(caller, REQUEST, GET, 16, uri, (uint64_t)-1, 0, 0, RADON_REQUEST_OBSERVE);
    }
    return default_guest(caller, function, outcome);
}

static void start_asking(void)
{
    static const uint8_t anything[] = {0x81, 0x62, '.', '*'};
    prepare();
    runtime.messaging.node = radon_bytes_text("n1");
    configuration.request = radon_bytes(anything, sizeof anything);
    configuration.pending = 3;
    engine_fake.guest = asking_guest;
    start();
    CHECK_EQ(guest.results[1], RADON_OK);
    CHECK_EQ(guest.results[4], 3);
}

/** Requests that are to be sent. */
static int new_asks(void)
{
    int count = 0;
    for (size_t i = 0; i < RADON_ASKS_MAX; i++) {
        count += runtime.messaging.asks.asks[i].state == RADON_ASK_NEW;
    }
    return count;
}

/* ---- Freeze and thaw ---- */

TEST(a_frozen_atom_takes_events_and_runs_none)
{
    start_busy();
    freeze();
    CHECK_STR(radon_definition_phase(rain), "FROZEN");
    deliver("flood", "x");
    pass_ms(600);
    CHECK(!step());
    CHECK_EQ(radon_lifecycle_next_due(rain), RADON_PORT_NEVER);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_MESSAGE], 0);
    CHECK_EQ(radon_thaw(rain), RADON_OK);
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_MESSAGE], 1);
}

TEST(timers_and_uptime_stand_still_while_frozen)
{
    start_busy();
    pass_ms(100);
    uint64_t uptime_ms = radon_actor_uptime_ms(&rain->atom->actors[0]);
    freeze();
    pass_ms(10000);
    CHECK_EQ(radon_actor_uptime_ms(&rain->atom->actors[0]), uptime_ms);
    CHECK_EQ(radon_thaw(rain), RADON_OK);
    CHECK_EQ(radon_actor_uptime_ms(&rain->atom->actors[0]), uptime_ms);
    pass_ms(399);
    CHECK(!step());
    pass_ms(1);
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_TIMER], 1);
}

TEST(only_one_suspended_instance_is_frozen_and_only_once)
{
    prepare();
    CHECK_EQ(radon_freeze(rain), RADON_E_STATE);
    start();
    CHECK_EQ(radon_thaw(rain), RADON_E_STATE);
    freeze();
    CHECK_EQ(radon_freeze(rain), RADON_E_STATE);
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_STOP], 0);
    CHECK_EQ(radon_freeze(rain), RADON_E_STATE);
}

/* ---- Through a snapshot ---- */

TEST(what_was_taken_goes_on_in_another_place)
{
    start_busy();
    deliver("flood", "first");
    deliver("n2/far", "second");
    freeze();
    radon_bytes_t bytes = take();
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    CHECK_EQ(reports(), 0); /* the messages went with it */
    memset(engine_fake.memory, 0, sizeof engine_fake.memory);
    engine_fake.globals[0] = 0;
    REQUIRE(radon_kv_drop(&kv, radon_bytes_text("rain")) == RADON_OK);

    REQUIRE(restore_on("n1", bytes) == RADON_OK);
    CHECK_STR(radon_definition_phase(rain), "FROZEN");
    CHECK_EQ(engine_fake.globals[0], 42);
    CHECK_BYTES(engine_fake.memory + 8, 4, "12k1", 4);
    radon_bytes_t value;
    CHECK_EQ(radon_kv_get(&kv, radon_bytes_text("rain"), radon_bytes_text("k"), &value), RADON_OK);
    const radon_inbox_t *inbox = &rain->atom->inbox;
    CHECK_EQ(inbox->count, 2);
    CHECK(radon_bytes_equal_text(radon_inbox_head(inbox, &inbox->events[0]), "flood"));
    CHECK(radon_bytes_equal_text(radon_inbox_head(inbox, &inbox->events[1]), "n2/far"));
    CHECK_EQ(inbox->events[0].message.id, 9);
    CHECK_EQ(rain->atom->actors[0].incarnation, 1);
    CHECK_EQ(rain->atom->actors[0].activations, 1);
    CHECK_EQ(rain->atom->actors[0].watches[0].edges, RADON_IO_EDGES_RISING);
    bool any;
    CHECK(radon_publications_find(&rain->atom->publications, 0, 0, port_fake.now_us, &any) != NULL);

    CHECK_EQ(radon_thaw(rain), RADON_OK);
    CHECK(step() && step() && !step());
    CHECK_EQ(guest.id, 3);
    pass_ms(500);
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_TIMER], 1);
    CHECK_EQ(guest.calls[RADON_EXPORT_INITIALIZE], 1);
}

TEST(on_another_node_a_sender_keeps_the_name_of_its_own)
{
    start_busy();
    deliver("flood", "first");
    freeze();
    radon_bytes_t bytes = take();
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    REQUIRE(restore_on("n2", bytes) == RADON_OK);
    const radon_inbox_t *inbox = &rain->atom->inbox;
    CHECK(radon_bytes_equal_text(radon_inbox_head(inbox, &inbox->events[0]), "n1/flood"));
}

TEST(a_document_of_this_very_moment_leaves_requests_as_they_are)
{
    start_busy();
    request("open");
    CHECK(step());
    freeze();
    request("waits");
    radon_bytes_t bytes = take();
    deliver("flood", "later");
    REQUIRE(restore_on("n1", bytes) == RADON_OK);
    check_nothing_refused();
    CHECK_EQ(rain->atom->inbox.count, 2);
    CHECK(radon_opens_running(&rain->atom->opens, 2) != NULL);
}

TEST(a_document_of_another_moment_replaces_what_runs)
{
    start_busy();
    freeze();
    radon_bytes_t bytes = take();
    CHECK_EQ(radon_thaw(rain), RADON_OK);
    request("open");
    CHECK(step());
    deliver("n2/far", "lost");
    REQUIRE(restore_on("n1", bytes) == RADON_OK);
    check_refused(1, RADON_PROBLEM_NOT_RUNNING);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_STOP], 0);
    CHECK_EQ(rain->atom->inbox.count, 0);
    CHECK_EQ(reports(), 1);
    CHECK_EQ(rain->atom->next_event_id, 2);
}

TEST(what_does_not_fit_changes_nothing)
{
    start_busy();
    freeze();
    radon_bytes_t bytes = take();
    CHECK_EQ(radon_thaw(rain), RADON_OK);
    uint32_t used = radon_pool_used(&runtime.pool);
    CHECK_EQ(restore_on("n1", radon_bytes(bytes.data, bytes.len - 1)), RADON_E_ARG);
    CHECK(failure.detail[0] != 0);
    CHECK_STR(radon_definition_phase(rain), "SUSPENDED");
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    CHECK_EQ(restore_on("n1", radon_bytes(bytes.data, bytes.len - 1)), RADON_E_ARG);
    CHECK_EQ(radon_pool_used(&runtime.pool), 0);
    configuration.need_run = POOL_BYTES;
    CHECK_EQ(restore_on("n1", bytes), RADON_E_QUOTA);
    CHECK_EQ(failure.refusal.problem, RADON_PROBLEM_DOES_NOT_FIT);
    configuration.need_run = 800;
    CHECK_EQ(restore_on("n1", bytes), RADON_OK);
    CHECK_EQ(radon_pool_used(&runtime.pool), used);
}

TEST(aliases_are_joined_again)
{
    start_asking();
    freeze();
    radon_bytes_t bytes = take();
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    size_t index = 0;
    REQUIRE(radon_aliases_next(&runtime.messaging.aliases, &index) == NULL);
    REQUIRE(restore_on("n1", bytes) == RADON_OK);
    index = 0;
    const radon_alias_member_t *member = radon_aliases_next(&runtime.messaging.aliases, &index);
    REQUIRE(member != NULL);
    CHECK(radon_bytes_equal_text(radon_alias_name(member), "crew"));
    member = radon_aliases_next(&runtime.messaging.aliases, &index);
    REQUIRE(member != NULL);
    CHECK(radon_bytes_equal_text(radon_alias_name(member), "gauge"));
}

TEST(the_name_of_an_atom_here_is_no_alias)
{
    start_asking();
    freeze();
    radon_bytes_t bytes = take();
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    REQUIRE(radon_runtime_add(&runtime, radon_bytes_text("crew")) != NULL);
    CHECK_EQ(restore_on("n1", bytes), RADON_E_ARG);
    CHECK(strstr(failure.detail, "aliases") != NULL);
}

TEST(gets_and_observations_are_asked_again_and_others_time_out)
{
    start_asking();
    freeze();
    radon_bytes_t bytes = take();
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    memset(&runtime.messaging.asks, 0, sizeof runtime.messaging.asks);
    REQUIRE(restore_on("n1", bytes) == RADON_OK);
    CHECK_EQ(new_asks(), 2);
    const radon_open_t *places = rain->atom->opens.places;
    CHECK_EQ(places[1].id, 2);
    CHECK_EQ(places[1].error, RADON_E_TIMEOUT);
    CHECK_EQ(radon_thaw(rain), RADON_OK);
    CHECK(step() && !step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_RESPONSE], 1);
    CHECK_EQ(places[1].state, RADON_OPEN_FREE);
    CHECK_EQ(rain->atom->next_message, 4);
}

TEST(a_response_that_waits_goes_along)
{
    start_asking();
    radon_open_t *open = &rain->atom->opens.places[0];
    memcpy(radon_opens_body(&rain->atom->opens, open), "yes", 3);
    open->code = 0x45;
    open->length = 3;
    open->format = 0;
    radon_signal_raise(&open->signal, &rain->atom->next_place);
    runtime.messaging.asks.asks[0].state = RADON_ASK_FREE;
    freeze();
    radon_bytes_t bytes = take();
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    memset(&runtime.messaging.asks, 0, sizeof runtime.messaging.asks);
    REQUIRE(restore_on("n1", bytes) == RADON_OK);
    CHECK_EQ(new_asks(), 1);
    open = &rain->atom->opens.places[0];
    CHECK_EQ(open->id, 1);
    CHECK_EQ(open->code, 0x45);
    CHECK_BYTES(radon_opens_body(&rain->atom->opens, open), open->length, "yes", 3);
    CHECK((open->signal.marks & RADON_SIGNAL_WAITING) != 0);
}

TEST(a_store_that_fails_leaves_the_atom_as_it_runs)
{
    start_busy();
    freeze();
    radon_bytes_t bytes = take();
    CHECK_EQ(radon_thaw(rain), RADON_OK);
    REQUIRE(radon_kv_drop(&kv, radon_bytes_text("rain")) == RADON_OK);
    flash.fail_at = flash.operations + 1;
    CHECK_EQ(restore_on("n1", bytes), RADON_E_IO);
    CHECK_STR(radon_definition_phase(rain), "SUSPENDED");
}

int main(void)
{
    RUN(a_frozen_atom_takes_events_and_runs_none);
    RUN(timers_and_uptime_stand_still_while_frozen);
    RUN(only_one_suspended_instance_is_frozen_and_only_once);
    RUN(what_was_taken_goes_on_in_another_place);
    RUN(on_another_node_a_sender_keeps_the_name_of_its_own);
    RUN(a_document_of_this_very_moment_leaves_requests_as_they_are);
    RUN(a_document_of_another_moment_replaces_what_runs);
    RUN(what_does_not_fit_changes_nothing);
    RUN(aliases_are_joined_again);
    RUN(the_name_of_an_atom_here_is_no_alias);
    RUN(gets_and_observations_are_asked_again_and_others_time_out);
    RUN(a_response_that_waits_goes_along);
    RUN(a_store_that_fails_leaves_the_atom_as_it_runs);
    return check_summary();
}
