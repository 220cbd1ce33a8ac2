#include "radon/app/versions.h"

#include "radon/app/configure.h"
#include "radon/coap/numbers.h"
#include "radon/port.h"
#include "radon/runtime/restore.h"

#define NODE (&radon_node)
#define RUNTIME (&radon_node.runtime)
#define IMAGES (&radon_node.images)

/* ---- Slots ---- */

/** Index of the slot in a state, or -1. */
static int slot_in(const radon_atom_record_t *record, radon_slot_state_t state)
{
    for (int i = 0; i < 2; i++) {
        if (record->slots[i].state == state) {
            return i;
        }
    }
    return -1;
}

static radon_node_upload_t upload_of(const radon_atom_record_t *record, radon_slot_state_t state)
{
    radon_payload_t payload;
    int slot = slot_in(record, state);
    if (slot < 0) {
        return (radon_node_upload_t){.digest = NULL};
    }
    radon_images_payload(IMAGES, &record->slots[slot], &payload);
    return (radon_node_upload_t){
        .digest = record->slots[slot].digest, .size = record->slots[slot].size, .have = payload.have};
}

/** A version as the runtime takes it; the texts of `configuration` stay in flash. */
typedef struct {
    radon_manifest_t manifest;
    radon_configuration_t configuration;
    radon_version_t version;
    bool complete;
} candidate_t;

static bool open_slot(const radon_atom_record_t *record, int slot, candidate_t *candidate)
{
    radon_payload_t payload;
    const radon_slot_t *chosen = &record->slots[slot];
    if (!radon_configure_open(chosen->manifest, &candidate->manifest)) {
        return false;
    }
    radon_configure(&candidate->manifest, &RUNTIME->channels, &candidate->configuration);
    radon_images_payload(IMAGES, chosen, &payload);
    candidate->complete = payload.complete;
    candidate->version = (radon_version_t){
        .configuration = &candidate->configuration,
        .version = candidate->manifest.version,
        .manifest = chosen->manifest,
        .code = payload.bytes,
        .digest = chosen->digest,
        .sequence = chosen->sequence,
        .generation = radon_images_generation(IMAGES),
        .slot = (uint8_t)slot,
    };
    return true;
}

/** The slot whose version an atom shows: the active one, else the pending one. */
int radon_versions_shown_slot(const radon_atom_record_t *record)
{
    int slot = slot_in(record, RADON_SLOT_ACTIVE);
    return slot >= 0 ? slot : slot_in(record, RADON_SLOT_PENDING);
}

void radon_versions_refresh(radon_definition_t *definition)
{
    candidate_t candidate;
    radon_atom_record_t record;
    uint32_t index = radon_node_index(definition);
    radon_images_find(IMAGES, radon_definition_name(definition), &record);
    radon_node_upload_t upload = upload_of(&record, RADON_SLOT_PENDING);
    radon_node_upload_t active = upload_of(&record, RADON_SLOT_ACTIVE);
    int slot = radon_versions_shown_slot(&record);

    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    NODE->uploads[index] = upload;
    NODE->active[index] = active;
    radon_port_ceiling_restore(ceiling);
    if (definition->atom == NULL && slot >= 0 && open_slot(&record, slot, &candidate)) {
        radon_lifecycle_describe(definition, &candidate.version);
    }
}

/** The entry of an atom; a new one waits for its payload. */
radon_definition_t *radon_versions_entry(radon_bytes_t name)
{
    radon_definition_t *definition = radon_runtime_find(RUNTIME, name);
    if (definition == NULL) {
        definition = radon_runtime_add(RUNTIME, name);
    }
    return definition;
}

/* ---- Starting a version ---- */

static void result_refusal(radon_job_result_t *result, const radon_refusal_t *refusal)
{
    radon_result_problem(result, refusal->problem);
    if (refusal->problem == RADON_PROBLEM_DOES_NOT_FIT) {
        radon_result_number(result, RADON_FIELD_NEED, refusal->need);
        radon_result_number(result, RADON_FIELD_FREE, refusal->free);
    } else {
        radon_result_text(result, RADON_FIELD_DETAIL, radon_bytes_text(refusal->detail));
    }
}

static void result_start_failed(radon_job_result_t *result, const radon_definition_t *definition,
                                const char *reason)
{
    radon_result_problem(result, RADON_PROBLEM_START_FAILED);
    radon_result_text(result, RADON_FIELD_NAME, radon_definition_name(definition));
    radon_result_text(result, RADON_FIELD_DETAIL, radon_bytes_text(reason));
}

/** Starts the active version (or, where none ever ran, the pending one); `result` only tells of a failure. */
bool radon_versions_start_shown(radon_definition_t *definition, radon_job_result_t *result)
{
    candidate_t candidate;
    radon_atom_record_t record;
    radon_refusal_t refusal;
    radon_images_find(IMAGES, radon_definition_name(definition), &record);
    int slot = radon_versions_shown_slot(&record);
    if (slot < 0 || !open_slot(&record, slot, &candidate) || !candidate.complete) {
        radon_result_problem(result, RADON_PROBLEM_NOT_RUNNING);
        radon_result_text(result, RADON_FIELD_NAME, radon_definition_name(definition));
        radon_result_text(result, RADON_FIELD_PHASE, radon_bytes_text(radon_definition_phase(definition)));
        return false;
    }
    switch (
        radon_lifecycle_start(RUNTIME, definition, &candidate.version, RADON_ON_FAILURE_RECOVER, &refusal)) {
    case RADON_OK:
        break;
    case RADON_E_QUOTA:
        result_refusal(result, &refusal);
        return false;
    default:
        result_start_failed(result, definition, definition->reason);
        return false;
    }
    if (record.slots[slot].state == RADON_SLOT_PENDING) {
        (void)radon_images_activate(IMAGES, radon_definition_name(definition));
        radon_versions_refresh(definition);
    }
    return true;
}

void radon_versions_start(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_result_code(result, RADON_COAP_CHANGED);
    if (definition->atom == NULL) {
        (void)radon_versions_start_shown(definition, result);
    }
}

void radon_versions_stop(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_result_code(result, RADON_COAP_CHANGED);
    if (definition->life != RADON_LIFE_WAITING) {
        radon_lifecycle_stop(RUNTIME, definition, RADON_STOP_COMMAND);
        radon_versions_refresh(definition);
    }
}

void radon_versions_restart(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_result_code(result, RADON_COAP_CHANGED);
    if (definition->life != RADON_LIFE_WAITING) {
        radon_lifecycle_stop(RUNTIME, definition, RADON_STOP_RESTART);
    }
    (void)radon_versions_start_shown(definition, result);
}

/* ---- Restoring a snapshot ---- */

static void result_not_restored(radon_job_result_t *result, radon_err_t err,
                                const radon_restore_failure_t *failure)
{
    switch (err) {
    case RADON_E_ARG:
        radon_result_problem(result, RADON_PROBLEM_BAD_SNAPSHOT);
        radon_result_text(result, RADON_FIELD_DETAIL, radon_bytes_text(failure->detail));
        break;
    case RADON_E_IO:
        radon_result_problem(result, RADON_PROBLEM_BUSY);
        radon_result_text(result, RADON_FIELD_DETAIL, radon_bytes_text("a flash that does not take it"));
        break;
    default:
        result_refusal(result, &failure->refusal);
        break;
    }
}

static void result_no_payload(radon_job_result_t *result, const radon_definition_t *definition)
{
    radon_result_problem(result, RADON_PROBLEM_WRONG_PHASE);
    radon_result_text(result, RADON_FIELD_NAME, radon_definition_name(definition));
    radon_result_text(result, RADON_FIELD_PHASE, radon_bytes_text(radon_definition_phase(definition)));
    radon_result_text(result, RADON_FIELD_NEED, radon_bytes_text("its payload"));
}

void radon_versions_restore(radon_definition_t *definition, radon_bytes_t document,
                            radon_job_result_t *result)
{
    candidate_t candidate;
    radon_atom_record_t record;
    radon_restore_failure_t failure;
    radon_images_find(IMAGES, radon_definition_name(definition), &record);
    int slot = radon_versions_shown_slot(&record);
    if (slot < 0 || !open_slot(&record, slot, &candidate) || !candidate.complete) {
        result_no_payload(result, definition);
        return;
    }
    const radon_restoration_t restoration = {.version = &candidate.version, .document = document};
    radon_err_t err = radon_restore(RUNTIME, definition, &restoration, &failure);
    if (err != RADON_OK) {
        result_not_restored(result, err, &failure);
        return;
    }
    radon_result_code(result, RADON_COAP_CHANGED);
    if (record.slots[slot].state == RADON_SLOT_PENDING) {
        (void)radon_images_activate(IMAGES, radon_definition_name(definition));
    }
    radon_versions_refresh(definition);
}

/* ---- Switching to a new version ---- */

/** Goes back to the version before, which shows the reason; where there is none, the failed one does. */
static RADON_OWN_FRAME void undo(radon_definition_t *definition, const char *reason)
{
    uint8_t sentence[RADON_REASON_BYTES];
    radon_atom_record_t record;
    radon_job_result_t unused;
    radon_sink_t sink;
    radon_bytes_t name = radon_definition_name(definition);
    radon_images_find(IMAGES, name, &record);
    if (slot_in(&record, RADON_SLOT_ACTIVE) < 0) {
        return;
    }
    (void)radon_images_discard(IMAGES, name);
    radon_versions_refresh(definition);
    (void)radon_versions_start_shown(definition, &unused);
    radon_sink_init(&sink, sentence, sizeof sentence - 1, 0);
    radon_sink_text(&sink, "undone: ");
    radon_sink_text(&sink, reason);
    sentence[radon_sink_window(&sink).len] = 0;
    radon_definition_set_reason(definition, (const char *)sentence);
    radon_runtime_log(RUNTIME, RADON_LOG_WARN, name, (const char *)sentence, radon_bytes(NULL, 0));
}

/** Checks the module before anything is stopped; a version that is refused is forgotten. */
static bool check_module(radon_definition_t *definition, const candidate_t *candidate,
                         radon_job_result_t *result)
{
    radon_refusal_t refusal;
    radon_bytes_t code = candidate->version.code;
    if (radon_module_check(code.data, code.len, candidate->configuration.memory, &refusal)) {
        return true;
    }
    result_refusal(result, &refusal);
    (void)radon_images_discard(IMAGES, radon_definition_name(definition));
    return false;
}

/** Stops the old version, starts the new one, and makes it the active one when it started; else `reason` says
 * why it did not. */
static bool switch_to(radon_definition_t *definition, const candidate_t *candidate, char *reason,
                      radon_job_result_t *result)
{
    radon_refusal_t refusal;
    if (definition->atom != NULL) {
        radon_lifecycle_stop(RUNTIME, definition, RADON_STOP_UPDATE);
    }
    radon_err_t err =
        radon_lifecycle_start(RUNTIME, definition, &candidate->version, RADON_ON_FAILURE_STOP, &refusal);
    if (err == RADON_OK) {
        err = radon_images_activate(IMAGES, radon_definition_name(definition));
        if (err != RADON_OK) {
            radon_runtime_log(RUNTIME, RADON_LOG_ERROR, radon_definition_name(definition),
                              "the flash did not take the switch", radon_bytes(NULL, 0));
        }
        return true;
    }
    memcpy(reason, definition->reason, RADON_REASON_BYTES);
    if (err == RADON_E_QUOTA) {
        result_refusal(result, &refusal);
        memcpy(reason, "no memory", sizeof "no memory");
    } else {
        result_start_failed(result, definition, reason);
    }
    return false;
}

/** False when the pending version was started and failed. Its frame is gone before the version before starts.
 */
static RADON_OWN_FRAME bool try_pending(radon_definition_t *definition, char *reason,
                                        radon_job_result_t *result)
{
    candidate_t candidate;
    radon_atom_record_t record;
    radon_images_find(IMAGES, radon_definition_name(definition), &record);
    int slot = slot_in(&record, RADON_SLOT_PENDING);
    return slot < 0 || !open_slot(&record, slot, &candidate) ||
           !check_module(definition, &candidate, result) || switch_to(definition, &candidate, reason, result);
}

/** Removes the entry of a name that has no version left, and what a version that failed may have stored. */
static void forget_if_empty(radon_definition_t *definition)
{
    radon_atom_record_t record;
    radon_images_find(IMAGES, radon_definition_name(definition), &record);
    if (definition->atom == NULL && radon_versions_shown_slot(&record) < 0) {
        (void)radon_kv_drop(&NODE->kv, radon_definition_name(definition));
        radon_runtime_remove(RUNTIME, definition);
    }
}

void radon_versions_switch(radon_definition_t *definition, radon_job_result_t *result)
{
    char reason[RADON_REASON_BYTES];
    if (!try_pending(definition, reason, result)) {
        undo(definition, reason);
    }
    radon_versions_refresh(definition);
    forget_if_empty(definition);
}

/* ---- Start of the node ---- */

static void boot_atom(const radon_atom_record_t *record, bool safe_mode)
{
    radon_job_result_t unused;
    radon_definition_t *definition = radon_versions_entry(record->name);
    if (definition == NULL) {
        return;
    }
    definition->storage_used = radon_kv_used(&NODE->kv, record->name);
    radon_versions_refresh(definition);
    const radon_node_upload_t *upload = &NODE->uploads[radon_node_index(definition)];
    if (slot_in(record, RADON_SLOT_ACTIVE) < 0) {
        definition->life = upload->have < upload->size ? RADON_LIFE_WAITING : RADON_LIFE_STOPPED;
    } else if (safe_mode) {
        radon_definition_set_reason(definition, "safe mode: too many restarts of the node");
    } else {
        (void)radon_versions_start_shown(definition, &unused);
    }
}

void radon_versions_boot(bool safe_mode)
{
    for (uint32_t i = 0; i < radon_images_count(IMAGES); i++) {
        radon_atom_record_t record;
        radon_images_at(IMAGES, i, &record);
        boot_atom(&record, safe_mode);
    }
}
