/** Policies of reactive atoms: which instance takes an event, when one is made for it, when one ends. Thread
 * level. */
#ifndef RADON_RUNTIME_POLICY_H
#define RADON_RUNTIME_POLICY_H

#include "radon/runtime/atom.h"

typedef enum {
    RADON_TAKER_NOBODY,   /**< not yet */
    RADON_TAKER_INSTANCE, /**< the instance in `place` */
    RADON_TAKER_NEW,      /**< a new instance in `place` */
    RADON_TAKER_REFUSED,  /**< whoever could take it has rejected it */
} radon_taker_kind_t;

typedef struct {
    radon_taker_kind_t kind;
    uint8_t place; /**< index in `actors` */
} radon_taker_t;

/** Who takes this event now. */
radon_taker_t radon_policy_taker(const radon_atom_t *atom, const radon_inbox_event_t *event, uint64_t now_us);

/** Whether nothing that waits or goes on needs the instance: no open request, no kept event, no own request.
 */
bool radon_policy_is_free(const radon_atom_t *atom, const radon_actor_t *actor);

/** An instance whose time is over, or NULL. Notes since when the others are free. */
radon_actor_t *radon_policy_expired(radon_atom_t *atom, uint64_t now_us);

/** When one of the answers above changes by time alone; UINT64_MAX for never. */
uint64_t radon_policy_next_due(const radon_atom_t *atom, uint64_t now_us);

/** Whether instances of this atom are called `<atom>~<n>` even when the policy made them. */
static inline bool radon_policy_numbers(const radon_configuration_t *configuration)
{
    return configuration->reactive && configuration->policy != RADON_POLICY_ONE;
}

#endif
