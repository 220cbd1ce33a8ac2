#include "radon/coap/endpoint.h"

bool radon_endpoint_equal(const radon_endpoint_t *a, const radon_endpoint_t *b)
{
    return a->link == b->link && a->address_len == b->address_len &&
           memcmp(a->address, b->address, a->address_len) == 0;
}

/** An unanswered CON is acknowledged after half of P = 50 ms (docs/reference/wire.md#message-layer). */
#define PROCESSING_MS 50u
#define ACK_DELAY_MS (PROCESSING_MS / 2)

radon_coap_link_t radon_coap_link_udp(void)
{
    return (radon_coap_link_t){.ack_timeout_ms = 2000,
                               .exchange_lifetime_ms = 247000,
                               .ack_delay_ms = ACK_DELAY_MS,
                               .nstart = RADON_COAP_NSTART,
                               .in_order = false};
}

radon_coap_link_t radon_coap_link_serial(uint32_t baud)
{
    /* 10 bits a byte, twice as many bytes when all are escaped. */
    const uint32_t longest_ms = (uint32_t)(20u * RADON_COAP_MESSAGE_MAX * UINT64_C(1000) / baud);
    uint32_t ack_timeout_ms = 2 * longest_ms + PROCESSING_MS;
    if (ack_timeout_ms < 600) {
        ack_timeout_ms = 600;
    }
    return (radon_coap_link_t){
        /* MAX_TRANSMIT_SPAN = 15 x 1.5 ACK_TIMEOUTs, then the last copy travels and is worked on. */
        .exchange_lifetime_ms = ack_timeout_ms * 45 / 2 + 2 * longest_ms + PROCESSING_MS,
        .ack_timeout_ms = ack_timeout_ms,
        .ack_delay_ms = ACK_DELAY_MS,
        .nstart = RADON_COAP_NSTART,
        .in_order = true};
}
