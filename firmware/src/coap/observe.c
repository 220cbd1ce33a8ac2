#include "radon/coap/observe.h"

void radon_coap_observers_init(radon_coap_observers_t *observers)
{
    memset(observers, 0, sizeof *observers);
}

int8_t radon_coap_observers_find(const radon_coap_observers_t *observers, const radon_endpoint_t *endpoint,
                                 radon_bytes_t token)
{
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        const radon_coap_observer_t *observer = &observers->observers[i];
        if (observer->used && radon_bytes_equal(radon_bytes(observer->token, observer->token_len), token) &&
            radon_endpoint_equal(&observer->endpoint, endpoint)) {
            return i;
        }
    }
    return -1;
}

int8_t radon_coap_observers_find_id(const radon_coap_observers_t *observers, const radon_endpoint_t *endpoint,
                                    uint16_t id)
{
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        const radon_coap_observer_t *observer = &observers->observers[i];
        if (observer->used && observer->notified && observer->last_id == id &&
            radon_endpoint_equal(&observer->endpoint, endpoint)) {
            return i;
        }
    }
    return -1;
}

static int8_t find_free(const radon_coap_observers_t *observers)
{
    for (int8_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        if (!observers->observers[i].used) {
            return i;
        }
    }
    return -1;
}

/** Copies the options that name the representation; false when they do not fit. */
static bool copy_options(radon_coap_observer_t *observer, const radon_coap_message_t *message)
{
    radon_coap_writer_t writer = {.buffer = observer->options, .cap = sizeof observer->options};
    radon_coap_options_t options = radon_coap_options(message);
    radon_coap_option_t option;
    while (radon_coap_options_next(&options, &option)) {
        if (option.number == RADON_COAP_OPTION_URI_PATH || option.number == RADON_COAP_OPTION_URI_QUERY ||
            option.number == RADON_COAP_OPTION_ACCEPT) {
            radon_coap_write_option(&writer, option.number, option.value);
        }
    }
    observer->options_len = (uint8_t)writer.len;
    return !writer.failed;
}

int8_t radon_coap_observers_register(radon_coap_observers_t *observers, const radon_coap_request_t *request)
{
    radon_bytes_t token = request->message->token;
    int8_t index = radon_coap_observers_find(observers, request->endpoint, token);
    if (index < 0) {
        index = find_free(observers);
    }
    if (index < 0) {
        return -1;
    }
    radon_coap_observer_t *observer = &observers->observers[index];
    *observer =
        (radon_coap_observer_t){.used = true,
                                .token_len = (uint8_t)token.len,
                                .format = RADON_COAP_NO_FORMAT,
                                .endpoint = *request->endpoint,
                                .checked_ms = request->now_ms,
                                .szx = request->block2.present ? request->block2.szx : RADON_COAP_SZX_MAX};
    memcpy(observer->token, token.data, token.len);
    observer->used = copy_options(observer, request->message);
    return observer->used ? index : -1;
}

void radon_coap_observer_request(const radon_coap_observer_t *observer, radon_coap_message_t *message)
{
    *message = (radon_coap_message_t){.type = RADON_COAP_NON,
                                      .code = RADON_METHOD_GET,
                                      .options = radon_bytes(observer->options, observer->options_len)};
}

/** Whether the Uri-Path options spell `path`. */
static bool observes(const radon_coap_observer_t *observer, radon_bytes_t path)
{
    radon_coap_message_t message;
    radon_coap_option_t option;
    radon_coap_observer_request(observer, &message);
    radon_coap_options_t options = radon_coap_options(&message);
    bool first = true;
    while (radon_coap_options_next(&options, &option)) {
        if (option.number != RADON_COAP_OPTION_URI_PATH) {
            continue;
        }
        if (!first && (path.len == 0 || path.data[0] != '/')) {
            return false;
        }
        size_t slash = first ? 0 : 1;
        path = radon_bytes(path.data + slash, path.len - slash);
        if (!radon_bytes_start_with(path, option.value)) {
            return false;
        }
        path = radon_bytes(path.data + option.value.len, path.len - option.value.len);
        first = false;
    }
    return path.len == 0;
}

void radon_coap_observers_touch(radon_coap_observers_t *observers, radon_bytes_t path)
{
    for (size_t i = 0; i < RADON_COAP_OBSERVERS; i++) {
        radon_coap_observer_t *observer = &observers->observers[i];
        if (observer->used && observes(observer, path)) {
            observer->dirty = true;
        }
    }
}

bool radon_coap_observer_same(const radon_coap_observer_t *a, const radon_coap_observer_t *b)
{
    return a->format == b->format && a->mark == b->mark && a->endpoint.trusted == b->endpoint.trusted &&
           radon_bytes_equal(radon_bytes(a->options, a->options_len),
                             radon_bytes(b->options, b->options_len));
}
