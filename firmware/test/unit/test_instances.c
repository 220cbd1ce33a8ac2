/** Instances of reactive atoms: policies, who takes an event, ends, spawn, recovery. */
#include "atom_fixture.h"

#include "radon/runtime/delivery.h"
#include "radon/runtime/recovery.h"
#include "radon/runtime/reports.h"

#include <stdio.h>

/** What happened, as "instance KIND payload; " each. */
static char journal[1024];

/** Bytes that event_read gives, as text in `out`. */
static void read_event(radon_guest_t *caller, radon_event_field_t field, char *out)
{
    int32_t length = HOST(caller, EVENT_READ, (uint64_t)field, 0, 64);
    memcpy(out, engine_fake.memory, (size_t)length);
    out[length] = 0;
}

static void write_journal(radon_guest_t *caller, const char *sender, const char *payload)
{
    char name[64] = {0};
    int32_t length = HOST(caller, SELF, 0, 64);
    memcpy(name, engine_fake.memory, (size_t)length);
    int32_t kind = HOST(caller, EVENT_GET, RADON_EVENT_FIELD_KIND);
    size_t used = strlen(journal);
    snprintf(journal + used, sizeof journal - used, "%s %s%s%s%s%s; ", name,
             radon_event_kind_name((radon_event_kind_t)kind), payload[0] == 0 ? "" : " ", payload,
             sender[0] == 0 ? "" : " from ", sender);
}

/** Does what the payload says: "open" leaves a request without answer, anything else answers it. */
static int32_t obedient(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    char sender[80];
    char payload[80];
    if (function == RADON_EXPORT_COLLECT || function == RADON_EXPORT_INITIALIZE) {
        return 0;
    }
    read_event(caller, RADON_EVENT_FIELD_SENDER, sender);
    read_event(caller, RADON_EVENT_FIELD_PAYLOAD, payload);
    write_journal(caller, sender, payload);
    if (strcmp(payload, "trap") == 0 || (guest.traps_left > 0 && function == guest.trap_in)) {
        guest.traps_left--;
        outcome->trap = RADON_TRAP_UNREACHABLE;
    } else if (strcmp(payload, "later") == 0 && guest.answer == RADON_HANDLER_LATER) {
        return RADON_HANDLER_LATER;
    } else if (strcmp(payload, "reject") == 0) {
        return RADON_HANDLER_REJECT;
    } else if (strcmp(payload, "exit") == 0) {
        HOST(caller, EXIT, 3);
    } else if (strcmp(payload, "open") != 0) {
        HOST(caller, REPLY, 0, 0x45, 0, 0, 0);
    }
    return RADON_HANDLER_DONE;
}

static void begin(radon_policy_t policy, uint8_t instances)
{
    prepare();
    engine_fake.guest = obedient;
    journal[0] = 0;
    configuration.reactive = true;
    configuration.policy = policy;
    configuration.instances = instances;
    configuration.idle_ms = 500;
    configuration.need_run = 600;
    configuration.pending = 4;
    start();
}

/** The next answers are sent: the places are free. */
static void send_answers(void)
{
    radon_request_answer_t answer;
    while (radon_requests_next_answer(&runtime, &answer)) {
        radon_requests_sent(&answer);
    }
}

/** Runs until nothing is left to do now. */
static void settle_down(void)
{
    for (int i = 0; i < 50 && step(); i++) {
        send_answers();
    }
}

static radon_err_t request_to(uint32_t number, const char *payload)
{
    radon_request_event_t event = {
        .exchange = next_exchange++,
        .number = number,
        .sender = next_exchange,
        .resource = 1,
        .method = POST,
        .format = RADON_FORMAT_NONE,
        .accept = RADON_FORMAT_NONE,
        .payload = radon_bytes_text(payload),
    };
    return radon_requests_accept(rain->atom, &event, port_fake.now_us);
}

/** A request to the atom's name is handled as far as it can be now. */
static void ask(const char *payload)
{
    REQUIRE(request_to(0, payload) == RADON_OK);
    settle_down();
}

static radon_err_t message_to(uint32_t number, const char *sender, const char *payload, bool unordered)
{
    const radon_delivery_t delivery = {.number = number,
                                       .sender = radon_bytes_text(sender),
                                       .payload = radon_bytes_text(payload),
                                       .id = 7,
                                       .unordered = unordered};
    return radon_delivery_message(rain->atom, &delivery, port_fake.now_us);
}

static uint32_t spawn(const char *args)
{
    uint32_t number = 0;
    radon_err_t err = radon_delivery_spawn(rain->atom, radon_bytes_text("boss"), radon_bytes_text(args),
                                           port_fake.now_us, &number);
    return err == RADON_OK ? number : 0;
}

#define CHECK_JOURNAL(expected) CHECK_STR(journal, expected)

/* ---- Policies ---- */

TEST(one_serves_all_events_by_one_instance_called_like_the_atom)
{
    begin(RADON_POLICY_ONE, 3);
    CHECK_STR(radon_definition_phase(rain), "IDLE");
    ask("a");
    ask("b");
    CHECK_JOURNAL("rain START; rain REQUEST a; rain REQUEST b; ");
    CHECK_STR(radon_definition_phase(rain), "SUSPENDED");
}

TEST(round_robin_gives_each_place_its_turn)
{
    begin(RADON_POLICY_ROUND_ROBIN, 2);
    ask("a");
    ask("b");
    ask("c");
    CHECK_JOURNAL("rain~1 START; rain~1 REQUEST a; rain~2 START; rain~2 REQUEST b; rain~1 REQUEST c; ");
}

TEST(an_event_of_a_place_waits_for_its_instance)
{
    configuration.recovery = RADON_RECOVERY_NONE;
    begin(RADON_POLICY_ROUND_ROBIN, 2);
    rain->atom->configuration.recovery = RADON_RECOVERY_RESTART;
    rain->atom->configuration.max_restarts = 5;
    ask("trap");
    ask("b");
    ask("c");
    CHECK_JOURNAL("rain~1 START; rain~1 REQUEST trap; rain~2 START; rain~2 REQUEST b; ");
    pass_ms(100);
    settle_down();
    CHECK(strstr(journal, "rain~1 START; rain~1 REQUEST trap; ") != NULL);
    CHECK(strstr(journal, "rain~2 REQUEST c") == NULL);
    pass_ms(200);
    settle_down();
    CHECK(strstr(journal, "rain~1 REQUEST c") != NULL);
}

TEST(on_demand_makes_an_instance_for_each_event_and_ends_it)
{
    begin(RADON_POLICY_ON_DEMAND, 2);
    ask("a");
    ask("b");
    CHECK_JOURNAL(
        "rain~1 START; rain~1 REQUEST a; rain~1 STOP; rain~2 START; rain~2 REQUEST b; rain~2 STOP; ");
    CHECK_STR(radon_definition_phase(rain), "IDLE");
    CHECK_EQ(engine_fake.opened, 0);
}

TEST(on_demand_waits_while_all_instances_live)
{
    begin(RADON_POLICY_ON_DEMAND, 1);
    ask("open");
    ask("b");
    CHECK_JOURNAL("rain~1 START; rain~1 REQUEST open; ");
    pass_ms(2010);
    rain->atom->inbox.events[0].arrived = radon_tick_at(port_fake.now_us);
    (void)radon_requests_expire(&runtime, port_fake.now_us);
    settle_down();
    CHECK_JOURNAL(
        "rain~1 START; rain~1 REQUEST open; rain~1 STOP; rain~2 START; rain~2 REQUEST b; rain~2 STOP; ");
}

TEST(on_demand_expire_takes_the_free_instance_with_the_lowest_number)
{
    begin(RADON_POLICY_ON_DEMAND_EXPIRE, 2);
    ask("open");
    ask("b");
    ask("c");
    CHECK_JOURNAL("rain~1 START; rain~1 REQUEST open; rain~2 START; rain~2 REQUEST b; rain~2 REQUEST c; ");
}

TEST(an_instance_without_use_ends)
{
    begin(RADON_POLICY_ON_DEMAND_EXPIRE, 2);
    ask("a");
    CHECK_EQ(radon_lifecycle_next_due(rain), port_fake.now_us + 500000);
    pass_ms(499);
    CHECK(!step());
    pass_ms(1);
    CHECK(step());
    CHECK_JOURNAL("rain~1 START; rain~1 REQUEST a; rain~1 STOP; ");
    CHECK_STR(radon_definition_phase(rain), "IDLE");
    ask("b");
    CHECK(strstr(journal, "rain~2 REQUEST b") != NULL);
}

TEST(use_begins_the_idle_time_anew)
{
    begin(RADON_POLICY_ON_DEMAND_EXPIRE, 1);
    ask("a");
    pass_ms(400);
    ask("b");
    pass_ms(400);
    CHECK(!step());
    pass_ms(100);
    CHECK(step());
}

TEST(an_instance_ends_after_its_number_of_events)
{
    begin(RADON_POLICY_ON_DEMAND_EXPIRE, 1);
    rain->atom->configuration.max_events = 2;
    REQUIRE(request_to(0, "a") == RADON_OK && request_to(0, "b") == RADON_OK &&
            request_to(0, "c") == RADON_OK);
    settle_down();
    CHECK_JOURNAL(
        "rain~1 START; rain~1 REQUEST a; rain~1 REQUEST b; rain~1 STOP; rain~2 START; rain~2 REQUEST c; ");
}

TEST(a_new_instance_may_have_to_be_waited_for)
{
    begin(RADON_POLICY_ON_DEMAND_EXPIRE, 2);
    rain->atom->configuration.create_after_ms = 300;
    ask("a");
    CHECK_JOURNAL("");
    CHECK(radon_lifecycle_next_due(rain) <= port_fake.now_us + 302000);
    pass_ms(302);
    settle_down();
    CHECK_JOURNAL("rain~1 START; rain~1 REQUEST a; ");
}

/* ---- Events for one instance ---- */

TEST(an_event_may_be_sent_to_one_instance)
{
    begin(RADON_POLICY_ROUND_ROBIN, 2);
    ask("a");
    ask("b");
    journal[0] = 0;
    CHECK_EQ(request_to(2, "c"), RADON_OK);
    CHECK_EQ(request_to(3, "d"), RADON_E_NOT_FOUND);
    settle_down();
    ask("e");
    CHECK_JOURNAL("rain~2 REQUEST c; rain~1 REQUEST e; ");
}

TEST(what_waits_for_an_instance_that_ends_is_answered_as_if_it_had_never_been)
{
    begin(RADON_POLICY_ON_DEMAND, 1);
    ask("open");
    REQUIRE(request_to(1, "exit") == RADON_OK);
    REQUIRE(request_to(1, "lost") == RADON_OK);
    REQUIRE(message_to(1, "other", "lost", false) == RADON_OK);
    settle_down();
    CHECK(strstr(journal, "lost") == NULL);
    CHECK_EQ(rain->dropped, 2);
    CHECK_EQ(rain->atom->inbox.count, 0);
    check_refused(2, RADON_PROBLEM_NOT_RUNNING); /* the one that said exit */
    check_refused(1, RADON_PROBLEM_NOT_RUNNING);
    check_refused(3, RADON_PROBLEM_NO_SUCH_ATOM);
}

TEST(names_are_taken_apart)
{
    radon_target_t target;
    begin(RADON_POLICY_ROUND_ROBIN, 2);
    ask("a");
    CHECK(radon_runtime_resolve(&runtime, radon_bytes_text("rain"), &target) && target.number == 0);
    CHECK(radon_runtime_resolve(&runtime, radon_bytes_text("rain~1"), &target) && target.number == 1);
    CHECK(!radon_runtime_resolve(&runtime, radon_bytes_text("rain~2"), &target));
    CHECK(!radon_runtime_resolve(&runtime, radon_bytes_text("rain~0"), &target));
    CHECK(!radon_runtime_resolve(&runtime, radon_bytes_text("rain~"), &target));
    CHECK(!radon_runtime_resolve(&runtime, radon_bytes_text("rain~1~1"), &target));
    CHECK(!radon_runtime_resolve(&runtime, radon_bytes_text("snow~1"), &target));
    CHECK(!radon_runtime_resolve(&runtime, radon_bytes_text(""), &target));
}

/* ---- Results ---- */

TEST(a_rejected_event_goes_to_the_others_and_once_to_a_new_instance)
{
    begin(RADON_POLICY_ROUND_ROBIN, 3);
    ask("a");
    ask("b");
    journal[0] = 0;
    CHECK_EQ(request_to(0, "reject"), RADON_OK);
    settle_down();
    CHECK_JOURNAL("rain~3 START; rain~3 REQUEST reject; rain~1 REQUEST reject; rain~2 REQUEST reject; ");
    check_refused(3, RADON_PROBLEM_REJECTED);
    CHECK_EQ(rain->dropped, 1);
}

TEST(on_demand_asks_one_more_instance_and_no_third)
{
    begin(RADON_POLICY_ON_DEMAND, 1);
    ask("reject");
    CHECK_JOURNAL("rain~1 START; rain~1 REQUEST reject; rain~1 STOP; rain~2 START; rain~2 REQUEST reject; "
                  "rain~2 STOP; ");
    check_refused(1, RADON_PROBLEM_REJECTED);
}

TEST(one_instance_alone_rejects_for_all)
{
    begin(RADON_POLICY_ONE, 2);
    ask("reject");
    CHECK_JOURNAL("rain START; rain REQUEST reject; ");
    check_refused(1, RADON_PROBLEM_REJECTED);
}

TEST(a_kept_event_goes_to_the_instance_that_kept_it)
{
    begin(RADON_POLICY_ROUND_ROBIN, 2);
    guest.answer = RADON_HANDLER_LATER;
    REQUIRE(request_to(0, "later") == RADON_OK);
    CHECK(step());
    CHECK(step());
    guest.answer = RADON_HANDLER_DONE;
    ask("b");
    CHECK_JOURNAL(
        "rain~1 START; rain~1 REQUEST later; rain~2 START; rain~2 REQUEST b; rain~1 REQUEST later; ");
}

TEST(what_an_ended_instance_kept_goes_by_the_policy_again)
{
    begin(RADON_POLICY_ON_DEMAND_EXPIRE, 2);
    guest.answer = RADON_HANDLER_LATER;
    REQUIRE(request_to(0, "later") == RADON_OK);
    CHECK(step());
    CHECK(step());
    guest.answer = RADON_HANDLER_DONE;
    REQUIRE(request_to(1, "exit") == RADON_OK);
    settle_down();
    CHECK(strstr(journal, "rain~1 REQUEST exit; rain~2 START; rain~2 REQUEST later; ") != NULL);
}

/* ---- Messages and reports ---- */

TEST(messages_and_reports_are_events_with_a_sender)
{
    begin(RADON_POLICY_ONE, 1);
    REQUIRE(message_to(0, "node/other~2", "hello", false) == RADON_OK);
    const radon_delivery_report_t report = {.destination = radon_bytes_text("flood"),
                                            .id = 4,
                                            .outcome = RADON_OUTCOME_NOT_DELIVERED,
                                            .error = RADON_E_FULL};
    REQUIRE(radon_delivery_report(rain->atom, &report, port_fake.now_us) == RADON_OK);
    settle_down();
    CHECK_JOURNAL("rain START; rain MESSAGE hello from node/other~2; rain UNDELIVERED from flood; ");
    CHECK_EQ(rain->done, 2);
}

TEST(a_message_stays_behind_a_kept_one_of_its_sender_unless_it_is_unordered)
{
    begin(RADON_POLICY_ONE, 1);
    guest.answer = RADON_HANDLER_LATER;
    REQUIRE(message_to(0, "a", "later", false) == RADON_OK);
    REQUIRE(message_to(0, "a", "second", false) == RADON_OK);
    REQUIRE(message_to(0, "a", "third", true) == RADON_OK);
    REQUIRE(message_to(0, "b", "fourth", false) == RADON_OK);
    for (int i = 0; i < 4; i++) {
        CHECK(step());
    }
    CHECK(strstr(journal, "second") == NULL);
    CHECK(strstr(journal, "third") != NULL);
    guest.answer = RADON_HANDLER_DONE;
    settle_down();
    CHECK(strstr(journal, "second") != NULL && strstr(journal, "fourth") != NULL);
}

TEST(an_event_that_waits_too_long_is_dropped_whatever_its_kind)
{
    begin(RADON_POLICY_ON_DEMAND, 1);
    ask("open");
    REQUIRE(message_to(0, "", "x", false) == RADON_OK);
    pass_ms(1100);
    (void)radon_requests_expire(&runtime, port_fake.now_us);
    check_nothing_refused();
    settle_down();
    CHECK_EQ(rain->dropped, 1);
    CHECK_EQ(rain->atom->inbox.count, 0);
}

TEST(an_event_without_handler_makes_no_instance)
{
    begin(RADON_POLICY_ONE, 1);
    rain->atom->exports &= (uint16_t) ~(1U << RADON_EXPORT_ON_MESSAGE);
    REQUIRE(message_to(0, "", "x", false) == RADON_OK);
    settle_down();
    CHECK_JOURNAL("");
    CHECK_EQ(rain->dropped, 1);
}

/* ---- Spawn ---- */

TEST(a_spawned_instance_starts_with_its_arguments)
{
    begin(RADON_POLICY_ONE, 3);
    ask("a");
    CHECK_EQ(spawn("first"), 1);
    CHECK_EQ(spawn("second"), 2);
    CHECK_EQ(spawn("third"), 0);
    settle_down();
    CHECK_JOURNAL(
        "rain START; rain REQUEST a; rain~1 START first from boss; rain~2 START second from boss; ");
    CHECK_EQ(rain->done, 1);
    CHECK_EQ(rain->atom->inbox.count, 0);
}

TEST(a_spawn_without_room_in_the_inbox_takes_no_place)
{
    begin(RADON_POLICY_ONE, 2);
    char args[130] = {0};
    memset(args, 'x', sizeof args - 1);
    CHECK_EQ(spawn(args), 0);
    CHECK(radon_atom_next_actor(rain->atom, -1) == NULL);
    CHECK_EQ(spawn("a"), 1);
}

TEST(a_message_to_a_spawned_instance_comes_after_its_start)
{
    begin(RADON_POLICY_ON_DEMAND, 2);
    CHECK_EQ(spawn(""), 1);
    REQUIRE(message_to(1, "boss", "work", false) == RADON_OK);
    settle_down();
    CHECK_JOURNAL("rain~1 START from boss; rain~1 MESSAGE work from boss; ");
    /* on-demand ends its own, not this one. */
    CHECK_STR(radon_definition_phase(rain), "SUSPENDED");
    REQUIRE(message_to(1, "boss", "exit", false) == RADON_OK);
    settle_down();
    CHECK_STR(radon_definition_phase(rain), "IDLE");
}

TEST(numbers_are_not_used_again)
{
    begin(RADON_POLICY_ON_DEMAND, 1);
    ask("a");
    CHECK_EQ(spawn(""), 2);
    settle_down();
    REQUIRE(message_to(2, "", "exit", false) == RADON_OK);
    settle_down();
    ask("b");
    CHECK(strstr(journal, "rain~3 REQUEST b") != NULL);
}

TEST(a_start_that_fails_is_offered_again_once)
{
    begin(RADON_POLICY_ONE, 2);
    rain->atom->configuration.recovery = RADON_RECOVERY_RESTART;
    rain->atom->configuration.max_restarts = 5;
    guest.trap_in = RADON_EXPORT_ON_START;
    guest.traps_left = 2;
    CHECK_EQ(spawn("x"), 1);
    settle_down();
    pass_ms(100);
    settle_down();
    pass_ms(200);
    settle_down();
    CHECK_JOURNAL("rain~1 START x from boss; rain~1 START x from boss; rain~1 START; ");
}

/* ---- Recovery ---- */

TEST(recover_tells_the_fresh_instance_why)
{
    begin(RADON_POLICY_ONE, 1);
    rain->atom->configuration.recovery = RADON_RECOVERY_RECOVER;
    rain->atom->configuration.max_restarts = 5;
    ask("trap");
    pass_ms(100);
    settle_down();
    CHECK_JOURNAL("rain START; rain REQUEST trap; rain RECOVER; rain START; rain REQUEST trap; ");
    CHECK_EQ(rain->restarts, 1);
}

TEST(the_back_off_doubles_up_to_its_cap)
{
    static const uint32_t expected_ms[] = {100, 200, 400, 800, 1600, 3200, 6400, 6400};
    begin(RADON_POLICY_ONE, 1);
    rain->atom->configuration.recovery = RADON_RECOVERY_RESTART;
    rain->atom->configuration.max_restarts = 8;
    guest.trap_in = RADON_EXPORT_ON_START;
    guest.traps_left = 100;
    ask("a");
    for (size_t i = 0; i < sizeof expected_ms / sizeof expected_ms[0]; i++) {
        CHECK_EQ(radon_lifecycle_next_due(rain), port_fake.now_us + expected_ms[i] * 1000ULL);
        pass_ms(expected_ms[i]);
        CHECK(step());
    }
    CHECK_STR(radon_definition_phase(rain), "ERROR");
}

TEST(a_series_lasts_as_long_as_the_configuration_says)
{
    begin(RADON_POLICY_ONE, 1);
    rain->atom->configuration.recovery = RADON_RECOVERY_RESTART;
    rain->atom->configuration.max_restarts = 1;
    rain->atom->configuration.window_ms = 1000;
    for (int i = 0; i < 3; i++) {
        REQUIRE(message_to(0, "", "trap", false) == RADON_OK);
        settle_down();
        guest.traps_left = 0;
        pass_ms(1000);
        settle_down();
        pass_ms(1000);
        settle_down();
    }
    CHECK_STR(radon_definition_phase(rain), "SUSPENDED");
    CHECK_EQ(rain->dropped, 3);
}

TEST(without_recovery_only_the_instance_that_failed_ends)
{
    begin(RADON_POLICY_ROUND_ROBIN, 2);
    ask("open");
    ask("b");
    REQUIRE(request_to(1, "trap") == RADON_OK);
    settle_down();
    check_refused(1, RADON_PROBLEM_NOT_RUNNING);
    check_refused(3, RADON_PROBLEM_ATOM_FAILED);
    CHECK_EQ(rain->trap.kind, RADON_TRAP_UNREACHABLE);
    CHECK_STR(radon_definition_phase(rain), "SUSPENDED");
    ask("c");
    CHECK(strstr(journal, "rain~3 START; rain~3 REQUEST c") != NULL);
}

TEST(an_event_fails_with_the_instance_that_was_made_for_it)
{
    begin(RADON_POLICY_ON_DEMAND, 2);
    guest.trap_in = RADON_EXPORT_ON_START;
    guest.traps_left = 1;
    ask("a");
    check_refused(1, RADON_PROBLEM_ATOM_FAILED);
    ask("b");
    CHECK_JOURNAL("rain~1 START; rain~2 START; rain~2 REQUEST b; rain~2 STOP; ");
}

TEST(escalate_restarts_the_node_with_a_note)
{
    begin(RADON_POLICY_ONE, 1);
    rain->atom->configuration.recovery = RADON_RECOVERY_ESCALATE;
    REQUIRE(request_to(0, "trap") == RADON_OK);
    CHECK(step());
    if (setjmp(port_fake.after_reset) == 0) {
        (void)step();
        CHECK(false);
    }
    CHECK_EQ(port_fake.reset, RADON_RESET_ESCALATE);
    CHECK_STR(port_fake.note, "rain escalated: UNREACHABLE in REQUEST");
}

TEST(a_stop_ends_every_instance_and_what_waits)
{
    begin(RADON_POLICY_ROUND_ROBIN, 2);
    ask("open");
    ask("open");
    REQUIRE(request_to(2, "waits") == RADON_OK);
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    CHECK(strstr(journal, "rain~1 STOP; rain~2 STOP; ") != NULL);
    CHECK_EQ(runtime.refusals.count, 3);
    CHECK_EQ(rain->dropped, 1);
    CHECK_EQ(engine_fake.opened, 0);
    CHECK_EQ(radon_pool_used(&runtime.pool), 0);
}

TEST(timers_belong_to_their_instance)
{
    begin(RADON_POLICY_ROUND_ROBIN, 2);
    ask("a");
    ask("b");
    journal[0] = 0;
    REQUIRE(radon_timers_set(&rain->atom->actors[1].timers, 0, 10, 0, port_fake.now_us) == RADON_OK);
    CHECK_EQ(radon_lifecycle_next_due(rain), port_fake.now_us + 10000);
    pass_ms(10);
    settle_down();
    CHECK_JOURNAL("rain~2 TIMER; ");
}

TEST(calls_that_a_limit_refused_are_counted)
{
    prepare();
    start();
    radon_guest_t *caller = &rain->atom->actors[0].instance;
    CHECK_EQ(HOST(caller, TIMER_SET, 2, 1, 0), RADON_E_QUOTA);
    CHECK_EQ(HOST(caller, TIMER_SET, 0, (uint64_t)-1, 0), RADON_E_ARG);
    CHECK_EQ(HOST(caller, IO_OPEN, 0, poke(0, "secret")), RADON_E_DENIED);
    CHECK_EQ(rain->refused, 2);
}

int main(void)
{
    RUN(one_serves_all_events_by_one_instance_called_like_the_atom);
    RUN(round_robin_gives_each_place_its_turn);
    RUN(an_event_of_a_place_waits_for_its_instance);
    RUN(on_demand_makes_an_instance_for_each_event_and_ends_it);
    RUN(on_demand_waits_while_all_instances_live);
    RUN(on_demand_expire_takes_the_free_instance_with_the_lowest_number);
    RUN(an_instance_without_use_ends);
    RUN(use_begins_the_idle_time_anew);
    RUN(an_instance_ends_after_its_number_of_events);
    RUN(a_new_instance_may_have_to_be_waited_for);
    RUN(an_event_may_be_sent_to_one_instance);
    RUN(what_waits_for_an_instance_that_ends_is_answered_as_if_it_had_never_been);
    RUN(names_are_taken_apart);
    RUN(a_rejected_event_goes_to_the_others_and_once_to_a_new_instance);
    RUN(on_demand_asks_one_more_instance_and_no_third);
    RUN(one_instance_alone_rejects_for_all);
    RUN(a_kept_event_goes_to_the_instance_that_kept_it);
    RUN(what_an_ended_instance_kept_goes_by_the_policy_again);
    RUN(messages_and_reports_are_events_with_a_sender);
    RUN(a_message_stays_behind_a_kept_one_of_its_sender_unless_it_is_unordered);
    RUN(an_event_that_waits_too_long_is_dropped_whatever_its_kind);
    RUN(an_event_without_handler_makes_no_instance);
    RUN(a_spawned_instance_starts_with_its_arguments);
    RUN(a_spawn_without_room_in_the_inbox_takes_no_place);
    RUN(a_message_to_a_spawned_instance_comes_after_its_start);
    RUN(numbers_are_not_used_again);
    RUN(a_start_that_fails_is_offered_again_once);
    RUN(recover_tells_the_fresh_instance_why);
    RUN(the_back_off_doubles_up_to_its_cap);
    RUN(a_series_lasts_as_long_as_the_configuration_says);
    RUN(without_recovery_only_the_instance_that_failed_ends);
    RUN(an_event_fails_with_the_instance_that_was_made_for_it);
    RUN(escalate_restarts_the_node_with_a_note);
    RUN(a_stop_ends_every_instance_and_what_waits);
    RUN(timers_belong_to_their_instance);
    RUN(calls_that_a_limit_refused_are_counted);
    return check_summary();
}
