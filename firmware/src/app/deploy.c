#include "radon/app/deploy.h"

#include "radon/app/configure.h"
#include "radon/app/flash_care.h"
#include "radon/coap/numbers.h"
#include "radon/port.h"
#include "radon/trust/admission.h"

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
        .sequence = chosen->sequence,
        .generation = radon_images_generation(IMAGES),
        .slot = (uint8_t)slot,
    };
    return true;
}

/** The slot whose version an atom shows: the active one, else the pending one. */
static int shown_slot(const radon_atom_record_t *record)
{
    int slot = slot_in(record, RADON_SLOT_ACTIVE);
    return slot >= 0 ? slot : slot_in(record, RADON_SLOT_PENDING);
}

void radon_deploy_refresh(radon_definition_t *definition)
{
    candidate_t candidate;
    radon_atom_record_t record;
    uint32_t index = radon_node_index(definition);
    radon_images_find(IMAGES, radon_definition_name(definition), &record);
    radon_node_upload_t upload = upload_of(&record, RADON_SLOT_PENDING);
    radon_node_upload_t active = upload_of(&record, RADON_SLOT_ACTIVE);
    int slot = shown_slot(&record);

    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    NODE->uploads[index] = upload;
    NODE->active[index] = active;
    radon_port_ceiling_restore(ceiling);
    if (definition->atom == NULL && slot >= 0 && open_slot(&record, slot, &candidate)) {
        radon_lifecycle_describe(definition, &candidate.version);
    }
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
static bool start_shown(radon_definition_t *definition, radon_job_result_t *result)
{
    candidate_t candidate;
    radon_atom_record_t record;
    radon_refusal_t refusal;
    radon_images_find(IMAGES, radon_definition_name(definition), &record);
    int slot = shown_slot(&record);
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
        radon_deploy_refresh(definition);
    }
    return true;
}

void radon_deploy_start(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_result_code(result, RADON_COAP_CHANGED);
    if (definition->atom == NULL) {
        (void)start_shown(definition, result);
    }
}

void radon_deploy_stop(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_result_code(result, RADON_COAP_CHANGED);
    if (definition->life != RADON_LIFE_WAITING) {
        radon_lifecycle_stop(RUNTIME, definition, RADON_STOP_COMMAND);
        radon_deploy_refresh(definition);
    }
}

void radon_deploy_restart(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_result_code(result, RADON_COAP_CHANGED);
    if (definition->life != RADON_LIFE_WAITING) {
        radon_lifecycle_stop(RUNTIME, definition, RADON_STOP_RESTART);
    }
    (void)start_shown(definition, result);
}

/* ---- Switching to a new version ---- */

/** Goes back to the version before, which shows the reason; where there is none, the failed one does. */
static void undo(radon_definition_t *definition, const char *reason)
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
    radon_deploy_refresh(definition);
    (void)start_shown(definition, &unused);
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

/** Stops the old version, starts the new one, and makes it the active one when it started. */
static void switch_to(radon_definition_t *definition, const candidate_t *candidate,
                      radon_job_result_t *result)
{
    radon_refusal_t refusal;
    char reason[RADON_REASON_BYTES];
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
        return;
    }
    memcpy(reason, definition->reason, sizeof reason);
    if (err == RADON_E_QUOTA) {
        result_refusal(result, &refusal);
        memcpy(reason, "no memory", sizeof "no memory");
    } else {
        result_start_failed(result, definition, reason);
    }
    undo(definition, reason);
}

/** Removes the entry of a name that has no version left. */
static void forget_if_empty(radon_definition_t *definition)
{
    radon_atom_record_t record;
    radon_images_find(IMAGES, radon_definition_name(definition), &record);
    if (definition->atom == NULL && shown_slot(&record) < 0) {
        radon_runtime_remove(RUNTIME, definition);
    }
}

/** The pending version has all its bytes: checks, switches, answers. */
static void deploy(radon_definition_t *definition, radon_job_result_t *result)
{
    candidate_t candidate;
    radon_atom_record_t record;
    radon_images_find(IMAGES, radon_definition_name(definition), &record);
    int slot = slot_in(&record, RADON_SLOT_PENDING);
    if (slot < 0 || !open_slot(&record, slot, &candidate)) {
        return;
    }
    if (check_module(definition, &candidate, result)) {
        switch_to(definition, &candidate, result);
    }
    radon_deploy_refresh(definition);
    forget_if_empty(definition);
}

/* ---- Manifests ---- */

static radon_images_new_t new_version(const radon_manifest_t *manifest, radon_bytes_t file)
{
    return (radon_images_new_t){
        .name = manifest->name,
        .manifest = file,
        .sequence = manifest->sequence,
        .digest = manifest->payload.digest,
        .size = manifest->payload.size,
    };
}

static bool is_stored(const radon_atom_record_t *record, radon_bytes_t file)
{
    for (int i = 0; i < 2; i++) {
        if (record->slots[i].state != RADON_SLOT_EMPTY &&
            radon_bytes_equal(record->slots[i].manifest, file)) {
            return true;
        }
    }
    return false;
}

static radon_node_facts_t facts_for(const radon_manifest_t *manifest, const radon_atom_record_t *record,
                                    radon_bytes_t file)
{
    const radon_definition_t *definition = radon_runtime_find(RUNTIME, manifest->name);
    radon_images_new_t new = new_version(manifest, file);
    radon_node_facts_t facts = {
        .abi = RADON_ABI_VERSION,
        .board = NODE->provisioning.board,
        .engine = radon_bytes_text(radon_engine_revision()),
        .sequence = record->sequence,
        .identical = is_stored(record, file),
        .atoms = radon_images_count(IMAGES),
        .overhead = RADON_ATOM_OVERHEAD,
        .largest_block = radon_pool_largest(&RUNTIME->pool, definition == NULL ? NULL : definition->atom),
    };
    facts.full = radon_images_room(IMAGES, &new, &facts.flash_need, &facts.flash_free) == RADON_E_QUOTA &&
                 !facts.identical;
    return facts;
}

/** Stores an admitted manifest as the pending version, compacting when that makes room. */
static radon_err_t store(const radon_manifest_t *manifest, radon_bytes_t file)
{
    radon_images_new_t new = new_version(manifest, file);
    radon_err_t err = radon_images_put(IMAGES, &new);
    if (err == RADON_E_BUSY) {
        err = radon_flash_care_compact(manifest->name);
        err = err == RADON_OK ? radon_images_put(IMAGES, &new) : err;
    }
    return err;
}

static void result_busy(radon_job_result_t *result, const char *detail)
{
    radon_result_problem(result, RADON_PROBLEM_BUSY);
    radon_result_text(result, RADON_FIELD_DETAIL, radon_bytes_text(detail));
}

/** The entry of an atom; a new one waits for its payload. */
static radon_definition_t *entry_of(radon_bytes_t name)
{
    radon_definition_t *definition = radon_runtime_find(RUNTIME, name);
    if (definition == NULL) {
        definition = radon_runtime_add(RUNTIME, name);
    }
    return definition;
}

/** Answers what is missing, or starts the version when nothing is. */
static void go_on(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_deploy_refresh(definition);
    const radon_node_upload_t *upload = &NODE->uploads[radon_node_index(definition)];
    result->kind = RADON_RESULT_MISSING;
    result->size = 0;
    if (upload->digest == NULL) {
        if (definition->atom == NULL) {
            (void)start_shown(definition, result);
        }
        return;
    }
    if (upload->have < upload->size) {
        if (definition->atom == NULL && NODE->active[radon_node_index(definition)].digest == NULL) {
            definition->life = RADON_LIFE_WAITING;
        }
        result->size = upload->size;
        result->have = upload->have;
        memcpy(result->digest, upload->digest, RADON_IMAGES_DIGEST);
        return;
    }
    deploy(definition, result);
}

static void accept(const radon_manifest_t *manifest, radon_bytes_t file, const radon_atom_record_t *record,
                   bool identical, radon_job_result_t *result)
{
    uint8_t code = shown_slot(record) < 0 ? RADON_COAP_CREATED : RADON_COAP_CHANGED;
    radon_err_t err = identical ? RADON_OK : store(manifest, file);
    radon_definition_t *definition = err == RADON_OK ? entry_of(manifest->name) : NULL;
    if (definition == NULL) {
        result_busy(result, "a flash that does not take it");
        return;
    }
    result->code = code;
    go_on(definition, result);
}

void radon_deploy_manifest(radon_bytes_t name, radon_bytes_t file, radon_job_result_t *result)
{
    radon_manifest_t manifest;
    radon_rejection_t rejection;
    radon_atom_record_t record;
    if (!radon_admission_open(file, name, &NODE->provisioning, &manifest, &rejection)) {
        radon_result_report(result, &rejection.report);
        return;
    }
    radon_images_find(IMAGES, name, &record);
    radon_node_facts_t facts = facts_for(&manifest, &record, file);
    if (!radon_admission_check(&manifest, &facts, &rejection)) {
        radon_result_report(result, &rejection.report);
        return;
    }
    accept(&manifest, file, &record, facts.identical, result);
}

/* ---- Payloads ---- */

static radon_err_t append(const radon_job_t *job, radon_bytes_t bytes, uint32_t *have)
{
    radon_err_t err = radon_images_append(IMAGES, job->digest, job->offset, bytes, have);
    if (err == RADON_E_BUSY) {
        err = radon_flash_care_compact(radon_bytes(NULL, 0));
        err = err == RADON_OK ? radon_images_append(IMAGES, job->digest, job->offset, bytes, have) : err;
    }
    return err;
}

static void result_append_error(radon_job_result_t *result, radon_err_t err, const radon_job_t *job,
                                size_t length, uint32_t have, uint32_t size)
{
    switch (err) {
    case RADON_E_NOT_FOUND:
        radon_result_problem(result, RADON_PROBLEM_NOT_WANTED);
        break;
    case RADON_E_STATE:
        radon_result_problem(result, RADON_PROBLEM_WRONG_OFFSET);
        radon_result_number(result, RADON_FIELD_HAVE, have);
        break;
    case RADON_E_TOO_BIG:
        radon_result_problem(result, RADON_PROBLEM_TOO_LARGE);
        radon_result_number(result, RADON_FIELD_HAVE, (int64_t)(job->offset + length));
        radon_result_number(result, RADON_FIELD_LIMIT, size);
        break;
    default:
        result_busy(result, "a flash that does not take it");
        break;
    }
}

/** Deploys every atom whose pending version names this payload. */
static void deploy_all(const uint8_t *digest, radon_job_result_t *result)
{
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        radon_definition_t *definition = &RUNTIME->definitions[i];
        if (!definition->used) {
            continue;
        }
        radon_deploy_refresh(definition);
        const radon_node_upload_t *upload = &NODE->uploads[i];
        if (upload->digest != NULL && memcmp(upload->digest, digest, RADON_IMAGES_DIGEST) == 0) {
            deploy(definition, result);
        }
    }
}

static void finish(const radon_job_t *job, uint32_t have, uint32_t size, radon_job_result_t *result)
{
    if (have < size) {
        result_append_error(result, RADON_E_STATE, job, 0, have, size);
        return;
    }
    radon_result_code(result, RADON_COAP_CREATED);
    switch (radon_images_finish(IMAGES, job->digest)) {
    case RADON_OK:
        deploy_all(job->digest, result);
        break;
    case RADON_E_DENIED:
        radon_result_problem(result, RADON_PROBLEM_BAD_DIGEST);
        break;
    default:
        result_busy(result, "a flash that does not take it");
        break;
    }
}

static void refresh_uploads(void)
{
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        if (RUNTIME->definitions[i].used && NODE->uploads[i].digest != NULL) {
            radon_deploy_refresh(&RUNTIME->definitions[i]);
        }
    }
}

void radon_deploy_block(const radon_job_t *job, radon_bytes_t bytes, radon_job_result_t *result)
{
    radon_slot_t slot;
    uint32_t have = 0;
    bool wanted = radon_images_wanted(IMAGES, job->digest, &slot);
    radon_err_t err = append(job, bytes, &have);
    if (err != RADON_OK) {
        result_append_error(result, err, job, bytes.len, have, wanted ? slot.size : 0);
    } else if (job->last) {
        finish(job, have, slot.size, result);
    } else {
        radon_result_code(result, RADON_COAP_CONTINUE);
    }
    refresh_uploads();
}

/* ---- Deleting ---- */

void radon_deploy_delete(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_bytes_t name = radon_definition_name(definition);
    radon_lifecycle_stop(RUNTIME, definition, RADON_STOP_DELETE);
    radon_err_t err = radon_images_delete(IMAGES, name);
    if (err == RADON_E_BUSY) {
        err = radon_flash_care_compact(radon_bytes(NULL, 0));
        err = err == RADON_OK ? radon_images_delete(IMAGES, name) : err;
    }
    if (err == RADON_OK) {
        err = radon_kv_drop(&NODE->kv, name);
    }
    if (err != RADON_OK) {
        result_busy(result, "a flash that does not take it");
        return;
    }
    NODE->uploads[radon_node_index(definition)].digest = NULL;
    NODE->active[radon_node_index(definition)].digest = NULL;
    radon_runtime_remove(RUNTIME, definition);
    radon_result_code(result, RADON_COAP_DELETED);
}

/* ---- Start of the node ---- */

static void boot_atom(const radon_atom_record_t *record, bool safe_mode)
{
    radon_job_result_t unused;
    radon_definition_t *definition = entry_of(record->name);
    if (definition == NULL) {
        return;
    }
    definition->storage_used = radon_kv_used(&NODE->kv, record->name);
    radon_deploy_refresh(definition);
    const radon_node_upload_t *upload = &NODE->uploads[radon_node_index(definition)];
    if (slot_in(record, RADON_SLOT_ACTIVE) < 0) {
        definition->life = upload->have < upload->size ? RADON_LIFE_WAITING : RADON_LIFE_STOPPED;
    } else if (safe_mode) {
        radon_definition_set_reason(definition, "safe mode: too many restarts of the node");
    } else {
        (void)start_shown(definition, &unused);
    }
}

void radon_deploy_boot(bool safe_mode)
{
    for (uint32_t i = 0; i < radon_images_count(IMAGES); i++) {
        radon_atom_record_t record;
        radon_images_at(IMAGES, i, &record);
        boot_atom(&record, safe_mode);
    }
}
