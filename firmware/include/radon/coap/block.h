/** Block options (RFC 7959 section 2.2). */
#ifndef RADON_COAP_BLOCK_H
#define RADON_COAP_BLOCK_H

#include "radon/base/bytes.h"

/** Largest block: SZX 6. */
#define RADON_COAP_BLOCK_MAX 1024
#define RADON_COAP_SZX_MAX 6

typedef struct {
    bool present;
    bool more;
    uint8_t szx; /**< 0..6: blocks of 16 << szx bytes */
    uint32_t num;
} radon_coap_block_t;

/** False for the reserved SZX 7. */
bool radon_coap_block_parse(radon_coap_block_t *block, uint32_t value);
/** Value of the option. */
uint32_t radon_coap_block_value(const radon_coap_block_t *block);

static inline size_t radon_coap_block_size(const radon_coap_block_t *block)
{
    return (size_t)16 << block->szx;
}

/** Bytes before the block. */
static inline size_t radon_coap_block_offset(const radon_coap_block_t *block)
{
    return (size_t)block->num * radon_coap_block_size(block);
}

#endif
