#include "radon/coap/uri.h"

#include "client_internal.h"

/** Header, token and options of a request to this node: no path or query is longer. */
#define LOCAL_HEAD_BYTES 224U

void radon_coap_client_init(radon_coap_client_t *client, radon_coap_server_t *server)
{
    *client =
        (radon_coap_client_t){.server = server, .last_token = (uint16_t)radon_coap_server_random(server)};
}

/* List of calls --------------------------------------------------------------------------------------------
 */

static void append(radon_coap_client_t *client, radon_coap_call_t *call)
{
    radon_coap_call_t **end = &client->first;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = call;
    call->next = NULL;
}

void radon_coap_client_remove(radon_coap_client_t *client, radon_coap_call_t *call)
{
    for (radon_coap_call_t **link = &client->first; *link != NULL; link = &(*link)->next) {
        if (*link == call) {
            *link = call->next;
            break;
        }
    }
    call->state = RADON_COAP_CALL_OVER;
}

void radon_coap_client_queue(radon_coap_call_t *call, uint64_t now_ms)
{
    call->state = RADON_COAP_CALL_QUEUED;
    call->due_ms = now_ms;
}

void radon_coap_client_start(radon_coap_client_t *client, radon_coap_call_t *call,
                             const radon_coap_caller_t *caller, const radon_endpoint_t *to,
                             uint32_t timeout_ms, uint64_t now_ms)
{
    *call = (radon_coap_call_t){.caller = caller,
                                .endpoint = *to,
                                .token = ++client->last_token,
                                .patience_ms = timeout_ms,
                                .deadline_ms = now_ms + timeout_ms};
    append(client, call);
    radon_coap_client_queue(call, now_ms);
}

void radon_coap_client_again(radon_coap_client_t *client, radon_coap_call_t *call, uint64_t now_ms)
{
    (void)client;
    if (call->missed && call->state == RADON_COAP_CALL_OBSERVING) {
        call->missed = false;
        call->received = 0;
        call->deadline_ms = now_ms + call->patience_ms;
        radon_coap_client_queue(call, now_ms);
    }
}

/* Sending --------------------------------------------------------------------------------------------------
 */

void radon_coap_client_token(const radon_coap_call_t *call, bool later,
                             uint8_t token[RADON_COAP_CLIENT_TOKEN])
{
    token[0] = (uint8_t)(call->token >> 8);
    token[1] = (uint8_t)call->token;
    token[2] = later ? 1 : 0;
}

static void write_path(radon_coap_writer_t *writer, const radon_coap_ask_t *ask)
{
    const radon_bytes_t front[] = {ask->first, ask->second};
    for (size_t i = 0; i < sizeof front / sizeof front[0]; i++) {
        if (front[i].len > 0) {
            radon_coap_write_option(writer, RADON_COAP_OPTION_URI_PATH, front[i]);
        }
    }
    radon_uri_write_options(writer, RADON_COAP_OPTION_URI_PATH, ask->path, '/');
}

/** The block after those that were received. */
static uint32_t next_block(const radon_coap_call_t *call)
{
    radon_coap_block_t block = {.szx = call->szx};
    block.num = (uint32_t)(call->received / radon_coap_block_size(&block));
    return radon_coap_block_value(&block);
}

static void write_options(radon_coap_writer_t *writer, const radon_coap_call_t *call,
                          const radon_coap_ask_t *ask)
{
    if (ask->observe && call->received == 0) {
        bool ends = call->state == RADON_COAP_CALL_OVER;
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_OBSERVE, ends ? 1 : 0);
    }
    write_path(writer, ask);
    if (ask->format != RADON_COAP_NO_FORMAT && ask->payload.len > 0) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_CONTENT_FORMAT, (uint32_t)ask->format);
    }
    radon_uri_write_options(writer, RADON_COAP_OPTION_URI_QUERY, ask->query, '&');
    if (ask->hops > 0) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_HOP_LIMIT, ask->hops);
    }
    if (call->received > 0) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_BLOCK2, next_block(call));
    }
    if (ask->proxy_uri.len > 0) {
        radon_coap_write_option(writer, RADON_COAP_OPTION_PROXY_URI, ask->proxy_uri);
    }
    if (call->state == RADON_COAP_CALL_OVER) {
        radon_coap_write_option_uint(writer, RADON_COAP_OPTION_NO_RESPONSE,
                                     RADON_COAP_NO_2XX | RADON_COAP_NO_4XX | RADON_COAP_NO_5XX);
    }
}

/** What the call asks for now. Blocks after the first are asked for without the payload of the request. */
static radon_coap_ask_t describe(const radon_coap_call_t *call)
{
    radon_coap_ask_t ask = {.format = RADON_COAP_NO_FORMAT};
    call->caller->ask(call, &ask);
    if (call->received > 0) {
        ask.payload = radon_bytes(NULL, 0);
    }
    return ask;
}

static void write_head(radon_coap_writer_t *writer, uint8_t *buffer, size_t cap, radon_coap_type_t type,
                       const radon_coap_call_t *call, const radon_coap_ask_t *ask)
{
    uint8_t token[RADON_COAP_CLIENT_TOKEN];
    radon_coap_client_token(call, call->received > 0, token);
    radon_coap_write_header(writer, buffer, cap, type, ask->method, call->id,
                            radon_bytes(token, sizeof token));
    write_options(writer, call, ask);
}

static radon_err_t send_datagram(radon_coap_client_t *client, const radon_coap_call_t *call,
                                 radon_coap_type_t type)
{
    size_t cap;
    radon_coap_writer_t writer;
    radon_coap_ask_t ask = describe(call);
    uint8_t *work = radon_coap_retained_work(&client->server->retained, &cap);
    cap = cap < RADON_COAP_MESSAGE_MAX ? cap : RADON_COAP_MESSAGE_MAX;
    write_head(&writer, work, cap, type, call, &ask);
    radon_coap_write_payload(&writer, ask.payload);
    if (writer.failed) {
        return RADON_E_TOO_BIG;
    }
    return radon_coap_server_send(client->server, &call->endpoint, radon_bytes(work, writer.len));
}

/* Ending ---------------------------------------------------------------------------------------------------
 */

/** Tells the server once (RFC 7641 3.6); where that is lost its next notification is rejected. */
static void end_observation(radon_coap_client_t *client, radon_coap_call_t *call)
{
    uint8_t token[RADON_COAP_CLIENT_TOKEN];
    if (radon_endpoint_is_local(&call->endpoint)) {
        radon_coap_client_token(call, false, token);
        radon_coap_notify_forget(client->server,
                                 radon_coap_observers_find(&client->server->observers, &call->endpoint,
                                                           radon_bytes(token, sizeof token)));
    } else if (call->observing) {
        call->observing = false;
        call->received = 0;
        call->id = radon_coap_server_next_id(client->server);
        (void)send_datagram(client, call, RADON_COAP_NON);
    }
}

void radon_coap_client_cancel(radon_coap_client_t *client, radon_coap_call_t *call)
{
    if (call->state != RADON_COAP_CALL_OVER) {
        radon_coap_client_remove(client, call);
        end_observation(client, call);
    }
}

void radon_coap_client_fail(radon_coap_client_t *client, radon_coap_call_t *call, radon_err_t err)
{
    const radon_coap_answered_t answered = {.err = err, .format = RADON_COAP_NO_FORMAT};
    radon_coap_client_cancel(client, call);
    call->caller->answered(call, &answered);
}

/* Starting ------------------------------------------------------------------------------------------------
 */

/** The resources of this node: the payload is read where it lies, the answer may come before this returns. */
static void serve(radon_coap_client_t *client, radon_coap_call_t *call, uint64_t now_ms)
{
    uint8_t head[LOCAL_HEAD_BYTES];
    radon_coap_writer_t writer;
    radon_coap_message_t message;
    radon_coap_ask_t ask = describe(call);
    radon_endpoint_t from = call->endpoint;
    write_head(&writer, head, sizeof head, RADON_COAP_NON, call, &ask);
    if (writer.failed || radon_coap_message_parse(&message, radon_bytes(head, writer.len)) != RADON_OK) {
        radon_coap_client_fail(client, call, RADON_E_TOO_BIG);
        return;
    }
    message.payload = ask.payload;
    call->state = RADON_COAP_CALL_TAKEN;
    radon_coap_server_serve(client->server, &from, &message, 0, now_ms);
}

/** First transmission of a request. A link that is full is asked again soon. */
static void transmit(radon_coap_client_t *client, radon_coap_call_t *call, uint64_t now_ms)
{
    call->id = radon_coap_server_next_id(client->server);
    call->attempts = 0;
    if (radon_endpoint_is_local(&call->endpoint)) {
        serve(client, call, now_ms);
        return;
    }
    radon_err_t err = send_datagram(client, call, RADON_COAP_CON);
    if (err == RADON_E_TOO_BIG) {
        radon_coap_client_fail(client, call, err);
        return;
    }
    if (err != RADON_OK) {
        call->due_ms = now_ms + RADON_COAP_RETRY_MS;
        return;
    }
    call->state = RADON_COAP_CALL_SENT;
    call->timeout_ms = radon_coap_outgoing_first_timeout(
        radon_coap_server_link(client->server, &call->endpoint), radon_coap_server_random(client->server));
    call->due_ms = now_ms + call->timeout_ms;
}

static void retransmit(radon_coap_client_t *client, radon_coap_call_t *call, uint64_t now_ms)
{
    if (call->attempts == RADON_COAP_MAX_RETRANSMIT) {
        client->server->counters.timeouts++;
        radon_coap_client_fail(client, call, RADON_E_TIMEOUT);
        return;
    }
    call->attempts++;
    call->timeout_ms *= 2;
    call->due_ms = now_ms + call->timeout_ms;
    client->server->counters.retransmissions++;
    (void)send_datagram(client, call, RADON_COAP_CON); /* a full link counts as a lost message */
}

/* Polling --------------------------------------------------------------------------------------------------
 */

size_t radon_coap_client_outstanding(const radon_coap_client_t *client, const radon_endpoint_t *endpoint)
{
    size_t count = 0;
    if (client == NULL) {
        return 0;
    }
    for (const radon_coap_call_t *call = client->first; call != NULL; call = call->next) {
        count += call->state == RADON_COAP_CALL_SENT && radon_endpoint_equal(&call->endpoint, endpoint);
    }
    return count;
}

static bool may_start(const radon_coap_client_t *client, const radon_coap_call_t *call)
{
    const radon_coap_server_t *server = client->server;
    if (radon_endpoint_is_local(&call->endpoint)) {
        return true;
    }
    size_t outstanding = radon_coap_client_outstanding(client, &call->endpoint) +
                         radon_coap_outgoing_sent(&server->outgoing, &call->endpoint);
    return outstanding < radon_coap_server_link(server, &call->endpoint)->nstart;
}

/** When the call wants attention; RADON_COAP_NEVER: when something arrives. */
static uint64_t attention(const radon_coap_client_t *client, const radon_coap_call_t *call)
{
    switch (call->state) {
    case RADON_COAP_CALL_OBSERVING:
        return radon_endpoint_is_local(&call->endpoint) ? RADON_COAP_NEVER
                                                        : call->heard_ms + RADON_COAP_REFRESH_MS;
    case RADON_COAP_CALL_QUEUED:
        if (!may_start(client, call)) {
            return call->deadline_ms;
        }
        break;
    case RADON_COAP_CALL_SENT:
        break;
    default:
        return call->deadline_ms;
    }
    return call->due_ms < call->deadline_ms ? call->due_ms : call->deadline_ms;
}

static void attend(radon_coap_client_t *client, radon_coap_call_t *call, uint64_t now_ms)
{
    if (call->state == RADON_COAP_CALL_OBSERVING) {
        call->missed = true;
        radon_coap_client_again(client, call, now_ms);
    } else if (call->deadline_ms <= now_ms) {
        radon_coap_client_fail(client, call, RADON_E_TIMEOUT);
    } else if (call->state == RADON_COAP_CALL_QUEUED) {
        transmit(client, call, now_ms);
    } else {
        retransmit(client, call, now_ms);
    }
}

static radon_coap_call_t *find_due(const radon_coap_client_t *client, uint64_t now_ms, uint64_t *next_ms)
{
    *next_ms = RADON_COAP_NEVER;
    for (radon_coap_call_t *call = client->first; call != NULL; call = call->next) {
        uint64_t due_ms = attention(client, call);
        if (due_ms <= now_ms) {
            return call;
        }
        *next_ms = due_ms < *next_ms ? due_ms : *next_ms;
    }
    return NULL;
}

uint64_t radon_coap_client_poll(radon_coap_client_t *client, uint64_t now_ms)
{
    uint64_t next_ms;
    radon_coap_call_t *call;
    if (client == NULL) {
        return RADON_COAP_NEVER;
    }
    while ((call = find_due(client, now_ms, &next_ms)) != NULL) {
        attend(client, call, now_ms);
    }
    return next_ms;
}
