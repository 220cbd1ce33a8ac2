#include "radon/base/crc.h"

#include "client_internal.h"

void radon_coap_server_init(radon_coap_server_t *server, const radon_coap_server_config_t *config,
                            uint32_t seed)
{
    server->config = config;
    server->counters = (radon_coap_counters_t){0};
    server->random_state = seed == 0 ? 1 : seed;
    server->next_id = (uint16_t)radon_coap_server_random(server);
    server->observe_sequence = 0;
    server->handling = false;
    server->now_ms = 0;
    radon_coap_dedup_init(&server->dedup);
    radon_coap_exchanges_init(&server->exchanges);
    radon_coap_observers_init(&server->observers);
    radon_coap_outgoing_init(&server->outgoing);
    radon_coap_snapshots_init(&server->snapshots);
    radon_coap_retained_init(&server->retained);
}

uint32_t radon_coap_server_random(radon_coap_server_t *server)
{
    uint32_t x = server->random_state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    server->random_state = x;
    return x;
}

uint16_t radon_coap_server_next_id(radon_coap_server_t *server)
{
    return server->next_id++;
}

/** An answer to a call on this node. */
static radon_err_t hand_over(radon_coap_server_t *server, const radon_endpoint_t *to, radon_bytes_t bytes)
{
    radon_coap_message_t message;
    radon_err_t err = radon_coap_message_parse(&message, bytes);
    if (err == RADON_OK) {
        (void)radon_coap_client_receive(server->config->client, to, &message, server->now_ms);
    }
    return err;
}

radon_err_t radon_coap_server_send(radon_coap_server_t *server, const radon_endpoint_t *to,
                                   radon_bytes_t datagram)
{
    if (radon_endpoint_is_local(to)) {
        return hand_over(server, to, datagram);
    }
    radon_err_t err = server->config->send(server->config->context, to, datagram);
    if (err == RADON_OK) {
        server->counters.messages_out++;
    } else {
        server->counters.refused++;
    }
    return err;
}

radon_err_t radon_coap_server_send_empty(radon_coap_server_t *server, const radon_endpoint_t *to,
                                         radon_coap_type_t type, uint16_t id)
{
    uint8_t bytes[4];
    radon_coap_writer_t writer;
    radon_coap_write_header(&writer, bytes, sizeof bytes, type, RADON_COAP_EMPTY, id, radon_bytes(NULL, 0));
    return radon_coap_server_send(server, to, radon_bytes(bytes, sizeof bytes));
}

/* Receiving ------------------------------------------------------------------------------------------------
 */

/** A message of ours was taken: it need not be repeated, and the next one may go. */
static void acknowledged(radon_coap_server_t *server, const radon_endpoint_t *from, uint16_t id,
                         uint64_t now_ms)
{
    radon_coap_pending_t *pending = radon_coap_outgoing_find(&server->outgoing, from, id);
    if (pending != NULL) {
        radon_coap_notify_confirmed(server, pending->observer, now_ms);
        radon_coap_outgoing_release(pending, &server->retained);
    }
}

/** The peer did not want a message of ours (RFC 7252 4.2): it is given up, an observation ends (RFC
 * 7641 3.6). */
static void rejected(radon_coap_server_t *server, const radon_endpoint_t *from, uint16_t id)
{
    server->counters.resets++;
    radon_coap_pending_t *pending = radon_coap_outgoing_find(&server->outgoing, from, id);
    int8_t observer = radon_coap_observers_find_id(&server->observers, from, id);
    if (pending != NULL) {
        radon_coap_outgoing_release(pending, &server->retained);
    }
    radon_coap_notify_forget(server, observer);
}

/** An in-progress request seen again: its empty ACK may have been lost. */
static bool repeats_open_exchange(radon_coap_server_t *server, const radon_endpoint_t *from,
                                  const radon_coap_message_t *message, uint32_t hash)
{
    const radon_coap_waiting_t *waiting =
        radon_coap_exchanges_find(&server->exchanges, from, message->id, hash);
    if (waiting == NULL) {
        return false;
    }
    server->counters.duplicates++;
    if (waiting->route.confirmable && waiting->route.answered) {
        radon_coap_server_send_empty(server, from, RADON_COAP_ACK, message->id);
    }
    return true;
}

/** The reply's bytes had to give way: what came of the request is not known any more. */
static void send_reply_lost(radon_coap_server_t *server, const radon_endpoint_t *from,
                            const radon_coap_message_t *message)
{
    static const char text[] = "The request was served, but its reply is no longer kept.";
    uint8_t bytes[4 + RADON_COAP_TOKEN_MAX + sizeof text];
    radon_coap_writer_t writer;
    radon_coap_write_header(&writer, bytes, sizeof bytes, RADON_COAP_ACK, RADON_COAP_INTERNAL_SERVER_ERROR,
                            message->id, message->token);
    radon_coap_write_payload(&writer, radon_bytes(text, sizeof text - 1));
    radon_coap_server_send(server, from, radon_bytes(bytes, writer.len));
}

/** A request that was served before and must not be served again. */
static bool repeats_served_request(radon_coap_server_t *server, const radon_endpoint_t *from,
                                   const radon_coap_message_t *message, uint32_t hash, uint64_t now_ms)
{
    const radon_coap_dedup_entry_t *entry =
        radon_coap_dedup_find(&server->dedup, from, message->id, hash, now_ms);
    if (entry == NULL) {
        return false;
    }
    server->counters.duplicates++;
    if (entry->answer == RADON_COAP_DEDUP_ACK) {
        radon_coap_server_send_empty(server, from, RADON_COAP_ACK, message->id);
    } else if (entry->answer == RADON_COAP_DEDUP_REPLY) {
        radon_bytes_t reply = radon_coap_retained_get(&server->retained, entry->reply);
        if (reply.len > 0) {
            radon_coap_server_send(server, from, reply);
        } else {
            send_reply_lost(server, from, message);
        }
    }
    return true;
}

static void receive_request(radon_coap_server_t *server, const radon_endpoint_t *from,
                            const radon_coap_message_t *message, radon_bytes_t datagram, uint64_t now_ms)
{
    uint32_t hash = radon_crc32(datagram.data, datagram.len);
    if (!repeats_open_exchange(server, from, message, hash) &&
        !repeats_served_request(server, from, message, hash, now_ms)) {
        radon_coap_server_serve(server, from, message, hash, now_ms);
    }
}

/** A ping, or a response that nobody asked for, which is how a client ends an observation (RFC 7641 3.6). */
static void reject_unasked(radon_coap_server_t *server, const radon_endpoint_t *from,
                           const radon_coap_message_t *message)
{
    if (message->type == RADON_COAP_CON ||
        (server->config->client != NULL && message->code != RADON_COAP_EMPTY)) {
        radon_coap_server_send_empty(server, from, RADON_COAP_RST, message->id);
    }
}

/** A well-formed message, by type and code (RFC 7252 table 1, 4.2, 4.3). */
static void receive_message(radon_coap_server_t *server, const radon_endpoint_t *from,
                            const radon_coap_message_t *message, radon_bytes_t datagram, uint64_t now_ms)
{
    radon_coap_client_t *client = server->config->client;
    bool empty = message->code == RADON_COAP_EMPTY;
    bool request = RADON_COAP_CLASS(message->code) == 0 && !empty;
    if (message->type == RADON_COAP_ACK) {
        acknowledged(server, from, message->id, now_ms);
        (void)(!request && radon_coap_client_receive(client, from, message, now_ms));
    } else if (message->type == RADON_COAP_RST) {
        if (empty && !radon_coap_client_receive(client, from, message, now_ms)) {
            rejected(server, from, message->id);
        }
    } else if (request) {
        receive_request(server, from, message, datagram, now_ms);
    } else if (empty || !radon_coap_client_receive(client, from, message, now_ms)) {
        reject_unasked(server, from, message);
    }
}

void radon_coap_server_receive(radon_coap_server_t *server, const radon_endpoint_t *from,
                               radon_bytes_t datagram, uint64_t now_ms)
{
    radon_coap_message_t message;
    server->now_ms = now_ms;
    server->counters.messages_in++;
    radon_err_t err = radon_coap_message_parse(&message, datagram);
    if (err == RADON_OK) {
        receive_message(server, from, &message, datagram, now_ms);
        radon_coap_server_start_queued(server, now_ms);
        return;
    }
    server->counters.malformed++;
    if (err == RADON_E_ARG && message.type == RADON_COAP_CON) {
        radon_coap_server_send_empty(server, from, RADON_COAP_RST, message.id);
    }
}

/* Asking ---------------------------------------------------------------------------------------------------
 */

void radon_coap_server_notify(radon_coap_server_t *server, radon_bytes_t path)
{
    radon_coap_observers_touch(&server->observers, path);
}

size_t radon_coap_server_pending(const radon_coap_server_t *server)
{
    size_t count = 0;
    for (size_t i = 0; i < RADON_COAP_EXCHANGES; i++) {
        count += server->exchanges.waiting[i].used ? 1 : 0;
    }
    return count;
}

size_t radon_coap_server_observing(const radon_coap_server_t *server)
{
    size_t count = 0;
    for (size_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        count += server->observers.observers[i].used ? 1 : 0;
    }
    return count;
}
