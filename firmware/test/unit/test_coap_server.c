#include "coap_peer.h"

#include "check.h"

#define GET RADON_METHOD_GET
#define POST RADON_METHOD_POST
#define PUT RADON_METHOD_PUT

/** The only datagram sent since the last look. */
static const peer_sent_t *only(void)
{
    REQUIRE(peer_unread() == 1);
    const peer_sent_t *sent = peer_next();
    CHECK(peer_next() == NULL);
    return sent;
}

static void check_empty(radon_coap_type_t type, uint16_t id)
{
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.type, type);
    CHECK_EQ(sent->message.code, RADON_COAP_EMPTY);
    CHECK_EQ(sent->message.id, id);
}

static const peer_ask_t get_fast = {.method = GET, .id = 7, .token = "ab", .path = "fast"};
static const peer_ask_t post_fast = {.method = POST, .id = 8, .token = "t", .path = "fast", .payload = "x"};
static const peer_ask_t get_slow = {.method = GET, .id = 9, .token = "s", .path = "slow"};
static const peer_ask_t post_slow = {.method = POST, .id = 10, .token = "p", .path = "slow"};

TEST(confirmable_get_is_answered_in_its_acknowledgement)
{
    peer_reset();
    peer_ask(&peer_udp, &get_fast);
    const peer_sent_t *sent = only();
    CHECK(radon_endpoint_equal(&sent->to, &peer_udp));
    CHECK_EQ(sent->message.type, RADON_COAP_ACK);
    CHECK_EQ(sent->message.code, RADON_COAP_CONTENT);
    CHECK_EQ(sent->message.id, 7);
    CHECK(radon_bytes_equal_text(sent->message.token, "ab"));
    CHECK(peer_payload_is(sent, "fast"));
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_CONTENT_FORMAT, 99), RADON_FORMAT_TEXT);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_MAX_AGE, 99), 0);
}

TEST(non_confirmable_get_is_answered_non_confirmably)
{
    peer_reset();
    peer_ask_t ask = get_fast;
    ask.type = RADON_COAP_NON;
    peer_ask(&peer_udp, &ask);
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.type, RADON_COAP_NON);
    CHECK(radon_bytes_equal_text(sent->message.token, "ab"));
}

TEST(ping_is_answered_with_reset)
{
    peer_reset();
    peer_empty(&peer_serial, RADON_COAP_CON, 0x1234);
    check_empty(RADON_COAP_RST, 0x1234);
}

TEST(malformed_confirmable_is_rejected_and_the_rest_ignored)
{
    peer_reset();
    peer_receive(&peer_udp, "\x40\x01\x00\x05\xff", 5);
    check_empty(RADON_COAP_RST, 5);
    peer_receive(&peer_udp, "\x50\x01\x00\x05\xff", 5);
    peer_receive(&peer_udp, "\x80\x01\x00\x05", 4);
    peer_receive(&peer_udp, "\x40", 1);
    peer_receive(&peer_udp, "", 0);
    peer_receive(&peer_udp, "\x60\x20\x00\x05", 4);
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(peer_server.counters.malformed, 6);
}

TEST(responses_nobody_asked_for_are_rejected_or_ignored)
{
    peer_reset();
    peer_receive(&peer_udp, "\x40\x45\x00\x05", 4);
    check_empty(RADON_COAP_RST, 5);
    peer_receive(&peer_udp, "\x50\x45\x00\x06", 4);
    check_empty(RADON_COAP_RST, 6);
    peer_receive(&peer_udp, "\x60\x45\x00\x05", 4);
    peer_receive(&peer_udp, "\x50\x00\x00\x05", 4);
    peer_receive(&peer_udp, "\x70\x00\x00\x05", 4);
    CHECK_EQ(peer_unread(), 0);
}

TEST(unknown_critical_option_is_4_02_in_con_and_silence_in_non)
{
    peer_reset();
    peer_ask_t ask = {.method = GET, .id = 1, .path = "fast", .options = {{.number = 9}}};
    peer_ask(&peer_udp, &ask);
    CHECK_EQ(only()->message.code, RADON_COAP_BAD_OPTION);
    ask.type = RADON_COAP_NON;
    peer_ask(&peer_udp, &ask);
    CHECK_EQ(peer_unread(), 0);
}

TEST(unknown_path_method_and_proxying_have_their_codes)
{
    static const struct {
        peer_ask_t ask;
        uint8_t code;
    } cases[] = {
        {{.method = GET, .path = "nowhere"}, RADON_COAP_NOT_FOUND},
        {{.method = GET}, RADON_COAP_NOT_FOUND},
        {{.method = GET, .path = "fast/more"}, RADON_COAP_NOT_FOUND},
        {{.method = GET, .path = "items"}, RADON_COAP_NOT_FOUND},
        {{.method = GET, .path = "a/rain"}, RADON_COAP_NOT_FOUND},
        {{.method = GET, .path = "1/2/3/4/5/6/7/8/9"}, RADON_COAP_NOT_FOUND},
        {{.method = RADON_METHOD_DELETE, .path = "fast"}, RADON_COAP_METHOD_NOT_ALLOWED},
        {{.method = 31, .path = "fast"}, RADON_COAP_METHOD_NOT_ALLOWED},
        {{.method = GET, .path = "fast", .options = {{.number = 35, .bytes = "coap://x", .len = 8}}},
         RADON_COAP_PROXYING_NOT_SUPPORTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        peer_reset();
        peer_ask(&peer_udp, &cases[i].ask);
        CHECK_EQ(only()->message.code, cases[i].code);
    }
}

TEST(refusals_say_why_in_problem_details)
{
    peer_reset();
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET, .path = "no/where"});
    const peer_sent_t *sent = only();
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_CONTENT_FORMAT, 0), RADON_FORMAT_PROBLEM_DETAILS);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_MAX_AGE, 99), 0);
    static const char text[] = "There is nothing at /no/where.";
    CHECK(memmem(sent->message.payload.data, sent->message.payload.len, text, sizeof text - 1) != NULL);
}

TEST(long_path_in_a_refusal_is_cut_between_characters)
{
    peer_reset();
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET,
                                      .path = "0123456789012345678901234567890123456789012345678901234567890"
                                              "1\xc3\xa4\xc3\xa4\xc3\xa4"});
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.code, RADON_COAP_NOT_FOUND);
    CHECK(memmem(sent->message.payload.data, sent->message.payload.len, "01.", 3) != NULL);
}

TEST(patterns_match_one_or_several_segments)
{
    peer_reset();
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET, .path = "items/x"});
    CHECK(peer_payload_is(only(), "items/x"));
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET, .path = "a/rain/level/now"});
    CHECK(peer_payload_is(only(), "a/rain/level/now"));
}

TEST(discovery_lists_resources_and_what_is_behind_patterns)
{
    peer_reset();
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET, .path = ".well-known/core"});
    CHECK(peer_payload_is(only(),
                          "</.well-known/core>,</fast>,</slow>,</value>;obs,</long>,</upload>,</control>,"
                          "</items/one>;rt=\"item\""));
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET,
                                      .path = ".well-known/core",
                                      .options = {{.number = 15, .bytes = "rt=item", .len = 7}}});
    CHECK(peer_payload_is(only(), "</items/one>;rt=\"item\""));
    peer_ask(
        &peer_udp,
        &(peer_ask_t){.method = GET, .path = ".well-known/core", .options = {{.number = 17, .value = 60}}});
    CHECK_EQ(only()->message.code, RADON_COAP_NOT_ACCEPTABLE);
}

TEST(control_needs_a_trusted_endpoint)
{
    peer_reset();
    const peer_ask_t put = {.method = PUT, .path = "control"};
    peer_ask(&peer_udp, &put);
    CHECK_EQ(only()->message.code, RADON_COAP_FORBIDDEN);
    peer_ask(&peer_serial, &put);
    CHECK_EQ(only()->message.code, RADON_COAP_CHANGED);
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET, .path = "control"});
    CHECK_EQ(only()->message.code, RADON_COAP_CONTENT);
}

/* Deduplication --------------------------------------------------------------------------------------------
 */

TEST(repeated_post_is_executed_once_and_answered_with_the_same_bytes)
{
    peer_reset();
    peer_ask(&peer_udp, &post_fast);
    peer_sent_t first = *only();
    peer_now_ms += 246999;
    peer_ask(&peer_udp, &post_fast);
    const peer_sent_t *again = only();
    CHECK_EQ(peer_posts, 1);
    CHECK_BYTES(again->bytes, again->len, first.bytes, first.len);
    CHECK_EQ(peer_server.counters.duplicates, 1);
}

TEST(the_same_id_is_another_request_from_elsewhere_with_other_bytes_or_later)
{
    peer_reset();
    peer_ask(&peer_udp, &post_fast);
    peer_ask(&peer_udp_other, &post_fast);
    CHECK_EQ(peer_posts, 2);
    peer_ask_t changed = post_fast;
    changed.payload = "y";
    peer_ask(&peer_udp, &changed);
    CHECK_EQ(peer_posts, 3);
    peer_now_ms += 247000;
    peer_ask(&peer_udp, &post_fast);
    CHECK_EQ(peer_posts, 4);
}

TEST(repeated_non_confirmable_post_is_ignored)
{
    peer_reset();
    peer_ask_t ask = post_fast;
    ask.type = RADON_COAP_NON;
    peer_ask(&peer_udp, &ask);
    only();
    peer_ask(&peer_udp, &ask);
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(peer_posts, 1);
}

TEST(full_table_refuses_unsafe_requests_with_max_age_and_serves_the_rest)
{
    peer_reset();
    peer_ask_t ask = post_fast;
    for (uint16_t i = 0; i < RADON_COAP_DEDUP_ENTRIES; i++) {
        ask.id = (uint16_t)(100 + i);
        peer_ask(&peer_udp, &ask);
        only();
    }
    ask.id = 200;
    peer_now_ms += 1000;
    peer_ask(&peer_udp, &ask);
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.code, RADON_COAP_SERVICE_UNAVAILABLE);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_MAX_AGE, 0), 246);
    CHECK_EQ(peer_posts, RADON_COAP_DEDUP_ENTRIES);
    peer_ask(&peer_udp, &get_fast);
    CHECK_EQ(only()->message.code, RADON_COAP_CONTENT);
    ask.id = 100;
    peer_ask(&peer_udp, &ask);
    CHECK(peer_payload_is(only(), "posted 1 x"));
}

TEST(a_serial_link_takes_any_number_of_unsafe_requests)
{
    peer_reset();
    peer_ask_t ask = post_fast;
    for (uint16_t i = 0; i < 100; i++) {
        ask.id = i;
        peer_ask(&peer_serial, &ask);
        CHECK_EQ(only()->message.code, RADON_COAP_CHANGED);
        peer_ask(&peer_serial, &ask);
        CHECK_EQ(only()->message.code, RADON_COAP_CHANGED);
    }
    CHECK_EQ(peer_posts, 100);
}

TEST(reply_whose_bytes_gave_way_is_not_invented)
{
    peer_reset();
    static char payload[900];
    const uint16_t posts = RADON_COAP_RETAINED_BYTES / sizeof payload + 2; /* more replies than find room */
    memset(payload, 'z', sizeof payload);
    peer_ask_t ask = post_fast;
    ask.payload = payload;
    ask.payload_len = sizeof payload;
    for (uint16_t i = 0; i < posts; i++) {
        ask.id = i;
        peer_ask(&peer_udp, &ask);
        only();
    }
    ask.id = (uint16_t)(posts - 1);
    peer_ask(&peer_udp, &ask);
    CHECK_EQ(only()->message.code, RADON_COAP_CHANGED);
    ask.id = 0;
    peer_ask(&peer_udp, &ask);
    CHECK_EQ(only()->message.code, RADON_COAP_INTERNAL_SERVER_ERROR);
    CHECK_EQ(peer_posts, posts);
}

TEST(get_may_be_executed_again_and_takes_no_place)
{
    peer_reset();
    for (int i = 0; i < 100; i++) {
        peer_ask(&peer_udp, &get_fast);
        CHECK(peer_payload_is(only(), "fast"));
    }
    peer_ask(&peer_udp, &post_fast);
    CHECK_EQ(only()->message.code, RADON_COAP_CHANGED);
}

/* Separate responses ---------------------------------------------------------------------------------------
 */

TEST(quick_deferred_answer_is_piggybacked)
{
    peer_reset();
    peer_ask(&peer_udp, &get_slow);
    peer_advance(peer_now_ms + 24);
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(peer_answer("done"), RADON_OK);
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.type, RADON_COAP_ACK);
    CHECK_EQ(sent->message.id, 9);
    CHECK(peer_payload_is(sent, "done"));
}

TEST(slow_answer_is_acknowledged_after_25_ms_and_comes_confirmably)
{
    peer_reset();
    peer_ask(&peer_udp, &get_slow);
    peer_advance(peer_now_ms + 25);
    check_empty(RADON_COAP_ACK, 9);
    CHECK_EQ(peer_answer("done"), RADON_OK);
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.type, RADON_COAP_CON);
    CHECK(radon_bytes_equal_text(sent->message.token, "s"));
    CHECK(peer_payload_is(sent, "done"));
    peer_empty(&peer_udp, RADON_COAP_ACK, sent->message.id);
    peer_advance(peer_now_ms + 100000);
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(peer_server.counters.retransmissions, 0);
}

TEST(unacknowledged_response_is_repeated_with_doubling_intervals_and_given_up)
{
    peer_reset();
    peer_ask(&peer_udp, &get_slow);
    peer_advance(peer_now_ms + 25);
    check_empty(RADON_COAP_ACK, 9);
    peer_answer("done");
    uint16_t id = only()->message.id;
    uint64_t start = peer_now_ms;
    uint64_t at[RADON_COAP_MAX_RETRANSMIT];
    for (int i = 0; i < RADON_COAP_MAX_RETRANSMIT; i++) {
        while (peer_unread() == 0) {
            REQUIRE(peer_now_ms < start + 100000);
            peer_advance(peer_now_ms + 1);
        }
        at[i] = peer_now_ms - start;
        CHECK_EQ(only()->message.id, id);
    }
    CHECK(at[0] >= 2000 && at[0] <= 3000);
    for (uint64_t i = 1; i < RADON_COAP_MAX_RETRANSMIT; i++) {
        CHECK_EQ(at[i], at[0] * ((2u << i) - 1));
    }
    peer_advance(peer_now_ms + 100000);
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(peer_server.counters.retransmissions, 4);
    CHECK_EQ(peer_server.counters.timeouts, 1);
    CHECK_EQ(peer_server.retained.used, 0);
}

TEST(reset_ends_the_repetition)
{
    peer_reset();
    peer_ask(&peer_udp, &get_slow);
    peer_advance(peer_now_ms + 25);
    check_empty(RADON_COAP_ACK, 9);
    peer_answer("done");
    peer_empty(&peer_udp, RADON_COAP_RST, only()->message.id);
    peer_advance(peer_now_ms + 100000);
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(peer_server.counters.resets, 1);
}

TEST(request_repeated_while_it_waits_is_acknowledged_again_and_runs_once)
{
    peer_reset();
    peer_ask(&peer_udp, &post_slow);
    peer_ask(&peer_udp, &post_slow);
    CHECK_EQ(peer_unread(), 0);
    peer_advance(peer_now_ms + 25);
    check_empty(RADON_COAP_ACK, 10);
    peer_ask(&peer_udp, &post_slow);
    check_empty(RADON_COAP_ACK, 10);
    CHECK_EQ(peer_waiting_count, 1);
    peer_answer("done");
    CHECK_EQ(only()->message.type, RADON_COAP_CON);
    peer_ask(&peer_udp, &post_slow);
    check_empty(RADON_COAP_ACK, 10);
    CHECK_EQ(peer_waiting_count, 0);
}

TEST(nstart_lets_one_confirmable_response_out_at_a_time)
{
    peer_reset();
    peer_ask_t ask = get_slow;
    for (uint16_t i = 0; i < 3; i++) {
        ask.id = (uint16_t)(20 + i);
        peer_ask(&peer_udp, &ask);
    }
    peer_advance(peer_now_ms + 25);
    while (peer_next() != NULL) {
    }
    peer_answer("one");
    peer_answer("two");
    peer_answer("three");
    const peer_sent_t *sent = only();
    CHECK(peer_payload_is(sent, "one"));
    peer_empty(&peer_udp, RADON_COAP_ACK, sent->message.id);
    sent = only();
    CHECK(peer_payload_is(sent, "two"));
    peer_empty(&peer_udp, RADON_COAP_ACK, sent->message.id);
    CHECK(peer_payload_is(only(), "three"));
}

TEST(confirmable_responses_go_out_in_the_order_of_their_answers)
{
    static const char *const texts[] = {"a", "b", "c", "d", "e"};
    peer_reset();
    peer_ask_t ask = get_slow;
    for (uint16_t i = 0; i < 5; i++) {
        ask.id = (uint16_t)(20 + i);
        peer_ask(&peer_udp, &ask);
    }
    peer_advance(peer_now_ms + 25);
    while (peer_next() != NULL) {
    }
    peer_answer("a");
    peer_answer("b");
    for (size_t i = 0; i < 5; i++) {
        const peer_sent_t *sent = only();
        CHECK(peer_payload_is(sent, texts[i]));
        uint16_t id = sent->message.id;
        if (i == 1) {
            peer_answer("c");
            peer_answer("d");
        } else if (i == 2) {
            peer_answer("e");
        }
        peer_empty(&peer_udp, RADON_COAP_ACK, id);
    }
}

TEST(waiting_confirmable_of_one_endpoint_does_not_hold_up_another)
{
    peer_reset();
    peer_ask(&peer_udp, &get_slow);
    peer_ask(&peer_udp_other, &get_slow);
    peer_advance(peer_now_ms + 25);
    while (peer_next() != NULL) {
    }
    peer_answer("one");
    peer_answer("two");
    CHECK_EQ(peer_unread(), 2);
}

TEST(without_room_to_repeat_it_a_response_goes_once_as_non)
{
    peer_reset();
    peer_ask_t ask = get_slow;
    for (uint16_t i = 0; i < RADON_COAP_OUTGOING + 1; i++) {
        ask.id = (uint16_t)(20 + i);
        peer_ask(&peer_udp, &ask);
    }
    peer_advance(peer_now_ms + 25);
    while (peer_next() != NULL) {
    }
    for (int i = 0; i < RADON_COAP_OUTGOING; i++) {
        peer_answer("queued");
    }
    CHECK_EQ(only()->message.type, RADON_COAP_CON);
    peer_answer("at once");
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.type, RADON_COAP_NON);
    CHECK(peer_payload_is(sent, "at once"));
}

TEST(when_every_exchange_waits_deferred_requests_are_refused_unexecuted_and_others_served)
{
    peer_reset();
    peer_ask_t ask = post_slow;
    for (uint16_t i = 0; i < RADON_COAP_EXCHANGES; i++) {
        ask.id = (uint16_t)(20 + i);
        peer_ask(&peer_serial, &ask);
    }
    CHECK_EQ(radon_coap_server_pending(&peer_server), RADON_COAP_EXCHANGES);
    ask.id = 99;
    peer_ask(&peer_serial, &ask);
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.code, RADON_COAP_SERVICE_UNAVAILABLE);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_MAX_AGE, 0), 1);
    CHECK_EQ(peer_waiting_count, RADON_COAP_EXCHANGES);
    peer_ask(&peer_serial, &get_fast);
    CHECK(peer_payload_is(only(), "fast"));
}

TEST(answer_to_a_finished_or_unknown_exchange_is_refused)
{
    peer_reset();
    peer_ask(&peer_udp, &get_slow);
    radon_coap_exchange_t exchange = peer_waiting[0];
    peer_answer("done");
    only();
    peer_waiting[0] = exchange;
    peer_waiting_count = 1;
    CHECK_EQ(peer_answer("again"), RADON_E_NOT_FOUND);
    peer_waiting[0] = 0;
    peer_waiting_count = 1;
    CHECK_EQ(peer_answer("nothing"), RADON_E_NOT_FOUND);
    peer_waiting[0] = 0xffff0001;
    peer_waiting_count = 1;
    CHECK_EQ(peer_answer("nothing"), RADON_E_NOT_FOUND);
    CHECK_EQ(peer_unread(), 0);
}

TEST(exchange_nobody_answers_expires_with_5_03_and_is_told)
{
    peer_reset();
    peer_ask(&peer_udp, &get_slow);
    radon_coap_exchange_t exchange = peer_waiting[0];
    peer_advance(peer_now_ms + RADON_COAP_EXCHANGE_MS);
    const peer_sent_t *sent = peer_next();
    CHECK_EQ(sent->message.type, RADON_COAP_ACK);
    CHECK_EQ(only()->message.code, RADON_COAP_SERVICE_UNAVAILABLE);
    CHECK_EQ(peer_expired, exchange);
    CHECK_EQ(peer_answer("late"), RADON_E_NOT_FOUND);
}

TEST(non_confirmable_request_gets_its_deferred_answer_as_non_without_ack)
{
    peer_reset();
    peer_ask_t ask = get_slow;
    ask.type = RADON_COAP_NON;
    peer_ask(&peer_udp, &ask);
    peer_advance(peer_now_ms + 1000);
    CHECK_EQ(peer_unread(), 0);
    peer_answer("done");
    CHECK_EQ(only()->message.type, RADON_COAP_NON);
}

TEST(full_link_is_asked_again_until_it_takes_the_response)
{
    peer_reset();
    peer_ask(&peer_udp, &get_slow);
    peer_link_full = true;
    peer_advance(peer_now_ms + 100);
    peer_link_full = false;
    peer_advance(peer_now_ms + 10);
    check_empty(RADON_COAP_ACK, 9);
    peer_link_full = true;
    peer_answer("done");
    peer_advance(peer_now_ms + 100);
    CHECK_EQ(peer_unread(), 0);
    peer_link_full = false;
    peer_advance(peer_now_ms + 10);
    CHECK(peer_payload_is(only(), "done"));
    CHECK(peer_server.counters.refused > 0);
}

TEST(reply_a_full_link_did_not_take_is_there_for_the_repeat)
{
    peer_reset();
    peer_link_full = true;
    peer_ask(&peer_udp, &post_fast);
    peer_link_full = false;
    peer_ask(&peer_udp, &post_fast);
    CHECK(peer_payload_is(only(), "posted 1 x"));
}

TEST(no_response_suppresses_classes_but_not_the_acknowledgement)
{
    peer_reset();
    peer_ask_t ask = {.method = PUT, .id = 3, .path = "fast", .options = {{.number = 258, .value = 2}}};
    peer_ask(&peer_udp, &ask);
    check_empty(RADON_COAP_ACK, 3);
    peer_ask(&peer_udp, &ask);
    check_empty(RADON_COAP_ACK, 3);
    ask.type = RADON_COAP_NON;
    peer_ask(&peer_udp, &ask);
    CHECK_EQ(peer_unread(), 0);
    ask.options[0].value = 8;
    ask.id = 4;
    peer_ask(&peer_udp, &ask);
    CHECK_EQ(only()->message.code, RADON_COAP_CHANGED);
    ask.path = "nowhere";
    peer_ask(&peer_udp, &ask);
    CHECK_EQ(peer_unread(), 0);
}

/* Conditional requests -------------------------------------------------------------------------------------
 */

static uint32_t etag_of(const char *path, uint32_t accept)
{
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET,
                                      .path = path,
                                      .options = {{.number = accept == 0 ? 0u : 17u, .value = accept}}});
    return peer_option(only(), RADON_COAP_OPTION_ETAG, 0);
}

TEST(known_etag_gets_2_03_without_a_body)
{
    peer_reset();
    uint32_t etag = etag_of("fast", 0);
    CHECK(etag != 0);
    peer_ask(&peer_udp,
             &(peer_ask_t){.method = GET, .path = "fast", .options = {{.number = 4, .value = etag}}});
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.code, RADON_COAP_VALID);
    CHECK_EQ(sent->message.payload.len, 0);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_ETAG, 0), etag);
    peer_ask(&peer_udp,
             &(peer_ask_t){.method = GET, .path = "fast", .options = {{.number = 4, .value = etag + 1}}});
    CHECK_EQ(only()->message.code, RADON_COAP_CONTENT);
}

static uint8_t put_value_if(const char *value, uint16_t option, uint32_t etag)
{
    peer_ask_t ask = {.method = PUT, .id = 50, .path = "value", .payload = value};
    ask.options[0] = (peer_option_t){.number = option, .value = etag};
    peer_ask(&peer_udp, &ask);
    return only()->message.code;
}

TEST(if_match_guards_against_lost_updates)
{
    peer_reset();
    uint32_t etag = etag_of("value", 0);
    CHECK_EQ(put_value_if("2", RADON_COAP_OPTION_IF_MATCH, etag ^ 1), RADON_COAP_PRECONDITION_FAILED);
    CHECK_STR(peer_value, "1");
    CHECK_EQ(put_value_if("3", RADON_COAP_OPTION_IF_MATCH, etag), RADON_COAP_CHANGED);
    CHECK_STR(peer_value, "3");
    CHECK_EQ(put_value_if("4", RADON_COAP_OPTION_IF_MATCH, etag), RADON_COAP_PRECONDITION_FAILED);
    CHECK_EQ(put_value_if("5", RADON_COAP_OPTION_IF_MATCH, 0), RADON_COAP_CHANGED);
    CHECK_EQ(put_value_if("6", RADON_COAP_OPTION_IF_MATCH, etag_of("value", RADON_FORMAT_JSON)),
             RADON_COAP_CHANGED);
}

TEST(if_none_match_creates_only)
{
    peer_reset();
    CHECK_EQ(put_value_if("2", RADON_COAP_OPTION_IF_NONE_MATCH, 0), RADON_COAP_PRECONDITION_FAILED);
    CHECK_STR(peer_value, "1");
    peer_value[0] = '\0';
    CHECK_EQ(put_value_if("3", RADON_COAP_OPTION_IF_MATCH, 0), RADON_COAP_PRECONDITION_FAILED);
    CHECK_EQ(put_value_if("2", RADON_COAP_OPTION_IF_NONE_MATCH, 0), RADON_COAP_CHANGED);
    CHECK_STR(peer_value, "2");
}

TEST(preconditions_that_cannot_be_checked_are_refused_as_critical_options)
{
    peer_reset();
    peer_ask(&peer_udp, &(peer_ask_t){.method = POST, .path = "slow", .options = {{.number = 5}}});
    CHECK_EQ(only()->message.code, RADON_COAP_BAD_OPTION);
    CHECK_EQ(peer_waiting_count, 0);
}

static radon_err_t respond_inside;

static void respond_in_answer(void *context, radon_coap_response_t *response)
{
    (void)response;
    respond_inside = radon_coap_server_respond(&peer_server, *(radon_coap_exchange_t *)context,
                                               respond_in_answer, context, peer_now_ms);
}

TEST(answering_inside_an_answer_is_refused)
{
    peer_reset();
    peer_ask(&peer_udp, &get_slow);
    radon_coap_exchange_t exchange = peer_waiting[0];
    radon_coap_server_respond(&peer_server, exchange, respond_in_answer, &exchange, peer_now_ms);
    CHECK_EQ(respond_inside, RADON_E_STATE);
}

TEST(serial_timers_follow_the_baud_rate)
{
    radon_coap_link_t fast = radon_coap_link_serial(115200);
    CHECK_EQ(fast.ack_timeout_ms, 600);
    CHECK_EQ(fast.exchange_lifetime_ms, 13950);
    radon_coap_link_t slow = radon_coap_link_serial(9600);
    CHECK_EQ(slow.ack_timeout_ms, 4850);
    CHECK_EQ(slow.exchange_lifetime_ms, 113975);
}

int main(void)
{
    RUN(confirmable_get_is_answered_in_its_acknowledgement);
    RUN(non_confirmable_get_is_answered_non_confirmably);
    RUN(ping_is_answered_with_reset);
    RUN(malformed_confirmable_is_rejected_and_the_rest_ignored);
    RUN(responses_nobody_asked_for_are_rejected_or_ignored);
    RUN(unknown_critical_option_is_4_02_in_con_and_silence_in_non);
    RUN(unknown_path_method_and_proxying_have_their_codes);
    RUN(refusals_say_why_in_problem_details);
    RUN(long_path_in_a_refusal_is_cut_between_characters);
    RUN(patterns_match_one_or_several_segments);
    RUN(discovery_lists_resources_and_what_is_behind_patterns);
    RUN(control_needs_a_trusted_endpoint);
    RUN(repeated_post_is_executed_once_and_answered_with_the_same_bytes);
    RUN(the_same_id_is_another_request_from_elsewhere_with_other_bytes_or_later);
    RUN(repeated_non_confirmable_post_is_ignored);
    RUN(full_table_refuses_unsafe_requests_with_max_age_and_serves_the_rest);
    RUN(a_serial_link_takes_any_number_of_unsafe_requests);
    RUN(reply_whose_bytes_gave_way_is_not_invented);
    RUN(get_may_be_executed_again_and_takes_no_place);
    RUN(quick_deferred_answer_is_piggybacked);
    RUN(slow_answer_is_acknowledged_after_25_ms_and_comes_confirmably);
    RUN(unacknowledged_response_is_repeated_with_doubling_intervals_and_given_up);
    RUN(reset_ends_the_repetition);
    RUN(request_repeated_while_it_waits_is_acknowledged_again_and_runs_once);
    RUN(nstart_lets_one_confirmable_response_out_at_a_time);
    RUN(confirmable_responses_go_out_in_the_order_of_their_answers);
    RUN(waiting_confirmable_of_one_endpoint_does_not_hold_up_another);
    RUN(without_room_to_repeat_it_a_response_goes_once_as_non);
    RUN(when_every_exchange_waits_deferred_requests_are_refused_unexecuted_and_others_served);
    RUN(answer_to_a_finished_or_unknown_exchange_is_refused);
    RUN(exchange_nobody_answers_expires_with_5_03_and_is_told);
    RUN(non_confirmable_request_gets_its_deferred_answer_as_non_without_ack);
    RUN(full_link_is_asked_again_until_it_takes_the_response);
    RUN(reply_a_full_link_did_not_take_is_there_for_the_repeat);
    RUN(no_response_suppresses_classes_but_not_the_acknowledgement);
    RUN(known_etag_gets_2_03_without_a_body);
    RUN(if_match_guards_against_lost_updates);
    RUN(if_none_match_creates_only);
    RUN(preconditions_that_cannot_be_checked_are_refused_as_critical_options);
    RUN(answering_inside_an_answer_is_refused);
    RUN(serial_timers_follow_the_baud_rate);
    return check_summary();
}
