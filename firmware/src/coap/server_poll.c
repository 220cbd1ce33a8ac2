#include "client_internal.h"

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Confirmable messages of ours -----------------------------------------------------------------------------
 */

static radon_err_t transmit(radon_coap_server_t *server, const radon_coap_pending_t *pending)
{
    return radon_coap_server_send(server, &pending->endpoint,
                                  radon_coap_retained_get(&server->retained, pending->record));
}

/** First transmission. A link that is full is asked again soon. */
static void start(radon_coap_server_t *server, radon_coap_pending_t *pending, uint64_t now_ms)
{
    if (transmit(server, pending) != RADON_OK) {
        pending->due_ms = now_ms + RADON_COAP_RETRY_MS;
        return;
    }
    if (pending->attempts == 0) {
        pending->timeout_ms = radon_coap_outgoing_first_timeout(
            radon_coap_server_link(server, &pending->endpoint), radon_coap_server_random(server));
    }
    pending->sent = true;
    pending->due_ms = now_ms + pending->timeout_ms;
}

/** Fewer than NSTART are on their way, requests of the client included, and it is the oldest. */
static bool may_start(const radon_coap_server_t *server, const radon_coap_pending_t *pending)
{
    size_t outstanding = radon_coap_outgoing_sent(&server->outgoing, &pending->endpoint) +
                         radon_coap_client_outstanding(server->config->client, &pending->endpoint);
    return outstanding < radon_coap_server_link(server, &pending->endpoint)->nstart &&
           radon_coap_outgoing_is_next(&server->outgoing, pending);
}

void radon_coap_server_start_queued(radon_coap_server_t *server, uint64_t now_ms)
{
    for (size_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        radon_coap_pending_t *pending = &server->outgoing.pending[i];
        if (pending->used && !pending->sent && pending->due_ms <= now_ms && may_start(server, pending)) {
            start(server, pending, now_ms);
        }
    }
}

/** Nobody answers: an observer is gone (RFC 7641 4.5). */
static void give_up(radon_coap_server_t *server, radon_coap_pending_t *pending)
{
    server->counters.timeouts++;
    radon_coap_notify_forget(server, pending->observer);
    radon_coap_outgoing_release(pending, &server->retained);
}

/** A notification that is out of date: the newer state takes over its place in the back-off (RFC 7641 4.5.2).
 */
static void supersede(radon_coap_server_t *server, radon_coap_pending_t *pending)
{
    radon_coap_observer_t *observer = &server->observers.observers[pending->observer];
    observer->outstanding = false;
    observer->attempts = pending->attempts;
    observer->timeout_ms = pending->timeout_ms;
    radon_coap_outgoing_release(pending, &server->retained);
}

static void retransmit(radon_coap_server_t *server, radon_coap_pending_t *pending, uint64_t now_ms)
{
    if (pending->attempts == RADON_COAP_MAX_RETRANSMIT) {
        give_up(server, pending);
        return;
    }
    pending->attempts++;
    pending->timeout_ms *= 2;
    pending->due_ms = now_ms + pending->timeout_ms;
    server->counters.retransmissions++;
    if (pending->observer >= 0 && server->observers.observers[pending->observer].dirty) {
        supersede(server, pending);
    } else {
        transmit(server, pending); /* a full link counts as a lost message */
    }
}

static void retransmit_due(radon_coap_server_t *server, uint64_t now_ms)
{
    for (size_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        radon_coap_pending_t *pending = &server->outgoing.pending[i];
        if (pending->used && pending->sent && pending->due_ms <= now_ms) {
            retransmit(server, pending, now_ms);
        }
    }
}

/** Messages without a time wait for their turn. */
static uint64_t next_transmission(const radon_coap_server_t *server, uint64_t now_ms)
{
    uint64_t next = RADON_COAP_NEVER;
    for (size_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        const radon_coap_pending_t *pending = &server->outgoing.pending[i];
        if (pending->used && pending->due_ms > now_ms) {
            next = earlier(next, pending->due_ms);
        }
    }
    return next;
}

/* Requests that wait ---------------------------------------------------------------------------------------
 */

static void write_gave_up(void *context, radon_coap_response_t *response)
{
    (void)context;
    radon_coap_response_code(response, RADON_COAP_SERVICE_UNAVAILABLE);
}

static void expire(radon_coap_server_t *server, const radon_coap_waiting_t *waiting, uint64_t now_ms)
{
    radon_coap_exchange_t exchange = radon_coap_exchanges_name(&server->exchanges, waiting);
    radon_coap_server_respond(server, exchange, write_gave_up, NULL, now_ms);
    if (server->config->expired != NULL) {
        server->config->expired(server->config->context, exchange);
    }
}

/** Sends the empty ACK that is due; returns when the entry needs attention again. */
static uint64_t poll_waiting(radon_coap_server_t *server, radon_coap_waiting_t *waiting, uint64_t now_ms)
{
    uint64_t expires = waiting->started_ms + RADON_COAP_EXCHANGE_MS;
    if (expires <= now_ms) {
        expire(server, waiting, now_ms);
        return RADON_COAP_NEVER;
    }
    if (waiting->notification || !waiting->route.confirmable || waiting->route.answered) {
        return expires;
    }
    uint64_t ack =
        waiting->started_ms + radon_coap_server_link(server, &waiting->route.endpoint)->ack_delay_ms;
    if (ack > now_ms) {
        return ack;
    }
    radon_coap_reply_acknowledge(server, &waiting->route);
    return waiting->route.answered ? expires : now_ms + RADON_COAP_RETRY_MS;
}

static uint64_t poll_exchanges(radon_coap_server_t *server, uint64_t now_ms)
{
    uint64_t next = RADON_COAP_NEVER;
    for (size_t i = 0; i < RADON_COAP_EXCHANGES; i++) {
        radon_coap_waiting_t *waiting = &server->exchanges.waiting[i];
        if (waiting->used) {
            next = earlier(next, poll_waiting(server, waiting, now_ms));
        }
    }
    return next;
}

uint64_t radon_coap_server_poll(radon_coap_server_t *server, uint64_t now_ms)
{
    server->now_ms = now_ms;
    radon_coap_snapshots_expire(&server->snapshots, &server->retained, now_ms);
    retransmit_due(server, now_ms);
    radon_coap_server_start_queued(server, now_ms);
    uint64_t next = poll_exchanges(server, now_ms);
    next = earlier(next, radon_coap_notify_poll(server, now_ms));
    next = earlier(next, radon_coap_client_poll(server->config->client, now_ms));
    return earlier(next, next_transmission(server, now_ms));
}
