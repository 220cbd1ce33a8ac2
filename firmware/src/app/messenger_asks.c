/** Requests that atoms made, to this node's own resources and to the bridge, and what comes back. */
#include "messenger_asks.h"

#include "radon/coap/uri.h"

static radon_coap_call_t calls[RADON_ASKS_MAX]; /**< by index of the request */

static radon_ask_t *asks(void)
{
    return radon_node.runtime.messaging.asks.asks;
}

static radon_ask_t *ask_of(const radon_coap_call_t *call)
{
    return &asks()[call - calls];
}

/* Places ---------------------------------------------------------------------------------------------------
 */

/** The atom that made a request, or NULL when it has no memory any more. */
static radon_atom_t *atom_of(const radon_ask_t *ask)
{
    return radon_node.runtime.definitions[ask->definition].atom;
}

/** Its place, or NULL when nobody waits for the answer any more. */
static radon_open_t *place_of(const radon_ask_t *ask)
{
    radon_atom_t *atom = atom_of(ask);
    if (atom == NULL || ask->place >= atom->opens.count) {
        return NULL;
    }
    radon_open_t *open = &atom->opens.places[ask->place];
    return open->state == RADON_OPEN_OWN && open->exchange == ask->serial ? open : NULL;
}

/** The answer waits for its turn: that of the one it replaces, or a new one. */
static void raise_response(radon_ask_t *ask, radon_open_t *open)
{
    if (ask->replaces) {
        open->signal = (radon_signal_t){.place = ask->turn, .marks = RADON_SIGNAL_WAITING};
        ask->replaces = false;
    } else {
        radon_signal_raise(&open->signal, &atom_of(ask)->next_place);
    }
    radon_port_thread_wake();
}

/** What came back. `err` is why nothing did. */
static void put_down(radon_ask_t *ask, const radon_coap_answered_t *answer)
{
    radon_open_t *open = place_of(ask);
    if (open != NULL) {
        bool failed = answer->err != RADON_OK;
        open->code = failed ? 0 : answer->code;
        open->format =
            failed || answer->format == RADON_COAP_NO_FORMAT ? RADON_FORMAT_NONE : (uint16_t)answer->format;
        open->length = failed ? 0 : (uint16_t)answer->length;
        open->error = (int8_t)answer->err;
        open->observes = answer->goes_on;
        raise_response(ask, open);
    }
    ask->state = answer->goes_on ? RADON_ASK_SENT : RADON_ASK_FREE;
}

/* Calls ----------------------------------------------------------------------------------------------------
 */

static void describe_uri(const radon_ask_t *own, radon_coap_ask_t *ask)
{
    radon_uri_t uri;
    (void)radon_uri_parse(&uri, radon_bytes(own->uri, own->uri_length));
    bool here = uri.kind == RADON_URI_NODE && radon_bytes_equal(uri.host, radon_node.provisioning.name);
    if (uri.kind == RADON_URI_COAP) {
        ask->proxy_uri = uri.whole;
        return;
    }
    if (uri.kind == RADON_URI_NODE && !here) {
        ask->first = radon_bytes_text("nodes");
        ask->second = uri.host;
    }
    ask->path = uri.path;
    ask->query = uri.query;
}

static void describe(const radon_coap_call_t *call, radon_coap_ask_t *ask)
{
    const radon_ask_t *own = ask_of(call);
    const radon_open_t *open = place_of(own);
    ask->method = own->method;
    ask->hops = own->hops;
    ask->observe = own->observe;
    ask->format = own->format == RADON_FORMAT_NONE ? RADON_COAP_NO_FORMAT : own->format;
    if (open != NULL) {
        ask->payload = radon_bytes(radon_opens_body(&atom_of(own)->opens, open), own->length);
    }
    describe_uri(own, ask);
}

/** Bytes of an answer go where the body of the request was. The one that is handled now stays as it is. */
static radon_err_t take(radon_coap_call_t *call, size_t offset, radon_bytes_t bytes)
{
    radon_ask_t *ask = ask_of(call);
    radon_open_t *open = place_of(ask);
    if (open == NULL) {
        return RADON_OK;
    }
    if ((open->signal.marks & RADON_SIGNAL_ASSIGNED) != 0) {
        return RADON_E_BUSY;
    }
    radon_opens_t *opens = &atom_of(ask)->opens;
    if (offset + bytes.len > opens->body) {
        return RADON_E_TOO_BIG;
    }
    if ((open->signal.marks & RADON_SIGNAL_WAITING) != 0) {
        ask->replaces = true;
        ask->turn = open->signal.place;
        open->signal.marks = 0;
    }
    if (bytes.len > 0) {
        memcpy(radon_opens_body(opens, open) + offset, bytes.data, bytes.len);
    }
    return RADON_OK;
}

static void hear(radon_coap_call_t *call, const radon_coap_answered_t *answer)
{
    put_down(ask_of(call), answer);
}

static const radon_coap_caller_t caller = {.ask = describe, .take = take, .answered = hear};

/* Polling --------------------------------------------------------------------------------------------------
 */

static bool is_here(const radon_ask_t *ask)
{
    radon_uri_t uri;
    (void)radon_uri_parse(&uri, radon_bytes(ask->uri, ask->uri_length));
    return uri.kind == RADON_URI_PATH ||
           (uri.kind == RADON_URI_NODE && radon_bytes_equal(uri.host, radon_node.provisioning.name));
}

static void start(radon_ask_t *ask, const radon_endpoint_t *bridge, uint64_t now_us)
{
    /* Atoms are told apart as senders of requests. */
    const radon_endpoint_t local = {
        .link = RADON_COAP_LINK_LOCAL, .address_len = 1, .address = {ask->definition}};
    const radon_endpoint_t *to = is_here(ask) ? &local : bridge;
    if (to == NULL) {
        put_down(ask, &(radon_coap_answered_t){.err = RADON_E_NO_ROUTE});
        return;
    }
    ask->state = RADON_ASK_SENT;
    radon_coap_client_start(&radon_node.client, &calls[ask - asks()], &caller, to,
                            RADON_MAX_REQUEST_TIMEOUT_MS, now_us / 1000U);
}

/** The oldest that was not sent yet, or NULL. */
static radon_ask_t *next_new(void)
{
    radon_ask_t *next = NULL;
    for (size_t i = 0; i < RADON_ASKS_MAX; i++) {
        radon_ask_t *ask = &asks()[i];
        if (ask->state == RADON_ASK_NEW && (next == NULL || ask->serial < next->serial)) {
            next = ask;
        }
    }
    return next;
}

/** Ends what was cancelled, and asks again for what could not be put down. */
static void look_after(radon_ask_t *ask, uint64_t now_us)
{
    radon_coap_call_t *call = &calls[ask - asks()];
    const radon_open_t *open = place_of(ask);
    if (open == NULL) {
        radon_coap_client_cancel(&radon_node.client, call);
        ask->state = RADON_ASK_FREE;
    } else if ((open->signal.marks & RADON_SIGNAL_ASSIGNED) == 0) {
        radon_coap_client_again(&radon_node.client, call, now_us / 1000U);
    }
}

void radon_messenger_poll_asks(const radon_endpoint_t *bridge, uint64_t now_us)
{
    radon_ask_t *ask;
    for (size_t i = 0; i < RADON_ASKS_MAX; i++) {
        if (asks()[i].state != RADON_ASK_FREE) {
            look_after(&asks()[i], now_us);
        }
    }
    while ((ask = next_new()) != NULL) {
        start(ask, bridge, now_us);
    }
}

bool radon_messenger_asks_wait(void)
{
    for (size_t i = 0; i < RADON_ASKS_MAX; i++) {
        if (asks()[i].state == RADON_ASK_SENT && calls[i].missed) {
            return true;
        }
    }
    return false;
}
