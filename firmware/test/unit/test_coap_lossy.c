/*
 * Clients and server over a link that loses, doubles and delays datagrams, in virtual time. Whatever happens
 * to the datagrams, each request is answered and no POST is executed twice. Seeds are printed with a failure.
 */
#include "coap_peer.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"

#define CLIENTS 4
#define IN_FLIGHT_MAX 256
#define PAYLOAD_MAX 16
#define MAX_RETRANSMIT 4

typedef struct {
    uint8_t link;
    uint32_t loss_percent;
    uint32_t double_percent;
    uint32_t delay_ms;  /**< of every datagram */
    uint32_t spread_ms; /**< further delay: more than 0 lets them overtake each other */
} network_t;

typedef struct {
    bool used;
    bool to_server;
    size_t client;
    uint64_t at_ms;
    uint64_t order;
    size_t len;
    uint8_t bytes[RADON_COAP_MESSAGE_MAX];
} datagram_t;

typedef enum { IDLE, SENT, ACKNOWLEDGED } state_t;

/** One request at a time (NSTART 1), as RFC 7252 4.2 says. */
typedef struct {
    radon_endpoint_t endpoint;
    state_t state;
    bool slow;
    uint16_t id;
    char token[8];
    char payload[PAYLOAD_MAX];
    size_t len;
    uint8_t request[128];
    unsigned attempts;
    uint32_t timeout_ms;
    uint64_t due_ms; /**< of the retransmission, or of the next request */
    unsigned left;
} client_t;

static network_t network;
static datagram_t in_flight[IN_FLIGHT_MAX];
static client_t clients[CLIENTS];
static uint32_t random_state;
static uint64_t order;
static uint64_t answer_at_ms;
static unsigned numbered;
static unsigned answered_fast;
static unsigned answered_slow;
static unsigned refused;
static unsigned given_up;
static unsigned wrong;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(random_state >> 8) * below >> 24);
}

static const radon_coap_link_t *link_of(const client_t *client)
{
    return &peer_server.config->links[client->endpoint.link];
}

/* Network --------------------------------------------------------------------------------------------------
 */

static void carry(bool to_server, size_t client, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < IN_FLIGHT_MAX; i++) {
        datagram_t *datagram = &in_flight[i];
        if (!datagram->used) {
            *datagram = (datagram_t){.used = true,
                                     .to_server = to_server,
                                     .client = client,
                                     .at_ms = peer_now_ms + network.delay_ms + draw(network.spread_ms + 1),
                                     .order = order++,
                                     .len = len};
            memcpy(datagram->bytes, bytes, len);
            return;
        }
    }
    abort();
}

static void transmit(bool to_server, size_t client, const uint8_t *bytes, size_t len)
{
    if (draw(100) < network.loss_percent) {
        return;
    }
    carry(to_server, client, bytes, len);
    if (draw(100) < network.double_percent) {
        carry(to_server, client, bytes, len);
    }
}

/** The datagram that arrives next; NULL when none does by `now`. */
static datagram_t *next_arrival(uint64_t now_ms)
{
    datagram_t *first = NULL;
    for (size_t i = 0; i < IN_FLIGHT_MAX; i++) {
        datagram_t *other = &in_flight[i];
        bool sooner = first == NULL || other->at_ms < first->at_ms ||
                      (other->at_ms == first->at_ms && other->order < first->order);
        if (other->used && other->at_ms <= now_ms && sooner) {
            first = other;
        }
    }
    return first;
}

/* Clients --------------------------------------------------------------------------------------------------
 */

static void send_request(client_t *client)
{
    transmit(true, (size_t)(client - clients), client->request, client->len);
}

static void start_request(client_t *client)
{
    unsigned number = numbered++;
    client->left--;
    client->state = SENT;
    client->slow = draw(4) == 0;
    client->attempts = 0;
    client->id++;
    snprintf(client->token, sizeof client->token, "t%u", number);
    snprintf(client->payload, sizeof client->payload, "n%u", number);
    const peer_ask_t ask = {.method = RADON_METHOD_POST,
                            .id = client->id,
                            .token = client->token,
                            .path = client->slow ? "slow" : "fast",
                            .payload = client->payload};
    client->len = peer_build(&ask, client->request, sizeof client->request);
    uint32_t timeout = link_of(client)->ack_timeout_ms;
    client->timeout_ms = timeout + draw(timeout / 2 + 1);
    client->due_ms = peer_now_ms + client->timeout_ms;
    send_request(client);
}

static void finish_request(client_t *client, uint32_t wait_ms)
{
    client->state = IDLE;
    client->due_ms = peer_now_ms + wait_ms;
}

static void step_client(client_t *client)
{
    if (client->due_ms > peer_now_ms || client->state == ACKNOWLEDGED) {
        return;
    }
    if (client->state == IDLE) {
        if (client->left > 0) {
            start_request(client);
        }
    } else if (client->attempts == MAX_RETRANSMIT) {
        given_up++;
        finish_request(client, 1);
    } else {
        client->attempts++;
        client->timeout_ms *= 2;
        client->due_ms = peer_now_ms + client->timeout_ms;
        send_request(client);
    }
}

/** A response to the open request: is it the one that was asked for? */
static void take_response(client_t *client, const radon_coap_message_t *message)
{
    if (message->code == RADON_COAP_SERVICE_UNAVAILABLE) {
        refused++;
        finish_request(client, 60000);
        return;
    }
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)message->payload.len, (const char *)message->payload.data);
    const char *own = strrchr(text, ' ');
    if (client->slow) {
        answered_slow++;
        wrong += strcmp(text, "slow") != 0 ? 1 : 0;
    } else {
        answered_fast++;
        wrong += own == NULL || strcmp(own + 1, client->payload) != 0 ? 1 : 0;
    }
    finish_request(client, draw(20));
}

static void client_receives(client_t *client, const uint8_t *bytes, size_t len)
{
    radon_coap_message_t message;
    if (radon_coap_message_parse(&message, radon_bytes(bytes, len)) != RADON_OK) {
        wrong++;
        return;
    }
    if (message.type == RADON_COAP_CON) {
        const peer_ask_t ack = {.type = RADON_COAP_ACK, .id = message.id};
        uint8_t out[8];
        transmit(true, (size_t)(client - clients), out, peer_build(&ack, out, sizeof out));
    }
    bool open = client->state != IDLE;
    bool own_ack = message.type == RADON_COAP_ACK && message.id == client->id;
    if (open && own_ack && message.code == RADON_COAP_EMPTY) {
        client->state = ACKNOWLEDGED;
    } else if (open && message.code != RADON_COAP_EMPTY &&
               radon_bytes_equal_text(message.token, client->token)) {
        take_response(client, &message);
    }
}

/* Simulation -----------------------------------------------------------------------------------------------
 */

static size_t client_at(const radon_endpoint_t *endpoint)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        if (radon_endpoint_equal(&clients[i].endpoint, endpoint)) {
            return i;
        }
    }
    abort();
}

static void carry_what_was_sent(void)
{
    for (const peer_sent_t *sent = peer_next(); sent != NULL; sent = peer_next()) {
        transmit(false, client_at(&sent->to), sent->bytes, sent->len);
    }
}

static void deliver(void)
{
    for (datagram_t *next = next_arrival(peer_now_ms); next != NULL; next = next_arrival(peer_now_ms)) {
        datagram_t datagram = *next; /* its place is free for what this one causes */
        next->used = false;
        if (datagram.to_server) {
            peer_receive(&clients[datagram.client].endpoint, datagram.bytes, datagram.len);
        } else {
            client_receives(&clients[datagram.client], datagram.bytes, datagram.len);
        }
        carry_what_was_sent();
    }
}

/** The slow resource answers its oldest request every now and then. */
static void answer_slow(void)
{
    if (peer_waiting_count > 0 && peer_now_ms >= answer_at_ms) {
        peer_answer("slow");
        answer_at_ms = peer_now_ms + draw(120);
        carry_what_was_sent();
    }
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/** Lets time pass up to the next thing that happens. */
static void wait_for_event(void)
{
    uint64_t next = radon_coap_server_poll(&peer_server, peer_now_ms);
    carry_what_was_sent();
    for (size_t i = 0; i < IN_FLIGHT_MAX; i++) {
        next = in_flight[i].used ? sooner(next, in_flight[i].at_ms) : next;
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        bool waits = clients[i].state == SENT || (clients[i].state == IDLE && clients[i].left > 0);
        next = waits ? sooner(next, clients[i].due_ms) : next;
    }
    next = peer_waiting_count > 0 ? sooner(next, answer_at_ms) : next;
    peer_now_ms = next > peer_now_ms ? next : peer_now_ms + 1;
}

static bool is_done(void)
{
    bool done = peer_waiting_count == 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        done = done && clients[i].state == IDLE && clients[i].left == 0;
    }
    return done;
}

static void prepare(const network_t *conditions, uint32_t seed, unsigned requests, size_t count)
{
    peer_reset();
    network = *conditions;
    random_state = seed;
    answer_at_ms = 0;
    answered_fast = answered_slow = refused = given_up = wrong = 0;
    memset(in_flight, 0, sizeof in_flight);
    memset(clients, 0, sizeof clients);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i].endpoint =
            (radon_endpoint_t){.link = conditions->link, .address_len = 1, .address = {(uint8_t)i}};
        clients[i].id = (uint16_t)draw(65536);
        clients[i].left = i < count ? requests : 0;
    }
}

static void simulate(const network_t *conditions, uint32_t seed, unsigned requests, size_t count)
{
    prepare(conditions, seed, requests, count);
    uint64_t limit_ms = peer_now_ms + UINT64_C(100000000);
    while (!is_done() && peer_now_ms < limit_ms) {
        deliver();
        answer_slow();
        for (size_t i = 0; i < CLIENTS; i++) {
            step_client(&clients[i]);
        }
        wait_for_event();
    }
    if (!is_done() || wrong > 0 || given_up > 0 || peer_posts != answered_fast ||
        peer_gets != answered_slow) {
        check_fail(__FILE__, __LINE__,
                   "seed %u: %u wrong, %u given up, %u fast executed of %u answered, %u slow of %u, %s", seed,
                   wrong, given_up, peer_posts, answered_fast, peer_gets, answered_slow,
                   is_done() ? "done" : "stuck");
    }
    CHECK_EQ(answered_fast + answered_slow + refused, requests * count);
}

TEST(perfect_link_needs_no_retransmission)
{
    const network_t perfect = {.link = PEER_LINK_SERIAL, .delay_ms = 1};
    simulate(&perfect, 1, 500, 1);
    CHECK_EQ(peer_server.counters.duplicates, 0);
    CHECK_EQ(peer_server.counters.retransmissions, 0);
    CHECK_EQ(refused, 0);
}

TEST(lossy_serial_line_answers_everything_and_executes_nothing_twice)
{
    const network_t lossy = {.link = PEER_LINK_SERIAL, .loss_percent = 6, .delay_ms = 2};
    for (uint32_t seed = 1; seed <= 5; seed++) {
        simulate(&lossy, seed, 1000, 1);
        CHECK(peer_server.counters.duplicates > 0);
        CHECK(peer_server.counters.retransmissions > 0);
        CHECK_EQ(refused, 0);
    }
}

TEST(lossy_doubling_reordering_network_with_several_clients)
{
    const network_t wild = {
        .link = PEER_LINK_UDP, .loss_percent = 5, .double_percent = 5, .delay_ms = 1, .spread_ms = 60};
    for (uint32_t seed = 1; seed <= 3; seed++) {
        simulate(&wild, seed, 500, CLIENTS);
        CHECK(peer_server.counters.duplicates > 0);
        CHECK(refused > 0); /* the table of repeats is small: it says so instead of forgetting */
    }
}

int main(void)
{
    RUN(perfect_link_needs_no_retransmission);
    RUN(lossy_serial_line_answers_everything_and_executes_nothing_twice);
    RUN(lossy_doubling_reordering_network_with_several_clients);
    return check_summary();
}
