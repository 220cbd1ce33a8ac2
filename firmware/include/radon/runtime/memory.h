/**
 * Memory of an atom: its own block and, together with the other atoms of the same payload, the block of the
 * loaded module. Thread level.
 */
#ifndef RADON_RUNTIME_MEMORY_H
#define RADON_RUNTIME_MEMORY_H

#include "radon/runtime/runtime.h"

/** What a version asks for. */
typedef struct {
    uint64_t own;          /**< bytes of its own block */
    uint32_t load;         /**< bytes to load its payload */
    const uint8_t *digest; /**< of its payload */
} radon_memory_demand_t;

/** `need` <= `free` exactly when both blocks find their place. */
typedef struct {
    uint64_t need; /**< bytes of its own block and, where no atom has the payload loaded, of the module's */
    uint64_t free; /**< bytes it could have in the pieces it needs */
} radon_memory_room_t;

/** What taking memory would find once `replaced` (NULL: none) has given its own back. */
radon_memory_room_t radon_memory_room(radon_runtime_t *runtime, const radon_atom_t *replaced,
                                      const radon_memory_demand_t *demand);

/** Gives a definition without memory an atom; false with DOES_NOT_FIT and the numbers. */
bool radon_memory_take(radon_runtime_t *runtime, radon_definition_t *definition,
                       const radon_version_t *version, radon_refusal_t *refusal);

/** Takes the atom of a definition back. Its instance is closed or was killed. */
void radon_memory_give_back(radon_runtime_t *runtime, radon_definition_t *definition);

#endif
