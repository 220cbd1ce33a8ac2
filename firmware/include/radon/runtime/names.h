/** Names of this node in ascending order. The thread level, and the network level for what it reads. */
#ifndef RADON_RUNTIME_NAMES_H
#define RADON_RUNTIME_NAMES_H

#include "radon/runtime/runtime.h"

/** Kinds of names. */
enum {
    RADON_NAMES_ATOMS = 1, /**< that take events */
    RADON_NAMES_INSTANCES = 2,
    RADON_NAMES_ALIASES = 4, /**< with members here */
    RADON_NAMES_ALL = 7,
};

/** Where a walk over the names is. */
typedef struct {
    unsigned kinds;
    const radon_definition_t *member; /**< aliases with this atom as a member only; NULL: all */
    uint8_t length;
    uint8_t name[RADON_INSTANCE_NAME_BYTES]; /**< the last one */
} radon_names_t;

/** The next name, each once; false after the last. Start with `length` 0. */
bool radon_names_next(radon_runtime_t *runtime, radon_names_t *names);

static inline radon_bytes_t radon_names_current(const radon_names_t *names)
{
    return radon_bytes(names->name, names->length);
}

#endif
