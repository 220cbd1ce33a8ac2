/** Own requests: request, request_cancel. */
#include "radon/runtime/host.h"

#include "radon/coap/uri.h"

/** Arguments of `request`. */
typedef struct {
    int32_t method;
    radon_bytes_t uri;
    int32_t format;
    radon_bytes_t body;
    uint32_t flags;
} call_t;

static bool is_well_formed(const call_t *call)
{
    radon_uri_t uri;
    bool observe = (call->flags & RADON_REQUEST_OBSERVE) != 0;
    return call->method >= RADON_METHOD_GET && call->method <= RADON_METHOD_IPATCH &&
           radon_uri_parse(&uri, call->uri) && call->format >= -1 &&
           call->format < (int32_t)RADON_FORMAT_NONE &&
           (call->flags & ~(uint32_t)RADON_REQUEST_OBSERVE) == 0 &&
           (!observe || call->method == RADON_METHOD_GET);
}

static radon_err_t check(const radon_atom_t *atom, const call_t *call)
{
    if (!is_well_formed(call)) {
        return RADON_E_ARG;
    }
    if (!radon_host_allows(atom->configuration.request, call->uri)) {
        return RADON_E_DENIED;
    }
    if (call->body.len > atom->opens.body || call->body.len > RADON_MAX_REQUEST_BYTES ||
        call->uri.len + call->body.len > RADON_MAX_URI_AND_BODY_BYTES) {
        return RADON_E_TOO_BIG;
    }
    return atom->runtime->event.hops == 0 ? RADON_E_NO_ROUTE : RADON_OK;
}

/** The place keeps the body until an answer comes. */
static void open_place(const radon_actor_t *actor, radon_open_t *open, const radon_ask_t *ask,
                       radon_bytes_t body)
{
    radon_atom_t *atom = actor->atom;
    *open = (radon_open_t){.id = radon_atom_take_message_id(atom),
                           .exchange = ask->serial,
                           .owner = radon_actor_place(actor),
                           .hops = ask->hops,
                           .state = RADON_OPEN_OWN};
    if (body.len > 0) {
        memcpy(radon_opens_body(&atom->opens, open), body.data, body.len);
    }
}

/** Under the ceiling. */
static int32_t take(const radon_actor_t *actor, const call_t *call)
{
    radon_atom_t *atom = actor->atom;
    radon_open_t *open = radon_opens_reserve(&atom->opens);
    if (open == NULL) {
        return RADON_E_QUOTA;
    }
    radon_ask_t *ask = radon_asks_reserve(&atom->runtime->messaging.asks);
    if (ask == NULL) {
        return RADON_E_FULL;
    }
    ask->definition = radon_runtime_index(atom->runtime, atom->definition);
    ask->place = (uint8_t)(open - atom->opens.places);
    ask->method = (uint8_t)call->method;
    ask->hops = atom->runtime->event.hops;
    ask->observe = (call->flags & RADON_REQUEST_OBSERVE) != 0;
    ask->format = call->format < 0 ? RADON_FORMAT_NONE : (uint16_t)call->format;
    ask->length = (uint16_t)call->body.len;
    ask->uri_length = (uint8_t)call->uri.len;
    memcpy(ask->uri, call->uri.data, call->uri.len);
    open_place(actor, open, ask, call->body);
    ask->state = RADON_ASK_NEW;
    return (int32_t)open->id;
}

static int32_t request(const radon_actor_t *actor, const call_t *call)
{
    radon_err_t err = check(actor->atom, call);
    if (err != RADON_OK) {
        return err;
    }
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    int32_t result = take(actor, call);
    radon_port_ceiling_restore(ceiling);
    radon_port_network_pend();
    return result;
}

void radon_host_request(radon_guest_t *guest, uint64_t *slots)
{
    call_t call = {
        .method = radon_slot_i32(slots[0]), .format = radon_slot_i32(slots[3]), .flags = (uint32_t)slots[6]};
    if (radon_host_range(guest, slots, 1, &call.uri) && radon_host_range(guest, slots, 4, &call.body)) {
        radon_host_return(guest, slots, request(radon_host_actor(guest), &call));
    }
}

static radon_open_t *find_own(const radon_actor_t *actor, uint32_t id)
{
    const radon_opens_t *opens = &actor->atom->opens;
    for (uint8_t i = 0; id != 0 && i < opens->count; i++) {
        radon_open_t *open = &opens->places[i];
        if (open->state == RADON_OPEN_OWN && open->owner == radon_actor_place(actor) && open->id == id) {
            return open;
        }
    }
    return NULL;
}

/** The place whose RESPONSE is handled now is given back when its handler ends. Under the ceiling. */
static void cancel(const radon_actor_t *actor, radon_open_t *open)
{
    const radon_event_t *event = &actor->atom->runtime->event;
    bool handled = event->current && event->source == RADON_SOURCE_RESPONSE &&
                   &actor->atom->opens.places[event->index] == open;
    if (!handled) {
        open->state = RADON_OPEN_FREE;
        return;
    }
    open->id = 0;
    open->exchange = 0;
    open->observes = false;
    open->signal.marks &= (uint8_t)~RADON_SIGNAL_WAITING;
}

void radon_host_request_cancel(radon_guest_t *guest, uint64_t *slots)
{
    const radon_actor_t *actor = radon_host_actor(guest);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_open_t *open = find_own(actor, (uint32_t)slots[0]);
    if (open != NULL) {
        cancel(actor, open);
    }
    radon_port_ceiling_restore(ceiling);
    radon_port_network_pend();
    radon_slot_set_i32(slots, open == NULL ? RADON_E_NOT_FOUND : RADON_OK);
}
