/** Who joined which alias at run time. The thread level changes it under the priority ceiling, the network
 * level reads. */
#ifndef RADON_RUNTIME_ALIASES_H
#define RADON_RUNTIME_ALIASES_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"

/** Members of all aliases of a node together. */
#define RADON_ALIAS_MEMBERS 16U

typedef struct {
    uint8_t length; /**< of the alias; 0: free */
    uint8_t alias[RADON_MAX_NAME_BYTES];
    uint8_t definition; /**< index of the atom */
    uint32_t number;    /**< of the instance, 0 for the one called like the atom */
} radon_alias_member_t;

typedef struct {
    radon_alias_member_t members[RADON_ALIAS_MEMBERS];
} radon_aliases_t;

/**
 * RADON_OK, also for a member; RADON_E_QUOTA when the instance would have joined more than
 * RADON_MAX_ALIASES, or the node has RADON_ALIAS_MEMBERS members. `alias` is a name.
 */
radon_err_t radon_aliases_join(radon_aliases_t *aliases, radon_bytes_t alias, uint8_t definition,
                               uint32_t number);

/** RADON_E_NOT_FOUND when it is no member. */
radon_err_t radon_aliases_leave(radon_aliases_t *aliases, radon_bytes_t alias, uint8_t definition,
                                uint32_t number);

/** An instance ended. False when it was a member of nothing. */
bool radon_aliases_forget(radon_aliases_t *aliases, uint8_t definition, uint32_t number);

/** The member in `*index` or behind it, or NULL; `*index` goes behind it. Start at 0. */
const radon_alias_member_t *radon_aliases_next(const radon_aliases_t *aliases, size_t *index);

static inline radon_bytes_t radon_alias_name(const radon_alias_member_t *member)
{
    return radon_bytes(member->alias, member->length);
}

#endif
