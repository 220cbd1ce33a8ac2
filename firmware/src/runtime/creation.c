#include "creation.h"

#include "radon/runtime/activation.h"
#include "radon/runtime/event.h"
#include "radon/runtime/settle.h"

bool radon_creation_open(radon_actor_t *actor, radon_failure_t *failure)
{
    memset(failure, 0, sizeof *failure);
    failure->refused = !radon_activation_open(actor, &failure->refusal);
    return !failure->refused;
}

/** on_recover hears why the instance before it failed. */
static bool run_on_recover(radon_actor_t *actor, radon_outcome_t *outcome)
{
    radon_trap_t trap = actor->trap;
    actor->trap = RADON_TRAP_NONE;
    if (actor->atom->configuration.recovery != RADON_RECOVERY_RECOVER || trap == RADON_TRAP_NONE ||
        !radon_instance_exports(&actor->instance, RADON_EXPORT_ON_RECOVER)) {
        return true;
    }
    radon_event_begin(actor->atom, RADON_EVENT_RECOVER, (int32_t)trap);
    return radon_activation_run(actor, outcome) &&
           (actor->exiting || radon_activation_collect(actor, outcome));
}

/** START of a spawned instance is the one in the inbox, until it was handled or dropped. */
static void begin_start(radon_actor_t *actor)
{
    radon_atom_t *atom = actor->atom;
    for (uint8_t i = 0; i < atom->inbox.count; i++) {
        const radon_inbox_event_t *event = &atom->inbox.events[i];
        if (event->kind == RADON_EVENT_START && event->number == actor->number) {
            radon_event_begin_spawned(atom, i);
            return;
        }
    }
    radon_event_begin(atom, RADON_EVENT_START, 0);
}

bool radon_creation_start(radon_actor_t *actor, radon_outcome_t *outcome)
{
    actor->exiting = false;
    if (!radon_activation_initialize(actor, outcome)) {
        return false;
    }
    bool exiting = actor->exiting;
    actor->exiting = false;
    if (!run_on_recover(actor, outcome)) {
        return false;
    }
    if (actor->exiting) {
        return true;
    }
    actor->exiting = exiting;
    begin_start(actor);
    if (!radon_activation_run(actor, outcome)) {
        return false;
    }
    radon_settle_started(actor->atom);
    return actor->exiting || radon_activation_collect(actor, outcome);
}
