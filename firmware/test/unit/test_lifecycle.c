/** Atoms from start to end as docs/reference/runtime-interface.md tells it, with guest code written in C. */
#include "atom_fixture.h"

#include "radon/runtime/memory.h"
#include "radon/runtime/recovery.h"

/* ---- Start, stop, memory ---- */

TEST(a_daemon_runs_initialize_and_start_once)
{
    prepare();
    start();
    CHECK_EQ(guest.calls[RADON_EXPORT_INITIALIZE], 1);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_START], 1);
    CHECK_STR(radon_definition_phase(rain), "SUSPENDED");
    CHECK_EQ(rain->atom->actors[0].activations, 1);
    CHECK(!step());
}

TEST(the_block_has_the_size_of_the_formula)
{
    prepare();
    uint32_t expected = 800 + 128 + 64 + 128 + 40 * (4 + 2) + RADON_ATOM_OVERHEAD + RADON_INSTANCE_OVERHEAD;
    CHECK_EQ(radon_atom_block_size(&configuration), expected);
    start();
    CHECK_EQ(rain->block_size, expected);
    CHECK_EQ(radon_pool_used(&runtime.pool), expected + 1000);
    configuration.need_run = UINT32_MAX;
    CHECK_EQ(radon_atom_block_size(&configuration), UINT32_MAX);
}

TEST(what_does_not_fit_is_refused_with_the_numbers)
{
    prepare();
    configuration.need_run = POOL_BYTES;
    CHECK_EQ(start_as(RADON_ON_FAILURE_STOP), RADON_E_QUOTA);
    CHECK_EQ(refusal.problem, RADON_PROBLEM_DOES_NOT_FIT);
    CHECK_EQ(refusal.free, POOL_BYTES);
    CHECK_EQ(refusal.need, 1000 + radon_atom_block_size(&configuration));
    CHECK(rain->atom == NULL);
    CHECK_EQ(radon_pool_used(&runtime.pool), 0);
}

TEST(a_first_start_that_fails_gives_the_memory_back_whatever_recovery_says)
{
    prepare();
    configuration.recovery = RADON_RECOVERY_RESTART;
    guest.trap = RADON_TRAP_UNREACHABLE;
    guest.trap_in = RADON_EXPORT_INITIALIZE;
    guest.traps_left = 1;
    CHECK_EQ(start_as(RADON_ON_FAILURE_STOP), RADON_E_STATE);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_START], 0);
    CHECK_STR(radon_definition_phase(rain), "ERROR");
    CHECK_STR(rain->reason, "UNREACHABLE in START");
    CHECK_EQ(radon_pool_used(&runtime.pool), 0);
}

TEST(a_module_that_cannot_be_loaded_says_why)
{
    prepare();
    engine_fake.refuse_load = true;
    CHECK_EQ(start_as(RADON_ON_FAILURE_STOP), RADON_E_STATE);
    CHECK_STR(rain->reason, "refused by the test");
    CHECK_EQ(rain->trap.kind, RADON_TRAP_NONE);
}

/* ---- Shared modules ---- */

static radon_definition_t *add(const char *name)
{
    radon_definition_t *definition = radon_runtime_add(&runtime, radon_bytes_text(name));
    REQUIRE(start_atom(definition, RADON_ON_FAILURE_STOP) == RADON_OK);
    return definition;
}

static radon_memory_room_t room_for(const radon_atom_t *replaced)
{
    const radon_memory_demand_t demand = {
        .own = radon_atom_block_size(&configuration), .load = configuration.need_load, .digest = digest};
    return radon_memory_room(&runtime, replaced, &demand);
}

TEST(atoms_of_one_payload_load_it_once)
{
    prepare();
    start();
    radon_definition_t *second = add("second");
    uint32_t own = radon_atom_block_size(&configuration);
    CHECK_EQ(engine_fake.loads, 1);
    CHECK(rain->atom->module == second->atom->module);
    CHECK_EQ(radon_pool_used(&runtime.pool), 1000 + 2 * own);
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    CHECK_EQ(engine_fake.unloads, 0);
    CHECK_EQ(radon_pool_used(&runtime.pool), 1000 + own);
    radon_lifecycle_stop(&runtime, second, RADON_STOP_COMMAND);
    CHECK_EQ(engine_fake.unloads, 1);
    CHECK_EQ(radon_pool_used(&runtime.pool), 0);
}

TEST(another_payload_is_loaded_beside_it)
{
    prepare();
    start();
    static const uint8_t other[32] = {2};
    memcpy(digest, other, sizeof digest);
    static uint8_t first[32];
    memset(first, 1, sizeof first);
    rain->atom->module->digest = first;
    radon_definition_t *second = add("second");
    CHECK_EQ(engine_fake.loads, 2);
    CHECK(rain->atom->module != second->atom->module);
}

TEST(a_restart_after_a_kill_instantiates_without_loading_again)
{
    prepare();
    configuration.recovery = RADON_RECOVERY_RESTART;
    start();
    radon_definition_t *second = add("second");
    guest.trap = RADON_TRAP_DEADLINE;
    guest.trap_in = RADON_EXPORT_ON_REQUEST;
    guest.traps_left = 1;
    request("x");
    CHECK(step());
    CHECK_EQ(rain->atom->actors[0].state, RADON_ACTOR_BACKOFF);
    pass_ms(RADON_BACKOFF_MS);
    CHECK(step());
    CHECK_EQ(rain->atom->actors[0].state, RADON_ACTOR_LIVE);
    CHECK_EQ(engine_fake.loads, 1);
    CHECK_EQ(second->life, RADON_LIFE_LIVE);
}

TEST(a_module_that_could_not_be_loaded_is_tried_again_by_a_restart)
{
    prepare();
    configuration.recovery = RADON_RECOVERY_RESTART;
    engine_fake.refuse_load = true;
    CHECK_EQ(start_as(RADON_ON_FAILURE_RECOVER), RADON_E_STATE);
    CHECK_EQ(rain->atom->actors[0].state, RADON_ACTOR_BACKOFF);
    engine_fake.refuse_load = false;
    pass_ms(RADON_BACKOFF_MS);
    CHECK(step());
    CHECK_EQ(rain->atom->actors[0].state, RADON_ACTOR_LIVE);
    CHECK_EQ(engine_fake.loads, 2);
}

TEST(an_instance_that_cannot_be_made_leaves_the_module_to_the_others)
{
    prepare();
    start();
    engine_fake.refuse_open = true;
    radon_definition_t *second = radon_runtime_add(&runtime, radon_bytes_text("second"));
    CHECK_EQ(start_atom(second, RADON_ON_FAILURE_STOP), RADON_E_STATE);
    CHECK_EQ(engine_fake.unloads, 0);
    CHECK_EQ(rain->atom->module->users, 1);
    CHECK_EQ(radon_pool_used(&runtime.pool), 1000 + radon_atom_block_size(&configuration));
}

TEST(a_reactive_atom_keeps_its_module_without_an_instance)
{
    prepare();
    configuration.reactive = true;
    start();
    CHECK_EQ(radon_atom_memory_used(rain->atom), 0);
    request("x");
    CHECK(step());
    CHECK(radon_atom_memory_used(rain->atom) >= 64);
    CHECK_EQ(engine_fake.loads, 1);
}

TEST(room_counts_a_module_only_where_nobody_has_it_loaded)
{
    prepare();
    uint32_t own = radon_atom_block_size(&configuration);
    CHECK_EQ(room_for(NULL).need, own + 1000);
    start();
    CHECK_EQ(room_for(NULL).need, own);
    CHECK_EQ(room_for(NULL).free, POOL_BYTES - 1000 - own);
    /* The only user is replaced: its module goes and comes again. */
    CHECK_EQ(room_for(rain->atom).need, own + 1000);
    CHECK_EQ(room_for(rain->atom).free, POOL_BYTES);
    (void)add("second");
    CHECK_EQ(room_for(rain->atom).need, own);
    CHECK_EQ(room_for(rain->atom).free, POOL_BYTES - 1000 - own);
}

TEST(both_blocks_must_find_a_gap)
{
    prepare();
    configuration.need_load = 6000;
    uint32_t own = radon_atom_block_size(&configuration);
    /* One gap of 6000 and one that lacks eight bytes: together there would be room. */
    REQUIRE(radon_pool_alloc(&runtime.pool, 6000) != NULL);
    REQUIRE(radon_pool_alloc(&runtime.pool, POOL_BYTES - 6000 - (own - 8)) != NULL);
    radon_pool_free(&runtime.pool, pool);
    CHECK_EQ(room_for(NULL).need, own + 6000);
    CHECK_EQ(room_for(NULL).free, own + 6000 - 8);
    CHECK_EQ(start_as(RADON_ON_FAILURE_STOP), RADON_E_QUOTA);
    CHECK_EQ(refusal.need, own + 6000);
    CHECK_EQ(refusal.free, own + 6000 - 8);
    configuration.inbox_bytes -= 8;
    CHECK_EQ(start_as(RADON_ON_FAILURE_STOP), RADON_OK);
    CHECK_EQ(room_for(NULL).free, 0);
}

TEST(stop_runs_on_stop_and_refuses_what_waits)
{
    prepare();
    start();
    request("x");
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_STOP], 1);
    check_refused(1, RADON_PROBLEM_NOT_RUNNING);
    CHECK_STR(radon_definition_phase(rain), "STOPPED");
    CHECK_EQ(radon_pool_used(&runtime.pool), 0);
}

static int32_t exiting_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    (void)default_guest(caller, function, outcome);
    return function == RADON_EXPORT_ON_REQUEST ? HOST(caller, EXIT, 7) : 0;
}

TEST(exit_ends_a_daemon_after_the_activation)
{
    prepare();
    engine_fake.guest = exiting_guest;
    start();
    request("x");
    int collected = guest.calls[RADON_EXPORT_COLLECT];
    CHECK(step());
    CHECK_STR(radon_definition_phase(rain), "TERMINATED");
    CHECK_EQ(rain->exit_code, 7);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_STOP], 0);
    CHECK_EQ(guest.calls[RADON_EXPORT_COLLECT], collected);
    CHECK_EQ(radon_pool_used(&runtime.pool), 0);
    check_refused(1, RADON_PROBLEM_NOT_RUNNING);
}

TEST(a_reactive_atom_is_created_by_its_first_event_and_again_after_exit)
{
    prepare();
    configuration.reactive = true;
    engine_fake.guest = exiting_guest;
    start();
    CHECK_STR(radon_definition_phase(rain), "IDLE");
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_START], 0);
    CHECK(!step());
    request("x");
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_START], 1);
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_REQUEST], 1);
    CHECK_STR(radon_definition_phase(rain), "IDLE");
    request("y");
    while (step()) {
    }
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_START], 2);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_REQUEST], 2);
}

/* ---- Requests ---- */

/** Looks at the request and answers its payload. */
static int32_t echo_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    (void)default_guest(caller, function, outcome);
    if (function != RADON_EXPORT_ON_REQUEST) {
        return 0;
    }
    int32_t length = HOST(caller, EVENT_READ, RADON_EVENT_FIELD_PAYLOAD, 100, 64);
    guest.results[0] = HOST(caller, REPLY, 0, 0x45, 0, 100, (uint64_t)length);
    guest.results[1] = HOST(caller, REPLY, 0, 0x45, 0, 100, 1);
    guest.results[2] = HOST(caller, EVENT_GET, RADON_EVENT_FIELD_METHOD);
    guest.results[3] = HOST(caller, EVENT_READ, RADON_EVENT_FIELD_PATH, 200, 64);
    guest.results[4] = HOST(caller, EVENT_READ, RADON_EVENT_FIELD_QUERY, 300, 2);
    guest.results[5] = HOST(caller, EVENT_GET, 99);
    guest.results[6] = HOST(caller, EVENT_GET, RADON_EVENT_FIELD_FORMAT);
    return 0;
}

TEST(a_request_is_an_event_that_is_answered_once)
{
    prepare();
    engine_fake.guest = echo_guest;
    start();
    request("hello");
    CHECK(step());
    check_answered(1, 0x45, "hello");
    CHECK_EQ(guest.results[0], RADON_OK);
    CHECK_EQ(guest.results[1], RADON_E_STATE);
    CHECK_EQ(guest.results[2], POST);
    CHECK_EQ(guest.results[3], 3);
    CHECK_BYTES(engine_fake.memory + 200, 3, "set", 3);
    CHECK_EQ(guest.results[4], 3);
    CHECK_EQ(engine_fake.memory[300], 0);
    CHECK_EQ(guest.results[5], RADON_E_ARG);
    CHECK_EQ(guest.results[6], -1);
    CHECK_EQ(rain->done, 1);
    CHECK_EQ(rain->atom->inbox.count, 0);
    CHECK_EQ(guest.calls[RADON_EXPORT_COLLECT], 2);
    CHECK_EQ(port_fake.ceiling, 0);
}

static int32_t late_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    static int32_t asked;
    (void)outcome;
    if (function == RADON_EXPORT_ON_REQUEST) {
        asked = HOST(caller, EVENT_GET, RADON_EVENT_FIELD_ID);
        guest.results[0] = HOST(caller, TIMER_SET, 0, 100, 0);
    } else if (function == RADON_EXPORT_ON_TIMER) {
        guest.results[1] = HOST(caller, REPLY, 0, 0x45, (uint64_t)-1, 0, 0);
        guest.results[2] = HOST(caller, REPLY, (uint64_t)asked, 0x44, (uint64_t)-1, 0, 0);
    }
    return 0;
}

TEST(a_request_may_be_answered_from_a_later_activation)
{
    prepare();
    engine_fake.guest = late_guest;
    start();
    request("x");
    CHECK(step());
    CHECK(!step());
    pass_ms(100);
    CHECK(step());
    CHECK_EQ(guest.results[1], RADON_E_STATE);
    CHECK_EQ(guest.results[2], RADON_OK);
    check_answered(1, 0x44, "");
    check_nothing_refused();
}

TEST(a_request_without_answer_is_given_up_and_its_id_is_worth_nothing)
{
    prepare();
    engine_fake.guest = late_guest;
    configuration.reply_within_ms = 50;
    start();
    request("x");
    CHECK(step());
    uint64_t due = radon_requests_expire(&runtime, port_fake.now_us);
    CHECK(due > port_fake.now_us && due <= port_fake.now_us + 60000);
    pass_ms(60);
    (void)radon_requests_expire(&runtime, port_fake.now_us);
    check_refused(1, RADON_PROBLEM_NO_ANSWER_FROM_ATOM);
    pass_ms(60);
    CHECK(step());
    CHECK_EQ(guest.results[2], RADON_E_STATE);
}

TEST(what_waits_too_long_is_dropped)
{
    prepare();
    configuration.pending = 1;
    start();
    request("open");
    request("waits");
    CHECK(step());
    CHECK(!step());
    pass_ms(1100);
    (void)radon_requests_expire(&runtime, port_fake.now_us);
    check_refused(2, RADON_PROBLEM_NO_ANSWER_FROM_ATOM);
    CHECK(step() && !step());
    CHECK_EQ(rain->dropped, 1);
    CHECK_EQ(rain->atom->inbox.count, 0);
}

TEST(the_inbox_is_bounded)
{
    prepare();
    configuration.inbox_messages = 2;
    start();
    CHECK_EQ(request_from(1, 1, "a"), RADON_OK);
    CHECK_EQ(request_from(1, 1, "b"), RADON_OK);
    CHECK_EQ(request_from(1, 1, "c"), RADON_E_FULL);
    CHECK(step());
    CHECK_EQ(request_from(1, 1, "c"), RADON_OK);
}

TEST(a_reject_is_told_to_the_sender)
{
    prepare();
    start();
    guest.answer = RADON_HANDLER_REJECT;
    request("x");
    CHECK(step());
    check_refused(1, RADON_PROBLEM_REJECTED);
    CHECK_EQ(rain->dropped, 1);
    CHECK_EQ(rain->done, 0);
}

TEST(later_keeps_the_event_and_those_of_its_sender_behind_it)
{
    prepare();
    start();
    guest.answer = RADON_HANDLER_LATER;
    CHECK_EQ(request_from(1, 1, "a"), RADON_OK);
    CHECK_EQ(request_from(1, 1, "b"), RADON_OK);
    CHECK(step());
    int32_t kept = guest.id;
    CHECK(!step());
    guest.answer = RADON_HANDLER_DONE;
    CHECK_EQ(request_from(2, 1, "other"), RADON_OK);
    CHECK(step());
    CHECK(guest.id != kept);
    CHECK(step());
    CHECK_EQ(guest.id, kept);
    CHECK_EQ(rain->atom->inbox.count, 1);
}

TEST(later_is_offered_again_after_100_ms)
{
    prepare();
    start();
    guest.answer = RADON_HANDLER_LATER;
    request("a");
    CHECK(step());
    CHECK_EQ(radon_lifecycle_next_due(rain), port_fake.now_us + 100000);
    pass_ms(99);
    CHECK(!step());
    pass_ms(1);
    CHECK(step());
}

TEST(a_request_without_handler_is_refused_in_its_turn)
{
    prepare();
    engine_fake.exports = UINT32_MAX & ~(1U << RADON_EXPORT_ON_REQUEST);
    start();
    request("x");
    CHECK(step());
    CHECK(radon_bytes_equal_text(runtime.refusals.entries[0].path, "set"));
    check_refused(1, RADON_PROBLEM_METHOD_NOT_ALLOWED);
    CHECK_EQ(rain->atom->actors[0].activations, 1);
    CHECK_EQ(rain->dropped, 1);
}

TEST(blocks_of_a_body_are_put_together)
{
    radon_bytes_t body;
    prepare();
    start();
    radon_request_block_t block = {.key = 5, .sender = 1, .bytes = radon_bytes_text("0123456789abcdef")};
    CHECK_EQ(radon_requests_receive(rain->atom, &block, port_fake.now_us, &body), RADON_OK);
    CHECK_EQ(radon_requests_receive(rain->atom, &block, port_fake.now_us, &body), RADON_OK);
    block.offset = 32;
    CHECK_EQ(radon_requests_receive(rain->atom, &block, port_fake.now_us, &body), RADON_E_STATE);
    block.offset = 16;
    block.last = true;
    block.bytes = radon_bytes_text("end");
    CHECK_EQ(radon_requests_receive(rain->atom, &block, port_fake.now_us, &body), RADON_OK);
    CHECK_BYTES(body.data, body.len, "0123456789abcdefend", 19);
    block.offset = 62;
    CHECK_EQ(radon_requests_receive(rain->atom, &block, port_fake.now_us, &body), RADON_E_STATE);
    block.offset = 0;
    block.last = false;
    (void)radon_requests_receive(rain->atom, &block, port_fake.now_us, &body);
    pass_ms(10001);
    (void)radon_requests_expire(&runtime, port_fake.now_us);
    CHECK(radon_opens_reserve(&rain->atom->opens) == &rain->atom->opens.places[0]);
}

/* ---- Failures ---- */

static void trap_in(radon_export_t function, int times)
{
    guest.trap = RADON_TRAP_UNREACHABLE;
    guest.trap_in = function;
    guest.traps_left = times;
}

TEST(without_recovery_a_trap_ends_the_atom)
{
    prepare();
    start();
    request("a");
    request("b");
    trap_in(RADON_EXPORT_ON_REQUEST, 1);
    CHECK(step());
    CHECK_STR(radon_definition_phase(rain), "ERROR");
    CHECK_EQ(radon_pool_used(&runtime.pool), 0);
    CHECK_EQ(rain->trap.kind, RADON_TRAP_UNREACHABLE);
    CHECK_EQ(rain->trap.event, RADON_EVENT_REQUEST);
    check_refused(2, RADON_PROBLEM_NOT_RUNNING);
    check_refused(1, RADON_PROBLEM_ATOM_FAILED);
    CHECK(!step());
}

TEST(restart_offers_the_event_again_once_with_its_id)
{
    prepare();
    configuration.recovery = RADON_RECOVERY_RESTART;
    start();
    request("a");
    trap_in(RADON_EXPORT_ON_REQUEST, 1);
    CHECK(step());
    int32_t id = guest.id;
    CHECK_STR(radon_definition_phase(rain), "ERROR");
    CHECK(!step());
    CHECK_EQ(radon_lifecycle_next_due(rain), port_fake.now_us + 100000);
    pass_ms(100);
    CHECK(step());
    CHECK_EQ(rain->restarts, 1);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_START], 2);
    CHECK(step());
    CHECK_EQ(guest.id, id);
    CHECK_EQ(rain->done, 1);
    check_nothing_refused();
}

TEST(a_second_failure_with_an_event_drops_it)
{
    prepare();
    configuration.recovery = RADON_RECOVERY_RESTART;
    start();
    request("a");
    trap_in(RADON_EXPORT_ON_REQUEST, 2);
    CHECK(step());
    pass_ms(100);
    CHECK(step());
    CHECK(step());
    check_refused(1, RADON_PROBLEM_ATOM_FAILED);
    CHECK_EQ(rain->dropped, 1);
    CHECK_EQ(rain->atom->inbox.count, 0);
}

TEST(the_sixth_failure_of_a_series_is_the_last)
{
    uint64_t pauses_ms[] = {100, 200, 400, 800, 1600};
    prepare();
    configuration.recovery = RADON_RECOVERY_RESTART;
    start();
    trap_in(RADON_EXPORT_ON_START, 99);
    request("a");
    guest.trap_in = RADON_EXPORT_ON_REQUEST;
    CHECK(step());
    guest.trap_in = RADON_EXPORT_ON_START;
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(radon_lifecycle_next_due(rain), port_fake.now_us + pauses_ms[i] * 1000);
        port_fake.now_us = radon_lifecycle_next_due(rain);
        CHECK(step());
    }
    CHECK_EQ(rain->life, RADON_LIFE_FAILED);
    CHECK_EQ(rain->restarts, 5);
    check_refused(1, RADON_PROBLEM_NOT_RUNNING);
}

TEST(a_series_ends_after_a_minute)
{
    prepare();
    configuration.recovery = RADON_RECOVERY_RESTART;
    start();
    for (int i = 0; i < 8; i++) {
        request("a");
        trap_in(RADON_EXPORT_ON_REQUEST, 1);
        CHECK(step());
        CHECK_EQ(radon_lifecycle_next_due(rain), port_fake.now_us + 100000);
        pass_ms(61000);
        (void)radon_requests_expire(&runtime, port_fake.now_us);
        runtime.refusals.count = 0;
        CHECK(step());
    }
    CHECK_EQ(rain->atom->actors[0].state, RADON_ACTOR_LIVE);
}

TEST(a_trap_in_collect_has_no_event_to_offer_again)
{
    prepare();
    configuration.recovery = RADON_RECOVERY_RESTART;
    engine_fake.guest = default_guest;
    start();
    request("a");
    trap_in(RADON_EXPORT_COLLECT, 1);
    CHECK(step());
    CHECK_STR(radon_definition_phase(rain), "ERROR");
    CHECK_EQ(rain->done, 1);
    pass_ms(100);
    CHECK(step());
    CHECK(!step());
}

TEST(a_timer_event_that_failed_is_offered_again_but_other_timers_are_gone)
{
    prepare();
    configuration.recovery = RADON_RECOVERY_RESTART;
    start();
    radon_timers_t *timers = &rain->atom->actors[0].timers;
    (void)radon_timers_set(timers, 0, 0, 10, port_fake.now_us);
    (void)radon_timers_set(timers, 1, 5000, 0, port_fake.now_us);
    trap_in(RADON_EXPORT_ON_TIMER, 1);
    CHECK(step());
    int32_t id = guest.id;
    pass_ms(100);
    CHECK(step());
    CHECK(step());
    CHECK_EQ(guest.id, id);
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_TIMER], 2);
    pass_ms(10000);
    CHECK(!step());
}

/* ---- Publications, notices, channels, storage ---- */

static int32_t publishing_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    (void)default_guest(caller, function, outcome);
    if (function != RADON_EXPORT_ON_REQUEST) {
        return 0;
    }
    uint64_t path = poke(0, "level");
    uint64_t text = poke(100, "12.5");
    guest.results[0] = HOST(caller, PUBLISH, 0, path, 0, 100, text, 10);
    guest.results[1] = HOST(caller, PUBLISH, 0, path, 0, 100, text, (uint64_t)-1);
    guest.results[2] = HOST(caller, PUBLISH, 0, 3, 0, 100, text, 0);
    guest.results[3] = HOST(caller, PUBLISH, 0, path, 60, 0, 61, 0);
    guest.results[4] = HOST(caller, PUBLISH, 0, path, 70000, 0, 1, 0);
    guest.results[5] = HOST(caller, NOTIFY, 0, 3);
    guest.results[6] = notices;
    return 0;
}

TEST(publish_holds_a_representation_and_tells_observers_at_the_end)
{
    bool any;
    prepare();
    engine_fake.guest = publishing_guest;
    start();
    request("x");
    notices = 0;
    CHECK(step());
    CHECK_EQ(guest.results[0], RADON_OK);
    CHECK_EQ(guest.results[1], RADON_E_ARG);
    CHECK_EQ(guest.results[2], RADON_E_NOT_FOUND);
    CHECK_EQ(guest.results[3], RADON_E_QUOTA);
    CHECK_EQ(guest.results[4], RADON_E_ARG);
    CHECK_EQ(guest.results[5], RADON_E_NOT_FOUND);
    CHECK_EQ(guest.results[6], 0);
    CHECK_EQ(notices, 1);
    CHECK_STR(last_notice, "a/rain/level");
    const radon_publications_t *held = &rain->atom->publications;
    CHECK(radon_publications_find(held, 0, RADON_FORMAT_NONE, port_fake.now_us, &any) != NULL);
    CHECK(radon_publications_find(held, 0, RADON_FORMAT_NONE, port_fake.now_us + 10000000, &any) == NULL);
}

TEST(notify_waits_for_room_in_the_inbox)
{
    prepare();
    configuration.inbox_messages = 1;
    start();
    request("x");
    notices = 0;
    rain->atom->notified = 1;
    CHECK(step());
    CHECK_EQ(notices, 1);
    CHECK_EQ(rain->atom->notified, 0);
}

static int32_t io_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    (void)default_guest(caller, function, outcome);
    if (function == RADON_EXPORT_ON_START) {
        guest.results[0] = HOST(caller, IO_OPEN, 0, poke(0, "rain0"));
        guest.results[1] = HOST(caller, IO_WATCH, 0, RADON_IO_EDGES_RISING);
        guest.results[2] = HOST(caller, IO_OPEN, 0, poke(0, "adc0"));
        guest.results[3] = HOST(caller, IO_OPEN, 0, poke(0, "none"));
        guest.results[4] = HOST(caller, IO_WRITE, 0, 0x3FF0000000000000U);
        guest.results[5] = HOST(caller, IO_WRITE, 1, 0x7FF8000000000000U);
        guest.results[6] = HOST(caller, IO_WRITE, 1, 0x4000000000000000U);
        guest.results[7] = HOST(caller, IO_READ, 9, 64);
    } else if (function == RADON_EXPORT_ON_IO) {
        guest.results[0] = HOST(caller, EVENT_READ, RADON_EVENT_FIELD_PAYLOAD, 64, 8);
        guest.results[1] = HOST(caller, EVENT_GET, RADON_EVENT_FIELD_REASON);
    }
    return 0;
}

TEST(watched_readings_are_events_with_the_newest_value)
{
    double value;
    prepare();
    engine_fake.guest = io_guest;
    start();
    CHECK_EQ(guest.results[0], 0);
    CHECK_EQ(guest.results[1], RADON_OK);
    CHECK_EQ(guest.results[2], RADON_E_DENIED);
    CHECK_EQ(guest.results[3], RADON_E_NOT_FOUND);
    CHECK_EQ(guest.results[4], RADON_E_DENIED);
    CHECK_EQ(guest.results[5], RADON_E_ARG);
    CHECK_EQ(guest.results[6], RADON_OK);
    CHECK_EQ(guest.results[7], RADON_E_ARG);
    CHECK(port_fake.values[1] == 2);
    CHECK_EQ(radon_channels_set(&runtime.channels, 0, 3), RADON_OK);
    CHECK_EQ(radon_channels_set(&runtime.channels, 0, 4), RADON_OK);
    CHECK_EQ(radon_channels_set(&runtime.channels, 0, 1), RADON_OK);
    CHECK_EQ(radon_channels_set(&runtime.channels, 2, 1), RADON_E_DENIED);
    CHECK(step());
    CHECK_EQ(guest.results[0], 8);
    CHECK_EQ(guest.results[1], RADON_IO_EDGES_RISING);
    memcpy(&value, engine_fake.memory + 64, sizeof value);
    CHECK(value == 4);
    CHECK(!step());
}

static int32_t kv_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    (void)default_guest(caller, function, outcome);
    if (function == RADON_EXPORT_ON_REQUEST) {
        (void)poke(0, "keyabcdefghijklmnopqrstuvwxyz01234567");
        guest.results[0] = HOST(caller, KV_SET, 0, 3, 3, 26);
        guest.results[1] = HOST(caller, KV_SET, 3, 1, 3, 3);
        guest.results[2] = HOST(caller, KV_GET, 0, 3, 200, 4);
        guest.results[3] = HOST(caller, KV_SET, 0, 33, 0, 1);
        guest.results[4] = HOST(caller, KV_SET, 0, 0, 0, 1);
        guest.results[5] = HOST(caller, KV_LIST, 0, 0, 300, 64);
        guest.results[6] = HOST(caller, KV_DELETE, 5, 1);
    }
    return 0;
}

TEST(storage_is_counted_in_bytes_of_keys_and_values)
{
    prepare();
    engine_fake.guest = kv_guest;
    start();
    request("x");
    CHECK(step());
    CHECK_EQ(guest.results[0], RADON_OK);
    CHECK_EQ(guest.results[1], RADON_E_QUOTA);
    CHECK_EQ(guest.results[2], 26);
    CHECK_EQ(engine_fake.memory[200], 0);
    CHECK_EQ(guest.results[3], RADON_E_TOO_BIG);
    CHECK_EQ(guest.results[4], RADON_E_ARG);
    CHECK_EQ(guest.results[5], 4);
    CHECK_BYTES(engine_fake.memory + 300, 4, "key\n", 4);
    CHECK_EQ(guest.results[6], RADON_E_NOT_FOUND);
    CHECK_EQ(rain->storage_used, 29);
}

static int32_t reaching_guest(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    (void)default_guest(caller, function, outcome);
    if (function == RADON_EXPORT_INITIALIZE) {
        guest.results[0] = HOST(caller, EVENT_GET, RADON_EVENT_FIELD_KIND);
        guest.results[1] = HOST(caller, SELF, 0, 32);
        guest.results[2] = HOST(caller, RANDOM, UINT32_MAX, 0);
        guest.results[3] = HOST(caller, LOG, 9, 0, 1);
    } else if (function == RADON_EXPORT_ON_REQUEST) {
        guest.results[4] = HOST(caller, KV_SET, 0, 1, ENGINE_FAKE_MEMORY - 1, 2);
    }
    return 0;
}

TEST(ranges_outside_memory_trap_and_nothing_else_happens)
{
    prepare();
    engine_fake.guest = reaching_guest;
    start();
    CHECK_EQ(guest.results[0], RADON_E_STATE);
    CHECK_EQ(guest.results[1], 4);
    CHECK_BYTES(engine_fake.memory, 4, "rain", 4);
    CHECK_EQ(guest.results[2], RADON_OK);
    CHECK_EQ(guest.results[3], RADON_E_ARG);
    request("x");
    CHECK(step());
    CHECK_EQ(guest.results[4], ENGINE_FAKE_TRAPPED);
    CHECK_EQ(rain->trap.kind, RADON_TRAP_MEMORY);
    CHECK_EQ(rain->storage_used, 0);
}

TEST(events_run_in_the_order_they_came)
{
    prepare();
    start();
    (void)radon_timers_set(&rain->atom->actors[0].timers, 0, 10, 0, port_fake.now_us);
    request("before");
    pass_ms(20);
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_REQUEST], 1);
    request("behind");
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_TIMER], 1);
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_REQUEST], 2);
}

TEST(order_and_ids_go_on_when_their_numbers_wrap)
{
    prepare();
    start();
    rain->atom->next_place = UINT32_MAX;
    rain->atom->next_event_id = INT32_MAX;
    request("before");
    (void)radon_timers_set(&rain->atom->actors[0].timers, 0, 10, 0, port_fake.now_us);
    pass_ms(20);
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_REQUEST], 1);
    CHECK_EQ(guest.id, INT32_MAX);
    CHECK(step());
    CHECK_EQ(guest.calls[RADON_EXPORT_ON_TIMER], 1);
    CHECK_EQ(guest.id, 1);
}

static int progress_in_call;

static int32_t note_progress(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    progress_in_call = port_fake.progress;
    return default_guest(caller, function, outcome);
}

/** A call may take nearly as long as the watchdog waits: what comes behind it must not be added to that. */
TEST(progress_is_told_before_and_after_a_call)
{
    prepare();
    engine_fake.guest = note_progress;
    start();
    CHECK(progress_in_call > 0);
    CHECK(port_fake.progress > progress_in_call);
}

/** The network level looks as soon as it is told. */
static void see_whether_rain_is_there(void *context, radon_bytes_t path)
{
    count_notice(context, path);
    CHECK(radon_runtime_find(&runtime, radon_bytes_text("rain")) == NULL);
}

TEST(observers_are_told_of_an_atom_that_is_gone_when_it_is_gone)
{
    prepare();
    runtime.notify = see_whether_rain_is_there;
    radon_runtime_remove(&runtime, rain);
    CHECK_EQ(notices, 2);
    CHECK_STR(last_notice, "atoms/rain");
}

int main(void)
{
    RUN(a_daemon_runs_initialize_and_start_once);
    RUN(the_block_has_the_size_of_the_formula);
    RUN(what_does_not_fit_is_refused_with_the_numbers);
    RUN(a_first_start_that_fails_gives_the_memory_back_whatever_recovery_says);
    RUN(a_module_that_cannot_be_loaded_says_why);
    RUN(atoms_of_one_payload_load_it_once);
    RUN(another_payload_is_loaded_beside_it);
    RUN(a_restart_after_a_kill_instantiates_without_loading_again);
    RUN(a_module_that_could_not_be_loaded_is_tried_again_by_a_restart);
    RUN(an_instance_that_cannot_be_made_leaves_the_module_to_the_others);
    RUN(a_reactive_atom_keeps_its_module_without_an_instance);
    RUN(room_counts_a_module_only_where_nobody_has_it_loaded);
    RUN(both_blocks_must_find_a_gap);
    RUN(stop_runs_on_stop_and_refuses_what_waits);
    RUN(exit_ends_a_daemon_after_the_activation);
    RUN(a_reactive_atom_is_created_by_its_first_event_and_again_after_exit);
    RUN(a_request_is_an_event_that_is_answered_once);
    RUN(a_request_may_be_answered_from_a_later_activation);
    RUN(a_request_without_answer_is_given_up_and_its_id_is_worth_nothing);
    RUN(what_waits_too_long_is_dropped);
    RUN(the_inbox_is_bounded);
    RUN(a_reject_is_told_to_the_sender);
    RUN(later_keeps_the_event_and_those_of_its_sender_behind_it);
    RUN(later_is_offered_again_after_100_ms);
    RUN(a_request_without_handler_is_refused_in_its_turn);
    RUN(blocks_of_a_body_are_put_together);
    RUN(without_recovery_a_trap_ends_the_atom);
    RUN(restart_offers_the_event_again_once_with_its_id);
    RUN(a_second_failure_with_an_event_drops_it);
    RUN(the_sixth_failure_of_a_series_is_the_last);
    RUN(a_series_ends_after_a_minute);
    RUN(a_trap_in_collect_has_no_event_to_offer_again);
    RUN(a_timer_event_that_failed_is_offered_again_but_other_timers_are_gone);
    RUN(publish_holds_a_representation_and_tells_observers_at_the_end);
    RUN(notify_waits_for_room_in_the_inbox);
    RUN(watched_readings_are_events_with_the_newest_value);
    RUN(storage_is_counted_in_bytes_of_keys_and_values);
    RUN(ranges_outside_memory_trap_and_nothing_else_happens);
    RUN(events_run_in_the_order_they_came);
    RUN(observers_are_told_of_an_atom_that_is_gone_when_it_is_gone);
    RUN(order_and_ids_go_on_when_their_numbers_wrap);
    RUN(progress_is_told_before_and_after_a_call);
    return check_summary();
}
