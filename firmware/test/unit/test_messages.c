/** Messages, aliases, names and own requests as atoms make them; the bridge is the outbox. */
#include "atom_fixture.h"

#include "radon/runtime/messages.h"
#include "radon/runtime/names.h"
#include "radon/runtime/reports.h"

#include <stdio.h>

enum { SEND = 5, REQUEST = 6, REQUEST_CANCEL = 7, ALIAS_ADD = 8, ALIAS_REMOVE = 9, NAMES = 10 };

/** ["flood", "gauges", "roof/rain", "rain", "nobody"] and ["/.*"] */
#define SEND_PATTERNS \
    "\x85\x65" \
    "flood\x66" \
    "gauges\x69roof/rain\x64rain\x66nobody"
#define REQUEST_PATTERNS "\x81\x63/.*"

static radon_definition_t *flood;
static int32_t (*act)(radon_guest_t *caller);
static char heard[512];

static void hear(radon_guest_t *caller, const char *who)
{
    char text[128] = {0};
    int32_t kind = HOST(caller, EVENT_GET, RADON_EVENT_FIELD_KIND);
    int32_t length = HOST(caller, EVENT_READ, RADON_EVENT_FIELD_SENDER, 0, 64);
    memcpy(text, engine_fake.memory, (size_t)length);
    size_t used = strlen(heard);
    snprintf(heard + used, sizeof heard - used, "%s %s %s %d %d; ", who,
             radon_event_kind_name((radon_event_kind_t)kind), text,
             HOST(caller, EVENT_GET, RADON_EVENT_FIELD_REASON),
             HOST(caller, EVENT_GET, RADON_EVENT_FIELD_HANDLE));
}

/** A request makes rain act; all else is heard. */
static int32_t play(radon_guest_t *caller, radon_export_t function, radon_outcome_t *outcome)
{
    (void)outcome;
    char name[64] = {0};
    if (function == RADON_EXPORT_ON_REQUEST) {
        guest.results[0] = act(caller);
        HOST(caller, REPLY, 0, 0x44, (uint64_t)-1, 0, 0);
    } else if (function == RADON_EXPORT_ON_MESSAGE || function == RADON_EXPORT_ON_UNDELIVERED) {
        int32_t length = HOST(caller, SELF, 0, 64);
        memcpy(name, engine_fake.memory, (size_t)length);
        hear(caller, name);
    }
    return guest.answer;
}

static void begin(void)
{
    prepare();
    engine_fake.guest = play;
    heard[0] = 0;
    runtime.messaging.node = radon_bytes_text("roof");
    runtime.messaging.bridge = true;
    configuration.inbox_messages = 2;
    configuration.send = radon_bytes(SEND_PATTERNS, sizeof SEND_PATTERNS - 1);
    configuration.request = radon_bytes(REQUEST_PATTERNS, sizeof REQUEST_PATTERNS - 1);
    start();
    flood = radon_runtime_add(&runtime, radon_bytes_text("flood"));
    REQUIRE(start_atom(flood, RADON_ON_FAILURE_STOP) == RADON_OK);
}

static void step_all(void)
{
    while (radon_lifecycle_step(rain, port_fake.now_us) || radon_lifecycle_step(flood, port_fake.now_us)) {
    }
}

/** Lets rain do something; what host functions returned is in guest.results. */
static void let(int32_t (*what)(radon_guest_t *caller))
{
    radon_request_answer_t answer;
    act = what;
    request("");
    REQUIRE(step());
    REQUIRE(radon_requests_next_answer(&runtime, &answer));
    radon_requests_sent(&answer);
}

static int32_t send_flags(radon_guest_t *caller, const char *to, size_t len, uint64_t flags)
{
    return HOST(caller, SEND, 0, poke(0, to), 512, len, flags);
}

static int32_t send_to_flood(radon_guest_t *caller)
{
    return send_flags(caller, "flood", 16, 0);
}

static int32_t send_with_report(radon_guest_t *caller)
{
    return send_flags(caller, "flood", 16, RADON_SEND_REPORT);
}

TEST(a_message_to_an_atom_here_is_in_its_inbox_at_once)
{
    begin();
    let(send_to_flood);
    CHECK_EQ(guest.results[0], 1);
    CHECK_EQ(flood->atom->inbox.count, 1);
    CHECK_EQ(runtime.messaging.local, 1);
    CHECK_EQ(rain->sent, 1);
    step_all();
    CHECK_STR(heard, "flood MESSAGE rain 0 0; ");
}

TEST(a_full_inbox_refuses_at_once)
{
    begin();
    let(send_to_flood);
    let(send_to_flood);
    let(send_to_flood);
    CHECK_EQ(guest.results[0], RADON_E_FULL);
    CHECK_EQ(rain->sent, 2);
    CHECK_EQ(rain->refused, 1);
}

TEST(a_report_of_delivery_comes_when_it_was_asked_for)
{
    begin();
    let(send_with_report);
    step_all();
    CHECK_STR(heard, "rain UNDELIVERED flood 1 0; flood MESSAGE rain 0 0; ");
}

TEST(a_message_that_waits_too_long_is_reported_by_who_had_it)
{
    begin();
    let(send_to_flood);
    pass_ms(1001);
    (void)radon_requests_expire(&runtime, port_fake.now_us);
    step_all();
    CHECK_STR(heard, "rain UNDELIVERED flood 2 -9; ");
    CHECK_EQ(rain->undelivered, 1);
}

static int32_t send_wrongly(radon_guest_t *caller)
{
    CHECK_EQ(send_flags(caller, "Flood", 1, 0), RADON_E_ARG);
    CHECK_EQ(send_flags(caller, "flood", 1, 4), RADON_E_ARG);
    CHECK_EQ(send_flags(caller, "tide", 1, 0), RADON_E_DENIED);
    return 0;
}

TEST(wrong_sends_are_refused_in_order)
{
    begin();
    let(send_wrongly);
    CHECK_EQ(rain->refused, 1);
}

static int32_t send_to_nobody(radon_guest_t *caller)
{
    return send_flags(caller, "nobody", 3, 0);
}

TEST(a_name_that_is_not_here_goes_to_the_bridge)
{
    begin();
    let(send_to_nobody);
    CHECK_EQ(guest.results[0], 1);
    const radon_outbox_entry_t *entry = radon_outbox_next(&runtime.messaging.outbox, port_fake.now_us);
    REQUIRE(entry != NULL);
    CHECK(radon_bytes_equal_text(radon_outbox_to(&runtime.messaging.outbox, entry), "nobody"));
    radon_envelope_t envelope;
    char detail[RADON_ENVELOPE_DETAIL_BYTES];
    REQUIRE(radon_envelope_parse(&envelope, radon_outbox_envelope(&runtime.messaging.outbox, entry), detail));
    CHECK(radon_bytes_equal_text(envelope.from, "roof/rain"));
    runtime.messaging.bridge = false;
    let(send_to_nobody);
    CHECK_EQ(guest.results[0], RADON_E_NO_ROUTE);
}

static int32_t join(radon_guest_t *caller)
{
    CHECK_EQ(HOST(caller, ALIAS_ADD, 0, poke(0, "flood")), RADON_E_ARG);
    CHECK_EQ(HOST(caller, ALIAS_REMOVE, 0, poke(0, "gauges")), RADON_E_NOT_FOUND);
    return HOST(caller, ALIAS_ADD, 0, poke(0, "gauges"));
}

static int32_t send_to_gauges(radon_guest_t *caller)
{
    return send_flags(caller, "gauges", 1, 0);
}

TEST(an_alias_reaches_its_members_and_the_bridge)
{
    begin();
    let(join);
    CHECK_EQ(guest.results[0], RADON_OK);
    let(send_to_gauges);
    step_all();
    CHECK_STR(heard, "rain MESSAGE rain 0 0; ");
    const radon_outbox_entry_t *entry = radon_outbox_next(&runtime.messaging.outbox, port_fake.now_us);
    REQUIRE(entry != NULL);
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    size_t index = 0;
    CHECK(radon_aliases_next(&runtime.messaging.aliases, &index) == NULL);
}

static int32_t list_names(radon_guest_t *caller)
{
    int32_t length = HOST(caller, NAMES, 0, poke(0, "(rain|flood|g.*)"), 100, 200);
    CHECK_BYTES(engine_fake.memory + 100, (size_t)length, "flood\ngauges\nrain\n", 18);
    CHECK_EQ(HOST(caller, NAMES, 0, poke(0, "r.*"), 100, 4), 5);
    CHECK_EQ(HOST(caller, NAMES, 0, poke(0, "*"), 100, 200), RADON_E_ARG);
    return 0;
}

TEST(names_are_ascending_and_each_once)
{
    begin();
    let(join);
    let(list_names);
}

TEST(reports_without_room_wait_and_more_of_them_are_lost)
{
    begin();
    for (uint32_t id = 1; id <= 2 + RADON_REPORTS_MAX + 1; id++) {
        const radon_told_t told = {.definition = rain,
                                   .destination = radon_bytes_text("a-destination-of-more-than-32-bytes"),
                                   .id = id,
                                   .outcome = RADON_OUTCOME_UNKNOWN,
                                   .error = RADON_E_TIMEOUT};
        radon_reports_tell(&runtime, &told);
    }
    CHECK_EQ(rain->atom->inbox.count, 2);
    CHECK_EQ(runtime.messaging.report_count, RADON_REPORTS_MAX);
    CHECK_EQ(runtime.lost_reports, 1);
    CHECK(radon_reports_retry(&runtime, port_fake.now_us));
    step_all();
    CHECK_EQ(strncmp(heard, "rain UNDELIVERED a-destination-of-more-than-32-by 3 -9; ", 55), 0);
    while (radon_reports_retry(&runtime, port_fake.now_us)) {
        step_all();
    }
    step_all();
    CHECK_EQ(rain->done, 2 + RADON_REPORTS_MAX);
}

TEST(reports_that_wait_for_an_atom_go_with_it)
{
    begin();
    for (uint32_t id = 1; id <= 4; id++) {
        const radon_told_t told = {.definition = id < 4 ? rain : flood,
                                   .destination = radon_bytes_text("far"),
                                   .id = id,
                                   .outcome = RADON_OUTCOME_UNKNOWN,
                                   .error = RADON_E_TIMEOUT};
        radon_reports_tell(&runtime, &told);
    }
    CHECK_EQ(runtime.messaging.report_count, 1);
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    CHECK_EQ(runtime.messaging.report_count, 0);
    CHECK_EQ(flood->atom->inbox.count, 1);
}

TEST(a_late_report_is_not_for_the_next_start_nor_counted)
{
    begin();
    let(send_to_nobody);
    radon_told_t told = {.definition = rain, .destination = radon_bytes_text("far"), .id = 1};
    told.outcome = RADON_OUTCOME_NOT_DELIVERED;
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_COMMAND);
    radon_reports_tell(&runtime, &told);
    CHECK_EQ(rain->undelivered, 0);
    REQUIRE(start_atom(rain, RADON_ON_FAILURE_STOP) == RADON_OK);
    radon_reports_tell(&runtime, &told);
    CHECK_EQ(rain->undelivered, 0);
    CHECK_EQ(rain->atom->inbox.count, 0);
    let(send_to_nobody);
    CHECK_EQ(guest.results[0], 2);
    told.id = 2;
    radon_reports_tell(&runtime, &told);
    CHECK_EQ(rain->undelivered, 1);
}

TEST(ids_begin_anew_after_the_last_one)
{
    begin();
    rain->atom->next_message = INT32_MAX;
    rain->atom->first_message = INT32_MAX;
    let(send_to_nobody);
    CHECK_EQ(guest.results[0], INT32_MAX);
    let(send_to_nobody);
    CHECK_EQ(guest.results[0], 1);
    CHECK_EQ(rain->atom->first_message, 1);
}

TEST(reports_of_what_a_deleted_atom_had_are_lost_rather_than_told_in_another_name)
{
    begin();
    for (unsigned i = 0; i < RADON_MAX_OUTBOX_PER_ATOM; i++) {
        let(send_to_nobody);
    }
    radon_reports_add(rain->atom, 0, radon_bytes_text("barn/tide"), 7, RADON_E_STATE);
    radon_reports_add(flood->atom, 0, radon_bytes_text("barn/tide"), 8, RADON_E_STATE);
    CHECK_EQ(runtime.messaging.report_count, 1);
    radon_lifecycle_stop(&runtime, rain, RADON_STOP_DELETE);
    CHECK_EQ(runtime.messaging.report_count, 1);
    radon_runtime_remove(&runtime, rain);
    CHECK_EQ(runtime.messaging.report_count, 0);
    CHECK_EQ(runtime.lost_reports, 1);
}

static radon_err_t arrive(const char *to)
{
    const radon_definition_t *definition;
    const radon_arrival_t arrival = {.to = radon_bytes_text(to),
                                     .sender = radon_bytes_text("barn/tide"),
                                     .payload = radon_bytes_text("hello"),
                                     .id = 7};
    return radon_messages_arrive(&runtime, &arrival, port_fake.now_us, &definition);
}

TEST(what_comes_from_elsewhere_is_for_somebody_here)
{
    begin();
    let(join);
    CHECK_EQ(arrive("flood"), RADON_OK);
    CHECK_EQ(arrive("gauges"), RADON_OK);
    CHECK_EQ(arrive("nobody"), RADON_E_NOT_FOUND);
    CHECK_EQ(arrive("flood~3"), RADON_E_NOT_FOUND);
    CHECK_EQ(arrive("No"), RADON_E_NOT_FOUND);
    CHECK_EQ(arrive("flood"), RADON_OK);
    CHECK_EQ(arrive("flood"), RADON_E_FULL);
    radon_lifecycle_stop(&runtime, flood, RADON_STOP_COMMAND);
    CHECK_EQ(arrive("flood"), RADON_E_STATE);
    const radon_outbox_entry_t *entry = radon_outbox_next(&runtime.messaging.outbox, port_fake.now_us);
    REQUIRE(entry != NULL);
    CHECK(entry->report);
    CHECK(radon_bytes_equal_text(radon_outbox_to(&runtime.messaging.outbox, entry), "barn/tide"));
}

static int32_t ask(radon_guest_t *caller)
{
    CHECK_EQ(HOST(caller, REQUEST, GET, 0, poke(0, "/node"), (uint64_t)-1, 0, 0, 0), RADON_E_NO_ROUTE);
    runtime.event.hops = RADON_MAX_HOPS;
    CHECK_EQ(HOST(caller, REQUEST, 9, 0, poke(0, "/node"), (uint64_t)-1, 0, 0, 0), RADON_E_ARG);
    CHECK_EQ(HOST(caller, REQUEST, POST, 0, poke(0, "/node"), (uint64_t)-1, 0, 0, 1), RADON_E_ARG);
    CHECK_EQ(HOST(caller, REQUEST, GET, 0, poke(0, "node"), (uint64_t)-1, 0, 0, 0), RADON_E_ARG);
    CHECK_EQ(HOST(caller, REQUEST, GET, 0, poke(0, "coap://a/b"), (uint64_t)-1, 0, 0, 0), RADON_E_DENIED);
    CHECK_EQ(HOST(caller, REQUEST, POST, 0, poke(0, "/m/flood"), 0, 100, 65, 0), RADON_E_TOO_BIG);
    int32_t id = HOST(caller, REQUEST, GET, 0, poke(0, "/node"), (uint64_t)-1, 0, 0, 1);
    CHECK_EQ(HOST(caller, REQUEST, GET, 0, poke(0, "/node"), (uint64_t)-1, 0, 0, 0), RADON_E_QUOTA);
    CHECK_EQ(HOST(caller, REQUEST_CANCEL, (uint64_t)id), RADON_OK);
    CHECK_EQ(HOST(caller, REQUEST_CANCEL, (uint64_t)id), RADON_E_NOT_FOUND);
    return HOST(caller, REQUEST, GET, 0, poke(0, "/node"), (uint64_t)-1, 0, 0, 0);
}

TEST(an_own_request_takes_a_place_until_it_is_cancelled)
{
    begin();
    let(ask);
    CHECK_EQ(guest.results[0], 2);
    const radon_ask_t *asks = runtime.messaging.asks.asks;
    CHECK_EQ(asks[1].state, RADON_ASK_NEW);
    CHECK_EQ(asks[1].hops, RADON_MAX_HOPS);
    const radon_open_t *open = &rain->atom->opens.places[asks[1].place];
    CHECK_EQ(open->state, RADON_OPEN_OWN);
    CHECK_EQ(open->exchange, asks[1].serial);
}

int main(void)
{
    RUN(a_message_to_an_atom_here_is_in_its_inbox_at_once);
    RUN(a_full_inbox_refuses_at_once);
    RUN(a_report_of_delivery_comes_when_it_was_asked_for);
    RUN(a_message_that_waits_too_long_is_reported_by_who_had_it);
    RUN(wrong_sends_are_refused_in_order);
    RUN(a_name_that_is_not_here_goes_to_the_bridge);
    RUN(an_alias_reaches_its_members_and_the_bridge);
    RUN(names_are_ascending_and_each_once);
    RUN(reports_without_room_wait_and_more_of_them_are_lost);
    RUN(reports_that_wait_for_an_atom_go_with_it);
    RUN(a_late_report_is_not_for_the_next_start_nor_counted);
    RUN(ids_begin_anew_after_the_last_one);
    RUN(reports_of_what_a_deleted_atom_had_are_lost_rather_than_told_in_another_name);
    RUN(what_comes_from_elsewhere_is_for_somebody_here);
    RUN(an_own_request_takes_a_place_until_it_is_cancelled);
    return check_summary();
}
