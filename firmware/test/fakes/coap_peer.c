#include "coap_peer.h"

#include <stdio.h>
#include <stdlib.h>

#define SENT_MAX 64

radon_coap_server_t peer_server;
radon_coap_client_t peer_client;
const radon_endpoint_t peer_serial = {.link = PEER_LINK_SERIAL, .trusted = true};
const radon_endpoint_t peer_udp = {.link = PEER_LINK_UDP, .address_len = 6, .address = {127, 0, 0, 1, 1, 1}};
const radon_endpoint_t peer_udp_other = {
    .link = PEER_LINK_UDP, .address_len = 6, .address = {127, 0, 0, 1, 1, 2}};
uint64_t peer_now_ms;
bool peer_link_full;
unsigned peer_posts;
unsigned peer_gets;
radon_coap_exchange_t peer_waiting[16];
size_t peer_waiting_count;
radon_coap_exchange_t peer_expired;
char peer_value[32];
bool peer_prefers_json;
size_t peer_long_len;
unsigned peer_long_version;
uint8_t peer_upload[128];
size_t peer_upload_len;

static peer_sent_t sent[SENT_MAX];
static size_t sent_count;
static size_t sent_read;

/* Resources ------------------------------------------------------------------------------------------------
 */

static radon_coap_handled_t serve_fast(void *context, const radon_coap_request_t *request,
                                       radon_coap_response_t *response)
{
    (void)context;
    response->format = RADON_FORMAT_TEXT;
    if (request->method == RADON_METHOD_POST) {
        peer_posts++;
        radon_sink_text(&response->body, "posted ");
        radon_sink_u64(&response->body, peer_posts);
        radon_sink_put(&response->body, ' ');
        radon_sink_write(&response->body, request->payload.data, request->payload.len);
    } else {
        radon_sink_text(&response->body, "fast");
    }
    return RADON_COAP_DONE;
}

static radon_coap_handled_t serve_slow(void *context, const radon_coap_request_t *request,
                                       radon_coap_response_t *response)
{
    (void)context;
    (void)response;
    peer_gets++;
    peer_waiting[peer_waiting_count++] = request->exchange;
    return RADON_COAP_LATER;
}

static radon_coap_handled_t serve_value(void *context, const radon_coap_request_t *request,
                                        radon_coap_response_t *response)
{
    (void)context;
    if (request->method == RADON_METHOD_PUT) {
        snprintf(peer_value, sizeof peer_value, "%.*s", (int)request->payload.len, request->payload.data);
        radon_coap_server_notify(&peer_server, radon_bytes_text("value"));
        return RADON_COAP_DONE;
    }
    peer_gets++;
    if (peer_value[0] == '\0') {
        radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_NOT_FOUND);
        radon_coap_response_problem(response, &report);
    } else if (response->accept == RADON_FORMAT_JSON ||
               (response->accept == RADON_COAP_NO_FORMAT && peer_prefers_json)) {
        response->format = RADON_FORMAT_JSON;
        radon_sink_text(&response->body, "{}");
    } else {
        response->format = RADON_FORMAT_TEXT;
        radon_sink_text(&response->body, peer_value);
    }
    return RADON_COAP_DONE;
}

uint8_t peer_long_byte(unsigned version, size_t i)
{
    return (uint8_t)('a' + (i / 16 + i + version) % 26);
}

static radon_coap_handled_t serve_long(void *context, const radon_coap_request_t *request,
                                       radon_coap_response_t *response)
{
    (void)context;
    response->format = RADON_FORMAT_OCTET_STREAM;
    for (size_t i = 0; i < peer_long_len; i++) {
        radon_sink_put(&response->body, peer_long_byte(peer_long_version, i));
    }
    peer_posts += request->method == RADON_METHOD_POST ? 1 : 0;
    return RADON_COAP_DONE;
}

static radon_coap_handled_t serve_upload(void *context, const radon_coap_request_t *request,
                                         radon_coap_response_t *response)
{
    (void)context;
    size_t offset = radon_coap_request_offset(request);
    memcpy(peer_upload + offset, request->payload.data, request->payload.len);
    peer_upload_len = offset + request->payload.len;
    if (!radon_coap_request_is_last(request)) {
        response->code = RADON_COAP_CONTINUE;
    }
    return RADON_COAP_DONE;
}

/** Writes the path it was asked under. */
static radon_coap_handled_t serve_echo_path(void *context, const radon_coap_request_t *request,
                                            radon_coap_response_t *response)
{
    char path[64];
    (void)context;
    size_t len = radon_coap_request_path(request, path, sizeof path);
    radon_sink_write(&response->body, path, len);
    return RADON_COAP_DONE;
}

static void list_items(void *context, radon_link_writer_t *links)
{
    (void)context;
    const radon_link_attributes_t attributes = {.rt = radon_bytes_text("item")};
    radon_link_write(links, radon_bytes_text("items/one"), &attributes);
}

static radon_coap_tree_t discovered;

#define GET RADON_COAP_METHODS(GET)
#define PUT RADON_COAP_METHODS(PUT)
#define POST RADON_COAP_METHODS(POST)

static const radon_coap_resource_t resources[] = {
    {.path = ".well-known/core", .methods = GET, .handler = radon_coap_tree_discover, .context = &discovered},
    {.path = "fast", .methods = GET | POST | PUT, .handler = serve_fast},
    {.path = "slow",
     .methods = GET | POST,
     .deferred = GET | POST,
     .observable = true,
     .handler = serve_slow},
    {.path = "value",
     .methods = GET | PUT,
     .observable = true,
     .handler = serve_value,
     .link = {.obs = true}},
    {.path = "long", .methods = GET | POST, .observable = true, .handler = serve_long},
    {.path = "upload", .methods = PUT, .body_max = 100, .handler = serve_upload},
    {.path = "control", .methods = GET | PUT, .control = PUT, .handler = serve_fast},
    {.path = "items/*", .methods = GET | PUT, .atoms = PUT, .handler = serve_echo_path, .list = list_items},
    {.path = "a/*/**", .methods = GET, .handler = serve_echo_path},
};

/* Server ---------------------------------------------------------------------------------------------------
 */

static radon_err_t take_sent(void *context, const radon_endpoint_t *to, radon_bytes_t datagram)
{
    (void)context;
    if (peer_link_full) {
        return RADON_E_FULL;
    }
    if (sent_count == SENT_MAX || datagram.len > RADON_COAP_MESSAGE_MAX) {
        abort();
    }
    peer_sent_t *entry = &sent[sent_count++];
    entry->to = *to;
    entry->len = datagram.len;
    memcpy(entry->bytes, datagram.data, datagram.len);
    if (radon_coap_message_parse(&entry->message, radon_bytes(entry->bytes, entry->len)) != RADON_OK) {
        abort();
    }
    return RADON_OK;
}

static void note_expired(void *context, radon_coap_exchange_t exchange)
{
    (void)context;
    peer_expired = exchange;
}

static radon_coap_link_t links[PEER_LINKS];
static const radon_coap_server_config_t config = {
    .links = links,
    .link_count = PEER_LINKS,
    .tree = {.resources = resources, .count = sizeof resources / sizeof resources[0]},
    .send = take_sent,
    .client = &peer_client,
    .expired = note_expired,
};

void peer_reset(void)
{
    links[PEER_LINK_SERIAL] = radon_coap_link_serial(115200);
    links[PEER_LINK_UDP] = radon_coap_link_udp();
    discovered = config.tree;
    peer_now_ms = 1000;
    peer_link_full = false;
    peer_posts = peer_gets = 0;
    peer_waiting_count = 0;
    peer_expired = 0;
    peer_prefers_json = false;
    peer_long_len = 0;
    peer_long_version = 0;
    peer_upload_len = 0;
    sent_count = sent_read = 0;
    strcpy(peer_value, "1");
    memset(&peer_server, 0xa5, sizeof peer_server); /* init leaves nothing to chance */
    radon_coap_server_init(&peer_server, &config, 42);
    radon_coap_client_init(&peer_client, &peer_server);
}

/* Peer -----------------------------------------------------------------------------------------------------
 */

static void write_path(radon_coap_writer_t *writer, const char *path)
{
    while (path != NULL && *path != '\0') {
        const char *slash = strchr(path, '/');
        size_t len = slash == NULL ? strlen(path) : (size_t)(slash - path);
        radon_coap_write_option(writer, RADON_COAP_OPTION_URI_PATH, radon_bytes(path, len));
        path = slash == NULL ? NULL : slash + 1;
    }
}

static void write_option(radon_coap_writer_t *writer, const peer_option_t *option)
{
    if (option->bytes != NULL) {
        radon_coap_write_option(writer, option->number, radon_bytes(option->bytes, option->len));
    } else {
        radon_coap_write_option_uint(writer, option->number, option->value);
    }
}

size_t peer_build(const peer_ask_t *ask, uint8_t *out, size_t cap)
{
    radon_coap_writer_t writer;
    size_t payload_len =
        ask->payload_len > 0 || ask->payload == NULL ? ask->payload_len : strlen(ask->payload);
    radon_coap_write_header(&writer, out, cap, ask->type, ask->method, ask->id, radon_bytes_text(ask->token));
    for (uint16_t number = 1; number < 300; number++) {
        if (number == RADON_COAP_OPTION_URI_PATH) {
            write_path(&writer, ask->path);
        }
        for (size_t i = 0; i < sizeof ask->options / sizeof ask->options[0]; i++) {
            if (ask->options[i].number == number) {
                write_option(&writer, &ask->options[i]);
            }
        }
    }
    radon_coap_write_payload(&writer, radon_bytes(ask->payload, payload_len));
    if (writer.failed) {
        abort();
    }
    return writer.len;
}

void peer_receive(const radon_endpoint_t *from, const void *bytes, size_t len)
{
    radon_coap_server_receive(&peer_server, from, radon_bytes(bytes, len), peer_now_ms);
    radon_coap_server_poll(&peer_server, peer_now_ms);
}

void peer_ask(const radon_endpoint_t *from, const peer_ask_t *ask)
{
    uint8_t bytes[RADON_COAP_MESSAGE_MAX];
    peer_receive(from, bytes, peer_build(ask, bytes, sizeof bytes));
}

void peer_advance(uint64_t now_ms)
{
    uint64_t next = radon_coap_server_poll(&peer_server, peer_now_ms);
    while (next <= now_ms) {
        if (next <= peer_now_ms) {
            abort(); /* a deadline in the past would spin */
        }
        peer_now_ms = next;
        next = radon_coap_server_poll(&peer_server, peer_now_ms);
    }
    peer_now_ms = now_ms;
}

const peer_sent_t *peer_next(void)
{
    if (sent_read == sent_count) {
        sent_read = sent_count = 0;
        return NULL;
    }
    return &sent[sent_read++];
}

size_t peer_unread(void)
{
    return sent_count - sent_read;
}

static bool find_option(const peer_sent_t *reply, uint16_t number, radon_coap_option_t *option)
{
    radon_coap_options_t options = radon_coap_options(&reply->message);
    while (radon_coap_options_next(&options, option)) {
        if (option->number == number) {
            return true;
        }
    }
    return false;
}

uint32_t peer_option(const peer_sent_t *reply, uint16_t number, uint32_t absent)
{
    radon_coap_option_t option;
    return find_option(reply, number, &option) ? radon_coap_option_uint(option.value) : absent;
}

bool peer_has_option(const peer_sent_t *reply, uint16_t number)
{
    radon_coap_option_t option;
    return find_option(reply, number, &option);
}

bool peer_payload_is(const peer_sent_t *reply, const char *text)
{
    return radon_bytes_equal_text(reply->message.payload, text);
}

void peer_empty(const radon_endpoint_t *from, radon_coap_type_t type, uint16_t id)
{
    peer_ask(from, &(peer_ask_t){.type = type, .method = RADON_COAP_EMPTY, .id = id});
}

static void write_answer(void *context, radon_coap_response_t *response)
{
    if (*(const char *)context == '\0') {
        radon_coap_response_code(response, RADON_COAP_NOT_FOUND);
        return;
    }
    response->format = RADON_FORMAT_TEXT;
    radon_sink_text(&response->body, context);
}

radon_err_t peer_answer(const char *text)
{
    char copy[1024];
    radon_coap_exchange_t exchange = peer_waiting[0];
    peer_waiting_count--;
    memmove(peer_waiting, peer_waiting + 1, peer_waiting_count * sizeof peer_waiting[0]);
    snprintf(copy, sizeof copy, "%s", text);
    radon_err_t err = radon_coap_server_respond(&peer_server, exchange, write_answer, copy, peer_now_ms);
    radon_coap_server_poll(&peer_server, peer_now_ms);
    return err;
}
