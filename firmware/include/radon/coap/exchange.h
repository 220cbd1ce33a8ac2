/** Requests whose handler answers later. */
#ifndef RADON_COAP_EXCHANGE_H
#define RADON_COAP_EXCHANGE_H

#include "radon/coap/dedup.h"
#include "radon/coap/request.h"

/** What the response to a request needs to know of it. */
typedef struct {
    radon_endpoint_t endpoint;
    bool confirmable; /**< the request was a CON ... */
    bool answered;    /**< ... and its ACK was sent */
    uint8_t method;
    uint8_t no_response;
    uint8_t token_len;
    uint8_t token[RADON_COAP_TOKEN_MAX];
    uint16_t id;
    int8_t observer; /**< registration that a success confirms, or -1 */
    int32_t accept;
    uint32_t key;
    radon_coap_dedup_name_t dedup;
    radon_coap_block_t block1;
    radon_coap_block_t block2;
} radon_coap_route_t;

typedef struct {
    bool used;
    bool notification; /**< fetched for observers: no client waits, `route` is of no use */
    uint16_t generation;
    uint32_t hash; /**< CRC-32 of the datagram */
    uint64_t started_ms;
    radon_coap_route_t route;
} radon_coap_waiting_t;

typedef struct {
    radon_coap_waiting_t waiting[RADON_COAP_EXCHANGES];
} radon_coap_exchanges_t;

void radon_coap_exchanges_init(radon_coap_exchanges_t *exchanges);

/** A free entry under a fresh name, or NULL. It stays free until `used` is set. */
radon_coap_waiting_t *radon_coap_exchanges_reserve(radon_coap_exchanges_t *exchanges);

radon_coap_exchange_t radon_coap_exchanges_name(const radon_coap_exchanges_t *exchanges,
                                                const radon_coap_waiting_t *waiting);

/** NULL when it is over. */
radon_coap_waiting_t *radon_coap_exchanges_get(radon_coap_exchanges_t *exchanges, radon_coap_exchange_t name);

/** The open exchange of a repeated request, or NULL. */
radon_coap_waiting_t *radon_coap_exchanges_find(radon_coap_exchanges_t *exchanges,
                                                const radon_endpoint_t *from, uint16_t id, uint32_t hash);

#endif
