#include "server_internal.h"

/** RFC 7252 5.10.5: what a cache assumes without the option. */
#define DEFAULT_MAX_AGE_S 60

static bool is_success(uint8_t code)
{
    return RADON_COAP_CLASS(code) == 2;
}

void radon_coap_etag_bytes(uint32_t crc, uint8_t etag[4])
{
    for (unsigned i = 0; i < 4; i++) {
        etag[i] = (uint8_t)(crc >> (24 - 8 * i));
    }
}

void radon_coap_reply_open(radon_coap_server_t *server, radon_coap_response_t *response, uint8_t method,
                           int32_t accept, const radon_coap_block_t *block2)
{
    size_t cap;
    uint8_t *work = radon_coap_retained_work(&server->retained, &cap);
    bool safe = method == RADON_METHOD_GET || method == RADON_METHOD_FETCH;
    *response = (radon_coap_response_t){.code = safe ? RADON_COAP_CONTENT : RADON_COAP_CHANGED,
                                        .format = RADON_COAP_NO_FORMAT,
                                        .observable = true,
                                        .accept = accept};
    radon_sink_init(&response->body, work + RADON_COAP_HEAD_MAX, cap - RADON_COAP_HEAD_MAX,
                    safe ? radon_coap_block_offset(block2) : 0);
}

/* Building -------------------------------------------------------------------------------------------------
 */

/** The block that goes into the message. */
typedef struct {
    radon_bytes_t payload;
    bool blockwise;
    radon_coap_block_t block2;
} slice_t;

/** Cuts the body to the block asked for; without a wish, to the largest block when it is longer than that. */
static slice_t cut(const radon_coap_response_t *response, const radon_coap_block_t *wish)
{
    slice_t slice = {.payload = radon_sink_window(&response->body), .block2 = *wish};
    if (!is_success(response->code)) {
        slice.block2 = (radon_coap_block_t){.szx = RADON_COAP_SZX_MAX};
    } else if (!wish->present) {
        slice.block2.szx = RADON_COAP_SZX_MAX;
    }
    size_t size = radon_coap_block_size(&slice.block2);
    if (slice.payload.len > size) {
        slice.payload.len = size;
    }
    slice.block2.more = response->body.from + slice.payload.len < response->body.total;
    slice.blockwise =
        is_success(response->code) && response->body.total > 0 && (wish->present || slice.block2.more);
    return slice;
}

/** GET of a block behind the end of the representation. */
static bool is_beyond_end(const radon_coap_response_t *response)
{
    return is_success(response->code) && response->body.from > 0 &&
           response->body.from >= response->body.total;
}

static void write_options(radon_coap_writer_t *writer, const radon_coap_head_t *head,
                          const radon_coap_response_t *response, const slice_t *slice)
{
    bool representation = response->code == RADON_COAP_CONTENT || response->code == RADON_COAP_VALID;
    if (representation && response->body.total > 0) {
        uint8_t etag[4];
        radon_coap_etag_bytes(radon_sink_crc32(&response->body), etag);
        radon_coap_write_option(writer, RADON_COAP_OPTION_ETAG, radon_bytes(etag, sizeof etag));
    }
    if (head->has_observe && is_success(response->code)) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_OBSERVE, head->observe & 0xffffff);
    }
    if (response->format != RADON_COAP_NO_FORMAT && slice->payload.len > 0) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_CONTENT_FORMAT, (uint32_t)response->format);
    }
    if ((representation || !is_success(response->code)) && response->max_age_s != DEFAULT_MAX_AGE_S) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_MAX_AGE, response->max_age_s);
    }
    if (slice->blockwise) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_BLOCK2,
                                     radon_coap_block_value(&slice->block2));
    }
    if (head->block1.present) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_BLOCK1, radon_coap_block_value(&head->block1));
    }
    if (slice->block2.more && slice->block2.num == 0) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_SIZE2, (uint32_t)response->body.total);
    }
    if (response->size1 != 0) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_SIZE1, response->size1);
    }
}

radon_bytes_t radon_coap_reply_build(const radon_coap_head_t *head, const radon_coap_response_t *response)
{
    uint8_t bytes[RADON_COAP_HEAD_MAX];
    radon_coap_writer_t writer;
    slice_t slice = cut(response, &head->block2);
    if (response->code == RADON_COAP_VALID) {
        slice.payload.len = 0;
        slice.blockwise = false;
    }
    radon_coap_write_header(&writer, bytes, sizeof bytes, head->type, response->code, head->id, head->token);
    write_options(&writer, head, response, &slice);
    if (slice.payload.len > 0) {
        radon_coap_write_marker(&writer);
    }
    uint8_t *start = response->body.buffer - writer.len;
    memcpy(start, bytes, writer.len);
    return radon_bytes(start, writer.len + slice.payload.len);
}

/* Snapshots ------------------------------------------------------------------------------------------------
 */

void radon_coap_reply_keep_snapshot(radon_coap_server_t *server, const radon_coap_route_t *route,
                                    radon_coap_response_t *response, uint64_t now_ms)
{
    slice_t slice = cut(response, &route->block2);
    bool whole = response->body.from == 0 && radon_sink_fits(&response->body);
    if (!slice.block2.more || !whole) {
        return;
    }
    radon_coap_snapshot_t *snapshot =
        radon_coap_snapshots_claim(&server->snapshots, &server->retained, &route->endpoint, route->key);
    snapshot->record = radon_coap_retained_keep(&server->retained, RADON_COAP_RETAINED_SNAPSHOT,
                                                radon_sink_window(&response->body));
    if (snapshot->record == 0) {
        return; /* the later blocks are generated again */
    }
    size_t cap;
    uint8_t *work = radon_coap_retained_work(&server->retained, &cap);
    radon_bytes_t kept = radon_coap_retained_get(&server->retained, snapshot->record);
    memcpy(work + RADON_COAP_HEAD_MAX, kept.data, slice.payload.len);
    response->body.buffer = work + RADON_COAP_HEAD_MAX;
    response->body.cap = slice.payload.len;
    snapshot->used = true;
    snapshot->code = response->code;
    snapshot->etag = radon_sink_crc32(&response->body);
    snapshot->format = response->format;
    snapshot->max_age_s = response->max_age_s;
    snapshot->expires_ms = now_ms + RADON_COAP_SNAPSHOT_MS;
}

bool radon_coap_reply_from_snapshot(radon_coap_server_t *server, radon_coap_route_t *route, uint64_t now_ms)
{
    radon_coap_response_t response;
    const radon_coap_snapshot_t *snapshot = radon_coap_snapshots_find(&server->snapshots, &server->retained,
                                                                      &route->endpoint, route->key, now_ms);
    if (snapshot == NULL) {
        return false;
    }
    radon_bytes_t kept = radon_coap_retained_get(&server->retained, snapshot->record);
    radon_coap_reply_open(server, &response, route->method, route->accept, &route->block2);
    response.body.from = radon_coap_block_offset(&route->block2);
    response.body.cap = radon_coap_block_size(&route->block2);
    radon_sink_write(&response.body, kept.data, kept.len);
    response.code = snapshot->code;
    response.format = snapshot->format;
    response.max_age_s = snapshot->max_age_s;
    radon_coap_reply_send(server, route, &response, NULL, now_ms);
    return true;
}

/* Sending --------------------------------------------------------------------------------------------------
 */

radon_coap_pending_t *radon_coap_reply_queue(radon_coap_server_t *server, const radon_endpoint_t *to,
                                             uint16_t id, radon_bytes_t message)
{
    radon_coap_pending_t *pending = radon_coap_outgoing_reserve(&server->outgoing);
    if (pending == NULL) {
        return NULL;
    }
    pending->record = radon_coap_retained_keep(&server->retained, RADON_COAP_RETAINED_MESSAGE, message);
    if (pending->record == 0) {
        return NULL;
    }
    pending->used = true;
    pending->id = id;
    pending->endpoint = *to;
    return pending;
}

/** RFC 7967: 2.xx, 4.xx and 5.xx can each be unwanted. */
static bool is_unwanted(const radon_coap_route_t *route, uint8_t code)
{
    return (route->no_response >> (RADON_COAP_CLASS(code) - 1) & 1) != 0;
}

static void remember(radon_coap_server_t *server, const radon_coap_route_t *route,
                     radon_coap_dedup_answer_t answer, radon_bytes_t reply)
{
    radon_coap_dedup_entry_t *entry = radon_coap_dedup_get(&server->dedup, route->dedup);
    if (entry != NULL && route->confirmable) {
        entry->answer = (uint8_t)answer;
        entry->reply = radon_coap_retained_keep(&server->retained, RADON_COAP_RETAINED_REPLY, reply);
    }
}

void radon_coap_reply_acknowledge(radon_coap_server_t *server, radon_coap_route_t *route)
{
    if (route->confirmable && !route->answered &&
        radon_coap_server_send_empty(server, &route->endpoint, RADON_COAP_ACK, route->id) == RADON_OK) {
        route->answered = true;
        remember(server, route, RADON_COAP_DEDUP_ACK, radon_bytes(NULL, 0));
    }
}

/**
 * The registration that came with the request stands or falls with its response (RFC 7641 4.1). Forgetting it
 * takes it out of a waiting route; others are not used for it any more.
 */
static void settle_registration(radon_coap_server_t *server, radon_coap_route_t *route,
                                const radon_coap_response_t *response, radon_coap_head_t *head)
{
    if (route->observer < 0) {
        return;
    }
    if (!is_success(response->code)) {
        radon_coap_notify_forget(server, route->observer);
        return;
    }
    radon_coap_observer_t *observer = &server->observers.observers[route->observer];
    observer->confirmed = true;
    observer->format = response->format;
    observer->mark = response->mark;
    observer->sending = response->mark;
    observer->notified = head->type != RADON_COAP_ACK;
    observer->last_id = head->id;
    head->has_observe = true;
    head->observe = ++server->observe_sequence;
}

/** A response of its own to a request that was acknowledged before (RFC 7252 5.2.2). */
static void send_separate(radon_coap_server_t *server, const radon_coap_route_t *route,
                          radon_coap_head_t *head, const radon_coap_response_t *response, uint64_t now_ms)
{
    radon_bytes_t message = radon_coap_reply_build(head, response);
    radon_coap_pending_t *pending = radon_coap_reply_queue(server, &route->endpoint, head->id, message);
    if (pending == NULL) {
        head->type = RADON_COAP_NON; /* no room to repeat it: better once than not at all */
        message = radon_coap_reply_build(head, response);
        radon_coap_server_send(server, &route->endpoint, message);
        return;
    }
    pending->observer = route->observer;
    if (route->observer >= 0) {
        server->observers.observers[route->observer].outstanding = true;
    }
    radon_coap_server_start_queued(server, now_ms);
}

static void send_head(radon_coap_server_t *server, const radon_coap_route_t *route, radon_coap_head_t *head,
                      const radon_coap_response_t *response, uint64_t now_ms)
{
    if (head->type == RADON_COAP_CON) {
        send_separate(server, route, head, response, now_ms);
        return;
    }
    radon_bytes_t message = radon_coap_reply_build(head, response);
    radon_coap_server_send(server, &route->endpoint, message);
    remember(server, route, RADON_COAP_DEDUP_REPLY, message);
}

/** RFC 7252 5.10.6.2: the client has this representation. */
static void validate(radon_coap_response_t *response, const radon_coap_request_t *request)
{
    uint8_t etag[4];
    radon_coap_etag_bytes(radon_sink_crc32(&response->body), etag);
    if (request != NULL && response->code == RADON_COAP_CONTENT && response->body.total > 0 &&
        radon_coap_request_has_etag(request, RADON_COAP_OPTION_ETAG, radon_bytes(etag, sizeof etag))) {
        response->code = RADON_COAP_VALID;
    }
}

void radon_coap_reply_send(radon_coap_server_t *server, radon_coap_route_t *route,
                           radon_coap_response_t *response, const radon_coap_request_t *request,
                           uint64_t now_ms)
{
    radon_coap_head_t head = {.type = !route->confirmable ? RADON_COAP_NON
                                      : route->answered   ? RADON_COAP_CON
                                                          : RADON_COAP_ACK,
                              .token = radon_bytes(route->token, route->token_len),
                              .block1 = route->block1,
                              .block2 = route->block2};
    head.id = head.type == RADON_COAP_ACK ? route->id : radon_coap_server_next_id(server);
    if (is_beyond_end(response)) {
        radon_coap_response_code(response, RADON_COAP_BAD_REQUEST);
    }
    validate(response, request);
    settle_registration(server, route, response, &head);
    if (is_unwanted(route, response->code)) {
        radon_coap_reply_acknowledge(server, route);
        return;
    }
    if (response->code != RADON_COAP_VALID && is_success(response->code)) {
        radon_coap_reply_keep_snapshot(server, route, response, now_ms);
    }
    send_head(server, route, &head, response, now_ms);
}

radon_err_t radon_coap_server_respond(radon_coap_server_t *server, radon_coap_exchange_t exchange,
                                      radon_coap_answer_t answer, void *context, uint64_t now_ms)
{
    radon_coap_waiting_t *waiting = radon_coap_exchanges_get(&server->exchanges, exchange);
    radon_coap_response_t response;
    if (server->handling) {
        return RADON_E_STATE;
    }
    if (waiting == NULL) {
        return RADON_E_NOT_FOUND;
    }
    radon_coap_route_t *route = &waiting->route;
    server->now_ms = now_ms;
    radon_coap_reply_open(server, &response, route->method, route->accept, &route->block2);
    server->handling = true;
    answer(context, &response);
    server->handling = false;
    waiting->used = false;
    if (waiting->notification) {
        radon_coap_notify_deliver(server, exchange, &response, now_ms);
    } else {
        radon_coap_reply_send(server, route, &response, NULL, now_ms);
    }
    return RADON_OK;
}
