/* What is alive in the image log: how much room it takes, and moving it to a fresh sector. */

#include "images_table.h"

/** Slots of all atoms as one row, without those that a new version of `replacing` makes dead. */
static radon_slot_t kept_slot(const radon_images_t *images, uint32_t index, radon_bytes_t replacing)
{
    const radon_images_entry_t *entry = &images->entries[index / 2];
    const uint32_t slot = index % 2;
    if (replacing.len > 0 && slot == radon_images_table_target(entry) &&
        radon_bytes_equal(radon_images_entry_name(images, entry), replacing)) {
        return (radon_slot_t){.state = RADON_SLOT_EMPTY};
    }
    return radon_images_entry_slot(images, entry, slot);
}

/** Whether one of the first `count` kept slots names the payload. */
static bool payload_kept(const radon_images_t *images, uint32_t count, radon_bytes_t replacing,
                         const uint8_t *digest, uint32_t size)
{
    for (uint32_t i = 0; i < count; i++) {
        const radon_slot_t slot = kept_slot(images, i, replacing);
        if (slot.state != RADON_SLOT_EMPTY && slot.size == size &&
            memcmp(slot.digest, digest, RADON_IMAGES_DIGEST) == 0) {
            return true;
        }
    }
    return false;
}

/** Bytes of all records that a compaction writes, with room for payloads that were not begun yet. */
static uint32_t live_bytes(const radon_images_t *images, radon_bytes_t replacing)
{
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < 2 * images->count; i++) {
        const radon_slot_t slot = kept_slot(images, i, replacing);
        if (i % 2 == 0) {
            bytes += radon_state_record_bytes(images->entries[i / 2].name_length);
        }
        if (slot.state == RADON_SLOT_EMPTY) {
            continue;
        }
        const radon_images_new_t version = {.name = slot.name, .manifest = slot.manifest};
        bytes += radon_manifest_record_bytes(&version);
        if (!payload_kept(images, i, replacing, slot.digest, slot.size)) {
            bytes += radon_payload_record_bytes(slot.size);
        }
    }
    radon_state_record_t deleted;
    for (uint32_t cursor = 0; radon_images_table_next_deleted(images, &cursor, &deleted);) {
        bytes += radon_state_record_bytes(deleted.name.len);
    }
    return bytes;
}

static uint32_t total_bytes(const radon_images_t *images)
{
    return radon_log_capacity(&images->log) - RADON_IMAGES_RESERVE;
}

radon_images_usage_t radon_images_usage(const radon_images_t *images)
{
    const uint32_t total = total_bytes(images);
    const uint32_t live = live_bytes(images, radon_bytes(NULL, 0));
    const uint32_t used = live < total ? live : total;
    return (radon_images_usage_t){.used = used, .free = total - used, .total = total};
}

void radon_images_space(const radon_images_t *images, const radon_images_new_t *version, uint32_t *need,
                        uint32_t *free)
{
    const uint32_t total = total_bytes(images);
    const uint32_t live = live_bytes(images, version->name);
    *free = live < total ? total - live : 0;
    *need = radon_manifest_record_bytes(version);
    if (radon_images_table_sequence(images, version->name) == 0) {
        *need += radon_state_record_bytes(version->name.len);
    }
    if (!payload_kept(images, 2 * images->count, version->name, version->digest, version->size)) {
        *need += radon_payload_record_bytes(version->size);
    }
}

/* ---- Compaction ---- */

static radon_err_t copy_payload(const radon_images_t *images, radon_log_t *next, const radon_slot_t *slot)
{
    radon_payload_record_t from;
    radon_payload_record_t to;
    if (!radon_payload_record_find(&images->log, slot->digest, slot->size, &from) ||
        radon_payload_record_find(next, slot->digest, slot->size, &to)) {
        return RADON_OK;
    }
    const radon_err_t result = radon_payload_record_append(next, slot->digest, slot->size, &to);
    return result == RADON_OK ? radon_payload_record_copy(next, &to, &images->log, &from) : result;
}

static radon_err_t copy_slot(const radon_images_t *images, radon_log_t *next, const radon_slot_t *slot,
                             uint32_t index)
{
    const radon_images_new_t version = {slot->name, slot->manifest, slot->sequence, slot->digest, slot->size};
    const radon_err_t result = copy_payload(images, next, slot);
    return result == RADON_OK ? radon_manifest_record_append(next, (uint8_t)index, &version, NULL) : result;
}

/** The kept slots of one atom, then their states. */
static radon_err_t copy_atom(const radon_images_t *images, radon_log_t *next, uint32_t index,
                             radon_bytes_t replacing)
{
    const radon_images_entry_t *entry = &images->entries[index];
    radon_state_record_t state = {.sequence = entry->sequence,
                                  .name = radon_images_entry_name(images, entry)};
    radon_err_t result = RADON_OK;
    for (uint32_t i = 0; result == RADON_OK && i < 2; i++) {
        const radon_slot_t slot = kept_slot(images, 2 * index + i, replacing);
        state.states[i] = (uint8_t)slot.state;
        if (slot.state != RADON_SLOT_EMPTY) {
            result = copy_slot(images, next, &slot, i);
        }
    }
    return result == RADON_OK ? radon_state_record_append(next, &state) : result;
}

static radon_err_t copy_live(const radon_images_t *images, radon_log_t *next, radon_bytes_t replacing)
{
    radon_err_t result = RADON_OK;
    for (uint32_t i = 0; result == RADON_OK && i < images->count; i++) {
        result = copy_atom(images, next, i, replacing);
    }
    radon_state_record_t deleted;
    for (uint32_t cursor = 0;
         result == RADON_OK && radon_images_table_next_deleted(images, &cursor, &deleted);) {
        result = radon_state_record_append(next, &deleted);
    }
    return result == RADON_E_FULL ? RADON_E_IO : result;
}

radon_err_t radon_images_compact(radon_images_t *images, radon_bytes_t replacing)
{
    radon_log_t next;
    radon_err_t result = radon_log_begin(&images->log, &next);
    if (result == RADON_OK) {
        result = copy_live(images, &next, replacing);
    }
    if (result == RADON_OK) {
        result = radon_log_commit(&images->log, &next);
    }
    if (result == RADON_OK) {
        radon_images_table_load(images);
    }
    return result;
}

bool radon_images_wants_erase(const radon_images_t *images)
{
    return !images->log.spare_erased;
}

radon_err_t radon_images_erase_spare(radon_images_t *images)
{
    images->erases += images->log.spare_erased ? 0 : 1;
    return radon_log_erase_spare(&images->log);
}
