#include "radon/runtime/asks.h"

radon_ask_t *radon_asks_reserve(radon_asks_t *asks)
{
    for (size_t i = 0; i < RADON_ASKS_MAX; i++) {
        radon_ask_t *ask = &asks->asks[i];
        if (ask->state == RADON_ASK_FREE) {
            asks->serial = asks->serial == UINT32_MAX ? 1 : asks->serial + 1;
            *ask = (radon_ask_t){.serial = asks->serial};
            return ask;
        }
    }
    return NULL;
}
