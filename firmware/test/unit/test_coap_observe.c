#include "coap_peer.h"

#include <stdio.h>

#include "check.h"

#define GET RADON_METHOD_GET
#define OBSERVE RADON_COAP_OPTION_OBSERVE

static const peer_sent_t *only(void)
{
    REQUIRE(peer_unread() == 1);
    const peer_sent_t *sent = peer_next();
    CHECK(peer_next() == NULL);
    return sent;
}

static const peer_sent_t *observe(const radon_endpoint_t *from, const char *token, const char *path)
{
    static uint16_t id;
    peer_ask(from,
             &(peer_ask_t){
                 .method = GET, .id = id++, .token = token, .path = path, .options = {{.number = OBSERVE}}});
    return only();
}

static void change(const char *value)
{
    snprintf(peer_value, sizeof peer_value, "%s", value);
    radon_coap_server_notify(&peer_server, radon_bytes_text("value"));
    radon_coap_server_poll(&peer_server, peer_now_ms);
}

static void drain(void)
{
    while (peer_next() != NULL) {
    }
}

TEST(registration_is_confirmed_and_changes_are_notified_in_order)
{
    peer_reset();
    const peer_sent_t *sent = observe(&peer_udp, "o", "value");
    CHECK(peer_has_option(sent, OBSERVE));
    CHECK(peer_payload_is(sent, "1"));
    uint32_t before = peer_option(sent, OBSERVE, 0);
    for (int i = 0; i < 5; i++) {
        change("2");
        sent = only();
        CHECK_EQ(sent->message.type, RADON_COAP_NON);
        CHECK_EQ(sent->message.code, RADON_COAP_CONTENT);
        CHECK(radon_bytes_equal_text(sent->message.token, "o"));
        CHECK(peer_payload_is(sent, "2"));
        CHECK(peer_option(sent, OBSERVE, 0) > before);
        before = peer_option(sent, OBSERVE, 0);
    }
}

TEST(resource_that_cannot_be_observed_answers_without_the_option)
{
    peer_reset();
    CHECK(!peer_has_option(observe(&peer_udp, "o", "fast"), OBSERVE));
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
}

TEST(error_does_not_register)
{
    peer_reset();
    peer_value[0] = '\0';
    const peer_sent_t *sent = observe(&peer_udp, "o", "value");
    CHECK_EQ(sent->message.code, RADON_COAP_NOT_FOUND);
    CHECK(!peer_has_option(sent, OBSERVE));
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
}

TEST(get_with_observe_1_deregisters_this_token_alone)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    observe(&peer_udp, "p", "value");
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET,
                                      .id = 900,
                                      .token = "o",
                                      .path = "value",
                                      .options = {{.number = OBSERVE, .value = 1}}});
    CHECK(!peer_has_option(only(), OBSERVE));
    change("2");
    CHECK(radon_bytes_equal_text(only()->message.token, "p"));
}

TEST(reset_of_a_notification_deregisters)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    change("2");
    uint16_t id = only()->message.id;
    peer_empty(&peer_udp_other, RADON_COAP_RST, id);
    peer_empty(&peer_udp, RADON_COAP_RST, (uint16_t)(id + 1));
    CHECK_EQ(radon_coap_server_observing(&peer_server), 1);
    peer_empty(&peer_udp, RADON_COAP_RST, id);
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
    change("3");
    CHECK_EQ(peer_unread(), 0);
}

TEST(reset_of_a_non_confirmable_first_response_deregisters)
{
    peer_reset();
    peer_ask(&peer_udp, &(peer_ask_t){.type = RADON_COAP_NON,
                                      .method = GET,
                                      .token = "o",
                                      .path = "value",
                                      .options = {{.number = OBSERVE}}});
    peer_empty(&peer_udp, RADON_COAP_RST, only()->message.id);
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
}

TEST(registering_again_with_the_same_token_takes_one_place)
{
    peer_reset();
    for (int i = 0; i < 20; i++) {
        CHECK(peer_has_option(observe(&peer_udp, "o", "value"), OBSERVE));
    }
    CHECK_EQ(radon_coap_server_observing(&peer_server), 1);
    change("2");
    only();
}

TEST(full_table_answers_without_observing)
{
    peer_reset();
    char token[2] = "a";
    for (int i = 0; i < RADON_COAP_OBSERVERS; i++, token[0]++) {
        CHECK(peer_has_option(observe(&peer_udp, token, "value"), OBSERVE));
    }
    const peer_sent_t *sent = observe(&peer_udp, "zz", "value");
    CHECK(peer_payload_is(sent, "1"));
    CHECK(!peer_has_option(sent, OBSERVE));
}

TEST(request_too_long_to_remember_is_answered_without_observing)
{
    static char query[RADON_COAP_OBSERVED_OPTIONS];
    peer_reset();
    memset(query, 'q', sizeof query);
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET,
                                      .path = "value",
                                      .options = {{.number = OBSERVE},
                                                  {.number = 15, .bytes = query, .len = sizeof query}}});
    CHECK(!peer_has_option(only(), OBSERVE));
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
}

TEST(one_fetch_serves_all_observers_of_the_same_representation)
{
    peer_reset();
    observe(&peer_udp, "a", "value");
    observe(&peer_udp_other, "longer", "value");
    observe(&peer_serial, "c", "value");
    peer_gets = 0;
    change("2");
    CHECK_EQ(peer_gets, 2); /* the trusted endpoint is asked for on its own */
    CHECK_EQ(peer_unread(), 3);
    for (int i = 0; i < 3; i++) {
        CHECK(peer_payload_is(peer_next(), "2"));
    }
}

TEST(notifications_keep_the_format_of_the_first_response)
{
    peer_reset();
    peer_ask(&peer_udp,
             &(peer_ask_t){.method = GET,
                           .token = "j",
                           .path = "value",
                           .options = {{.number = OBSERVE}, {.number = 17, .value = RADON_FORMAT_JSON}}});
    only();
    observe(&peer_udp, "t", "value");
    change("2");
    const peer_sent_t *sent = peer_next();
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_CONTENT_FORMAT, 99), RADON_FORMAT_JSON);
    CHECK(peer_payload_is(sent, "{}"));
    CHECK_EQ(peer_option(only(), RADON_COAP_OPTION_CONTENT_FORMAT, 99), RADON_FORMAT_TEXT);
}

TEST(notifications_keep_a_format_that_was_not_asked_for)
{
    peer_reset();
    observe(&peer_udp, "t", "value");
    peer_prefers_json = true;
    change("2");
    CHECK_EQ(peer_option(only(), RADON_COAP_OPTION_CONTENT_FORMAT, 99), RADON_FORMAT_TEXT);
}

TEST(error_ends_the_observation_with_a_last_notification)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    change("");
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.code, RADON_COAP_NOT_FOUND);
    CHECK(!peer_has_option(sent, OBSERVE));
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
}

TEST(only_the_latest_state_is_sent_when_the_link_was_full)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    peer_link_full = true;
    change("2");
    change("3");
    peer_advance(peer_now_ms + 50);
    peer_link_full = false;
    snprintf(peer_value, sizeof peer_value, "4");
    peer_advance(peer_now_ms + 20);
    CHECK(peer_payload_is(only(), "4"));
}

/** Notifies until a confirmable one comes; returns it. */
static const peer_sent_t *notify_until_con(void)
{
    for (int i = 0; i < RADON_COAP_CONFIRM_EVERY; i++) {
        change("2");
        const peer_sent_t *sent = only();
        if (sent->message.type == RADON_COAP_CON) {
            return sent;
        }
    }
    REQUIRE(!"a confirmable notification");
    return NULL;
}

TEST(every_so_many_notifications_one_is_confirmable)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    for (int round = 0; round < 3; round++) {
        peer_empty(&peer_udp, RADON_COAP_ACK, notify_until_con()->message.id);
        change("3");
        CHECK_EQ(only()->message.type, RADON_COAP_NON);
    }
}

TEST(while_a_confirmable_one_is_outstanding_changes_wait_and_the_latest_follows)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    uint16_t id = notify_until_con()->message.id;
    change("5");
    change("6");
    CHECK_EQ(peer_unread(), 0);
    peer_empty(&peer_udp, RADON_COAP_ACK, id);
    CHECK(peer_payload_is(only(), "6"));
}

TEST(retransmission_carries_newer_state_and_goes_on_backing_off)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    uint16_t id = notify_until_con()->message.id;
    change("7");
    peer_advance(peer_now_ms + 3000);
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.type, RADON_COAP_CON);
    CHECK(peer_payload_is(sent, "7"));
    CHECK(sent->message.id != id);
    peer_advance(peer_now_ms + 2900);
    CHECK_EQ(peer_unread(), 0);
    peer_advance(peer_now_ms + 3200);
    CHECK_EQ(only()->message.type, RADON_COAP_CON);
    CHECK_EQ(peer_server.counters.retransmissions, 2);
}

TEST(observer_that_never_acknowledges_is_dropped)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    notify_until_con();
    peer_advance(peer_now_ms + 100000);
    drain();
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
    CHECK_EQ(peer_server.counters.timeouts, 1);
}

TEST(silent_resource_still_checks_its_observers)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    peer_advance(peer_now_ms + RADON_COAP_CONFIRM_MS - 1);
    CHECK_EQ(peer_unread(), 0);
    peer_advance(peer_now_ms + 1);
    radon_coap_server_poll(&peer_server, peer_now_ms);
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.type, RADON_COAP_CON);
    peer_empty(&peer_udp, RADON_COAP_ACK, sent->message.id);
    peer_advance(peer_now_ms + RADON_COAP_CONFIRM_MS - 1);
    CHECK_EQ(peer_unread(), 0);
    peer_advance(peer_now_ms + 100000);
    drain();
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
}

TEST(observers_due_for_a_confirmable_one_at_once_all_get_it)
{
    peer_reset();
    observe(&peer_udp, "a", "value");
    observe(&peer_udp_other, "b", "value");
    observe(&peer_serial, "c", "value");
    peer_advance(peer_now_ms + RADON_COAP_CONFIRM_MS + 50);
    CHECK_EQ(peer_unread(), 3);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(peer_next()->message.type, RADON_COAP_CON);
    }
}

TEST(observers_due_by_count_all_get_the_change)
{
    peer_reset();
    observe(&peer_udp, "a", "value");
    observe(&peer_udp_other, "b", "value");
    for (int i = 1; i < RADON_COAP_CONFIRM_EVERY; i++) {
        change("2");
        CHECK_EQ(peer_unread(), 2);
        drain();
    }
    change("3");
    CHECK_EQ(peer_unread(), 2);
    for (int i = 0; i < 2; i++) {
        const peer_sent_t *sent = peer_next();
        CHECK_EQ(sent->message.type, RADON_COAP_CON);
        CHECK(peer_payload_is(sent, "3"));
    }
}

TEST(what_an_ended_observation_left_behind_does_not_touch_the_next_one)
{
    peer_reset();
    observe(&peer_udp, "old", "value");
    notify_until_con();
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET,
                                      .id = 1,
                                      .token = "old",
                                      .path = "value",
                                      .options = {{.number = OBSERVE, .value = 1}}});
    drain();
    observe(&peer_udp, "new", "value");
    peer_advance(peer_now_ms + 100000);
    drain();
    CHECK_EQ(peer_server.counters.timeouts, 1);
    CHECK_EQ(radon_coap_server_observing(&peer_server), 1);
    change("4");
    CHECK(radon_bytes_equal_text(only()->message.token, "new"));
}

TEST(late_error_to_a_registration_does_not_touch_the_next_one)
{
    peer_reset();
    peer_ask(&peer_udp,
             &(peer_ask_t){.method = GET, .token = "a", .path = "slow", .options = {{.number = OBSERVE}}});
    peer_advance(peer_now_ms + 25);
    only();
    peer_answer("");
    CHECK_EQ(only()->message.code, RADON_COAP_NOT_FOUND);
    observe(&peer_udp, "new", "value");
    change("2");
    CHECK(peer_payload_is(only(), "2"));
    peer_advance(peer_now_ms + 100000);
    CHECK_EQ(radon_coap_server_observing(&peer_server), 1);
}

TEST(deferred_resource_is_fetched_once_and_delivered_to_all)
{
    peer_reset();
    const peer_ask_t ask = {.method = GET, .token = "a", .path = "slow", .options = {{.number = OBSERVE}}};
    peer_ask(&peer_udp, &ask);
    peer_answer("first");
    CHECK(peer_has_option(only(), OBSERVE));
    peer_ask(&peer_udp_other, &ask);
    peer_answer("first");
    only();
    peer_gets = 0;
    radon_coap_server_notify(&peer_server, radon_bytes_text("slow"));
    radon_coap_server_notify(&peer_server, radon_bytes_text("slow"));
    radon_coap_server_poll(&peer_server, peer_now_ms);
    CHECK_EQ(peer_gets, 1);
    CHECK_EQ(peer_unread(), 0);
    peer_answer("second");
    CHECK_EQ(peer_unread(), 2);
    CHECK(peer_payload_is(peer_next(), "second"));
    CHECK(peer_payload_is(peer_next(), "second"));
}

TEST(change_during_a_fetch_is_fetched_again)
{
    peer_reset();
    peer_ask(&peer_udp,
             &(peer_ask_t){.method = GET, .token = "a", .path = "slow", .options = {{.number = OBSERVE}}});
    peer_answer("first");
    only();
    radon_coap_server_notify(&peer_server, radon_bytes_text("slow"));
    radon_coap_server_poll(&peer_server, peer_now_ms);
    radon_coap_server_notify(&peer_server, radon_bytes_text("slow"));
    radon_coap_server_poll(&peer_server, peer_now_ms);
    CHECK_EQ(peer_waiting_count, 1);
    peer_answer("second");
    CHECK(peer_payload_is(only(), "second"));
    CHECK_EQ(peer_waiting_count, 1);
    peer_answer("third");
    CHECK(peer_payload_is(only(), "third"));
    CHECK_EQ(peer_waiting_count, 0);
}

TEST(observer_that_leaves_during_a_fetch_gets_nothing)
{
    peer_reset();
    peer_ask(&peer_udp,
             &(peer_ask_t){.method = GET, .token = "a", .path = "slow", .options = {{.number = OBSERVE}}});
    peer_answer("first");
    only();
    radon_coap_server_notify(&peer_server, radon_bytes_text("slow"));
    radon_coap_server_poll(&peer_server, peer_now_ms);
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET,
                                      .id = 5,
                                      .token = "a",
                                      .path = "slow",
                                      .options = {{.number = OBSERVE, .value = 1}}});
    CHECK_EQ(peer_answer("second"), RADON_OK);
    CHECK_EQ(peer_unread(), 0);
    peer_answer("to the get");
    CHECK(peer_payload_is(only(), "to the get"));
}

TEST(registration_cancelled_before_its_answer_is_not_made)
{
    peer_reset();
    peer_ask_t ask = {.method = GET, .token = "a", .path = "slow", .options = {{.number = OBSERVE}}};
    peer_ask(&peer_udp, &ask);
    ask.id = 1;
    ask.options[0].value = 1;
    peer_ask(&peer_udp, &ask);
    peer_answer("to the first");
    CHECK(!peer_has_option(only(), OBSERVE));
    peer_answer("to the second");
    CHECK(!peer_has_option(only(), OBSERVE));
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
}

TEST(without_room_for_a_confirmable_one_the_check_waits)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    peer_advance(peer_now_ms + RADON_COAP_CONFIRM_MS - 100);
    for (uint16_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        peer_ask(&peer_udp_other, &(peer_ask_t){.method = GET, .id = i, .token = "s", .path = "slow"});
    }
    peer_advance(peer_now_ms + 30);
    for (int i = 0; i < RADON_COAP_OUTGOING; i++) {
        peer_answer("queued");
    }
    drain();
    peer_advance(peer_now_ms + 500);
    CHECK_EQ(only()->message.type, RADON_COAP_NON);
}

TEST(registration_by_a_separate_response_ends_with_its_reset)
{
    peer_reset();
    peer_ask(&peer_udp,
             &(peer_ask_t){.method = GET, .token = "a", .path = "slow", .options = {{.number = OBSERVE}}});
    peer_advance(peer_now_ms + 25);
    only();
    peer_answer("first");
    const peer_sent_t *sent = only();
    CHECK(peer_has_option(sent, OBSERVE));
    CHECK_EQ(radon_coap_server_observing(&peer_server), 1);
    peer_empty(&peer_udp, RADON_COAP_RST, sent->message.id);
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
}

TEST(long_representation_is_notified_by_its_first_block_and_the_rest_can_be_fetched)
{
    peer_reset();
    peer_long_len = 600;
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET,
                                      .token = "o",
                                      .path = "long",
                                      .options = {{.number = OBSERVE}, {.number = 23, .value = 4}}});
    only();
    peer_long_version = 1;
    radon_coap_server_notify(&peer_server, radon_bytes_text("long"));
    radon_coap_server_poll(&peer_server, peer_now_ms);
    const peer_sent_t *sent = only();
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_BLOCK2, 0), 8 | 4);
    CHECK_EQ(sent->message.payload.len, 256);
    uint32_t etag = peer_option(sent, RADON_COAP_OPTION_ETAG, 0);
    peer_long_version = 2;
    peer_ask(
        &peer_udp,
        &(peer_ask_t){.method = GET, .id = 3, .path = "long", .options = {{.number = 23, .value = 0x14}}});
    sent = only();
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_ETAG, 0), etag);
    CHECK_EQ(sent->message.payload.data[0], peer_long_byte(1, 256));
}

TEST(path_of_a_notification_is_matched_whole)
{
    peer_reset();
    observe(&peer_udp, "o", "value");
    static const char *const others[] = {"", "valu", "value/", "value/x", "/value", "values"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        radon_coap_server_notify(&peer_server, radon_bytes_text(others[i]));
        radon_coap_server_poll(&peer_server, peer_now_ms);
        CHECK_EQ(peer_unread(), 0);
    }
}

int main(void)
{
    RUN(registration_is_confirmed_and_changes_are_notified_in_order);
    RUN(resource_that_cannot_be_observed_answers_without_the_option);
    RUN(error_does_not_register);
    RUN(get_with_observe_1_deregisters_this_token_alone);
    RUN(reset_of_a_notification_deregisters);
    RUN(reset_of_a_non_confirmable_first_response_deregisters);
    RUN(registering_again_with_the_same_token_takes_one_place);
    RUN(full_table_answers_without_observing);
    RUN(request_too_long_to_remember_is_answered_without_observing);
    RUN(one_fetch_serves_all_observers_of_the_same_representation);
    RUN(notifications_keep_the_format_of_the_first_response);
    RUN(notifications_keep_a_format_that_was_not_asked_for);
    RUN(error_ends_the_observation_with_a_last_notification);
    RUN(only_the_latest_state_is_sent_when_the_link_was_full);
    RUN(every_so_many_notifications_one_is_confirmable);
    RUN(while_a_confirmable_one_is_outstanding_changes_wait_and_the_latest_follows);
    RUN(retransmission_carries_newer_state_and_goes_on_backing_off);
    RUN(observer_that_never_acknowledges_is_dropped);
    RUN(silent_resource_still_checks_its_observers);
    RUN(observers_due_for_a_confirmable_one_at_once_all_get_it);
    RUN(observers_due_by_count_all_get_the_change);
    RUN(what_an_ended_observation_left_behind_does_not_touch_the_next_one);
    RUN(late_error_to_a_registration_does_not_touch_the_next_one);
    RUN(deferred_resource_is_fetched_once_and_delivered_to_all);
    RUN(change_during_a_fetch_is_fetched_again);
    RUN(observer_that_leaves_during_a_fetch_gets_nothing);
    RUN(registration_cancelled_before_its_answer_is_not_made);
    RUN(without_room_for_a_confirmable_one_the_check_waits);
    RUN(registration_by_a_separate_response_ends_with_its_reset);
    RUN(long_representation_is_notified_by_its_first_block_and_the_rest_can_be_fetched);
    RUN(path_of_a_notification_is_matched_whole);
    return check_summary();
}
