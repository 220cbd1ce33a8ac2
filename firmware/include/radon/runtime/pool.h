/**
 * The atom pool: hands out one block per atom and one per loaded module from one stretch of memory.
 *
 * Blocks never move; the smallest gap that is long enough is taken, so that large gaps stay large. The table
 * of blocks lies outside the pool: nothing an atom writes can damage it.
 */
#ifndef RADON_RUNTIME_POOL_H
#define RADON_RUNTIME_POOL_H

#include <stddef.h>
#include <stdint.h>

/** Most blocks at once: one per atom and one per loaded module. */
#define RADON_POOL_BLOCKS 32U

/** Blocks start at multiples of this and have sizes of multiples of it. */
#define RADON_POOL_ALIGN 8U

typedef struct {
    uint32_t offset;
    uint32_t size;
} radon_pool_block_t;

typedef struct {
    uint8_t *base;
    uint32_t size;
    uint32_t count;
    radon_pool_block_t blocks[RADON_POOL_BLOCKS]; /**< in use, ascending by offset */
} radon_pool_t;

/** `base` is kept and aligned to RADON_POOL_ALIGN; `size` is rounded down to it. */
void radon_pool_init(radon_pool_t *pool, void *base, size_t size);

/** A block of at least `size` bytes (> 0), or NULL when no gap is long enough or all RADON_POOL_BLOCKS are in
 * use. */
void *radon_pool_alloc(radon_pool_t *pool, uint32_t size);

/** Gives a block back. `block` may be NULL. */
void radon_pool_free(radon_pool_t *pool, const void *block);

/** Bytes in all blocks. */
uint32_t radon_pool_used(const radon_pool_t *pool);

/** Longest gap. */
uint32_t radon_pool_largest(const radon_pool_t *pool);

#endif
