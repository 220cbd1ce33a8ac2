/**
 * Payloads as the engine loaded them: each once, in a block of the atom pool of its own, for all atoms that
 * run it (docs/decisions/0004-shared-modules.md). Thread level.
 */
#ifndef RADON_RUNTIME_MODULES_H
#define RADON_RUNTIME_MODULES_H

#include "radon/base/bytes.h"
#include "radon/engine/engine.h"
#include "radon/runtime/pool.h"

/** Most payloads loaded at once: every atom may run one of its own. */
#define RADON_MODULES_MAX 16U

typedef struct {
    uint32_t users;        /**< atoms with memory that run it; 0: the entry is free */
    uint32_t generation;   /**< of the image log when the addresses here were taken */
    const uint8_t *digest; /**< in flash, 32 bytes */
    bool loaded;           /**< `module` may be instantiated */
    radon_arena_t arena;   /**< the block */
    radon_module_t module;
} radon_shared_module_t;

typedef struct {
    radon_shared_module_t entries[RADON_MODULES_MAX];
} radon_modules_t;

/** Bytes of the block for a module that needs `load` to be loaded. */
uint64_t radon_modules_block_size(uint32_t load);

/** The entry of a payload that an atom runs, or NULL. */
radon_shared_module_t *radon_modules_find(radon_modules_t *modules, const uint8_t *digest);

/**
 * Reserves a block of `pool` for the payload `code` (kept, as is `digest`), one user, not loaded yet. NULL
 * when no gap is long enough.
 */
radon_shared_module_t *radon_modules_add(radon_modules_t *modules, radon_pool_t *pool, const uint8_t *digest,
                                         radon_bytes_t code, uint32_t load);

/** Loads it unless it is loaded. After a failure the next call tries again, in the same block. */
bool radon_modules_load(radon_shared_module_t *module, radon_refusal_t *refusal);

/** One user less; the last one gives the block back. */
void radon_modules_drop(radon_pool_t *pool, radon_shared_module_t *module);

#endif
