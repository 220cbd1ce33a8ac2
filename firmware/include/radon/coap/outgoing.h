/**
 * Confirmable messages of the node: queued per endpoint (NSTART), retransmitted with binary exponential
 * back-off (RFC 7252 4.2), until acknowledged, reset or given up.
 */
#ifndef RADON_COAP_OUTGOING_H
#define RADON_COAP_OUTGOING_H

#include "radon/coap/endpoint.h"
#include "radon/coap/retained.h"

/** RFC 7252 4.8. */
#define RADON_COAP_MAX_RETRANSMIT 4

typedef struct {
    bool used;
    bool sent;        /**< transmitted at least once */
    uint8_t attempts; /**< retransmissions so far */
    int8_t observer;  /**< whose notification it is, or -1 */
    uint16_t id;
    radon_coap_record_t record;
    radon_endpoint_t endpoint;
    uint32_t order;      /**< of queueing */
    uint32_t timeout_ms; /**< current interval; 0 before the first transmission */
    uint64_t due_ms;
} radon_coap_pending_t;

typedef struct {
    uint32_t order;
    radon_coap_pending_t pending[RADON_COAP_OUTGOING];
} radon_coap_outgoing_t;

void radon_coap_outgoing_init(radon_coap_outgoing_t *outgoing);

/** A free entry, or NULL. */
radon_coap_pending_t *radon_coap_outgoing_reserve(radon_coap_outgoing_t *outgoing);

/** The transmitted message with this ID, or NULL. */
radon_coap_pending_t *radon_coap_outgoing_find(radon_coap_outgoing_t *outgoing,
                                               const radon_endpoint_t *endpoint, uint16_t id);

/** Messages to this endpoint that were transmitted and are not acknowledged. */
size_t radon_coap_outgoing_sent(const radon_coap_outgoing_t *outgoing, const radon_endpoint_t *endpoint);

/** Whether this message is the oldest to its endpoint that was not transmitted yet. */
bool radon_coap_outgoing_is_next(const radon_coap_outgoing_t *outgoing, const radon_coap_pending_t *pending);

/** First interval: ACK_TIMEOUT to 1.5 ACK_TIMEOUT, by a random number. */
uint32_t radon_coap_outgoing_first_timeout(const radon_coap_link_t *link, uint32_t random);

/** Makes the messages of an observer nobody's: it is gone, its index may be used again. */
void radon_coap_outgoing_disown(radon_coap_outgoing_t *outgoing, int8_t observer);

void radon_coap_outgoing_release(radon_coap_pending_t *pending, radon_coap_retained_t *retained);

#endif
