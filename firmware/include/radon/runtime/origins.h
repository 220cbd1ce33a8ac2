/** Recognises messages of other nodes that were taken before (docs/reference/wire.md, "Messages"). Network
 * level. */
#ifndef RADON_RUNTIME_ORIGINS_H
#define RADON_RUNTIME_ORIGINS_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"

/** Nodes that are remembered; the one not heard for longest is forgotten first. */
#define RADON_ORIGINS_MAX 8U

typedef struct {
    uint8_t length; /**< of the name; 0: free */
    uint8_t name[RADON_MAX_NAME_BYTES];
    uint32_t incarnation;
    uint32_t highest;
    uint32_t before; /**< bit i: `highest` - 1 - i was taken */
    uint32_t heard;  /**< order of the last message */
} radon_origin_t;

typedef struct {
    uint32_t clock;
    radon_origin_t origins[RADON_ORIGINS_MAX];
} radon_origins_t;

void radon_origins_init(radon_origins_t *origins);

/** Whether this message was taken before, or is older than what is remembered. */
bool radon_origins_seen(const radon_origins_t *origins, radon_bytes_t node, uint32_t incarnation,
                        uint32_t seq);

/** Remembers a message that was taken. */
void radon_origins_take(radon_origins_t *origins, radon_bytes_t node, uint32_t incarnation, uint32_t seq);

#endif
