#include "radon/runtime/pool.h"

#include <string.h>

void radon_pool_init(radon_pool_t *pool, void *base, size_t size)
{
    memset(pool, 0, sizeof *pool);
    pool->base = base;
    pool->size = (uint32_t)size & ~(RADON_POOL_ALIGN - 1U);
}

/** Index of the block that starts at `block`, or `count`. */
static uint32_t block_index(const radon_pool_t *pool, const void *block)
{
    uint32_t i = 0;
    while (i < pool->count && pool->base + pool->blocks[i].offset != block) {
        i++;
    }
    return i;
}

/** The gap in front of block `index`, or behind the last one when `index == count`. */
static radon_pool_block_t gap_before(const radon_pool_t *pool, uint32_t index)
{
    uint32_t start = 0;
    if (index > 0) {
        start = pool->blocks[index - 1].offset + pool->blocks[index - 1].size;
    }
    uint32_t end = index < pool->count ? pool->blocks[index].offset : pool->size;
    return (radon_pool_block_t){.offset = start, .size = end - start};
}

void *radon_pool_alloc(radon_pool_t *pool, uint32_t size)
{
    uint32_t rounded = (size + RADON_POOL_ALIGN - 1U) & ~(RADON_POOL_ALIGN - 1U);
    if (pool->count == RADON_POOL_BLOCKS || rounded == 0) {
        return NULL;
    }
    uint32_t best = UINT32_MAX;
    radon_pool_block_t best_gap = {.offset = 0, .size = UINT32_MAX};
    for (uint32_t i = 0; i <= pool->count; i++) {
        radon_pool_block_t gap = gap_before(pool, i);
        if (gap.size >= rounded && gap.size < best_gap.size) {
            best = i;
            best_gap = gap;
        }
    }
    if (best == UINT32_MAX) {
        return NULL;
    }
    memmove(&pool->blocks[best + 1], &pool->blocks[best], (pool->count - best) * sizeof pool->blocks[0]);
    pool->blocks[best] = (radon_pool_block_t){.offset = best_gap.offset, .size = rounded};
    pool->count++;
    return pool->base + best_gap.offset;
}

void radon_pool_free(radon_pool_t *pool, const void *block)
{
    uint32_t index = block_index(pool, block);
    if (index == pool->count) {
        return;
    }
    pool->count--;
    memmove(&pool->blocks[index], &pool->blocks[index + 1], (pool->count - index) * sizeof pool->blocks[0]);
}

uint32_t radon_pool_used(const radon_pool_t *pool)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < pool->count; i++) {
        used += pool->blocks[i].size;
    }
    return used;
}

uint32_t radon_pool_largest(const radon_pool_t *pool)
{
    uint32_t largest = 0;
    for (uint32_t i = 0; i <= pool->count; i++) {
        uint32_t size = gap_before(pool, i).size;
        largest = size > largest ? size : largest;
    }
    return largest;
}
