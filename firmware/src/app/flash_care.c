#include "radon/app/flash_care.h"

#include "radon/app/versions.h"

/** Whether an atom with memory still runs from addresses before the last compaction: its own, or those of a
 * module that was loaded before it. */
static bool is_stale(const radon_definition_t *definition)
{
    uint32_t generation = radon_images_generation(&radon_node.images);
    return definition->used && definition->atom != NULL &&
           (definition->generation != generation || definition->atom->module->generation != generation);
}

static bool any_stale(void)
{
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        if (is_stale(&radon_node.runtime.definitions[i])) {
            return true;
        }
    }
    return false;
}

/** All stop before the first starts again: a module is only loaded anew once nobody runs the old one. */
static void restart_stale(void)
{
    radon_job_result_t unused;
    bool stopped[RADON_MAX_ATOMS] = {false};
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        radon_definition_t *definition = &radon_node.runtime.definitions[i];
        stopped[i] = is_stale(definition);
        if (stopped[i]) {
            radon_lifecycle_stop(&radon_node.runtime, definition, RADON_STOP_RESTART);
        }
    }
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        if (stopped[i]) {
            (void)radon_versions_start_shown(&radon_node.runtime.definitions[i], &unused);
        }
    }
}

radon_err_t radon_flash_care_compact(radon_bytes_t replacing)
{
    radon_err_t err = RADON_OK;
    if (radon_images_wants_erase(&radon_node.images)) {
        restart_stale();
        err = radon_images_erase_spare(&radon_node.images);
    }
    if (err == RADON_OK) {
        err = radon_images_compact(&radon_node.images, replacing);
    }
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        if (radon_node.runtime.definitions[i].used) {
            radon_versions_refresh(&radon_node.runtime.definitions[i]);
        }
    }
    return err;
}

bool radon_flash_care_idle(void)
{
    if (radon_kv_wants_erase(&radon_node.kv)) {
        return radon_kv_erase_spare(&radon_node.kv) == RADON_OK;
    }
    if (radon_images_wants_erase(&radon_node.images) && !any_stale()) {
        return radon_images_erase_spare(&radon_node.images) == RADON_OK;
    }
    return false;
}
