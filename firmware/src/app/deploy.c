#include "radon/app/deploy.h"

#include "radon/app/flash_care.h"
#include "radon/app/versions.h"
#include "radon/coap/numbers.h"
#include "radon/runtime/memory.h"
#include "radon/runtime/notices.h"
#include "radon/trust/admission.h"

#define NODE (&radon_node)
#define RUNTIME (&radon_node.runtime)
#define IMAGES (&radon_node.images)

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

/** What it would find in the atom pool; the version of the same name that runs now makes room first. */
static radon_memory_room_t memory_room(const radon_manifest_t *manifest)
{
    const radon_definition_t *definition = radon_runtime_find(RUNTIME, manifest->name);
    const radon_memory_demand_t demand = {
        .own = radon_manifest_block_bytes(manifest, RADON_ATOM_OVERHEAD, RADON_INSTANCE_OVERHEAD),
        .load = manifest->payload.load,
        .digest = manifest->payload.digest,
    };
    return radon_memory_room(RUNTIME, definition == NULL ? NULL : definition->atom, &demand);
}

static radon_node_facts_t facts_for(const radon_manifest_t *manifest, const radon_atom_record_t *record,
                                    radon_bytes_t file)
{
    radon_images_new_t new = new_version(manifest, file);
    radon_memory_room_t room = memory_room(manifest);
    radon_node_facts_t facts = {
        .abi = RADON_ABI_VERSION,
        .board = NODE->provisioning.board,
        .engine = radon_bytes_text(radon_engine_revision()),
        .sequence = record->sequence,
        .identical = is_stored(record, file),
        .atoms = radon_images_count(IMAGES),
        .memory_need = room.need,
        .memory_free = room.free,
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

/** Answers what is missing, or starts the version when nothing is. */
static void go_on(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_versions_refresh(definition);
    const radon_node_upload_t *upload = &NODE->uploads[radon_node_index(definition)];
    result->kind = RADON_RESULT_MISSING;
    result->size = 0;
    if (upload->digest == NULL) {
        if (definition->atom == NULL) {
            (void)radon_versions_start_shown(definition, result);
        }
        return;
    }
    if (upload->have < upload->size) {
        if (definition->atom == NULL && NODE->active[radon_node_index(definition)].digest == NULL) {
            definition->life = RADON_LIFE_WAITING;
            radon_notices_life(RUNTIME, definition);
        }
        result->size = upload->size;
        result->have = upload->have;
        memcpy(result->digest, upload->digest, RADON_IMAGES_DIGEST);
        return;
    }
    radon_versions_switch(definition, result);
}

/** Stores an admitted manifest; the entry of its atom, or NULL. */
static radon_definition_t *accept(const radon_manifest_t *manifest, radon_bytes_t file,
                                  const radon_atom_record_t *record, bool identical,
                                  radon_job_result_t *result)
{
    uint8_t code = radon_versions_shown_slot(record) < 0 ? RADON_COAP_CREATED : RADON_COAP_CHANGED;
    radon_err_t err = identical ? RADON_OK : store(manifest, file);
    radon_definition_t *definition = err == RADON_OK ? radon_versions_entry(manifest->name) : NULL;
    if (definition == NULL) {
        result_busy(result, "a flash that does not take it");
    } else {
        result->code = code;
    }
    return definition;
}

/** Admits and stores a manifest; NULL with the reason in `result`. Its frame is gone before a version starts.
 */
static RADON_OWN_FRAME radon_definition_t *take_manifest(radon_bytes_t name, radon_bytes_t file,
                                                         radon_job_result_t *result)
{
    radon_manifest_t manifest;
    radon_rejection_t rejection;
    radon_atom_record_t record;
    if (!radon_admission_open(file, name, &NODE->provisioning, &manifest, &rejection)) {
        radon_result_report(result, &rejection.report);
        return NULL;
    }
    radon_images_find(IMAGES, name, &record);
    radon_node_facts_t facts = facts_for(&manifest, &record, file);
    if (!radon_admission_check(&manifest, &facts, &rejection)) {
        radon_result_report(result, &rejection.report);
        return NULL;
    }
    return accept(&manifest, file, &record, facts.identical, result);
}

void radon_deploy_manifest(radon_bytes_t name, radon_bytes_t file, radon_job_result_t *result)
{
    radon_definition_t *definition = take_manifest(name, file, result);
    if (definition != NULL) {
        go_on(definition, result);
    }
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
        radon_versions_refresh(definition);
        const radon_node_upload_t *upload = &NODE->uploads[i];
        if (upload->digest != NULL && memcmp(upload->digest, digest, RADON_IMAGES_DIGEST) == 0) {
            radon_versions_switch(definition, result);
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
            radon_versions_refresh(&RUNTIME->definitions[i]);
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

/** Pairs first: a power cut between the two leaves an atom without pairs, never pairs without an atom. */
static radon_err_t delete_stored(radon_bytes_t name)
{
    radon_err_t err = radon_kv_drop(&NODE->kv, name);
    if (err != RADON_OK) {
        return err;
    }
    err = radon_images_delete(IMAGES, name);
    if (err == RADON_E_BUSY) {
        err = radon_flash_care_compact(radon_bytes(NULL, 0));
        err = err == RADON_OK ? radon_images_delete(IMAGES, name) : err;
    }
    return err;
}

void radon_deploy_delete(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_bytes_t name = radon_definition_name(definition);
    radon_lifecycle_stop(RUNTIME, definition, RADON_STOP_DELETE);
    radon_err_t err = delete_stored(name);
    if (err != RADON_OK) {
        result_busy(result, "a flash that does not take it");
        return;
    }
    NODE->uploads[radon_node_index(definition)].digest = NULL;
    NODE->active[radon_node_index(definition)].digest = NULL;
    radon_runtime_remove(RUNTIME, definition);
    radon_result_code(result, RADON_COAP_DELETED);
}
