#include "radon/runtime/lifecycle.h"

#include "creation.h"

#include "radon/runtime/activation.h"
#include "radon/runtime/event.h"
#include "radon/runtime/freeze.h"
#include "radon/runtime/memory.h"
#include "radon/runtime/notices.h"
#include "radon/runtime/phase.h"
#include "radon/runtime/policy.h"
#include "radon/runtime/recovery.h"
#include "radon/runtime/reports.h"
#include "radon/runtime/settle.h"

/* ---- Ends of atoms ---- */

/** Refuses what waits and gives the memory back; the life is final or STOPPED. */
static void release(radon_runtime_t *runtime, radon_definition_t *definition, radon_life_t life)
{
    radon_atom_t *atom = definition->atom;
    definition->life = life;
    radon_settle_drop_all(atom);
    radon_reports_forget(runtime, definition);
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        radon_settle_ended(&atom->actors[i], false);
    }
    radon_memory_give_back(runtime, definition);
    radon_notices_life(runtime, definition);
    radon_notices_names(runtime);
}

/** Lets the observers of the atom's resources find out that there is no answer any more. */
static void end_observations(radon_definition_t *definition, radon_life_t life)
{
    definition->life = life;
    radon_notices_resources(definition->atom);
}

/* ---- Ends of instances ---- */

/** Closes what failed; after a kill its arena is in an unknown state and is only initialised again. */
static void let_go(radon_actor_t *actor, const radon_failure_t *failure)
{
    if (!failure->refused && !failure->outcome.killed) {
        radon_activation_close(actor);
    }
    actor->memory_used = 0;
}

/** An instance of an atom that goes on is closed: its place is free again. */
static void leave(radon_actor_t *actor, bool failed)
{
    radon_definition_t *definition = actor->atom->definition;
    actor->state = RADON_ACTOR_NONE;
    if (radon_atom_next_actor(actor->atom, -1) == NULL) {
        definition->life = RADON_LIFE_IDLE;
    }
    radon_settle_ended(actor, failed);
    radon_notices_life(actor->atom->runtime, definition);
}

static void end_by_exit(radon_actor_t *actor)
{
    radon_runtime_t *runtime = actor->atom->runtime;
    radon_definition_t *definition = actor->atom->definition;
    definition->exited = true;
    definition->exit_code = actor->exit_code;
    radon_activation_close(actor);
    actor->phase = RADON_PHASE_TERMINATED;
    if (definition->reactive) {
        leave(actor, false);
        return;
    }
    end_observations(definition, RADON_LIFE_ENDED);
    release(runtime, definition, RADON_LIFE_ENDED);
}

/** Waits for the restart with what stays over it. */
static void back_off(radon_actor_t *actor)
{
    radon_actor_forget_signals(actor);
    radon_opens_forget_own(&actor->atom->opens, radon_actor_place(actor));
    actor->state = RADON_ACTOR_BACKOFF;
    radon_notices_life(actor->atom->runtime, actor->atom->definition);
}

/** An instance failed in its current event (or in none): report, then what recovery says. */
static void fail(radon_actor_t *actor, const radon_failure_t *failure)
{
    radon_definition_t *definition = actor->atom->definition;
    radon_recovery_report(actor, failure);
    let_go(actor, failure);
    actor->phase = RADON_PHASE_ERROR;
    bool again = radon_recovery_allows_restart(actor, radon_port_now_us());
    radon_settle_failed(actor, again);
    if (again) {
        back_off(actor);
    } else if (actor->atom->configuration.instances > 1) {
        leave(actor, true);
    } else {
        end_observations(definition, RADON_LIFE_FAILED);
        release(actor->atom->runtime, definition, RADON_LIFE_FAILED);
    }
}

/** Lets the instance say goodbye, and closes it. */
static void run_on_stop(radon_actor_t *actor, radon_stop_reason_t reason)
{
    radon_failure_t failure;
    memset(&failure, 0, sizeof failure);
    if (actor->phase != RADON_PHASE_FROZEN &&
        radon_instance_exports(&actor->instance, RADON_EXPORT_ON_STOP)) {
        radon_event_begin(actor->atom, RADON_EVENT_STOP, (int32_t)reason);
        (void)radon_phase_step(&actor->phase, RADON_PHASE_RUNNING);
        if (!radon_activation_run(actor, &failure.outcome)) {
            radon_recovery_report(actor, &failure);
        }
        radon_notices_release(actor->atom);
    }
    let_go(actor, &failure);
    actor->phase = RADON_PHASE_TERMINATED;
}

/* ---- Making instances ---- */

static uint32_t next_number(radon_atom_t *atom)
{
    return radon_policy_numbers(&atom->configuration) ? atom->next_number++ : 0;
}

/** Loads and starts an instance; false with the failure. */
static bool create(radon_actor_t *actor, radon_failure_t *failure)
{
    radon_definition_t *definition = actor->atom->definition;
    actor->phase = RADON_PHASE_CREATED;
    actor->state = RADON_ACTOR_LIVE;
    definition->life = RADON_LIFE_LIVE;
    if (!radon_creation_open(actor, failure) || !radon_creation_start(actor, &failure->outcome)) {
        return false;
    }
    if (actor->exiting) {
        end_by_exit(actor);
        return true;
    }
    actor->phase = RADON_PHASE_SUSPENDED;
    radon_notices_life(actor->atom->runtime, definition);
    radon_notices_release(actor->atom);
    return true;
}

static void create_or_fail(radon_actor_t *actor)
{
    radon_failure_t failure;
    if (!create(actor, &failure)) {
        fail(actor, &failure);
    }
}

/* ---- Starting atoms ---- */

void radon_lifecycle_describe(radon_definition_t *definition, const radon_version_t *version)
{
    const radon_configuration_t *configuration = version->configuration;
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    definition->slot = version->slot;
    definition->sequence = version->sequence;
    definition->version = version->version;
    definition->manifest = version->manifest;
    definition->code = version->code;
    definition->generation = version->generation;
    definition->reactive = configuration->reactive;
    definition->policy = configuration->policy;
    definition->recovery = configuration->recovery;
    definition->storage_total = configuration->storage;
    definition->need_load = configuration->need_load;
    definition->need_run = configuration->need_run;
    radon_port_ceiling_restore(ceiling);
}

/** Loads a reactive atom once, without running it. */
static bool try_load(radon_runtime_t *runtime, radon_definition_t *definition, radon_failure_t *failure)
{
    radon_actor_t *actor = &definition->atom->actors[0];
    if (!radon_creation_open(actor, failure)) {
        return false;
    }
    radon_activation_close(actor);
    definition->life = RADON_LIFE_IDLE;
    radon_notices_life(runtime, definition);
    return true;
}

static bool start_atom(radon_runtime_t *runtime, radon_definition_t *definition, radon_failure_t *failure)
{
    radon_actor_t *actor = &definition->atom->actors[0];
    radon_actor_take(actor, 0);
    return definition->reactive ? try_load(runtime, definition, failure) : create(actor, failure);
}

/** What the state shows is of one life, restarts by recovery included. */
void radon_lifecycle_begin(radon_definition_t *definition, const radon_version_t *version)
{
    radon_lifecycle_describe(definition, version);
    definition->trap = (radon_trap_report_t){.kind = RADON_TRAP_NONE};
    definition->reason[0] = 0;
    definition->exited = false;
    definition->done = 0;
    definition->dropped = 0;
    definition->restarts = 0;
    definition->sent = 0;
    definition->undelivered = 0;
    definition->refused = 0;
}

radon_err_t radon_lifecycle_start(radon_runtime_t *runtime, radon_definition_t *definition,
                                  const radon_version_t *version, radon_on_failure_t on_failure,
                                  radon_refusal_t *refusal)
{
    radon_failure_t failure;
    if (!radon_memory_take(runtime, definition, version, refusal)) {
        return RADON_E_QUOTA;
    }
    radon_lifecycle_begin(definition, version);
    if (start_atom(runtime, definition, &failure)) {
        if (definition->atom != NULL) {
            radon_notices_resources(definition->atom);
            radon_notices_names(runtime);
        }
        return RADON_OK;
    }
    radon_actor_t *actor = &definition->atom->actors[0];
    if (on_failure == RADON_ON_FAILURE_RECOVER) {
        fail(actor, &failure);
    } else {
        radon_recovery_report(actor, &failure);
        let_go(actor, &failure);
        release(runtime, definition, RADON_LIFE_FAILED);
    }
    return RADON_E_STATE;
}

/* ---- Activations ---- */

/** Calls the handler of the current event and settles it, then collects. */
static bool run_event(radon_actor_t *actor, radon_failure_t *failure)
{
    memset(failure, 0, sizeof *failure);
    if (!radon_activation_run(actor, &failure->outcome)) {
        return false;
    }
    radon_settle(actor, failure->outcome.result, radon_port_now_us());
    return actor->exiting || radon_activation_collect(actor, &failure->outcome);
}

static void run(radon_actor_t *actor)
{
    radon_failure_t failure;
    (void)radon_phase_step(&actor->phase, RADON_PHASE_RUNNING);
    actor->free = false; /* its idle time begins anew */
    bool ok = run_event(actor, &failure);
    radon_notices_release(actor->atom);
    if (!ok) {
        fail(actor, &failure);
        return;
    }
    (void)radon_phase_step(&actor->phase, RADON_PHASE_COMPLETED);
    (void)radon_phase_step(&actor->phase, RADON_PHASE_SUSPENDED);
    if (actor->exiting) {
        end_by_exit(actor);
    }
}

/** The instance that is to be made again now, or NULL. */
static radon_actor_t *due_restart(const radon_atom_t *atom, uint64_t now_us)
{
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        radon_actor_t *actor = &atom->actors[i];
        if (actor->state == RADON_ACTOR_BACKOFF && now_us >= actor->restart_at_us) {
            return actor;
        }
    }
    return NULL;
}

/** Makes an instance again after its back-off; observers of the atom get the answer of a new GET. */
static void restart(radon_actor_t *actor)
{
    radon_definition_t *definition = actor->atom->definition;
    definition->restarts++;
    create_or_fail(actor);
    if (definition->atom != NULL) {
        radon_notices_resources(definition->atom);
    }
}

/** Makes the instance that an event waits for: one of the policy, or one that was spawned. */
static void create_chosen(radon_actor_t *actor, uint64_t now_us)
{
    if (actor->state == RADON_ACTOR_NONE) {
        radon_actor_take(actor, next_number(actor->atom));
    }
    actor->free_since_us = now_us;
    create_or_fail(actor);
}

static void run_chosen(radon_actor_t *actor)
{
    const radon_event_t *event = &actor->atom->runtime->event;
    radon_event_kind_t kind = (radon_event_kind_t)event->scalars[RADON_EVENT_FIELD_KIND];
    if (radon_instance_exports(&actor->instance, radon_activation_export(kind))) {
        run(actor);
    } else {
        radon_settle_unhandled(actor);
    }
}

bool radon_lifecycle_step(radon_definition_t *definition, uint64_t now_us)
{
    radon_atom_t *atom = definition->atom;
    if (!radon_definition_serves(definition)) {
        return false;
    }
    if (radon_frozen(atom) != NULL) {
        radon_event_sweep(atom);
        return false;
    }
    radon_notices_release(atom);
    radon_actor_t *actor = due_restart(atom, now_us);
    if (actor != NULL) {
        restart(actor);
        return true;
    }
    actor = radon_policy_expired(atom, now_us);
    if (actor != NULL) {
        run_on_stop(actor, RADON_STOP_EXPIRED);
        leave(actor, false);
        return true;
    }
    uint32_t dropped = definition->dropped;
    radon_event_choice_t choice = radon_event_next(atom, now_us);
    if (choice.create) {
        create_chosen(choice.actor, now_us);
    } else if (choice.actor != NULL) {
        run_chosen(choice.actor);
    }
    return choice.actor != NULL || definition->dropped != dropped;
}

uint64_t radon_lifecycle_next_due(const radon_definition_t *definition)
{
    bool runs = radon_definition_serves(definition) && radon_frozen(definition->atom) == NULL;
    return runs ? radon_event_next_due(definition->atom, radon_port_now_us()) : RADON_PORT_NEVER;
}

/* ---- Stopping ---- */

void radon_lifecycle_stop(radon_runtime_t *runtime, radon_definition_t *definition,
                          radon_stop_reason_t reason)
{
    radon_atom_t *atom = definition->atom;
    if (atom == NULL) {
        definition->life = RADON_LIFE_STOPPED;
        radon_notices_life(runtime, definition);
        return;
    }
    if (radon_frozen(atom) != NULL) {
        radon_frozen_drop_taken(atom);
    }
    for (radon_actor_t *actor = radon_atom_next_actor(atom, -1); actor != NULL;
         actor = radon_atom_next_actor(atom, actor->number)) {
        if (actor->state == RADON_ACTOR_LIVE) {
            run_on_stop(actor, reason);
        }
    }
    if (reason == RADON_STOP_COMMAND || reason == RADON_STOP_DELETE) {
        end_observations(definition, RADON_LIFE_STOPPED);
    }
    release(runtime, definition, RADON_LIFE_STOPPED);
}
