/**
 * Inside engine/: which arena WAMR's allocations come from, and what an operation under the guard works on.
 * Not a public header.
 */
#ifndef RADON_ENGINE_ARENA_ROUTE_H
#define RADON_ENGINE_ARENA_ROUTE_H

#include "radon/engine/arena.h"

/** Every allocation of the engine comes from `arena` until the next call; NULL refuses all. */
void radon_engine_route(radon_arena_t *arena);

void *radon_engine_alloc(uint32_t size);
void *radon_engine_resize(void *pointer, uint32_t size);
void radon_engine_free(void *pointer);

#endif
