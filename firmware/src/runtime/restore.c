#include "radon/runtime/restore.h"

#include "restore_lists.h"

#include "radon/runtime/activation.h"
#include "radon/runtime/freeze.h"
#include "radon/runtime/lifecycle.h"
#include "radon/runtime/memory.h"
#include "radon/runtime/notices.h"
#include "radon/runtime/policy.h"

/** A restoration under way. */
typedef struct {
    radon_runtime_t *runtime;
    radon_definition_t *definition;
    const radon_restoration_t *restoration;
    radon_snapshot_limits_t limits;
    uint8_t global_sizes[RADON_RESTORE_GLOBALS];
    radon_snapshot_t snapshot;
} work_t;

/* ---- What only the code sees ---- */

static void restore_code(radon_actor_t *actor, work_t *work)
{
    const radon_snapshot_t *snapshot = &work->snapshot;
    radon_memory_t memory = radon_instance_memory(&actor->instance);
    memset(memory.bytes, 0, memory.size);
    memcpy(memory.bytes, snapshot->memory.data, snapshot->memory.len);
    radon_snapshot_items_t items;
    uint64_t bits;
    radon_snapshot_items(&items, snapshot->globals, &work->limits);
    for (uint32_t i = 0; radon_snapshot_next_global(&items, &bits); i++) {
        (void)radon_instance_global_restore(&actor->instance, i, bits);
    }
    actor->identity = snapshot->actor;
    actor->incarnation = snapshot->incarnation + 1;
    actor->uptime_offset_us = (int64_t)(snapshot->uptime_ms * 1000U) - (int64_t)actor->frozen_us;
}

/* ---- Aliases ---- */

/** An atom's name is never an alias. */
static bool aliases_are_free(const work_t *work)
{
    radon_snapshot_items_t items;
    radon_bytes_t alias;
    radon_snapshot_items(&items, work->snapshot.aliases, &work->limits);
    while (radon_snapshot_next_alias(&items, &alias)) {
        if (radon_runtime_find(work->runtime, alias) != NULL) {
            return false;
        }
    }
    return true;
}

/* ---- Storage ---- */

static bool is_pair(const work_t *work, radon_bytes_t key)
{
    radon_snapshot_items_t items;
    radon_snapshot_pair_t pair;
    radon_snapshot_items(&items, work->snapshot.storage, &work->limits);
    while (radon_snapshot_next_pair(&items, &pair)) {
        if (radon_bytes_equal(pair.key, key)) {
            return true;
        }
    }
    return false;
}

/** Deletes what the snapshot does not have. The store may not change while it is listed. */
static radon_err_t delete_others(const work_t *work, radon_bytes_t owner)
{
    radon_kv_t *kv = work->runtime->kv;
    radon_bytes_t key;
    uint32_t cursor = 0;
    while (radon_kv_list(kv, owner, radon_bytes(NULL, 0), &cursor, &key)) {
        if (!is_pair(work, key)) {
            radon_err_t err = radon_kv_delete(kv, owner, key);
            if (err != RADON_OK) {
                return err;
            }
            cursor = 0;
        }
    }
    return RADON_OK;
}

/** The sum was checked; on the way there may be more. */
static radon_err_t restore_storage(work_t *work)
{
    radon_bytes_t owner = radon_definition_name(work->definition);
    radon_snapshot_items_t items;
    radon_snapshot_pair_t pair;
    radon_err_t err = delete_others(work, owner);
    radon_snapshot_items(&items, work->snapshot.storage, &work->limits);
    while (err == RADON_OK && radon_snapshot_next_pair(&items, &pair)) {
        err = radon_kv_set(work->runtime->kv, owner, pair.key, pair.value, RADON_KV_UNLIMITED);
    }
    work->definition->storage_used = radon_kv_used(work->runtime->kv, owner);
    return err;
}

/* ---- Checking ---- */

/** The kinds of atoms that can be frozen. */
static bool is_movable(const radon_configuration_t *configuration)
{
    return !radon_policy_numbers(configuration);
}

static bool refuse(char *detail, const char *text)
{
    radon_sink_t sink;
    radon_sink_init(&sink, (uint8_t *)detail, RADON_RESTORE_DETAIL_BYTES - 1, 0);
    radon_sink_text(&sink, text);
    detail[radon_sink_window(&sink).len] = 0;
    return false;
}

static bool measure(work_t *work, const radon_actor_t *actor, char *detail)
{
    radon_global_t global;
    uint32_t count = 0;
    for (; radon_instance_global(&actor->instance, count, &global); count++) {
        if (count == RADON_RESTORE_GLOBALS) {
            return refuse(detail, "the atom has too many globals");
        }
        work->global_sizes[count] = global.size;
    }
    work->limits = (radon_snapshot_limits_t){
        .name = radon_definition_name(work->definition),
        .digest = work->restoration->version->digest,
        .configuration = work->restoration->version->configuration,
        .memory = actor->instance.memory_size,
        .global_sizes = work->global_sizes,
        .global_count = count,
    };
    return true;
}

static bool check(work_t *work, const radon_actor_t *actor, char *detail)
{
    if (!is_movable(work->restoration->version->configuration)) {
        return refuse(detail, "the atom has several instances");
    }
    return measure(work, actor, detail) &&
           radon_snapshot_read(&work->snapshot, work->restoration->document, &work->limits, detail,
                               RADON_RESTORE_DETAIL_BYTES) &&
           (aliases_are_free(work) || refuse(detail, "aliases has the name of an atom of this node"));
}

/** Any instance of the atom, to see what its code has; NULL where there is none. */
static radon_actor_t *living(const radon_atom_t *atom)
{
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        if (atom->actors[i].state == RADON_ACTOR_LIVE) {
            return &atom->actors[i];
        }
    }
    return NULL;
}

/* ---- Making the instance ---- */

/** Ends what runs without a last word. */
static void end_running(work_t *work)
{
    radon_atom_t *atom = work->definition->atom;
    for (uint8_t i = 0; atom != NULL && i < atom->configuration.instances; i++) {
        if (atom->actors[i].state == RADON_ACTOR_LIVE) {
            atom->actors[i].phase = RADON_PHASE_FROZEN;
        }
    }
    if (atom != NULL) {
        radon_lifecycle_stop(work->runtime, work->definition, RADON_STOP_UPDATE);
    }
}

/** An instance of which nothing ran. */
static radon_actor_t *open_fresh(work_t *work, radon_refusal_t *refusal)
{
    radon_definition_t *definition = work->definition;
    if (!radon_memory_take(work->runtime, definition, work->restoration->version, refusal)) {
        return NULL;
    }
    radon_actor_t *actor = &definition->atom->actors[0];
    radon_actor_take(actor, 0);
    if (!radon_activation_open(actor, refusal)) {
        radon_memory_give_back(work->runtime, definition);
        return NULL;
    }
    return actor;
}

static void restore_counters(radon_definition_t *definition, const radon_snapshot_counters_t *counters)
{
    definition->done = counters->done;
    definition->dropped = counters->dropped;
    definition->restarts = counters->restarts;
    definition->sent = counters->sent;
    definition->undelivered = counters->undelivered;
    definition->refused = counters->refused;
}

/** Fills the fresh instance and lets it be seen. */
static void fill(radon_actor_t *actor, work_t *work)
{
    radon_definition_t *definition = work->definition;
    radon_lifecycle_begin(definition, work->restoration->version);
    actor->atom->next_event_id = work->snapshot.next_event;
    actor->atom->first_message = 1;
    actor->atom->next_message = work->snapshot.next_message;
    actor->activations = work->snapshot.counters.activations;
    restore_counters(definition, &work->snapshot.counters);
    actor->state = RADON_ACTOR_LIVE;
    definition->life = RADON_LIFE_LIVE;
    radon_freeze_actor(actor);
    restore_code(actor, work);
    radon_restore_lists(actor, &work->snapshot, &work->limits);
    radon_notices_resources(actor->atom);
}

/* ---- The ways to restore ---- */

/** Whether the document was taken of this very instance and moment. */
static bool is_taken_of(const radon_actor_t *actor, const radon_snapshot_t *snapshot)
{
    return actor->identity == snapshot->actor && actor->incarnation == snapshot->incarnation &&
           actor->atom->next_event_id == snapshot->next_event;
}

/** An atom without memory: what was made to check the document is what is filled. */
static radon_err_t restore_stopped(work_t *work, radon_restore_failure_t *failure)
{
    radon_actor_t *actor = open_fresh(work, &failure->refusal);
    if (actor == NULL) {
        return failure->refusal.problem == RADON_PROBLEM_DOES_NOT_FIT ? RADON_E_QUOTA : RADON_E_STATE;
    }
    radon_err_t err = check(work, actor, failure->detail) ? restore_storage(work) : RADON_E_ARG;
    if (err != RADON_OK) {
        radon_activation_close(actor);
        radon_memory_give_back(work->runtime, work->definition);
        return err == RADON_E_ARG ? err : RADON_E_IO;
    }
    fill(actor, work);
    return RADON_OK;
}

/** Checks against an instance of the atom, or against one that is made for it and closed again. */
static radon_err_t check_running(work_t *work, radon_restore_failure_t *failure)
{
    radon_actor_t *actor = living(work->definition->atom);
    bool opened = actor == NULL;
    if (opened) {
        actor = &work->definition->atom->actors[0];
        if (!radon_activation_open(actor, &failure->refusal)) {
            return RADON_E_STATE;
        }
    }
    bool good = check(work, actor, failure->detail);
    if (opened) {
        radon_activation_close(actor);
    }
    return good ? RADON_OK : RADON_E_ARG;
}

static radon_err_t restore_running(work_t *work, radon_restore_failure_t *failure)
{
    radon_err_t err = check_running(work, failure);
    if (err != RADON_OK) {
        return err;
    }
    radon_actor_t *frozen = radon_frozen(work->definition->atom);
    if (frozen != NULL && is_taken_of(frozen, &work->snapshot)) {
        restore_code(frozen, work);
        return RADON_OK;
    }
    if (restore_storage(work) != RADON_OK) {
        return RADON_E_IO;
    }
    end_running(work);
    radon_actor_t *actor = open_fresh(work, &failure->refusal);
    if (actor == NULL) {
        return RADON_E_STATE;
    }
    fill(actor, work);
    return RADON_OK;
}

radon_err_t radon_restore(radon_runtime_t *runtime, radon_definition_t *definition,
                          const radon_restoration_t *restoration, radon_restore_failure_t *failure)
{
    work_t work = {.runtime = runtime, .definition = definition, .restoration = restoration};
    failure->detail[0] = 0;
    return definition->atom == NULL ? restore_stopped(&work, failure) : restore_running(&work, failure);
}
