#include "radon/store/images.h"

#include "images_table.h"

#define MAGIC 0x314D4952U /* "RIM1" */

/* ---- Opening ---- */

/** Completes payloads whose last byte was stored before a restart; true when one cannot go on where it is. */
static bool settle(radon_images_t *images)
{
    bool stuck = false;
    for (uint32_t i = 0; i < 2 * images->count; i++) {
        const radon_slot_t slot = radon_images_entry_slot(images, &images->entries[i / 2], i % 2);
        radon_payload_record_t payload;
        if (slot.state == RADON_SLOT_EMPTY ||
            !radon_payload_record_find(&images->log, slot.digest, slot.size, &payload) ||
            radon_payload_record_state(&images->log, &payload) == RADON_PAYLOAD_COMPLETE) {
            continue;
        }
        const uint32_t stored = radon_payload_record_stored(&images->log, &payload);
        if (!radon_payload_record_resumable(&images->log, &payload, stored)) {
            stuck = true;
        } else if (stored == slot.size) {
            (void)radon_images_finish(images, slot.digest);
        }
    }
    return stuck;
}

radon_err_t radon_images_open(radon_images_t *images, const radon_flash_t *flash, const uint32_t sectors[2])
{
    memset(images, 0, sizeof(*images));
    radon_err_t result = radon_log_open(&images->log, flash, sectors, MAGIC);
    if (result != RADON_OK) {
        return result;
    }
    radon_images_table_load(images);
    if (!settle(images)) {
        return RADON_OK;
    }
    result = radon_images_erase_spare(images);
    if (result == RADON_OK) {
        result = radon_images_compact(images, radon_bytes(NULL, 0));
    }
    if (result == RADON_OK) {
        (void)settle(images);
    }
    return result;
}

/* ---- Looking ---- */

uint32_t radon_images_count(const radon_images_t *images)
{
    return images->count;
}

void radon_images_at(const radon_images_t *images, uint32_t index, radon_atom_record_t *atom)
{
    const radon_images_entry_t *entry = &images->entries[index];
    atom->name = radon_images_entry_name(images, entry);
    atom->sequence = entry->sequence;
    for (uint32_t slot = 0; slot < 2; slot++) {
        atom->slots[slot] = radon_images_entry_slot(images, entry, slot);
    }
}

void radon_images_find(const radon_images_t *images, radon_bytes_t name, radon_atom_record_t *atom)
{
    const radon_images_entry_t *entry = radon_images_table_find(images, name);
    if (entry != NULL) {
        radon_images_at(images, (uint32_t)(entry - images->entries), atom);
        return;
    }
    *atom = (radon_atom_record_t){.name = name, .sequence = radon_images_table_sequence(images, name)};
}

uint32_t radon_images_generation(const radon_images_t *images)
{
    return images->log.generation;
}

/* ---- A new version ---- */

/** The slot that holds exactly this manifest already, or -1. */
static int same_manifest(const radon_images_t *images, const radon_images_new_t *version)
{
    const radon_images_entry_t *entry = radon_images_table_find(images, version->name);
    for (uint32_t slot = 0; entry != NULL && slot < 2; slot++) {
        const radon_slot_t there = radon_images_entry_slot(images, entry, slot);
        if (there.state != RADON_SLOT_EMPTY && radon_bytes_equal(there.manifest, version->manifest)) {
            return (int)slot;
        }
    }
    return -1;
}

/** Records that putting this version appends now. */
static uint32_t appended_bytes(const radon_images_t *images, const radon_images_new_t *version)
{
    radon_payload_record_t payload;
    const bool there = radon_payload_record_find(&images->log, version->digest, version->size, &payload);
    return radon_manifest_record_bytes(version) + (there ? 0 : radon_payload_record_bytes(version->size));
}

radon_err_t radon_images_room(const radon_images_t *images, const radon_images_new_t *new_version,
                              uint32_t *need, uint32_t *free)
{
    *need = 0;
    *free = 0;
    if (new_version->name.len > RADON_MAX_NAME_BYTES ||
        new_version->manifest.len > RADON_MAX_MANIFEST_BYTES || new_version->size == 0 ||
        new_version->size > RADON_MAX_MODULE_BYTES) {
        return RADON_E_ARG;
    }
    radon_images_space(images, new_version, need, free);
    if (same_manifest(images, new_version) >= 0) {
        *need = 0;
        return RADON_OK;
    }
    if (radon_images_table_find(images, new_version->name) == NULL && images->count == RADON_IMAGES_ATOMS) {
        return RADON_E_QUOTA;
    }
    if (*need > *free) {
        return RADON_E_FULL;
    }
    const uint32_t left = radon_log_free(&images->log);
    return appended_bytes(images, new_version) + RADON_IMAGES_RESERVE <= left ? RADON_OK : RADON_E_BUSY;
}

/** One state record: the switch of both slots. */
static radon_err_t write_states(radon_images_t *images, const radon_images_entry_t *entry, uint8_t a,
                                uint8_t b)
{
    const radon_state_record_t state = {{a, b}, entry->sequence, radon_images_entry_name(images, entry)};
    const radon_err_t result = radon_state_record_append(&images->log, &state);
    if (result == RADON_OK) {
        radon_images_table_switch(images, &state);
    }
    return result == RADON_E_FULL ? RADON_E_BUSY : result;
}

/** The manifest is in a slot: it is pending, active, or becomes pending again. */
static radon_err_t put_again(radon_images_t *images, radon_bytes_t name, uint32_t slot)
{
    const radon_images_entry_t *entry = radon_images_table_find(images, name);
    if (entry->states[slot] != RADON_SLOT_PREVIOUS) {
        return RADON_OK;
    }
    uint8_t states[2] = {entry->states[0], entry->states[1]};
    states[slot] = RADON_SLOT_PENDING;
    return write_states(images, entry, states[0], states[1]);
}

radon_err_t radon_images_put(radon_images_t *images, const radon_images_new_t *new_version)
{
    uint32_t need;
    uint32_t free;
    radon_err_t result = radon_images_room(images, new_version, &need, &free);
    if (result != RADON_OK) {
        return result;
    }
    if (new_version->sequence < radon_images_table_sequence(images, new_version->name)) {
        return RADON_E_ARG;
    }
    const int same = same_manifest(images, new_version);
    if (same >= 0) {
        return put_again(images, new_version->name, (uint32_t)same);
    }
    radon_payload_record_t payload;
    if (!radon_payload_record_find(&images->log, new_version->digest, new_version->size, &payload)) {
        result = radon_payload_record_append(&images->log, new_version->digest, new_version->size, &payload);
    }
    if (result != RADON_OK) {
        return result;
    }
    const uint32_t target = radon_images_table_target(radon_images_table_find(images, new_version->name));
    uint32_t address;
    result = radon_manifest_record_append(&images->log, (uint8_t)target, new_version, &address);
    if (result == RADON_OK) {
        const radon_manifest_record_t record = radon_manifest_record_at(images->log.flash, address);
        radon_images_table_enter(images, address, &record);
    }
    return result;
}

/* ---- Slots ---- */

/** Index of the slot of `name` in a state, or -1. */
static int slot_in_state(const radon_images_entry_t *entry, radon_slot_state_t state)
{
    for (int slot = 0; entry != NULL && slot < 2; slot++) {
        if (entry->states[slot] == state) {
            return slot;
        }
    }
    return -1;
}

radon_err_t radon_images_activate(radon_images_t *images, radon_bytes_t name)
{
    const radon_images_entry_t *entry = radon_images_table_find(images, name);
    const int pending = slot_in_state(entry, RADON_SLOT_PENDING);
    if (pending < 0) {
        return RADON_E_NOT_FOUND;
    }
    const radon_slot_t slot = radon_images_entry_slot(images, entry, (uint32_t)pending);
    radon_payload_t payload;
    radon_images_payload(images, &slot, &payload);
    if (!payload.complete) {
        return RADON_E_STATE;
    }
    uint8_t states[2] = {RADON_SLOT_EMPTY, RADON_SLOT_EMPTY};
    states[pending] = RADON_SLOT_ACTIVE;
    if (entry->states[pending ^ 1] != RADON_SLOT_EMPTY) {
        states[pending ^ 1] = RADON_SLOT_PREVIOUS;
    }
    return write_states(images, entry, states[0], states[1]);
}

radon_err_t radon_images_discard(radon_images_t *images, radon_bytes_t name)
{
    const radon_images_entry_t *entry = radon_images_table_find(images, name);
    const int pending = slot_in_state(entry, RADON_SLOT_PENDING);
    if (pending < 0) {
        return RADON_E_NOT_FOUND;
    }
    uint8_t states[2] = {entry->states[0], entry->states[1]};
    states[pending] = RADON_SLOT_EMPTY;
    return write_states(images, entry, states[0], states[1]);
}

radon_err_t radon_images_revert(radon_images_t *images, radon_bytes_t name)
{
    const radon_images_entry_t *entry = radon_images_table_find(images, name);
    if (slot_in_state(entry, RADON_SLOT_ACTIVE) < 0 || slot_in_state(entry, RADON_SLOT_PREVIOUS) < 0) {
        return RADON_E_NOT_FOUND;
    }
    return write_states(images, entry, entry->states[1], entry->states[0]);
}

radon_err_t radon_images_delete(radon_images_t *images, radon_bytes_t name)
{
    const radon_images_entry_t *entry = radon_images_table_find(images, name);
    return entry == NULL ? RADON_E_NOT_FOUND
                         : write_states(images, entry, RADON_SLOT_EMPTY, RADON_SLOT_EMPTY);
}
