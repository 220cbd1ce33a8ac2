#include "radon/engine/arena.h"

#include <stdbool.h>
#include <string.h>

/*
 * Blocks lie one after the other and fill the arena. Each starts with one word, its length in bytes (a
 * multiple of 8, the word included) with bit 0 set while it is in use. The first word stands at offset 4, so
 * that what follows a word is aligned to 8. Free neighbours are joined when a search passes over them.
 */
#define WORD 4U
#define IN_USE 1U

static uint32_t *word_at(const radon_arena_t *arena, uint32_t offset)
{
    return (uint32_t *)(void *)(arena->base + offset);
}

static uint32_t length_of(uint32_t word)
{
    return word & ~IN_USE;
}

/** Where the last block ends. */
static uint32_t end_of(const radon_arena_t *arena)
{
    return arena->size < 2 * RADON_ARENA_ALIGN ? WORD : arena->size - WORD;
}

void radon_arena_init(radon_arena_t *arena, void *base, size_t size)
{
    size_t usable = size > UINT32_MAX / 2 ? UINT32_MAX / 2 : size;
    *arena = (radon_arena_t){.base = base, .size = (uint32_t)usable & ~(RADON_ARENA_ALIGN - 1U)};
    if (end_of(arena) > WORD) {
        *word_at(arena, WORD) = end_of(arena) - WORD;
    }
}

/** Length of a block that holds `size` bytes; 0 when it would not fit a word. */
static uint32_t block_length(uint32_t size)
{
    if (size > UINT32_MAX / 2) {
        return 0;
    }
    return (size + WORD + RADON_ARENA_ALIGN - 1U) & ~(RADON_ARENA_ALIGN - 1U);
}

/** Joins the free block at `offset` with the free ones behind it; returns its length. */
static uint32_t join_free(const radon_arena_t *arena, uint32_t offset)
{
    uint32_t length = *word_at(arena, offset);
    while (offset + length < end_of(arena) && (*word_at(arena, offset + length) & IN_USE) == 0) {
        length += *word_at(arena, offset + length);
    }
    *word_at(arena, offset) = length;
    return length;
}

/** Takes `length` bytes of a block of `available` bytes at `offset`; what remains becomes a free block. */
static void take(radon_arena_t *arena, uint32_t offset, uint32_t length, uint32_t available)
{
    *word_at(arena, offset) = length | IN_USE;
    if (available > length) {
        *word_at(arena, offset + length) = available - length;
    }
    arena->used += length;
    if (offset + length + WORD > arena->high_water) {
        arena->high_water = offset + length + WORD;
    }
}

void *radon_arena_alloc(radon_arena_t *arena, uint32_t size)
{
    uint32_t length = block_length(size);
    uint32_t tail = WORD; /* where the free stretch at the end begins */
    for (uint32_t offset = WORD; length > 0 && offset < end_of(arena);) {
        uint32_t word = *word_at(arena, offset);
        bool in_use = (word & IN_USE) != 0;
        uint32_t available = in_use ? length_of(word) : join_free(arena, offset);
        if (!in_use && available >= length) {
            take(arena, offset, length, available);
            return arena->base + offset + WORD;
        }
        tail = in_use ? offset + available : offset;
        offset += available;
    }
    if (tail + length + WORD > arena->refused) {
        arena->refused = tail + length + WORD;
    }
    return NULL;
}

/** Offset of the word of an allocation, or 0 when `pointer` is none. */
static uint32_t find(const radon_arena_t *arena, const void *pointer)
{
    for (uint32_t offset = WORD; offset < end_of(arena); offset += length_of(*word_at(arena, offset))) {
        if (arena->base + offset + WORD == pointer) {
            return (*word_at(arena, offset) & IN_USE) != 0 ? offset : 0;
        }
    }
    return 0;
}

void radon_arena_free(radon_arena_t *arena, void *pointer)
{
    uint32_t offset = pointer == NULL ? 0 : find(arena, pointer);
    if (offset == 0) {
        return;
    }
    uint32_t length = length_of(*word_at(arena, offset));
    *word_at(arena, offset) = length;
    arena->used -= length;
}

void *radon_arena_resize(radon_arena_t *arena, void *pointer, uint32_t size)
{
    if (pointer == NULL) {
        return radon_arena_alloc(arena, size);
    }
    uint32_t offset = find(arena, pointer);
    uint32_t wanted = block_length(size);
    if (offset == 0 || wanted == 0) {
        return NULL;
    }
    uint32_t length = length_of(*word_at(arena, offset));
    *word_at(arena, offset) = length;
    uint32_t available = join_free(arena, offset);
    arena->used -= length;
    if (available >= wanted) {
        take(arena, offset, wanted, available);
        return pointer;
    }
    take(arena, offset, length, available);
    void *moved = radon_arena_alloc(arena, size);
    if (moved == NULL) {
        return NULL;
    }
    memcpy(moved, pointer, length - WORD < size ? length - WORD : size);
    radon_arena_free(arena, pointer);
    return moved;
}

void radon_arena_mark(radon_arena_t *arena)
{
    arena->high_water = 0;
    for (uint32_t offset = WORD; offset < end_of(arena);) {
        uint32_t word = *word_at(arena, offset);
        offset += length_of(word);
        if ((word & IN_USE) != 0) {
            arena->high_water = offset + WORD;
        }
    }
}
