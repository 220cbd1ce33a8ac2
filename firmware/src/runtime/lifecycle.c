#include "radon/runtime/lifecycle.h"

#include "radon/runtime/activation.h"
#include "radon/runtime/memory.h"
#include "radon/runtime/notices.h"
#include "radon/runtime/phase.h"

/** How an instance failed: a trap, or a module that could not be loaded (`refused`). */
typedef struct {
    bool refused;
    radon_refusal_t refusal;
    radon_outcome_t outcome;
} failure_t;

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

static void report_trap(radon_definition_t *definition, const radon_outcome_t *outcome)
{
    radon_trap_report_t trap = {
        .kind = outcome->trap,
        .event = (radon_event_kind_t)definition->atom->event.scalars[RADON_EVENT_FIELD_KIND],
        .located = outcome->located,
        .function = outcome->function,
        .offset = outcome->offset,
    };
    memcpy(trap.name, outcome->name, sizeof trap.name);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    definition->trap = trap;
    radon_port_ceiling_restore(ceiling);
}

static void report(radon_runtime_t *runtime, radon_definition_t *definition, const failure_t *failure)
{
    char line[RADON_MAX_LOG_LINE_BYTES];
    runtime->traps++;
    if (failure->refused) {
        radon_definition_set_reason(definition, failure->refusal.detail);
    } else {
        runtime->deadlines += failure->outcome.trap == RADON_TRAP_DEADLINE;
        report_trap(definition, &failure->outcome);
        describe_trap(&definition->trap, line, sizeof line);
        radon_definition_set_reason(definition, line);
    }
    radon_runtime_log(runtime, RADON_LOG_ERROR, radon_definition_name(definition), definition->reason,
                      radon_bytes(NULL, 0));
}

/* ---- Memory ---- */

/** Refuses what waits and gives the memory back; the life is final or STOPPED. */
static void release(radon_runtime_t *runtime, radon_definition_t *definition, radon_life_t life)
{
    definition->life = life;
    radon_notices_refuse_waiting(definition->atom);
    radon_notices_refuse_running(definition->atom);
    radon_memory_give_back(runtime, definition);
    radon_notices_life(runtime, definition);
}

/* ---- Ends ---- */

/** Closes what failed; after a kill its arena is in an unknown state and is only initialised again. */
static void let_go(radon_definition_t *definition, const failure_t *failure)
{
    if (!failure->refused && !failure->outcome.killed) {
        radon_activation_close(definition->atom);
    }
    definition->memory_used = 0;
}

/** Forgets timers and watches but for the event that is offered again. */
static void clear_signals(radon_atom_t *atom)
{
    for (uint8_t i = 0; i < RADON_TIMERS_MAX; i++) {
        radon_timer_t *timer = &atom->timers.timers[i];
        timer->due_us = RADON_TIMER_STOPPED;
        if ((timer->signal.marks & RADON_SIGNAL_RETRIED) == 0) {
            timer->signal.marks = 0;
        }
    }
    for (uint8_t i = 0; i < RADON_MAX_IO_CHANNELS; i++) {
        radon_watch_t *watch = &atom->watches[i];
        watch->edges = 0;
        if ((watch->signal.marks & RADON_SIGNAL_RETRIED) == 0) {
            watch->signal.marks = 0;
        }
    }
}

/** Lets the observers of the atom's resources find out that there is no answer any more. */
static void end_observations(radon_definition_t *definition, radon_life_t life)
{
    definition->life = life;
    radon_notices_resources(definition->atom);
}

static void end_by_exit(radon_runtime_t *runtime, radon_definition_t *definition)
{
    definition->exited = true;
    definition->exit_code = definition->atom->exit_code;
    radon_activation_close(definition->atom);
    definition->phase = RADON_PHASE_TERMINATED;
    if (definition->reactive) {
        clear_signals(definition->atom);
        definition->life = RADON_LIFE_IDLE;
        radon_notices_refuse_running(definition->atom);
        radon_notices_life(runtime, definition);
        return;
    }
    end_observations(definition, RADON_LIFE_ENDED);
    release(runtime, definition, RADON_LIFE_ENDED);
}

/** Counts a failure; true when recovery allows another restart. */
static bool may_restart(radon_atom_t *atom, uint64_t now_us)
{
    if (!atom->configuration.restart) {
        return false;
    }
    if (atom->failures == 0 || now_us - atom->failures_since_us >= RADON_RESTARTS_WINDOW_MS * 1000ULL) {
        atom->failures = 0;
        atom->failures_since_us = now_us;
    }
    atom->failures++;
    return atom->failures <= RADON_RESTARTS_MAX;
}

/** An instance failed in its current event (or in none): report, then what recovery says. */
static void fail(radon_runtime_t *runtime, radon_definition_t *definition, const failure_t *failure)
{
    radon_atom_t *atom = definition->atom;
    uint64_t now_us = radon_port_now_us();
    report(runtime, definition, failure);
    let_go(definition, failure);
    definition->phase = RADON_PHASE_ERROR;
    bool again = may_restart(atom, now_us);
    radon_event_fail(atom, again, failure->outcome.trap);
    if (!again) {
        end_observations(definition, RADON_LIFE_FAILED);
        release(runtime, definition, RADON_LIFE_FAILED);
        return;
    }
    clear_signals(atom);
    atom->restart_at_us = now_us + (uint64_t)(RADON_BACKOFF_MS << (atom->failures - 1)) * 1000U;
    definition->life = RADON_LIFE_BACKOFF;
    radon_notices_life(runtime, definition);
}

/* ---- Starting ---- */

static bool load(radon_definition_t *definition, failure_t *failure)
{
    definition->phase = RADON_PHASE_CREATED;
    memset(failure, 0, sizeof *failure);
    failure->refused = !radon_activation_open(definition->atom, &failure->refusal);
    return !failure->refused;
}

/** Loads and starts an instance; false with the failure. */
static bool create(radon_runtime_t *runtime, radon_definition_t *definition, failure_t *failure)
{
    definition->life = RADON_LIFE_LIVE;
    if (!load(definition, failure) || !radon_activation_start(definition->atom, &failure->outcome)) {
        return false;
    }
    if (definition->atom->exiting) {
        end_by_exit(runtime, definition);
        return true;
    }
    definition->phase = RADON_PHASE_SUSPENDED;
    radon_notices_life(runtime, definition);
    radon_notices_release(definition->atom);
    return true;
}

void radon_lifecycle_describe(radon_definition_t *definition, const radon_version_t *version)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    definition->slot = version->slot;
    definition->sequence = version->sequence;
    definition->version = version->version;
    definition->manifest = version->manifest;
    definition->code = version->code;
    definition->generation = version->generation;
    definition->reactive = version->configuration->reactive;
    definition->restart = version->configuration->restart;
    definition->storage_total = version->configuration->storage;
    definition->need_load = version->configuration->need_load;
    definition->need_run = version->configuration->need_run;
    radon_port_ceiling_restore(ceiling);
}

/** Loads a reactive atom once, without running it. */
static bool try_load(radon_runtime_t *runtime, radon_definition_t *definition, failure_t *failure)
{
    if (!load(definition, failure)) {
        return false;
    }
    radon_activation_close(definition->atom);
    definition->life = RADON_LIFE_IDLE;
    radon_notices_life(runtime, definition);
    return true;
}

radon_err_t radon_lifecycle_start(radon_runtime_t *runtime, radon_definition_t *definition,
                                  const radon_version_t *version, radon_on_failure_t on_failure,
                                  radon_refusal_t *refusal)
{
    failure_t failure;
    if (!radon_memory_take(runtime, definition, version, refusal)) {
        return RADON_E_QUOTA;
    }
    radon_lifecycle_describe(definition, version);
    definition->trap = (radon_trap_report_t){.kind = RADON_TRAP_NONE};
    definition->reason[0] = 0;
    definition->exited = false;
    bool ok = definition->reactive ? try_load(runtime, definition, &failure)
                                   : create(runtime, definition, &failure);
    if (!ok && on_failure == RADON_ON_FAILURE_RECOVER) {
        fail(runtime, definition, &failure);
        return RADON_E_STATE;
    }
    if (!ok) {
        report(runtime, definition, &failure);
        let_go(definition, &failure);
        definition->phase = RADON_PHASE_ERROR;
        release(runtime, definition, RADON_LIFE_FAILED);
        return RADON_E_STATE;
    }
    if (definition->atom != NULL) {
        radon_notices_resources(definition->atom);
    }
    return RADON_OK;
}

/* ---- Activations ---- */

/** Calls the handler of the current event and settles it, then collects. */
static bool run_event(radon_atom_t *atom, failure_t *failure)
{
    memset(failure, 0, sizeof *failure);
    if (!radon_activation_run(atom, &failure->outcome)) {
        return false;
    }
    radon_event_settle(atom, failure->outcome.result, radon_port_now_us());
    return atom->exiting || radon_activation_collect(atom, &failure->outcome);
}

static void run(radon_runtime_t *runtime, radon_definition_t *definition)
{
    radon_atom_t *atom = definition->atom;
    failure_t failure;
    (void)radon_phase_step(&definition->phase, RADON_PHASE_RUNNING);
    bool ok = run_event(atom, &failure);
    radon_notices_release(atom);
    if (!ok) {
        fail(runtime, definition, &failure);
        return;
    }
    (void)radon_phase_step(&definition->phase, RADON_PHASE_COMPLETED);
    (void)radon_phase_step(&definition->phase, RADON_PHASE_SUSPENDED);
    if (atom->exiting) {
        end_by_exit(runtime, definition);
    }
}

static bool step_live(radon_runtime_t *runtime, radon_definition_t *definition, uint64_t now_us)
{
    radon_atom_t *atom = definition->atom;
    radon_notices_release(atom);
    if (!radon_event_next(atom, now_us)) {
        return false;
    }
    radon_event_kind_t kind = (radon_event_kind_t)atom->event.scalars[RADON_EVENT_FIELD_KIND];
    if (radon_instance_exports(&atom->instance, radon_activation_export(kind))) {
        run(runtime, definition);
    } else {
        radon_event_refuse(atom);
    }
    return true;
}

static void create_or_fail(radon_runtime_t *runtime, radon_definition_t *definition)
{
    failure_t failure;
    if (!create(runtime, definition, &failure)) {
        fail(runtime, definition, &failure);
    }
}

bool radon_lifecycle_step(radon_runtime_t *runtime, radon_definition_t *definition, uint64_t now_us)
{
    radon_atom_t *atom = definition->atom;
    switch (definition->life) {
    case RADON_LIFE_LIVE:
        return step_live(runtime, definition, now_us);
    case RADON_LIFE_IDLE:
        if (!radon_event_waits(atom)) {
            return false;
        }
        create_or_fail(runtime, definition);
        return true;
    case RADON_LIFE_BACKOFF:
        (void)radon_event_waits(atom);
        if (now_us < atom->restart_at_us) {
            return false;
        }
        definition->restarts++;
        create_or_fail(runtime, definition);
        return true;
    default:
        return false;
    }
}

uint64_t radon_lifecycle_next_due(const radon_definition_t *definition)
{
    switch (definition->life) {
    case RADON_LIFE_LIVE:
        return radon_event_next_due(definition->atom);
    case RADON_LIFE_BACKOFF:
        return definition->atom->restart_at_us;
    default:
        return RADON_PORT_NEVER;
    }
}

/* ---- Stopping ---- */

/** Lets the instance say goodbye, and closes it. */
static void run_on_stop(radon_runtime_t *runtime, radon_definition_t *definition, radon_stop_reason_t reason)
{
    radon_atom_t *atom = definition->atom;
    failure_t failure;
    memset(&failure, 0, sizeof failure);
    if (radon_instance_exports(&atom->instance, RADON_EXPORT_ON_STOP)) {
        radon_event_begin(atom, RADON_EVENT_STOP, (int32_t)reason);
        (void)radon_phase_step(&definition->phase, RADON_PHASE_RUNNING);
        if (!radon_activation_run(atom, &failure.outcome)) {
            report(runtime, definition, &failure);
        }
        radon_notices_release(atom);
    }
    let_go(definition, &failure);
}

void radon_lifecycle_stop(radon_runtime_t *runtime, radon_definition_t *definition,
                          radon_stop_reason_t reason)
{
    if (definition->life == RADON_LIFE_LIVE) {
        run_on_stop(runtime, definition, reason);
    }
    definition->phase = RADON_PHASE_TERMINATED;
    if (definition->atom == NULL) {
        definition->life = RADON_LIFE_STOPPED;
        radon_notices_life(runtime, definition);
        return;
    }
    if (reason == RADON_STOP_COMMAND || reason == RADON_STOP_DELETE) {
        end_observations(definition, RADON_LIFE_STOPPED);
    }
    release(runtime, definition, RADON_LIFE_STOPPED);
}
