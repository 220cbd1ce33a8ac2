#include "radon/runtime/open.h"

void radon_opens_init(radon_opens_t *opens, radon_open_t *places, uint8_t count, uint8_t *bodies,
                      uint16_t body)
{
    *opens = (radon_opens_t){.places = places, .bodies = bodies, .body = body, .count = count};
    memset(places, 0, count * sizeof *places);
}

radon_open_t *radon_opens_reserve(radon_opens_t *opens)
{
    for (uint8_t i = 0; i < opens->count; i++) {
        if (opens->places[i].state == RADON_OPEN_FREE) {
            return &opens->places[i];
        }
    }
    return NULL;
}

radon_open_t *radon_opens_running(radon_opens_t *opens, uint32_t id)
{
    for (uint8_t i = 0; i < opens->count; i++) {
        if (opens->places[i].state == RADON_OPEN_RUNNING && opens->places[i].id == id) {
            return &opens->places[i];
        }
    }
    return NULL;
}

void radon_opens_forget_own(radon_opens_t *opens, uint8_t owner)
{
    for (uint8_t i = 0; i < opens->count; i++) {
        radon_open_t *open = &opens->places[i];
        if (open->state == RADON_OPEN_OWN && open->owner == owner) {
            open->state = RADON_OPEN_FREE;
        }
    }
}

uint8_t *radon_opens_body(const radon_opens_t *opens, const radon_open_t *open)
{
    return opens->bodies + (size_t)(open - opens->places) * opens->body;
}
