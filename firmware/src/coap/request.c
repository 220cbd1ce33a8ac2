#include "radon/coap/request.h"

#include "radon/base/crc.h"

/** What the definition of an option allows (RFC 7252 5.10 and the RFCs of the others). */
typedef struct {
    uint16_t number;
    uint8_t min;
    uint8_t max;
    bool repeatable;
    bool text;
} definition_t;

static const definition_t definitions[] = {
    {RADON_COAP_OPTION_IF_MATCH, 0, 8, true, false},
    {RADON_COAP_OPTION_URI_HOST, 1, 255, false, true},
    {RADON_COAP_OPTION_ETAG, 1, 8, true, false},
    {RADON_COAP_OPTION_IF_NONE_MATCH, 0, 0, false, false},
    {RADON_COAP_OPTION_OBSERVE, 0, 3, false, false},
    {RADON_COAP_OPTION_URI_PORT, 0, 2, false, false},
    {RADON_COAP_OPTION_URI_PATH, 0, 255, true, true},
    {RADON_COAP_OPTION_CONTENT_FORMAT, 0, 2, false, false},
    {RADON_COAP_OPTION_URI_QUERY, 0, 255, true, true},
    {RADON_COAP_OPTION_HOP_LIMIT, 1, 1, false, false},
    {RADON_COAP_OPTION_ACCEPT, 0, 2, false, false},
    {RADON_COAP_OPTION_BLOCK2, 0, 3, false, false},
    {RADON_COAP_OPTION_BLOCK1, 0, 3, false, false},
    {RADON_COAP_OPTION_SIZE1, 0, 4, false, false},
    {RADON_COAP_OPTION_NO_RESPONSE, 0, 1, false, false},
    {RADON_COAP_OPTION_REQUEST_TAG, 0, 8, true, false},
};

static const definition_t *find_definition(uint16_t number)
{
    for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++) {
        if (definitions[i].number == number) {
            return &definitions[i];
        }
    }
    return NULL;
}

/** Whether the option is one we know, in a form and at a place its definition allows. */
static bool is_understood(const definition_t *definition, const radon_coap_option_t *option, bool repeated)
{
    return definition != NULL && option->value.len >= definition->min &&
           option->value.len <= definition->max && (!repeated || definition->repeatable) &&
           (!definition->text || radon_bytes_is_utf8(option->value));
}

static void add_segment(radon_coap_request_t *request, radon_bytes_t segment)
{
    if (request->path_count == RADON_COAP_PATH_SEGMENTS) {
        request->path_too_long = true;
    } else {
        request->path[request->path_count++] = segment;
    }
}

/** Continues the cache key with one option. */
static void add_to_key(radon_coap_request_t *request, const radon_coap_option_t *option)
{
    const uint8_t head[3] = {(uint8_t)option->number, (uint8_t)option->value.len,
                             (uint8_t)(option->value.len >> 8)};
    request->key = radon_crc32_update(request->key, head, sizeof head);
    request->key = radon_crc32_update(request->key, option->value.data, option->value.len);
}

/** Takes an understood option into the view; returns 0 or the code of the refusal. */
static uint8_t take_option(radon_coap_request_t *request, const radon_coap_option_t *option)
{
    uint32_t number = option->value.len <= 4 ? radon_coap_option_uint(option->value) : 0;
    switch (option->number) {
    case RADON_COAP_OPTION_IF_MATCH:
        request->if_match_present = true;
        break;
    case RADON_COAP_OPTION_IF_NONE_MATCH:
        request->if_none_match = true;
        break;
    case RADON_COAP_OPTION_OBSERVE:
        request->observe_present = true;
        request->observe = number;
        break;
    case RADON_COAP_OPTION_URI_PATH:
        add_segment(request, option->value);
        add_to_key(request, option);
        break;
    case RADON_COAP_OPTION_URI_QUERY:
        add_to_key(request, option);
        break;
    case RADON_COAP_OPTION_ACCEPT:
        request->accept = (int32_t)number;
        add_to_key(request, option);
        break;
    case RADON_COAP_OPTION_CONTENT_FORMAT:
        request->content_format = (int32_t)number;
        break;
    case RADON_COAP_OPTION_HOP_LIMIT:
        request->hop_limit = (uint8_t)number;
        break;
    case RADON_COAP_OPTION_BLOCK2:
        return radon_coap_block_parse(&request->block2, number) ? 0 : RADON_COAP_BAD_REQUEST;
    case RADON_COAP_OPTION_BLOCK1:
        return radon_coap_block_parse(&request->block1, number) ? 0 : RADON_COAP_BAD_REQUEST;
    case RADON_COAP_OPTION_SIZE1:
        request->size1_present = true;
        request->size1 = number;
        break;
    case RADON_COAP_OPTION_NO_RESPONSE:
        request->no_response = (uint8_t)number;
        break;
    case RADON_COAP_OPTION_REQUEST_TAG:
        if (request->request_tag.data == NULL) {
            request->request_tag = option->value;
        }
        break;
    default: /* Uri-Host, Uri-Port: any name of this node is right; ETag is asked for by its user */
        break;
    }
    return 0;
}

static uint8_t take_options(radon_coap_request_t *request)
{
    radon_coap_options_t options = radon_coap_options(request->message);
    radon_coap_option_t option;
    int32_t before = -1;
    while (radon_coap_options_next(&options, &option)) {
        uint8_t refusal = 0;
        if (is_understood(find_definition(option.number), &option, option.number == before)) {
            refusal = take_option(request, &option);
        } else if (option.number == RADON_COAP_OPTION_PROXY_URI ||
                   option.number == RADON_COAP_OPTION_PROXY_SCHEME) {
            refusal = RADON_COAP_PROXYING_NOT_SUPPORTED;
        } else if (radon_coap_option_is_critical(option.number)) {
            refusal = RADON_COAP_BAD_OPTION;
        }
        if (refusal != 0) {
            return refusal;
        }
        before = option.number;
    }
    return 0;
}

/** A block with more to follow is full, none is longer than it says (RFC 7959 2.2). */
static bool block1_fits(const radon_coap_request_t *request)
{
    const radon_coap_block_t *block = &request->block1;
    size_t size = radon_coap_block_size(block);
    return !block->present || (block->more ? request->payload.len == size : request->payload.len <= size);
}

uint8_t radon_coap_request_parse(radon_coap_request_t *request, const radon_coap_message_t *message)
{
    *request = (radon_coap_request_t){.message = message,
                                      .method = message->code,
                                      .accept = RADON_COAP_NO_FORMAT,
                                      .content_format = RADON_COAP_NO_FORMAT,
                                      .payload = message->payload,
                                      .key = radon_crc32_update(RADON_CRC32_START, &message->code, 1)};
    uint8_t refusal = take_options(request);
    if (message->code == RADON_METHOD_FETCH) {
        request->key = radon_crc32_update(request->key, message->payload.data, message->payload.len);
    }
    return refusal == 0 && !block1_fits(request) ? RADON_COAP_BAD_REQUEST : refusal;
}

bool radon_coap_request_next_query(radon_coap_options_t *options, radon_bytes_t *query)
{
    radon_coap_option_t option;
    while (radon_coap_options_next(options, &option)) {
        if (option.number == RADON_COAP_OPTION_URI_QUERY) {
            *query = option.value;
            return true;
        }
    }
    return false;
}

bool radon_coap_request_has_etag(const radon_coap_request_t *request, uint16_t option, radon_bytes_t etag)
{
    radon_coap_options_t options = radon_coap_options(request->message);
    radon_coap_option_t next;
    while (radon_coap_options_next(&options, &next)) {
        if (next.number == option && radon_bytes_equal(next.value, etag)) {
            return true;
        }
    }
    return false;
}

size_t radon_coap_request_path(const radon_coap_request_t *request, char *out, size_t cap)
{
    size_t len = 0;
    for (uint8_t i = 0; i < request->path_count; i++) {
        if (i > 0 && len++ < cap) {
            out[len - 1] = '/';
        }
        for (size_t j = 0; j < request->path[i].len; j++) {
            if (len++ < cap) {
                out[len - 1] = (char)request->path[i].data[j];
            }
        }
    }
    return len;
}

size_t radon_coap_request_offset(const radon_coap_request_t *request)
{
    return request->block1.present ? radon_coap_block_offset(&request->block1) : 0;
}
