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

bool radon_coap_outgoing_may_start(const radon_coap_outgoing_t *outgoing, const radon_coap_pending_t *pending,
                                   const radon_coap_link_t *link)
{
    size_t outstanding = 0;
    for (size_t i = 0; i < RADON_COAP_OUTGOING; i++) {
        const radon_coap_pending_t *other = &outgoing->pending[i];
        if (!other->used || other == pending || !radon_endpoint_equal(&other->endpoint, &pending->endpoint)) {
            continue;
        }
        if (!other->sent && other->order < pending->order) {
            return false;
        }
        outstanding += other->sent ? 1 : 0;
    }
    return outstanding < link->nstart;
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
