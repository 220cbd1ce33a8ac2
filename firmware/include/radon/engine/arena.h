/**
 * Memory of one atom: a first-fit allocator over one block.
 *
 * The same sequence of calls gives the same addresses (relative to the block) and the same high water on
 * every node, so what an atom needs can be measured once. Thrown away whole by initialising it again; nothing
 * outside the block refers to it. One user at a time, no locks.
 */
#ifndef RADON_ENGINE_ARENA_H
#define RADON_ENGINE_ARENA_H

#include <stddef.h>
#include <stdint.h>

/** Every allocation starts at a multiple of this; four bytes of administration stand in front of it. */
#define RADON_ARENA_ALIGN 8U

typedef struct {
    uint8_t *base;
    uint32_t size;       /**< bytes of the block */
    uint32_t used;       /**< bytes in allocations, administration included */
    uint32_t high_water; /**< the smallest block that would have been enough so far */
    uint32_t refused;    /**< bytes the block would have needed for what found no room, 0 when all did */
} radon_arena_t;

/** `base` is aligned to 8 and kept; `size` is rounded down to 8. Forgets everything that was allocated. */
void radon_arena_init(radon_arena_t *arena, void *base, size_t size);

/** NULL when no free stretch is long enough. 0 bytes are an allocation of their own. */
void *radon_arena_alloc(radon_arena_t *arena, uint32_t size);

/** Grows in place where the next stretch is free, else moves. NULL, and nothing changes, when there is no
 * room. */
void *radon_arena_resize(radon_arena_t *arena, void *pointer, uint32_t size);

/** `pointer` may be NULL. Pointers that are not allocations of this arena are ignored. */
void radon_arena_free(radon_arena_t *arena, void *pointer);

/** Sets high water to the smallest block that would hold what is in use now, where it is. */
void radon_arena_mark(radon_arena_t *arena);

#endif
