#include "server_internal.h"

#define GROUP_MAX RADON_COAP_OBSERVERS
_Static_assert(GROUP_MAX <= 32, "a group of observers fits a set of 32 bits");

/** Observers that are served by one fetch: bit i for observer i. */
typedef uint32_t group_t;

static bool contains(group_t group, int8_t observer)
{
    return (group >> observer & 1) != 0;
}

static radon_coap_observer_t *at(radon_coap_server_t *server, int8_t observer)
{
    return &server->observers.observers[observer];
}

void radon_coap_notify_forget(radon_coap_server_t *server, int8_t observer)
{
    if (observer < 0) {
        return;
    }
    radon_coap_outgoing_disown(&server->outgoing, observer);
    for (size_t i = 0; i < RADON_COAP_EXCHANGES; i++) {
        if (server->exchanges.waiting[i].route.observer == observer) {
            server->exchanges.waiting[i].route.observer = -1;
        }
    }
    at(server, observer)->used = false;
}

void radon_coap_notify_confirmed(radon_coap_server_t *server, int8_t observer, uint64_t now_ms)
{
    if (observer < 0) {
        return;
    }
    radon_coap_observer_t *entry = at(server, observer);
    entry->mark = entry->outstanding ? entry->sending : entry->mark;
    entry->outstanding = false;
    entry->since_con = 0;
    entry->attempts = 0;
    entry->checked_ms = now_ms;
}

/* Delivering -----------------------------------------------------------------------------------------------
 */

/** When a long silent observer owes us a sign of life; an atom of this node never does. */
static uint64_t check_due(const radon_coap_observer_t *observer)
{
    return radon_endpoint_is_local(&observer->endpoint) ? RADON_COAP_NEVER
                                                        : observer->checked_ms + RADON_COAP_CONFIRM_MS;
}

/** Whether the next notification should be confirmable (RFC 7641 4.5). */
static bool is_con_due(const radon_coap_observer_t *observer, uint64_t now_ms)
{
    return !radon_endpoint_is_local(&observer->endpoint) &&
           (observer->attempts > 0 || observer->since_con + 1 >= RADON_COAP_CONFIRM_EVERY ||
            check_due(observer) <= now_ms);
}

static radon_bytes_t build(radon_coap_server_t *server, const radon_coap_observer_t *observer,
                           radon_coap_type_t type, const radon_coap_response_t *response, uint16_t *id)
{
    *id = radon_coap_server_next_id(server);
    const radon_coap_head_t head = {
        .type = type,
        .id = *id,
        .token = radon_bytes(observer->token, observer->token_len),
        .has_observe = true,
        .observe = server->observe_sequence,
        .block2 = {.szx = observer->szx, .present = observer->szx < RADON_COAP_SZX_MAX}};
    return radon_coap_reply_build(&head, response);
}

/** A link that is full takes it later: then with the state of that time. */
static void send_non(radon_coap_server_t *server, int8_t index, const radon_coap_response_t *response)
{
    radon_coap_observer_t *observer = at(server, index);
    uint16_t id;
    radon_bytes_t message = build(server, observer, RADON_COAP_NON, response, &id);
    if (radon_coap_server_send(server, &observer->endpoint, message) != RADON_OK) {
        observer->dirty = true;
        return;
    }
    observer->mark = response->mark;
    observer->notified = true;
    observer->last_id = id;
    observer->since_con = observer->since_con < UINT8_MAX ? (uint8_t)(observer->since_con + 1) : UINT8_MAX;
}

/** Without room to repeat it, a NON goes now and a CON when the next one is due. */
static void send_con(radon_coap_server_t *server, int8_t index, const radon_coap_response_t *response,
                     uint64_t now_ms)
{
    radon_coap_observer_t *observer = at(server, index);
    uint16_t id;
    radon_bytes_t message = build(server, observer, RADON_COAP_CON, response, &id);
    radon_coap_pending_t *pending = radon_coap_reply_queue(server, &observer->endpoint, id, message);
    if (pending == NULL) {
        radon_coap_notify_confirmed(server, index, now_ms);
        send_non(server, index, response);
        return;
    }
    pending->observer = index;
    pending->attempts = observer->attempts;
    pending->timeout_ms = observer->timeout_ms;
    observer->outstanding = true;
    observer->sending = response->mark;
    observer->notified = true;
    observer->last_id = id;
    observer->attempts = 0;
    radon_coap_server_start_queued(server, now_ms);
}

static void keep_snapshot(radon_coap_server_t *server, group_t group, uint32_t key,
                          radon_coap_response_t *response, uint64_t now_ms)
{
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        if (group == (group_t)1 << i) { /* alone: the body may move */
            radon_coap_observer_t *observer = at(server, i);
            radon_coap_route_t route = {.endpoint = observer->endpoint, .key = key};
            route.block2.szx = observer->szx;
            route.block2.present = true;
            radon_coap_reply_keep_snapshot(server, &route, response, now_ms);
        }
    }
}

static void forget_all(radon_coap_server_t *server, group_t group)
{
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        if (contains(group, i)) {
            radon_coap_notify_forget(server, i);
        }
    }
}

/** An error ends the observations (RFC 7641 4.2); the last notification says so. */
static void deliver(radon_coap_server_t *server, group_t group, uint32_t key, radon_coap_response_t *response,
                    uint64_t now_ms)
{
    bool success = RADON_COAP_CLASS(response->code) == 2;
    int8_t con = -1;
    server->observe_sequence++;
    if (success) {
        keep_snapshot(server, group, key, response, now_ms);
    }
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        if (!contains(group, i)) {
            continue;
        }
        if (is_con_due(at(server, i), now_ms)) {
            con = i;
        } else {
            send_non(server, i, response);
        }
    }
    if (con >= 0) {
        send_con(server, con, response, now_ms); /* last: the body moves */
    }
    if (!success) {
        forget_all(server, group);
    }
}

void radon_coap_notify_deliver(radon_coap_server_t *server, radon_coap_exchange_t exchange,
                               radon_coap_response_t *response, uint64_t now_ms)
{
    group_t group = 0;
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        radon_coap_observer_t *observer = at(server, i);
        if (observer->used && observer->exchange == exchange) {
            observer->exchange = 0;
            group |= (group_t)1 << i;
        }
    }
    const radon_coap_waiting_t *waiting = &server->exchanges.waiting[exchange >> 16];
    deliver(server, group, waiting->route.key, response, now_ms);
}

/* Fetching -------------------------------------------------------------------------------------------------
 */

/** Nothing is under way for it. */
static bool is_idle(const radon_coap_observer_t *observer)
{
    return observer->used && observer->confirmed && !observer->outstanding && observer->exchange == 0;
}

/**
 * All that want the same representation as `first`, at most one of them by CON: others that are due for one
 * fetch on their own. They owe nothing from here on.
 */
static group_t take_group(radon_coap_server_t *server, int8_t first, uint64_t now_ms)
{
    group_t group = 0;
    bool has_con = false;
    at(server, first)->dirty = true; /* or the fetch is a check */
    for (int8_t i = first; i < RADON_COAP_OBSERVERS; i++) {
        radon_coap_observer_t *observer = at(server, i);
        bool wants =
            is_idle(observer) && observer->dirty && radon_coap_observer_same(observer, at(server, first));
        bool con = is_con_due(observer, now_ms);
        if (wants && !(con && has_con)) {
            observer->dirty = false;
            has_con = has_con || con;
            group |= (group_t)1 << i;
        }
    }
    return group;
}

static void await(radon_coap_server_t *server, radon_coap_waiting_t *waiting, group_t group,
                  const radon_coap_request_t *request)
{
    waiting->used = true;
    waiting->notification = true;
    waiting->started_ms = request->now_ms;
    waiting->route = (radon_coap_route_t){
        .method = RADON_METHOD_GET, .accept = request->accept, .key = request->key, .observer = -1};
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        if (contains(group, i)) {
            at(server, i)->exchange = request->exchange;
        }
    }
}

/** The GET of an observation, in the format of its first response (RFC 7641 4.2). */
static void fill_request(const radon_coap_observer_t *observer, radon_coap_message_t *message,
                         radon_coap_request_t *request, uint64_t now_ms)
{
    radon_coap_observer_request(observer, message);
    radon_coap_request_parse(request, message); /* its options were checked at registration */
    request->endpoint = &observer->endpoint;
    request->now_ms = now_ms;
    request->notification = true;
    request->since = observer->mark;
    if (request->accept == RADON_COAP_NO_FORMAT) {
        request->accept = observer->format;
    }
}

/** Clients fetch the later blocks of this representation now, not those of the one before. */
static void forget_snapshots(radon_coap_server_t *server, group_t group, uint32_t key)
{
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        if (contains(group, i)) {
            radon_coap_snapshots_forget(&server->snapshots, &server->retained, &at(server, i)->endpoint, key);
        }
    }
}

/** Fetches for one group; without a free exchange it stays for the next poll. */
static void fetch(radon_coap_server_t *server, int8_t first, uint64_t now_ms)
{
    radon_coap_message_t message;
    radon_coap_request_t request;
    radon_coap_response_t response;
    radon_coap_waiting_t *waiting = NULL;
    fill_request(at(server, first), &message, &request, now_ms);
    /* Found when the observation began, and the tree does not change. */
    const radon_coap_resource_t *resource = radon_coap_tree_find(&server->config->tree, &request);
    if ((resource->deferred >> RADON_METHOD_GET & 1) != 0) {
        waiting = radon_coap_exchanges_reserve(&server->exchanges);
        if (waiting == NULL) {
            return;
        }
        request.exchange = radon_coap_exchanges_name(&server->exchanges, waiting);
    }
    group_t group = take_group(server, first, now_ms);
    forget_snapshots(server, group, request.key);
    radon_coap_reply_open(server, &response, RADON_METHOD_GET, request.accept, &request.block2);
    radon_coap_handled_t handled = radon_coap_server_call(server, resource, &request, &response);
    if (handled == RADON_COAP_LATER && waiting != NULL) {
        await(server, waiting, group, &request);
    } else {
        deliver(server, group, request.key, &response, now_ms);
    }
}

/** When the observer needs attention again. */
static uint64_t next_due(const radon_coap_observer_t *observer, uint64_t now_ms)
{
    if (!is_idle(observer)) {
        return RADON_COAP_NEVER; /* until something arrives */
    }
    if (observer->dirty || check_due(observer) <= now_ms) {
        return now_ms + RADON_COAP_RETRY_MS;
    }
    return check_due(observer);
}

uint64_t radon_coap_notify_poll(radon_coap_server_t *server, uint64_t now_ms)
{
    uint64_t next = RADON_COAP_NEVER;
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        radon_coap_observer_t *observer = at(server, i);
        if (is_idle(observer) && (observer->dirty || check_due(observer) <= now_ms)) {
            fetch(server, i, now_ms);
        }
    }
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        uint64_t due = next_due(at(server, i), now_ms);
        next = due < next ? due : next;
    }
    return next;
}
