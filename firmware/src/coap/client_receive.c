#include "radon/base/crc.h"

#include "client_internal.h"

/** RFC 7641 3.4: notifications this far apart may have wrapped, or come late. */
#define SEQUENCE_HALF (1U << 23)
#define SEQUENCE_MASK 0xFFFFFFU
#define SEQUENCE_MS 128000U

/** Options of a response. */
typedef struct {
    int32_t format;
    bool observe_present;
    uint32_t observe;
    bool tagged;
    uint32_t etag; /**< CRC-32 */
    radon_coap_block_t block;
} reply_t;

/* Reading --------------------------------------------------------------------------------------------------
 */

/** False for what has to be understood and is not (RFC 7252 5.4.1). */
static bool read_option(reply_t *reply, const radon_coap_option_t *option)
{
    uint32_t number = option->value.len <= 4 ? radon_coap_option_uint(option->value) : 0;
    switch (option->number) {
    case RADON_COAP_OPTION_ETAG:
        reply->tagged = true;
        reply->etag = radon_crc32(option->value.data, option->value.len);
        return true;
    case RADON_COAP_OPTION_OBSERVE:
        reply->observe_present = true;
        reply->observe = number & SEQUENCE_MASK;
        return true;
    case RADON_COAP_OPTION_CONTENT_FORMAT:
        reply->format = option->value.len <= 2 ? (int32_t)number : RADON_COAP_NO_FORMAT;
        return true;
    case RADON_COAP_OPTION_BLOCK2:
        reply->block.present = true;
        return option->value.len <= 3 && radon_coap_block_parse(&reply->block, number);
    case RADON_COAP_OPTION_BLOCK1:
        return true;
    default:
        return !radon_coap_option_is_critical(option->number);
    }
}

static bool read_reply(reply_t *reply, const radon_coap_message_t *message)
{
    radon_coap_options_t options = radon_coap_options(message);
    radon_coap_option_t option;
    *reply = (reply_t){.format = RADON_COAP_NO_FORMAT};
    while (radon_coap_options_next(&options, &option)) {
        if (!read_option(reply, &option)) {
            return false;
        }
    }
    /* A block with more to follow is full (RFC 7959 2.2). */
    return !reply->block.more || message->payload.len == radon_coap_block_size(&reply->block);
}

/* Finding --------------------------------------------------------------------------------------------------
 */

static radon_coap_call_t *find_id(const radon_coap_client_t *client, const radon_endpoint_t *from,
                                  uint16_t id)
{
    for (radon_coap_call_t *call = client->first; call != NULL; call = call->next) {
        if (call->state == RADON_COAP_CALL_SENT && call->id == id &&
            radon_endpoint_equal(&call->endpoint, from)) {
            return call;
        }
    }
    return NULL;
}

static bool has_token(const radon_coap_call_t *call, bool later, radon_bytes_t token)
{
    uint8_t own[RADON_COAP_CLIENT_TOKEN];
    radon_coap_client_token(call, later, own);
    return radon_bytes_equal(token, radon_bytes(own, sizeof own));
}

/** The call that this is an answer to; `*later`: to the request for a block after the first. */
static radon_coap_call_t *find_token(const radon_coap_client_t *client, const radon_endpoint_t *from,
                                     radon_bytes_t token, bool *later)
{
    for (radon_coap_call_t *call = client->first; call != NULL; call = call->next) {
        *later = has_token(call, true, token);
        if (radon_endpoint_equal(&call->endpoint, from) && (*later || has_token(call, false, token))) {
            return call;
        }
    }
    return NULL;
}

/* Answers --------------------------------------------------------------------------------------------------
 */

static bool is_newer(const radon_coap_call_t *call, uint32_t sequence, uint64_t now_ms)
{
    uint32_t ahead = (sequence - call->sequence) & SEQUENCE_MASK;
    return (ahead > 0 && ahead < SEQUENCE_HALF) || now_ms > call->heard_ms + SEQUENCE_MS;
}

/** Whether a response without a place in what went before is to be left alone. */
static bool is_stale(const radon_coap_call_t *call, const reply_t *reply, bool later, uint64_t now_ms)
{
    if (later) {
        return call->received == 0 || !reply->block.present ||
               radon_coap_block_offset(&reply->block) != call->received;
    }
    if (reply->block.num > 0) {
        return true;
    }
    if (call->observing) {
        return reply->observe_present && !is_newer(call, reply->observe, now_ms);
    }
    return call->received > 0;
}

/** The first block of a representation, or all of it. */
static void begin(radon_coap_call_t *call, const reply_t *reply, bool success, uint64_t now_ms)
{
    call->received = 0;
    call->tagged = reply->tagged;
    call->etag = reply->etag;
    call->observing = success && reply->observe_present;
    call->sequence = reply->observe;
    call->heard_ms = now_ms;
    call->missed = false;
    call->deadline_ms = now_ms + call->patience_ms;
}

static void complete(radon_coap_client_t *client, radon_coap_call_t *call, const reply_t *reply, uint8_t code,
                     size_t length)
{
    const radon_coap_answered_t answered = {
        .err = RADON_OK, .code = code, .format = reply->format, .length = length, .goes_on = call->observing};
    call->received = 0;
    if (call->observing) {
        call->state = RADON_COAP_CALL_OBSERVING;
    } else {
        radon_coap_client_remove(client, call);
    }
    call->caller->answered(call, &answered);
}

/** The next block; FETCH would have to repeat a body that may be gone by now. */
static void go_on(radon_coap_client_t *client, radon_coap_call_t *call, const reply_t *reply, size_t received,
                  uint64_t now_ms)
{
    radon_coap_ask_t ask = {0};
    call->caller->ask(call, &ask);
    if (ask.method == RADON_METHOD_FETCH) {
        radon_coap_client_fail(client, call, RADON_E_TOO_BIG);
        return;
    }
    call->received = (uint16_t)received;
    call->szx = reply->block.szx;
    radon_coap_client_queue(call, now_ms);
}

/** The representation changed between two blocks: from the first one again. */
static void begin_again(radon_coap_call_t *call, uint64_t now_ms)
{
    call->received = 0;
    radon_coap_client_queue(call, now_ms);
}

static void take(radon_coap_client_t *client, radon_coap_call_t *call, const reply_t *reply,
                 const radon_coap_message_t *message, uint64_t now_ms)
{
    size_t received = call->received + message->payload.len;
    radon_err_t err =
        received > UINT16_MAX ? RADON_E_TOO_BIG : call->caller->take(call, call->received, message->payload);
    if (err == RADON_E_BUSY && call->observing) {
        call->missed = true;
        call->state = RADON_COAP_CALL_OBSERVING;
    } else if (err != RADON_OK) {
        radon_coap_client_fail(client, call, RADON_E_TOO_BIG);
    } else if (reply->block.more) {
        go_on(client, call, reply, received, now_ms);
    } else {
        complete(client, call, reply, message->code, received);
    }
}

static void answer(radon_coap_client_t *client, radon_coap_call_t *call, const reply_t *reply,
                   const radon_coap_message_t *message, bool later, uint64_t now_ms)
{
    bool success = RADON_COAP_CLASS(message->code) == 2;
    if (is_stale(call, reply, later, now_ms)) {
        return;
    }
    if (!later) {
        begin(call, reply, success, now_ms);
    }
    if (later && success && (reply->tagged != call->tagged || reply->etag != call->etag)) {
        begin_again(call, now_ms);
    } else {
        take(client, call, reply, message, now_ms);
    }
}

/* By type --------------------------------------------------------------------------------------------------
 */

static void acknowledge(radon_coap_client_t *client, const radon_endpoint_t *from,
                        const radon_coap_message_t *message)
{
    if (message->type == RADON_COAP_CON) {
        client->has_separate = true;
        client->last_separate = message->id;
        client->separate_from = *from;
        radon_coap_server_send_empty(client->server, from, RADON_COAP_ACK, message->id);
    }
}

/** A confirmable response whose ACK was lost: it was taken before. */
static bool is_repeated(const radon_coap_client_t *client, const radon_endpoint_t *from,
                        const radon_coap_message_t *message)
{
    return message->type == RADON_COAP_CON && client->has_separate && client->last_separate == message->id &&
           radon_endpoint_equal(&client->separate_from, from);
}

static bool receive_response(radon_coap_client_t *client, const radon_endpoint_t *from,
                             const radon_coap_message_t *message, uint64_t now_ms)
{
    bool later;
    reply_t reply;
    if (is_repeated(client, from, message)) {
        acknowledge(client, from, message);
        return true;
    }
    radon_coap_call_t *call = find_token(client, from, message->token, &later);
    if (call == NULL || (message->type == RADON_COAP_ACK && call != find_id(client, from, message->id)) ||
        !read_reply(&reply, message)) {
        return false;
    }
    acknowledge(client, from, message);
    answer(client, call, &reply, message, later, now_ms);
    return true;
}

bool radon_coap_client_receive(radon_coap_client_t *client, const radon_endpoint_t *from,
                               const radon_coap_message_t *message, uint64_t now_ms)
{
    if (client == NULL) {
        return false;
    }
    if (message->code != RADON_COAP_EMPTY) {
        return receive_response(client, from, message, now_ms);
    }
    radon_coap_call_t *call = find_id(client, from, message->id);
    if (call == NULL) {
        return false;
    }
    if (message->type == RADON_COAP_RST) {
        client->server->counters.resets++;
        radon_coap_client_fail(client, call, RADON_E_NO_ROUTE);
    } else {
        call->state = RADON_COAP_CALL_TAKEN;
    }
    return true;
}
