#include "radon/runtime/definition.h"

#include "radon/runtime/phase.h"

const char *radon_trap_name(radon_trap_t trap)
{
    static const char *const names[] = {
        [RADON_TRAP_NONE] = "NONE",         [RADON_TRAP_UNREACHABLE] = "UNREACHABLE",
        [RADON_TRAP_MEMORY] = "MEMORY",     [RADON_TRAP_STACK] = "STACK",
        [RADON_TRAP_DEADLINE] = "DEADLINE", [RADON_TRAP_ARITHMETIC] = "ARITHMETIC",
        [RADON_TRAP_TABLE] = "TABLE",       [RADON_TRAP_CALL] = "CALL",
        [RADON_TRAP_ABORT] = "ABORT",
    };
    return names[trap];
}

const char *radon_event_kind_name(radon_event_kind_t kind)
{
    static const char *const names[] = {
        [RADON_EVENT_START] = "START",
        [RADON_EVENT_MESSAGE] = "MESSAGE",
        [RADON_EVENT_REQUEST] = "REQUEST",
        [RADON_EVENT_RESPONSE] = "RESPONSE",
        [RADON_EVENT_TIMER] = "TIMER",
        [RADON_EVENT_IO] = "IO",
        [RADON_EVENT_UNDELIVERED] = "UNDELIVERED",
        [RADON_EVENT_STOP] = "STOP",
        [RADON_EVENT_RECOVER] = "RECOVER",
    };
    return names[kind];
}

static const char *phase_of_instances(const radon_atom_t *atom)
{
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        if (atom->actors[i].state == RADON_ACTOR_LIVE && atom->actors[i].phase == RADON_PHASE_RUNNING) {
            return radon_phase_name(RADON_PHASE_RUNNING);
        }
    }
    const radon_actor_t *first = radon_atom_next_actor(atom, -1);
    return first == NULL ? "IDLE" : radon_phase_name(first->phase); /* the last one is just about to go */
}

const char *radon_definition_phase(const radon_definition_t *definition)
{
    switch (definition->life) {
    case RADON_LIFE_WAITING:
        return "WAITING";
    case RADON_LIFE_STOPPED:
        return "STOPPED";
    case RADON_LIFE_IDLE:
        return "IDLE";
    case RADON_LIFE_FAILED:
        return radon_phase_name(RADON_PHASE_ERROR);
    case RADON_LIFE_ENDED:
        return radon_phase_name(RADON_PHASE_TERMINATED);
    default:
        return phase_of_instances(definition->atom);
    }
}

void radon_definition_set_reason(radon_definition_t *definition, const char *text)
{
    size_t length = strlen(text);
    length = length < RADON_REASON_BYTES ? length : RADON_REASON_BYTES - 1;
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    memcpy(definition->reason, text, length);
    definition->reason[length] = 0;
    radon_port_ceiling_restore(ceiling);
}
