/** Fills a fresh, frozen instance with the lists of a snapshot that was checked. */
#ifndef RADON_RUNTIME_RESTORE_LISTS_H
#define RADON_RUNTIME_RESTORE_LISTS_H

#include "radon/runtime/runtime.h"
#include "radon/runtime/snapshot.h"

/** Timers, watches, publications, what waited, own requests (asked again where that changes nothing),
 * aliases. */
void radon_restore_lists(radon_actor_t *actor, const radon_snapshot_t *snapshot,
                         const radon_snapshot_limits_t *limits);

#endif
