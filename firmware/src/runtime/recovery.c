#include "radon/runtime/recovery.h"

/* ---- Telling what happened ---- */

/** "UNREACHABLE in START (function)" for the log and, after a failed start, as the reason. */
static void describe_trap(const radon_trap_report_t *trap, char *out, size_t cap)
{
    radon_sink_t sink;
    radon_sink_init(&sink, (uint8_t *)out, cap - 1, 0);
    radon_sink_text(&sink, radon_trap_name(trap->kind));
    radon_sink_text(&sink, " in ");
    radon_sink_text(&sink, radon_event_kind_name(trap->event));
    if (trap->located) {
        radon_sink_text(&sink, ", function ");
        if (trap->name[0] != 0) {
            radon_sink_text(&sink, trap->name);
        } else {
            radon_sink_put(&sink, '#');
            radon_sink_u64(&sink, trap->function);
        }
    }
    out[radon_sink_window(&sink).len] = 0;
}

static void report_trap(radon_definition_t *definition, const radon_event_t *event,
                        const radon_outcome_t *outcome)
{
    radon_trap_report_t trap = {
        .kind = outcome->trap,
        .event = (radon_event_kind_t)event->scalars[RADON_EVENT_FIELD_KIND],
        .located = outcome->located,
        .function = outcome->function,
        .offset = outcome->offset,
    };
    memcpy(trap.name, outcome->name, sizeof trap.name);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    definition->trap = trap;
    radon_port_ceiling_restore(ceiling);
}

void radon_recovery_report(radon_actor_t *actor, const radon_failure_t *failure)
{
    char line[RADON_MAX_LOG_LINE_BYTES];
    radon_runtime_t *runtime = actor->atom->runtime;
    radon_definition_t *definition = actor->atom->definition;
    runtime->traps++;
    actor->trap = failure->outcome.trap;
    if (failure->refused) {
        radon_definition_set_reason(definition, failure->refusal.detail);
    } else {
        runtime->deadlines += failure->outcome.trap == RADON_TRAP_DEADLINE;
        report_trap(definition, &runtime->event, &failure->outcome);
        describe_trap(&definition->trap, line, sizeof line);
        radon_definition_set_reason(definition, line);
    }
    uint8_t name[RADON_ACTOR_NAME_BYTES];
    radon_runtime_log(runtime, RADON_LOG_ERROR, radon_actor_name(actor, name), definition->reason,
                      radon_bytes(NULL, 0));
}

/* ---- Restarts ---- */

/** Restarts the node, which tells of the instance and its trap once it is up again. */
static _Noreturn void escalate(const radon_actor_t *actor)
{
    char note[RADON_PORT_NOTE_BYTES];
    uint8_t name[RADON_ACTOR_NAME_BYTES];
    radon_bytes_t instance = radon_actor_name(actor, name);
    radon_sink_t sink;
    radon_sink_init(&sink, (uint8_t *)note, sizeof note - 1, 0);
    radon_sink_write(&sink, instance.data, instance.len);
    radon_sink_text(&sink, " escalated: ");
    radon_sink_text(&sink, actor->atom->definition->reason);
    note[radon_sink_window(&sink).len] = 0;
    radon_port_note(note);
    radon_port_reset(RADON_RESET_ESCALATE);
}

static uint64_t backoff_us(uint8_t failures)
{
    uint32_t ms = RADON_BACKOFF_MS;
    for (uint8_t i = 1; i < failures && ms < RADON_BACKOFF_MOST_MS; i++) {
        ms *= 2;
    }
    return ms * 1000ULL;
}

/** Counts a failure of the series, or begins another. */
static void count_failure(radon_actor_t *actor, uint64_t now_us)
{
    uint64_t window_us = actor->atom->configuration.window_ms * 1000ULL;
    if (actor->failures == 0 || now_us - actor->failures_since_us >= window_us) {
        actor->failures = 0;
        actor->failures_since_us = now_us;
    }
    actor->failures++;
}

bool radon_recovery_allows_restart(radon_actor_t *actor, uint64_t now_us)
{
    const radon_configuration_t *configuration = &actor->atom->configuration;
    if (configuration->recovery == RADON_RECOVERY_ESCALATE) {
        escalate(actor);
    }
    if (configuration->recovery == RADON_RECOVERY_NONE) {
        return false;
    }
    count_failure(actor, now_us);
    actor->restart_at_us = now_us + backoff_us(actor->failures);
    return actor->failures <= configuration->max_restarts;
}
