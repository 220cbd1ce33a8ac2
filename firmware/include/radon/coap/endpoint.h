/** Who sent a datagram, and how long things take on the link it came over. */
#ifndef RADON_COAP_ENDPOINT_H
#define RADON_COAP_ENDPOINT_H

#include "radon/base/bytes.h"
#include "radon/config.h"

/** Deduplication, observers and block transfers are keyed on link and address. */
typedef struct {
    uint8_t link; /**< index into the server's link table, or RADON_COAP_LINK_LOCAL */
    bool trusted; /**< may send control requests; not part of the identity */
    uint8_t address_len;
    uint8_t address[RADON_ENDPOINT_ADDRESS_MAX];
} radon_endpoint_t;

/** Link number of the node itself: requests of its atoms to its own resources, without datagrams. */
#define RADON_COAP_LINK_LOCAL UINT8_MAX

static inline bool radon_endpoint_is_local(const radon_endpoint_t *endpoint)
{
    return endpoint->link == RADON_COAP_LINK_LOCAL;
}

bool radon_endpoint_equal(const radon_endpoint_t *a, const radon_endpoint_t *b);

/** Timing of one link (RFC 7252 section 4.8), in milliseconds. */
typedef struct {
    uint32_t ack_timeout_ms;
    uint32_t exchange_lifetime_ms;
    uint16_t ack_delay_ms; /**< an unanswered CON gets an empty ACK after this */
    uint8_t nstart;        /**< our own outstanding CON messages to one endpoint, and the peer's to us */
    bool in_order;         /**< datagrams never overtake each other (a serial line) */
} radon_coap_link_t;

/** Defaults of RFC 7252 4.8.2. */
radon_coap_link_t radon_coap_link_udp(void);

/** Timers of a serial line (docs/reference/wire.md#message-layer). */
radon_coap_link_t radon_coap_link_serial(uint32_t baud);

#endif
