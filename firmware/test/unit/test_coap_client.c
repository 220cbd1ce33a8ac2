/* The bridge is played by hand: each test sees the requests of the node and answers them. */
#include "coap_peer.h"

#include "check.h"

#define BODY_BYTES 2000U
#define TIMEOUT_MS 30000U

/** A call and what its caller saw. */
typedef struct {
    radon_coap_call_t call; /**< first: callers get a pointer to it */
    radon_coap_ask_t ask;
    uint8_t body[BODY_BYTES];
    size_t room;
    bool busy;
    unsigned answers;
    radon_coap_answered_t last;
} caller_t;

static caller_t one;
static caller_t two;
static const radon_endpoint_t local = {.link = RADON_COAP_LINK_LOCAL, .address_len = 1, .address = {3}};

static void describe(const radon_coap_call_t *call, radon_coap_ask_t *ask)
{
    *ask = ((const caller_t *)(const void *)call)->ask;
}

static radon_err_t take(radon_coap_call_t *call, size_t offset, radon_bytes_t bytes)
{
    caller_t *caller = (caller_t *)call;
    if (caller->busy) {
        return RADON_E_BUSY;
    }
    if (offset + bytes.len > caller->room) {
        return RADON_E_TOO_BIG;
    }
    if (bytes.len > 0) {
        memcpy(caller->body + offset, bytes.data, bytes.len);
    }
    return RADON_OK;
}

static void note(radon_coap_call_t *call, const radon_coap_answered_t *answered)
{
    caller_t *caller = (caller_t *)call;
    caller->answers++;
    caller->last = *answered;
}

static const radon_coap_caller_t handlers = {.ask = describe, .take = take, .answered = note};

static void reset(void)
{
    peer_reset();
    memset(&one, 0, sizeof one);
    memset(&two, 0, sizeof two);
}

static void start(caller_t *caller, const radon_endpoint_t *to, const char *path)
{
    if (caller->ask.method == 0) {
        caller->ask.method = RADON_METHOD_GET;
        caller->ask.format = RADON_COAP_NO_FORMAT;
    }
    caller->ask.path = radon_bytes_text(path);
    caller->room = caller->room == 0 ? sizeof caller->body : caller->room;
    radon_coap_client_start(&peer_client, &caller->call, &handlers, to, TIMEOUT_MS, peer_now_ms);
    radon_coap_server_poll(&peer_server, peer_now_ms);
}

static void observe(caller_t *caller, const radon_endpoint_t *to, const char *path)
{
    caller->ask =
        (radon_coap_ask_t){.method = RADON_METHOD_GET, .format = RADON_COAP_NO_FORMAT, .observe = true};
    start(caller, to, path);
}

/** The next request of the node, which must be there. */
static peer_sent_t expect_request(void)
{
    const peer_sent_t *sent = peer_next();
    REQUIRE(sent != NULL);
    peer_sent_t copy = *sent;
    REQUIRE(radon_coap_message_parse(&copy.message, radon_bytes(sent->bytes, sent->len)) == RADON_OK);
    return copy;
}

/** A response of the bridge. */
typedef struct {
    radon_coap_type_t type;
    uint8_t code;
    uint16_t id;
    peer_option_t options[6]; /**< ascending */
    const char *payload;
    size_t payload_len; /**< 0: up to the NUL */
} response_t;

static void respond_from(const radon_endpoint_t *from, const peer_sent_t *request, const response_t *response)
{
    uint8_t bytes[RADON_COAP_MESSAGE_MAX];
    radon_coap_writer_t writer;
    uint16_t id = response->type == RADON_COAP_ACK ? request->message.id : response->id;
    radon_coap_write_header(&writer, bytes, sizeof bytes, response->type, response->code, id,
                            request->message.token);
    for (size_t i = 0; i < 6 && response->options[i].number != 0; i++) {
        const peer_option_t *option = &response->options[i];
        if (option->bytes != NULL) {
            radon_coap_write_option(&writer, option->number, radon_bytes(option->bytes, option->len));
        } else {
            radon_coap_write_option_uint(&writer, option->number, option->value);
        }
    }
    size_t len = response->payload == NULL || response->payload_len > 0 ? response->payload_len
                                                                        : strlen(response->payload);
    radon_coap_write_payload(&writer, radon_bytes(response->payload, len));
    REQUIRE(!writer.failed);
    peer_receive(from, bytes, writer.len);
}

static void respond(const peer_sent_t *request, const response_t *response)
{
    respond_from(&peer_serial, request, response);
}

static void check_body(const caller_t *caller, const char *text)
{
    CHECK_BYTES(caller->body, caller->last.length, text, strlen(text));
}

/** Uri-Path options joined by slashes. */
static void check_path(const peer_sent_t *request, const char *expected)
{
    radon_coap_request_t view;
    char path[64] = "";
    CHECK_EQ(radon_coap_request_parse(&view, &request->message), 0);
    radon_coap_request_path(&view, path, sizeof path - 1);
    CHECK_STR(path, expected);
}

/* Requests -------------------------------------------------------------------------------------------------
 */

TEST(a_request_goes_out_confirmable_and_its_answer_comes_with_the_ack)
{
    reset();
    one.ask = (radon_coap_ask_t){.method = RADON_METHOD_POST,
                                 .format = RADON_FORMAT_JSON,
                                 .hops = 8,
                                 .first = radon_bytes_text("nodes"),
                                 .second = radon_bytes_text("roof"),
                                 .query = radon_bytes_text("x=%20&y"),
                                 .payload = radon_bytes_text("{}")};
    start(&one, &peer_serial, "a/rain/%c3%a4");
    peer_sent_t request = expect_request();
    CHECK_EQ(request.message.type, RADON_COAP_CON);
    CHECK_EQ(request.message.code, RADON_METHOD_POST);
    check_path(&request, "nodes/roof/a/rain/\xc3\xa4");
    CHECK_EQ(peer_option(&request, RADON_COAP_OPTION_HOP_LIMIT, 0), 8);
    CHECK_EQ(peer_option(&request, RADON_COAP_OPTION_CONTENT_FORMAT, 0), RADON_FORMAT_JSON);
    CHECK(peer_payload_is(&request, "{}"));

    respond(&request, &(response_t){.type = RADON_COAP_ACK,
                                    .code = RADON_COAP_CHANGED,
                                    .options = {{.number = RADON_COAP_OPTION_CONTENT_FORMAT, .value = 0}},
                                    .payload = "done"});
    CHECK_EQ(one.answers, 1);
    CHECK_EQ(one.last.err, RADON_OK);
    CHECK_EQ(one.last.code, RADON_COAP_CHANGED);
    CHECK_EQ(one.last.format, 0);
    CHECK(!one.last.goes_on);
    check_body(&one, "done");
    CHECK_EQ(peer_unread(), 0);
}

TEST(a_whole_uri_goes_as_proxy_uri)
{
    reset();
    one.ask = (radon_coap_ask_t){.method = RADON_METHOD_GET,
                                 .format = RADON_COAP_NO_FORMAT,
                                 .proxy_uri = radon_bytes_text("coap://host/x")};
    start(&one, &peer_serial, "");
    peer_sent_t request = expect_request();
    radon_coap_options_t options = radon_coap_options(&request.message);
    radon_coap_option_t option;
    REQUIRE(radon_coap_options_next(&options, &option));
    CHECK_EQ(option.number, RADON_COAP_OPTION_PROXY_URI);
    CHECK_BYTES(option.value.data, option.value.len, "coap://host/x", 13);
    CHECK(!radon_coap_options_next(&options, &option));
}

TEST(an_unanswered_request_is_repeated_and_given_up)
{
    reset();
    uint64_t began_ms = peer_now_ms;
    start(&one, &peer_serial, "x");
    peer_sent_t first = expect_request();
    peer_advance(began_ms + 29000);
    for (unsigned i = 0; i < RADON_COAP_MAX_RETRANSMIT; i++) {
        peer_sent_t again = expect_request();
        CHECK_BYTES(again.bytes, again.len, first.bytes, first.len);
    }
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(one.answers, 1);
    CHECK_EQ(one.last.err, RADON_E_TIMEOUT);
    CHECK_EQ(peer_server.counters.retransmissions, RADON_COAP_MAX_RETRANSMIT);
    CHECK_EQ(peer_server.counters.timeouts, 1);
}

TEST(an_acknowledged_request_is_not_repeated_and_ends_at_its_deadline)
{
    reset();
    start(&one, &peer_serial, "x");
    peer_sent_t request = expect_request();
    peer_empty(&peer_serial, RADON_COAP_ACK, request.message.id);
    peer_advance(peer_now_ms + TIMEOUT_MS - 1);
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(one.answers, 0);
    peer_advance(peer_now_ms + 1);
    CHECK_EQ(one.answers, 1);
    CHECK_EQ(one.last.err, RADON_E_TIMEOUT);
}

TEST(a_separate_answer_is_acknowledged_as_often_as_it_comes_and_told_once)
{
    reset();
    start(&one, &peer_serial, "x");
    peer_sent_t request = expect_request();
    peer_empty(&peer_serial, RADON_COAP_ACK, request.message.id);
    for (unsigned i = 0; i < 2; i++) {
        respond(&request,
                &(response_t){.type = RADON_COAP_CON, .code = RADON_COAP_CONTENT, .id = 77, .payload = "hi"});
        const peer_sent_t *ack = peer_next();
        REQUIRE(ack != NULL);
        CHECK_EQ(ack->message.type, RADON_COAP_ACK);
        CHECK_EQ(ack->message.id, 77);
    }
    CHECK_EQ(one.answers, 1);
    check_body(&one, "hi");
}

TEST(an_answer_before_its_ack_ends_the_request)
{
    reset();
    start(&one, &peer_serial, "x");
    peer_sent_t request = expect_request();
    respond(&request,
            &(response_t){.type = RADON_COAP_NON, .code = RADON_COAP_CONTENT, .id = 5, .payload = "hi"});
    CHECK_EQ(one.answers, 1);
    peer_advance(peer_now_ms + TIMEOUT_MS);
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(one.answers, 1);
}

TEST(a_reset_means_that_nobody_serves_there)
{
    reset();
    start(&one, &peer_serial, "x");
    peer_sent_t request = expect_request();
    peer_empty(&peer_serial, RADON_COAP_RST, request.message.id);
    CHECK_EQ(one.answers, 1);
    CHECK_EQ(one.last.err, RADON_E_NO_ROUTE);
    CHECK_EQ(peer_server.counters.resets, 1);
}

TEST(one_request_at_a_time_is_unacknowledged)
{
    reset();
    start(&one, &peer_serial, "first");
    start(&two, &peer_serial, "second");
    peer_sent_t request = expect_request();
    CHECK_EQ(peer_unread(), 0);
    peer_empty(&peer_serial, RADON_COAP_ACK, request.message.id);
    peer_sent_t second = expect_request();
    check_path(&second, "second");
    respond(&second, &(response_t){.type = RADON_COAP_ACK, .code = RADON_COAP_CONTENT, .payload = "2"});
    respond(&request,
            &(response_t){.type = RADON_COAP_CON, .code = RADON_COAP_CONTENT, .id = 9, .payload = "1"});
    check_body(&one, "1");
    check_body(&two, "2");
}

TEST(a_response_of_the_server_waits_for_the_request_as_well)
{
    reset();
    peer_ask(&peer_serial,
             &(peer_ask_t){
                 .type = RADON_COAP_CON, .method = RADON_METHOD_GET, .id = 1, .token = "t", .path = "slow"});
    peer_advance(peer_now_ms + 100); /* its empty ACK */
    CHECK_EQ(expect_request().message.type, RADON_COAP_ACK);
    start(&one, &peer_serial, "x");
    peer_sent_t request = expect_request();
    CHECK_EQ(peer_answer("late"), RADON_OK);
    CHECK_EQ(peer_unread(), 0);
    peer_empty(&peer_serial, RADON_COAP_ACK, request.message.id);
    peer_sent_t response = expect_request();
    CHECK_EQ(response.message.type, RADON_COAP_CON);
    CHECK(peer_payload_is(&response, "late"));
}

TEST(a_full_link_is_asked_again)
{
    reset();
    peer_link_full = true;
    start(&one, &peer_serial, "x");
    CHECK_EQ(peer_unread(), 0);
    peer_link_full = false;
    peer_advance(peer_now_ms + 10);
    CHECK_EQ(expect_request().message.code, RADON_METHOD_GET);
}

TEST(a_request_that_fits_no_message_ends_at_once)
{
    static uint8_t large[RADON_COAP_MESSAGE_MAX];
    reset();
    one.ask = (radon_coap_ask_t){.method = RADON_METHOD_POST,
                                 .format = RADON_FORMAT_CBOR,
                                 .payload = radon_bytes(large, sizeof large)};
    start(&one, &peer_serial, "x");
    CHECK_EQ(one.last.err, RADON_E_TOO_BIG);
    CHECK_EQ(peer_unread(), 0);
}

TEST(the_longest_request_fits_a_message)
{
    static uint8_t body[1024];
    static char path[] =
        "a/bbbbbbbbbbbbb/bbbbbbbbbbbbb/bbbbbbbbbbbbb/bbbbbbbbbbbbb/bbbbbbbbbbbbb/bbbbbbbbbbbbb";
    reset();
    one.ask = (radon_coap_ask_t){.method = RADON_METHOD_FETCH,
                                 .format = 65000,
                                 .hops = 8,
                                 .first = radon_bytes_text("nodes"),
                                 .second = radon_bytes_text("abcdefgh"),
                                 .payload = radon_bytes(body, sizeof body)};
    CHECK_EQ(strlen(path) + strlen("//abcdefgh/") + sizeof body, RADON_MAX_URI_AND_BODY_BYTES);
    start(&one, &peer_serial, path);
    CHECK(expect_request().len <= RADON_COAP_MESSAGE_MAX);
}

/* Answers that are not -------------------------------------------------------------------------------------
 */

TEST(answers_of_others_are_rejected)
{
    reset();
    start(&one, &peer_serial, "x");
    peer_sent_t request = expect_request();
    respond_from(&peer_udp, &request,
                 &(response_t){.type = RADON_COAP_CON, .code = RADON_COAP_CONTENT, .id = 4, .payload = "no"});
    CHECK_EQ(expect_request().message.type, RADON_COAP_RST);
    peer_sent_t foreign = request;
    foreign.message.token = radon_bytes_text("abc");
    respond(&foreign,
            &(response_t){.type = RADON_COAP_NON, .code = RADON_COAP_CONTENT, .id = 5, .payload = "no"});
    CHECK_EQ(expect_request().message.type, RADON_COAP_RST);
    CHECK_EQ(one.answers, 0);
}

TEST(an_ack_must_be_of_this_request)
{
    reset();
    start(&one, &peer_serial, "x");
    peer_sent_t request = expect_request();
    request.message.id++;
    respond(&request, &(response_t){.type = RADON_COAP_ACK, .code = RADON_COAP_CONTENT, .payload = "no"});
    CHECK_EQ(one.answers, 0);
}

TEST(a_critical_option_that_is_unknown_rejects_the_answer)
{
    reset();
    start(&one, &peer_serial, "x");
    peer_sent_t request = expect_request();
    respond(&request, &(response_t){.type = RADON_COAP_CON,
                                    .code = RADON_COAP_CONTENT,
                                    .id = 4,
                                    .options = {{.number = 65001, .value = 1}},
                                    .payload = "no"});
    CHECK_EQ(expect_request().message.type, RADON_COAP_RST);
    CHECK_EQ(one.answers, 0);
}

TEST(a_cancelled_request_hears_nothing)
{
    reset();
    start(&one, &peer_serial, "x");
    peer_sent_t request = expect_request();
    radon_coap_client_cancel(&peer_client, &one.call);
    radon_coap_client_cancel(&peer_client, &one.call);
    respond(&request, &(response_t){.type = RADON_COAP_ACK, .code = RADON_COAP_CONTENT, .payload = "no"});
    peer_advance(peer_now_ms + TIMEOUT_MS);
    CHECK_EQ(one.answers, 0);
    CHECK_EQ(peer_unread(), 0);
}

/* Blocks ---------------------------------------------------------------------------------------------------
 */

static uint8_t long_body[40];

/** Block `num` of 16 bytes of long_body. */
static void respond_block(const peer_sent_t *request, uint32_t num, const char *etag)
{
    size_t offset = num * 16;
    size_t len = sizeof long_body - offset < 16 ? sizeof long_body - offset : 16;
    for (size_t i = 0; i < sizeof long_body; i++) {
        long_body[i] = (uint8_t)('a' + i % 26);
    }
    const radon_coap_block_t block = {.num = num, .more = offset + len < sizeof long_body};
    respond(request, &(response_t){.type = RADON_COAP_ACK,
                                   .code = RADON_COAP_CONTENT,
                                   .options = {{.number = RADON_COAP_OPTION_ETAG, .bytes = etag, .len = 1},
                                               {.number = RADON_COAP_OPTION_BLOCK2,
                                                .value = radon_coap_block_value(&block)}},
                                   .payload = (const char *)long_body + offset,
                                   .payload_len = len});
}

TEST(a_long_answer_is_put_together)
{
    reset();
    start(&one, &peer_serial, "long");
    for (uint32_t num = 0; num < 3; num++) {
        peer_sent_t request = expect_request();
        CHECK_EQ(peer_option(&request, RADON_COAP_OPTION_BLOCK2, 0) >> 4, num);
        respond_block(&request, num, "e");
    }
    CHECK_EQ(one.answers, 1);
    CHECK_BYTES(one.body, one.last.length, long_body, sizeof long_body);
}

TEST(an_answer_that_changes_between_blocks_begins_again)
{
    reset();
    start(&one, &peer_serial, "long");
    peer_sent_t request = expect_request();
    respond_block(&request, 0, "e");
    request = expect_request();
    respond_block(&request, 1, "f");
    request = expect_request();
    CHECK(!peer_has_option(&request, RADON_COAP_OPTION_BLOCK2));
    for (uint32_t num = 0; num < 3; num++) {
        respond_block(&request, num, "f");
        if (num < 2) {
            request = expect_request();
        }
    }
    CHECK_EQ(one.answers, 1);
    CHECK_EQ(one.last.length, sizeof long_body);
}

TEST(an_answer_over_the_room_of_its_caller_is_too_big)
{
    reset();
    one.room = 20;
    start(&one, &peer_serial, "long");
    peer_sent_t request = expect_request();
    respond_block(&request, 0, "e");
    request = expect_request();
    respond_block(&request, 1, "e");
    CHECK_EQ(one.answers, 1);
    CHECK_EQ(one.last.err, RADON_E_TOO_BIG);
    CHECK_EQ(peer_unread(), 0);
}

TEST(blocks_out_of_place_are_left_alone)
{
    reset();
    start(&one, &peer_serial, "long");
    peer_sent_t request = expect_request();
    respond_block(&request, 1, "e");
    CHECK_EQ(peer_unread(), 0);
    respond_block(&request, 0, "e");
    peer_sent_t second = expect_request();
    respond_block(&second, 2, "e");
    CHECK_EQ(one.answers, 0);
    CHECK_EQ(peer_unread(), 0);
}

/* Observing ------------------------------------------------------------------------------------------------
 */

static void notify(const peer_sent_t *request, uint32_t sequence, uint16_t id, const char *text)
{
    respond(request, &(response_t){.type = RADON_COAP_NON,
                                   .code = RADON_COAP_CONTENT,
                                   .id = id,
                                   .options = {{.number = RADON_COAP_OPTION_OBSERVE, .value = sequence}},
                                   .payload = text});
}

TEST(notifications_are_told_in_order)
{
    reset();
    observe(&one, &peer_serial, "value");
    peer_sent_t request = expect_request();
    CHECK_EQ(peer_option(&request, RADON_COAP_OPTION_OBSERVE, 9), 0);
    notify(&request, 10, 1, "a");
    CHECK(one.last.goes_on);
    notify(&request, 12, 2, "c");
    notify(&request, 11, 3, "b");
    notify(&request, 12, 4, "c");
    CHECK_EQ(one.answers, 2);
    check_body(&one, "c");
    notify(&request, 0xFFFFFF, 5, "old");
    CHECK_EQ(one.answers, 2);
    CHECK_EQ(peer_unread(), 0);
}

TEST(the_number_of_a_notification_may_wrap)
{
    reset();
    observe(&one, &peer_serial, "value");
    peer_sent_t request = expect_request();
    notify(&request, 0xFFFFFF, 1, "a");
    notify(&request, 1, 2, "b");
    CHECK_EQ(one.answers, 2);
    check_body(&one, "b");
}

TEST(an_error_ends_the_observation)
{
    reset();
    observe(&one, &peer_serial, "value");
    peer_sent_t request = expect_request();
    notify(&request, 1, 1, "a");
    respond(&request, &(response_t){.type = RADON_COAP_CON, .code = RADON_COAP_NOT_FOUND, .id = 2});
    CHECK_EQ(expect_request().message.type, RADON_COAP_ACK);
    CHECK_EQ(one.answers, 2);
    CHECK_EQ(one.last.code, RADON_COAP_NOT_FOUND);
    CHECK(!one.last.goes_on);
    notify(&request, 2, 3, "b");
    CHECK_EQ(expect_request().message.type, RADON_COAP_RST);
}

TEST(what_cannot_be_observed_answers_once)
{
    reset();
    observe(&one, &peer_serial, "value");
    peer_sent_t request = expect_request();
    respond(&request, &(response_t){.type = RADON_COAP_ACK, .code = RADON_COAP_CONTENT, .payload = "a"});
    CHECK(!one.last.goes_on);
    CHECK_EQ(one.call.state, RADON_COAP_CALL_OVER);
}

TEST(a_cancelled_observation_is_ended_and_rejects_what_still_comes)
{
    reset();
    observe(&one, &peer_serial, "value");
    peer_sent_t request = expect_request();
    notify(&request, 1, 1, "a");
    radon_coap_client_cancel(&peer_client, &one.call);
    peer_sent_t end = expect_request();
    CHECK_EQ(end.message.type, RADON_COAP_NON);
    CHECK_EQ(peer_option(&end, RADON_COAP_OPTION_OBSERVE, 9), 1);
    CHECK_EQ(peer_option(&end, RADON_COAP_OPTION_NO_RESPONSE, 0), 26);
    CHECK_BYTES(end.message.token.data, end.message.token.len, request.message.token.data,
                request.message.token.len);
    check_path(&end, "value");
    notify(&request, 2, 2, "b");
    peer_sent_t reset_sent = expect_request();
    CHECK_EQ(reset_sent.message.type, RADON_COAP_RST);
    CHECK_EQ(reset_sent.message.id, 2);
    CHECK_EQ(one.answers, 1);
}

TEST(what_the_caller_could_not_take_is_asked_for_again)
{
    reset();
    observe(&one, &peer_serial, "value");
    peer_sent_t request = expect_request();
    notify(&request, 1, 1, "a");
    one.busy = true;
    notify(&request, 2, 2, "b");
    CHECK_EQ(one.answers, 1);
    one.busy = false;
    radon_coap_client_again(&peer_client, &one.call, peer_now_ms);
    radon_coap_server_poll(&peer_server, peer_now_ms);
    peer_sent_t again = expect_request();
    CHECK_EQ(peer_option(&again, RADON_COAP_OPTION_OBSERVE, 9), 0);
    notify(&again, 3, 3, "b");
    CHECK_EQ(one.answers, 2);
    check_body(&one, "b");
}

TEST(a_silent_observation_is_made_anew)
{
    reset();
    observe(&one, &peer_serial, "value");
    peer_sent_t request = expect_request();
    notify(&request, 1, 1, "a");
    peer_advance(peer_now_ms + RADON_COAP_REFRESH_MS);
    peer_sent_t again = expect_request();
    CHECK_EQ(peer_option(&again, RADON_COAP_OPTION_OBSERVE, 9), 0);
    CHECK_BYTES(again.message.token.data, again.message.token.len, request.message.token.data,
                request.message.token.len);
}

TEST(a_long_notification_is_put_together)
{
    reset();
    observe(&one, &peer_serial, "value");
    peer_sent_t request = expect_request();
    respond(&request, &(response_t){.type = RADON_COAP_NON,
                                    .code = RADON_COAP_CONTENT,
                                    .id = 1,
                                    .options = {{.number = RADON_COAP_OPTION_OBSERVE, .value = 1},
                                                {.number = RADON_COAP_OPTION_BLOCK2, .value = 8}},
                                    .payload = "0123456789abcdef"});
    peer_sent_t later = expect_request();
    CHECK(!peer_has_option(&later, RADON_COAP_OPTION_OBSERVE));
    CHECK_EQ(one.answers, 0);
    respond(&later, &(response_t){.type = RADON_COAP_ACK,
                                  .code = RADON_COAP_CONTENT,
                                  .options = {{.number = RADON_COAP_OPTION_BLOCK2, .value = 16}},
                                  .payload = "gh"});
    CHECK_EQ(one.answers, 1);
    CHECK(one.last.goes_on);
    check_body(&one, "0123456789abcdefgh");
    notify(&request, 2, 9, "short");
    check_body(&one, "short");
}

/* This node ------------------------------------------------------------------------------------------------
 */

TEST(this_node_answers_without_a_datagram)
{
    reset();
    start(&one, &local, "value");
    CHECK_EQ(one.answers, 1);
    CHECK_EQ(one.last.code, RADON_COAP_CONTENT);
    check_body(&one, "1");
    CHECK_EQ(peer_unread(), 0);
    CHECK_EQ(peer_server.counters.messages_out, 0);
}

TEST(this_node_may_answer_later)
{
    reset();
    start(&one, &local, "slow");
    peer_advance(peer_now_ms + 1000);
    CHECK_EQ(one.answers, 0);
    CHECK_EQ(peer_answer("at last"), RADON_OK);
    CHECK_EQ(one.answers, 1);
    check_body(&one, "at last");
    CHECK_EQ(peer_unread(), 0);
}

TEST(an_answer_after_the_deadline_goes_nowhere)
{
    reset();
    start(&one, &local, "slow");
    peer_advance(peer_now_ms + TIMEOUT_MS);
    CHECK_EQ(one.last.err, RADON_E_TIMEOUT);
    CHECK_EQ(peer_answer("too late"), RADON_OK);
    CHECK_EQ(one.answers, 1);
}

TEST(long_answers_of_this_node_come_whole)
{
    reset();
    peer_long_len = 1500;
    start(&one, &local, "long");
    CHECK_EQ(one.answers, 1);
    REQUIRE(one.last.length == 1500);
    for (size_t i = 0; i < 1500; i++) {
        REQUIRE(one.body[i] == peer_long_byte(0, i));
    }
}

TEST(atoms_may_only_read_what_is_not_theirs)
{
    reset();
    one.ask = (radon_coap_ask_t){.method = RADON_METHOD_POST, .format = RADON_COAP_NO_FORMAT};
    start(&one, &local, "fast");
    CHECK_EQ(one.last.code, RADON_COAP_FORBIDDEN);
    CHECK_EQ(peer_posts, 0);
    start(&one, &local, "nowhere");
    CHECK_EQ(one.last.code, RADON_COAP_FORBIDDEN);
    one.ask.method = RADON_METHOD_PUT;
    one.ask.payload = radon_bytes_text("7");
    start(&one, &local, "items/x");
    CHECK_EQ(one.last.code, RADON_COAP_CHANGED);
    CHECK_EQ(one.answers, 3);
}

TEST(an_atom_observes_this_node)
{
    reset();
    observe(&one, &local, "value");
    CHECK(one.last.goes_on);
    for (unsigned i = 2; i < 40; i++) {
        snprintf(peer_value, sizeof peer_value, "%u", i);
        radon_coap_server_notify(&peer_server, radon_bytes_text("value"));
        radon_coap_server_poll(&peer_server, peer_now_ms);
        CHECK_EQ(one.answers, i);
        check_body(&one, peer_value);
    }
    peer_advance(peer_now_ms + 2 * RADON_COAP_CONFIRM_MS);
    CHECK_EQ(one.answers, 39);
    radon_coap_client_cancel(&peer_client, &one.call);
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
    CHECK_EQ(peer_unread(), 0);
}

TEST(observations_of_this_node_end_with_an_error)
{
    reset();
    observe(&one, &local, "value");
    peer_value[0] = '\0';
    radon_coap_server_notify(&peer_server, radon_bytes_text("value"));
    radon_coap_server_poll(&peer_server, peer_now_ms);
    CHECK_EQ(one.last.code, RADON_COAP_NOT_FOUND);
    CHECK(!one.last.goes_on);
    CHECK_EQ(radon_coap_server_observing(&peer_server), 0);
}

int main(void)
{
    RUN(a_request_goes_out_confirmable_and_its_answer_comes_with_the_ack);
    RUN(a_whole_uri_goes_as_proxy_uri);
    RUN(an_unanswered_request_is_repeated_and_given_up);
    RUN(an_acknowledged_request_is_not_repeated_and_ends_at_its_deadline);
    RUN(a_separate_answer_is_acknowledged_as_often_as_it_comes_and_told_once);
    RUN(an_answer_before_its_ack_ends_the_request);
    RUN(a_reset_means_that_nobody_serves_there);
    RUN(one_request_at_a_time_is_unacknowledged);
    RUN(a_response_of_the_server_waits_for_the_request_as_well);
    RUN(a_full_link_is_asked_again);
    RUN(a_request_that_fits_no_message_ends_at_once);
    RUN(the_longest_request_fits_a_message);
    RUN(answers_of_others_are_rejected);
    RUN(an_ack_must_be_of_this_request);
    RUN(a_critical_option_that_is_unknown_rejects_the_answer);
    RUN(a_cancelled_request_hears_nothing);
    RUN(a_long_answer_is_put_together);
    RUN(an_answer_that_changes_between_blocks_begins_again);
    RUN(an_answer_over_the_room_of_its_caller_is_too_big);
    RUN(blocks_out_of_place_are_left_alone);
    RUN(notifications_are_told_in_order);
    RUN(the_number_of_a_notification_may_wrap);
    RUN(an_error_ends_the_observation);
    RUN(what_cannot_be_observed_answers_once);
    RUN(a_cancelled_observation_is_ended_and_rejects_what_still_comes);
    RUN(what_the_caller_could_not_take_is_asked_for_again);
    RUN(a_silent_observation_is_made_anew);
    RUN(a_long_notification_is_put_together);
    RUN(this_node_answers_without_a_datagram);
    RUN(this_node_may_answer_later);
    RUN(an_answer_after_the_deadline_goes_nowhere);
    RUN(long_answers_of_this_node_come_whole);
    RUN(atoms_may_only_read_what_is_not_theirs);
    RUN(an_atom_observes_this_node);
    RUN(observations_of_this_node_end_with_an_error);
    return check_summary();
}
