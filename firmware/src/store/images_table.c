#include "images_table.h"

radon_bytes_t radon_images_entry_name(const radon_images_t *images, const radon_images_entry_t *entry)
{
    return radon_bytes(radon_flash_at(images->log.flash, entry->name), entry->name_length);
}

radon_slot_t radon_images_entry_slot(const radon_images_t *images, const radon_images_entry_t *entry,
                                     uint32_t slot)
{
    if (entry->states[slot] == RADON_SLOT_EMPTY) {
        return (radon_slot_t){.state = RADON_SLOT_EMPTY};
    }
    const radon_manifest_record_t record =
        radon_manifest_record_at(images->log.flash, entry->manifests[slot]);
    return (radon_slot_t){
        .state = (radon_slot_state_t)entry->states[slot],
        .name = record.version.name,
        .manifest = record.version.manifest,
        .sequence = record.version.sequence,
        .digest = record.version.digest,
        .size = record.version.size,
    };
}

const radon_images_entry_t *radon_images_table_find(const radon_images_t *images, radon_bytes_t name)
{
    for (uint32_t i = 0; i < images->count; i++) {
        if (radon_bytes_equal(radon_images_entry_name(images, &images->entries[i]), name)) {
            return &images->entries[i];
        }
    }
    return NULL;
}

/** The same for whoever may change the table. */
static radon_images_entry_t *find(radon_images_t *images, radon_bytes_t name)
{
    return (radon_images_entry_t *)radon_images_table_find(images, name);
}

uint32_t radon_images_table_target(const radon_images_entry_t *entry)
{
    if (entry == NULL || entry->states[1] == RADON_SLOT_ACTIVE) {
        return 0;
    }
    return entry->states[0] == RADON_SLOT_ACTIVE || entry->states[1] != RADON_SLOT_EMPTY ? 1 : 0;
}

void radon_images_table_enter(radon_images_t *images, uint32_t address,
                              const radon_manifest_record_t *manifest)
{
    const radon_images_new_t *version = &manifest->version;
    radon_images_entry_t *entry = find(images, version->name);
    if (entry == NULL) {
        if (images->count == RADON_IMAGES_ATOMS) {
            return;
        }
        entry = &images->entries[images->count++];
        *entry = (radon_images_entry_t){.name_length = (uint8_t)version->name.len};
    }
    const uint32_t name_offset = (uint32_t)(version->name.data - radon_flash_at(images->log.flash, address));
    entry->name = address + name_offset;
    entry->manifests[manifest->slot] = address;
    entry->states[manifest->slot] = RADON_SLOT_PENDING;
    if (version->sequence > entry->sequence) {
        entry->sequence = version->sequence;
    }
}

void radon_images_table_switch(radon_images_t *images, const radon_state_record_t *state)
{
    radon_images_entry_t *entry = find(images, state->name);
    if (entry == NULL) {
        return;
    }
    for (uint32_t slot = 0; slot < 2; slot++) {
        const bool there = entry->states[slot] != RADON_SLOT_EMPTY;
        entry->states[slot] = there ? state->states[slot] : (uint8_t)RADON_SLOT_EMPTY;
    }
    if (state->sequence > entry->sequence) {
        entry->sequence = state->sequence;
    }
    if (entry->states[0] == RADON_SLOT_EMPTY && entry->states[1] == RADON_SLOT_EMPTY) {
        *entry = images->entries[--images->count];
    }
}

void radon_images_table_load(radon_images_t *images)
{
    radon_log_record_t record;
    radon_manifest_record_t manifest;
    radon_state_record_t state;
    images->count = 0;
    images->upload.record = 0;
    for (uint32_t cursor = 0; radon_log_next(&images->log, &cursor, &record);) {
        if (radon_manifest_record_read(&record, &manifest)) {
            radon_images_table_enter(images, record.address, &manifest);
        } else if (radon_state_record_read(&record, &state)) {
            radon_images_table_switch(images, &state);
        }
    }
}

/** The next state record of a name from `*cursor` on. Names are looked at first: checksums cost more. */
static bool next_state(const radon_log_t *log, uint32_t *cursor, radon_bytes_t name,
                       radon_state_record_t *state)
{
    radon_log_record_t record;
    while (radon_log_next(log, cursor, &record)) {
        if (radon_state_record_is_of(&record, name) && radon_state_record_read(&record, state)) {
            return true;
        }
    }
    return false;
}

uint32_t radon_images_table_sequence(const radon_images_t *images, radon_bytes_t name)
{
    const radon_images_entry_t *entry = radon_images_table_find(images, name);
    if (entry != NULL) {
        return entry->sequence;
    }
    radon_state_record_t newest = {.sequence = 0};
    for (uint32_t cursor = 0; next_state(&images->log, &cursor, name, &newest);) {
    }
    return newest.sequence;
}

bool radon_images_table_next_deleted(const radon_images_t *images, uint32_t *cursor,
                                     radon_state_record_t *state)
{
    radon_log_record_t record;
    radon_state_record_t later;
    while (radon_log_next(&images->log, cursor, &record)) {
        uint32_t behind = *cursor;
        if (radon_state_record_read(&record, state) && radon_images_table_find(images, state->name) == NULL &&
            !next_state(&images->log, &behind, state->name, &later)) {
            return true;
        }
    }
    return false;
}
