/** A resource whose notifications carry what is new: each observer is told from where it was last. */
#include "check.h"

#include "radon/coap/numbers.h"
#include "radon/coap/server.h"

#include <string.h>

#define SENT_MAX 32

static radon_coap_server_t server;
static char lines[32]; /**< the resource: one letter a line */
static uint64_t now_ms;
static bool link_full;

static struct {
    uint8_t bytes[RADON_COAP_MESSAGE_MAX];
    radon_coap_message_t message;
} sent[SENT_MAX];
static size_t sent_count;
static size_t sent_read;

static radon_err_t take(void *context, const radon_endpoint_t *to, radon_bytes_t datagram)
{
    (void)context, (void)to;
    if (link_full) {
        return RADON_E_BUSY;
    }
    REQUIRE(sent_count < SENT_MAX);
    memcpy(sent[sent_count].bytes, datagram.data, datagram.len);
    radon_bytes_t copy = radon_bytes(sent[sent_count].bytes, datagram.len);
    CHECK_EQ(radon_coap_message_parse(&sent[sent_count].message, copy), RADON_OK);
    sent_count++;
    return RADON_OK;
}

/** Letters from `since` on; "text" by default, the same as CBOR on request. */
static radon_coap_handled_t read_lines(void *context, const radon_coap_request_t *request,
                                       radon_coap_response_t *response)
{
    (void)context;
    response->format = request->accept == RADON_COAP_NO_FORMAT ? 0 : request->accept;
    radon_sink_text(&response->body, lines + (request->notification ? request->since : 0));
    response->mark = (uint32_t)strlen(lines);
    return RADON_COAP_DONE;
}

static const radon_coap_resource_t table[] = {
    {.path = "log", .methods = RADON_COAP_METHODS(GET), .observable = true, .handler = read_lines}};

static void prepare(void)
{
    static radon_coap_link_t links[1];
    static radon_coap_server_config_t config;
    links[0] = radon_coap_link_serial(115200);
    config = (radon_coap_server_config_t){
        .links = links, .link_count = 1, .tree = {.resources = table, .count = 1}, .send = take};
    now_ms = 1000;
    sent_count = 0;
    sent_read = 0;
    link_full = false;
    strcpy(lines, "a");
    radon_coap_server_init(&server, &config, 1);
}

/** Observes as a client with this token, with Accept where `accept` is a byte. */
static void observe(char token, int accept)
{
    static uint16_t id;
    const radon_endpoint_t peer = {.link = 0, .trusted = true};
    id++;
    const uint8_t message[] = {
        0x51, 0x01, (uint8_t)(id >> 8), (uint8_t)id, (uint8_t)token, 0x60, 0x53, 'l', 'o',
        'g',  0x61, (uint8_t)accept}; /* Observe, Uri-Path, Accept */
    radon_coap_server_receive(&server, &peer,
                              radon_bytes(message, accept < 0 ? sizeof message - 2 : sizeof message), now_ms);
}

static void poll(void)
{
    (void)radon_coap_server_poll(&server, now_ms);
}

static void add(const char *letters)
{
    strcat(lines, letters);
    radon_coap_server_notify(&server, radon_bytes_text("log"));
    poll();
}

/** The next message sent must be for `token` and carry `text`. */
static void check_told(char token, const char *text)
{
    REQUIRE(sent_read < sent_count);
    const radon_coap_message_t *message = &sent[sent_read++].message;
    CHECK_EQ(message->token.data[0], token);
    CHECK(radon_bytes_equal_text(message->payload, text));
}

TEST(an_observer_gets_all_at_first_and_then_what_is_new)
{
    prepare();
    observe('x', -1);
    check_told('x', "a");
    add("b");
    check_told('x', "b");
    add("cd");
    check_told('x', "cd");
}

TEST(observers_of_other_formats_miss_nothing_of_each_other)
{
    prepare();
    observe('x', -1);
    check_told('x', "a");
    add("b");
    check_told('x', "b");
    observe('y', 60);
    check_told('y', "ab");
    add("c");
    check_told('x', "c");
    check_told('y', "c");
}

TEST(one_that_came_later_is_told_from_its_own_place)
{
    prepare();
    observe('x', -1);
    check_told('x', "a");
    strcat(lines, "b"); /* not announced yet */
    observe('y', -1);
    check_told('y', "ab");
    add("c");
    check_told('x', "bc");
    check_told('y', "c");
}

TEST(what_a_full_link_did_not_take_comes_with_the_next)
{
    prepare();
    observe('x', -1);
    check_told('x', "a");
    link_full = true;
    add("b");
    CHECK_EQ(sent_count, sent_read);
    link_full = false;
    add("c");
    check_told('x', "bc");
}

TEST(a_confirmable_one_counts_when_it_is_acknowledged)
{
    prepare();
    observe('x', -1);
    check_told('x', "a");
    char last[2] = "b";
    add(last);
    while (sent[sent_read].message.type == RADON_COAP_NON) {
        check_told('x', last);
        last[0]++;
        add(last);
    }
    check_told('x', last);
    strcat(lines, "!");
    radon_coap_server_notify(&server, radon_bytes_text("log"));
    now_ms += 5000; /* it was lost: the newer state takes its place, from where the observer is */
    poll();
    char both[3] = {last[0], '!', 0};
    check_told('x', both);
}

int main(void)
{
    RUN(an_observer_gets_all_at_first_and_then_what_is_new);
    RUN(observers_of_other_formats_miss_nothing_of_each_other);
    RUN(one_that_came_later_is_told_from_its_own_place);
    RUN(what_a_full_link_did_not_take_comes_with_the_next);
    RUN(a_confirmable_one_counts_when_it_is_acknowledged);
    return check_summary();
}
