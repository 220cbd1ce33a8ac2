#include "radon/runtime/activation.h"

#include "radon/runtime/event.h"

radon_export_t radon_activation_export(radon_event_kind_t kind)
{
    static const radon_export_t exports[] = {
        [RADON_EVENT_START] = RADON_EXPORT_ON_START,
        [RADON_EVENT_MESSAGE] = RADON_EXPORT_ON_MESSAGE,
        [RADON_EVENT_REQUEST] = RADON_EXPORT_ON_REQUEST,
        [RADON_EVENT_RESPONSE] = RADON_EXPORT_ON_RESPONSE,
        [RADON_EVENT_TIMER] = RADON_EXPORT_ON_TIMER,
        [RADON_EVENT_IO] = RADON_EXPORT_ON_IO,
        [RADON_EVENT_UNDELIVERED] = RADON_EXPORT_ON_UNDELIVERED,
        [RADON_EVENT_STOP] = RADON_EXPORT_ON_STOP,
        [RADON_EVENT_RECOVER] = RADON_EXPORT_ON_RECOVER,
    };
    return exports[kind];
}

bool radon_activation_open(radon_atom_t *atom, radon_refusal_t *refusal)
{
    if (!radon_modules_load(atom->module, refusal)) {
        return false;
    }
    radon_arena_init(&atom->arena, atom->arena_base, atom->arena_size);
    bool opened = radon_instance_open(&atom->instance, &atom->module->module, &atom->arena,
                                      atom->configuration.stack, atom, refusal);
    atom->definition->memory_used = opened ? atom->arena.high_water : 0;
    return opened;
}

void radon_activation_close(radon_atom_t *atom)
{
    radon_instance_close(&atom->instance);
    atom->definition->memory_used = 0;
}

/** Calls one export under the deadline of the configuration. A call may take nearly as long as the watchdog
 * waits, so progress is told on both sides of it. */
static bool call(radon_atom_t *atom, radon_export_t function, radon_outcome_t *outcome)
{
    radon_port_progress(RADON_PROGRESS_THREAD);
    radon_instance_call(&atom->instance, function, atom->configuration.deadline_ms * 1000U, outcome);
    radon_port_progress(RADON_PROGRESS_THREAD);
    return outcome->trap == RADON_TRAP_NONE;
}

/** Two words that the network level reads. */
static void set_activated(radon_definition_t *definition, uint64_t now_us)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    definition->activated_us = now_us;
    radon_port_ceiling_restore(ceiling);
}

bool radon_activation_run(radon_atom_t *atom, radon_outcome_t *outcome)
{
    radon_definition_t *definition = atom->definition;
    radon_event_kind_t kind = (radon_event_kind_t)atom->event.scalars[RADON_EVENT_FIELD_KIND];
    set_activated(definition, radon_port_now_us());
    definition->activations++;
    bool ok = call(atom, radon_activation_export(kind), outcome);
    set_activated(definition, 0);
    atom->event.current = false;
    return ok;
}

bool radon_activation_collect(radon_atom_t *atom, radon_outcome_t *outcome)
{
    return call(atom, RADON_EXPORT_COLLECT, outcome);
}

bool radon_activation_start(radon_atom_t *atom, radon_outcome_t *outcome)
{
    atom->exiting = false;
    atom->event.current = false;
    if (!call(atom, RADON_EXPORT_INITIALIZE, outcome)) {
        atom->event.scalars[RADON_EVENT_FIELD_KIND] = RADON_EVENT_START;
        return false;
    }
    radon_event_begin(atom, RADON_EVENT_START, 0);
    return radon_activation_run(atom, outcome) && (atom->exiting || radon_activation_collect(atom, outcome));
}
