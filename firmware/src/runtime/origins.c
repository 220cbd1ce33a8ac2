#include "radon/runtime/origins.h"

/** Messages before the highest that are told apart. */
#define WINDOW 32U

void radon_origins_init(radon_origins_t *origins)
{
    memset(origins, 0, sizeof *origins);
}

static int find(const radon_origins_t *origins, radon_bytes_t node)
{
    for (int i = 0; i < (int)RADON_ORIGINS_MAX; i++) {
        const radon_origin_t *origin = &origins->origins[i];
        if (origin->length > 0 && radon_bytes_equal(radon_bytes(origin->name, origin->length), node)) {
            return i;
        }
    }
    return -1;
}

bool radon_origins_seen(const radon_origins_t *origins, radon_bytes_t node, uint32_t incarnation,
                        uint32_t seq)
{
    int index = find(origins, node);
    if (index < 0 || origins->origins[index].incarnation != incarnation) {
        return false;
    }
    const radon_origin_t *origin = &origins->origins[index];
    if (seq >= origin->highest) {
        return seq == origin->highest;
    }
    uint32_t behind = origin->highest - seq - 1;
    return behind >= WINDOW || (origin->before >> behind & 1U) != 0;
}

/** A free place, or that of the node which was not heard for longest. */
static radon_origin_t *claim(radon_origins_t *origins, radon_bytes_t node, uint32_t incarnation)
{
    radon_origin_t *origin = &origins->origins[0];
    for (size_t i = 1; i < RADON_ORIGINS_MAX; i++) {
        if (origins->origins[i].heard < origin->heard) {
            origin = &origins->origins[i];
        }
    }
    *origin = (radon_origin_t){.length = (uint8_t)node.len, .incarnation = incarnation};
    memcpy(origin->name, node.data, node.len);
    return origin;
}

static void advance(radon_origin_t *origin, uint32_t seq)
{
    uint32_t ahead = seq - origin->highest;
    bool had_highest = origin->highest > 0;
    origin->before = ahead < WINDOW ? origin->before << ahead : 0;
    if (had_highest && ahead <= WINDOW) {
        origin->before |= 1U << (ahead - 1);
    }
    origin->highest = seq;
}

void radon_origins_take(radon_origins_t *origins, radon_bytes_t node, uint32_t incarnation, uint32_t seq)
{
    int index = find(origins, node);
    radon_origin_t *origin = index < 0 ? claim(origins, node, incarnation) : &origins->origins[index];
    if (origin->incarnation != incarnation) {
        origin->incarnation = incarnation;
        origin->highest = 0;
        origin->before = 0;
    }
    origin->heard = ++origins->clock;
    if (seq > origin->highest) {
        advance(origin, seq);
    } else if (seq < origin->highest && origin->highest - seq <= WINDOW) {
        origin->before |= 1U << (origin->highest - seq - 1);
    }
}
