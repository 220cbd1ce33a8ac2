#include "radon/coap/exchange.h"

_Static_assert(RADON_COAP_EXCHANGES < 0x10000, "an index fits the upper half of a name");

void radon_coap_exchanges_init(radon_coap_exchanges_t *exchanges)
{
    memset(exchanges, 0, sizeof *exchanges);
}

/* Generations run from 1, so that no name is 0. */

radon_coap_waiting_t *radon_coap_exchanges_reserve(radon_coap_exchanges_t *exchanges)
{
    for (size_t i = 0; i < RADON_COAP_EXCHANGES; i++) {
        radon_coap_waiting_t *waiting = &exchanges->waiting[i];
        if (!waiting->used) {
            waiting->generation = waiting->generation == UINT16_MAX ? 1 : (uint16_t)(waiting->generation + 1);
            return waiting;
        }
    }
    return NULL;
}

radon_coap_exchange_t radon_coap_exchanges_name(const radon_coap_exchanges_t *exchanges,
                                                const radon_coap_waiting_t *waiting)
{
    return (radon_coap_exchange_t)(waiting - exchanges->waiting) << 16 | waiting->generation;
}

radon_coap_waiting_t *radon_coap_exchanges_get(radon_coap_exchanges_t *exchanges, radon_coap_exchange_t name)
{
    size_t index = name >> 16;
    if (index >= RADON_COAP_EXCHANGES) {
        return NULL;
    }
    radon_coap_waiting_t *waiting = &exchanges->waiting[index];
    return waiting->used && waiting->generation == (name & 0xffff) ? waiting : NULL;
}

radon_coap_waiting_t *radon_coap_exchanges_find(radon_coap_exchanges_t *exchanges,
                                                const radon_endpoint_t *from, uint16_t id, uint32_t hash)
{
    for (size_t i = 0; i < RADON_COAP_EXCHANGES; i++) {
        radon_coap_waiting_t *waiting = &exchanges->waiting[i];
        if (waiting->used && !waiting->notification && waiting->route.id == id && waiting->hash == hash &&
            radon_endpoint_equal(&waiting->route.endpoint, from)) {
            return waiting;
        }
    }
    return NULL;
}
