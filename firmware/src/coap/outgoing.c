#include "radon/coap/outgoing.h"

void radon_coap_outgoing_init(radon_coap_outgoing_t *outgoing)
{
    memset(outgoing, 0, sizeof *outgoing);
}

radon_coap_pending_t *radon_coap_outgoing_reserve(radon_coap_outgoing_t *outgoing)
{
    for (size_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        if (!outgoing->pending[i].used) {
            outgoing->pending[i] = (radon_coap_pending_t){.observer = -1, .order = ++outgoing->order};
            return &outgoing->pending[i];
        }
    }
    return NULL;
}

radon_coap_pending_t *radon_coap_outgoing_find(radon_coap_outgoing_t *outgoing,
                                               const radon_endpoint_t *endpoint, uint16_t id)
{
    for (size_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        radon_coap_pending_t *pending = &outgoing->pending[i];
        if (pending->used && pending->sent && pending->id == id &&
            radon_endpoint_equal(&pending->endpoint, endpoint)) {
            return pending;
        }
    }
    return NULL;
}

size_t radon_coap_outgoing_sent(const radon_coap_outgoing_t *outgoing, const radon_endpoint_t *endpoint)
{
    size_t count = 0;
    for (size_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        const radon_coap_pending_t *pending = &outgoing->pending[i];
        count += pending->used && pending->sent && radon_endpoint_equal(&pending->endpoint, endpoint);
    }
    return count;
}

bool radon_coap_outgoing_is_next(const radon_coap_outgoing_t *outgoing, const radon_coap_pending_t *pending)
{
    for (size_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        const radon_coap_pending_t *other = &outgoing->pending[i];
        if (other->used && !other->sent && other->order < pending->order &&
            radon_endpoint_equal(&other->endpoint, &pending->endpoint)) {
            return false;
        }
    }
    return true;
}

uint32_t radon_coap_outgoing_first_timeout(const radon_coap_link_t *link, uint32_t random)
{
    return link->ack_timeout_ms + random % (link->ack_timeout_ms / 2 + 1);
}

void radon_coap_outgoing_disown(radon_coap_outgoing_t *outgoing, int8_t observer)
{
    for (size_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        if (outgoing->pending[i].observer == observer) {
            outgoing->pending[i].observer = -1;
        }
    }
}

void radon_coap_outgoing_release(radon_coap_pending_t *pending, radon_coap_retained_t *retained)
{
    radon_coap_retained_release(retained, pending->record);
    pending->used = false;
}
