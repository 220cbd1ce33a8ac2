/** What follows a failure: reports, series of restarts, escalation. Thread level. */
#ifndef RADON_RUNTIME_RECOVERY_H
#define RADON_RUNTIME_RECOVERY_H

#include "radon/runtime/runtime.h"

/** First pause before a restart; it doubles with every failure of a series, to at most the second. */
#define RADON_BACKOFF_MS 100U
#define RADON_BACKOFF_MOST_MS 6400U

/** How an instance failed: a trap, or a module that could not be loaded (`refused`). */
typedef struct {
    bool refused;
    radon_refusal_t refusal;
    radon_outcome_t outcome;
} radon_failure_t;

/** Counts a failure; the state of the atom and the log tell of it. */
void radon_recovery_report(radon_actor_t *actor, const radon_failure_t *failure);

/**
 * True when the instance is to be made again, at `restart_at_us`. With recovery "escalate" the node restarts
 * and this does not return.
 */
bool radon_recovery_allows_restart(radon_actor_t *actor, uint64_t now_us);

#endif
