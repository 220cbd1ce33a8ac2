/**
 * Recognises repeated unsafe requests (RFC 7252 4.5; rules in docs/reference/wire.md#message-layer). GET, FETCH and
 * blocks with more to follow are never entered: they may be executed again. An entry lives for the
 * EXCHANGE_LIFETIME of its link, on an in-order link only until nstart + 1 newer requests of its endpoint
 * were entered; a live entry is never evicted. Its reply's bytes may be (see retained.h).
 */
#ifndef RADON_COAP_DEDUP_H
#define RADON_COAP_DEDUP_H

#include "radon/coap/endpoint.h"
#include "radon/coap/retained.h"

/** How a duplicate is answered. */
typedef enum {
    RADON_COAP_DEDUP_SILENT, /**< not answered yet, or a NON: ignore */
    RADON_COAP_DEDUP_ACK,    /**< empty ACK: the response goes its own way */
    RADON_COAP_DEDUP_REPLY,  /**< the kept reply */
} radon_coap_dedup_answer_t;

/** Names an entry, also after it is gone; 0 is none. */
typedef uint32_t radon_coap_dedup_name_t;

typedef struct {
    radon_coap_dedup_name_t name; /**< 0: free; grows with every entry */
    uint8_t answer;               /**< radon_coap_dedup_answer_t */
    uint16_t id;
    uint32_t hash; /**< CRC-32 of the datagram */
    radon_coap_record_t reply;
    radon_endpoint_t endpoint;
    uint64_t expires_ms;
} radon_coap_dedup_entry_t;

typedef struct {
    uint32_t last_name;
    radon_coap_dedup_entry_t entries[RADON_COAP_DEDUP_ENTRIES];
} radon_coap_dedup_t;

void radon_coap_dedup_init(radon_coap_dedup_t *dedup);

/**
 * The live entry of these bytes from this endpoint, or NULL. The same ID with other bytes is another request.
 */
radon_coap_dedup_entry_t *radon_coap_dedup_find(radon_coap_dedup_t *dedup, const radon_endpoint_t *from,
                                                uint16_t id, uint32_t hash, uint64_t now_ms);

/** Enters a request; 0 when every entry is live. */
radon_coap_dedup_name_t radon_coap_dedup_enter(radon_coap_dedup_t *dedup, radon_coap_retained_t *retained,
                                               const radon_coap_link_t *link, const radon_endpoint_t *from,
                                               uint16_t id, uint32_t hash, uint64_t now_ms);

/** NULL when the entry is gone. */
radon_coap_dedup_entry_t *radon_coap_dedup_get(radon_coap_dedup_t *dedup, radon_coap_dedup_name_t name);

/** Seconds until the first live entry expires, at least 1: Max-Age of the 5.03 when none was free. */
uint32_t radon_coap_dedup_wait_s(const radon_coap_dedup_t *dedup, uint64_t now_ms);

#endif
