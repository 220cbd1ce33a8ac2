/* Payloads of the image log: receiving, resuming, checking. */

#include "images_table.h"
#include "radon/base/sha256.h"

void radon_images_payload(const radon_images_t *images, const radon_slot_t *slot, radon_payload_t *payload)
{
    radon_payload_record_t record;
    *payload = (radon_payload_t){0};
    if (!radon_payload_record_find(&images->log, slot->digest, slot->size, &record)) {
        return;
    }
    payload->bytes = radon_bytes(radon_flash_at(images->log.flash, record.data), record.size);
    payload->complete = radon_payload_record_state(&images->log, &record) == RADON_PAYLOAD_COMPLETE;
    if (payload->complete) {
        payload->have = record.size;
    } else if (images->upload.record == record.record) {
        payload->have = images->upload.stored + images->upload.held;
    } else {
        payload->have = radon_payload_record_stored(&images->log, &record);
    }
}

bool radon_images_wanted(const radon_images_t *images, const uint8_t *digest, radon_slot_t *slot)
{
    bool found = false;
    for (uint32_t i = 0; i < 2 * images->count; i++) {
        const radon_slot_t candidate = radon_images_entry_slot(images, &images->entries[i / 2], i % 2);
        if (candidate.state == RADON_SLOT_EMPTY ||
            memcmp(candidate.digest, digest, RADON_IMAGES_DIGEST) != 0) {
            continue;
        }
        radon_payload_t payload;
        radon_images_payload(images, &candidate, &payload);
        if (!found || !payload.complete) {
            *slot = candidate;
            found = true;
        }
        if (!payload.complete) {
            break;
        }
    }
    return found;
}

/** The record of a wanted payload; begun anew when the bytes of the one before were refused. */
static radon_err_t open_record(radon_images_t *images, const radon_slot_t *slot,
                               radon_payload_record_t *record)
{
    if (radon_payload_record_find(&images->log, slot->digest, slot->size, record)) {
        return RADON_OK;
    }
    if (radon_payload_record_bytes(slot->size) + RADON_IMAGES_RESERVE > radon_log_free(&images->log)) {
        return RADON_E_BUSY;
    }
    return radon_payload_record_append(&images->log, slot->digest, slot->size, record);
}

/** Makes `record` the payload that is being received, from what flash has of it. */
static radon_err_t select_upload(radon_images_t *images, const radon_payload_record_t *record)
{
    radon_images_upload_t *upload = &images->upload;
    if (upload->record == record->record) {
        return RADON_OK;
    }
    upload->record = 0;
    const uint32_t stored = radon_payload_record_stored(&images->log, record);
    if (!radon_payload_record_resumable(&images->log, record, stored)) {
        return RADON_E_BUSY;
    }
    *upload = (radon_images_upload_t){.record = record->record, .stored = stored};
    return RADON_OK;
}

/** Stores whole chunks, or the end of the payload. A failure leaves the rest to a compaction. */
static radon_err_t store(radon_images_t *images, const radon_payload_record_t *record, const uint8_t *bytes,
                         uint32_t size)
{
    radon_images_upload_t *upload = &images->upload;
    const radon_err_t result = radon_payload_record_store(&images->log, record, upload->stored, bytes, size);
    if (result == RADON_OK) {
        upload->stored += size;
    } else {
        upload->record = 0;
    }
    return result;
}

/** Fills the chunk in RAM; returns how many bytes it took. */
static uint32_t hold(radon_images_upload_t *upload, const uint8_t *bytes, uint32_t size)
{
    const uint32_t room = RADON_IMAGES_CHUNK - upload->held;
    const uint32_t piece = size < room ? size : room;
    memcpy(upload->chunk + upload->held, bytes, piece);
    upload->held += piece;
    return piece;
}

static radon_err_t receive(radon_images_t *images, const radon_payload_record_t *record, const uint8_t *bytes,
                           uint32_t size)
{
    radon_images_upload_t *upload = &images->upload;
    radon_err_t result = RADON_OK;
    while (result == RADON_OK && size > 0) {
        uint32_t taken = size & ~(RADON_IMAGES_CHUNK - 1);
        if (upload->held == 0 && taken > 0) {
            result = store(images, record, bytes, taken);
        } else {
            taken = hold(upload, bytes, size);
            const bool last = upload->stored + upload->held == record->size;
            if (upload->held == RADON_IMAGES_CHUNK || last) {
                const uint32_t held = upload->held;
                upload->held = 0;
                result = store(images, record, upload->chunk, held);
            }
        }
        bytes += taken;
        size -= taken;
    }
    return result;
}

/** As radon_images_append() for a payload that is not complete; *have is where the sender has to go on. */
static radon_err_t append(radon_images_t *images, const radon_payload_record_t *record, uint32_t offset,
                          radon_bytes_t bytes, uint32_t *have)
{
    radon_err_t result = select_upload(images, record);
    if (result != RADON_OK) {
        return result;
    }
    *have = images->upload.stored + images->upload.held;
    if (offset > *have) {
        return RADON_E_STATE;
    }
    const uint32_t known = *have - offset;
    if (known < bytes.len) {
        result = receive(images, record, bytes.data + known, (uint32_t)bytes.len - known);
        *have = result == RADON_OK ? offset + (uint32_t)bytes.len : *have;
    }
    return result;
}

radon_err_t radon_images_append(radon_images_t *images, const uint8_t *digest, uint32_t offset,
                                radon_bytes_t bytes, uint32_t *have)
{
    radon_slot_t slot;
    radon_payload_t payload;
    radon_payload_record_t record;
    *have = 0;
    if (!radon_images_wanted(images, digest, &slot)) {
        return RADON_E_NOT_FOUND;
    }
    radon_images_payload(images, &slot, &payload);
    *have = payload.have;
    if (offset > slot.size || bytes.len > slot.size - offset) {
        return RADON_E_TOO_BIG;
    }
    if (payload.complete) {
        return RADON_OK;
    }
    const radon_err_t result = open_record(images, &slot, &record);
    return result == RADON_OK ? append(images, &record, offset, bytes, have) : result;
}

radon_err_t radon_images_finish(radon_images_t *images, const uint8_t *digest)
{
    radon_slot_t slot;
    radon_payload_t payload;
    radon_payload_record_t record;
    if (!radon_images_wanted(images, digest, &slot)) {
        return RADON_E_NOT_FOUND;
    }
    radon_images_payload(images, &slot, &payload);
    if (payload.complete) {
        return RADON_OK;
    }
    if (payload.have < slot.size ||
        !radon_payload_record_find(&images->log, slot.digest, slot.size, &record)) {
        return RADON_E_STATE;
    }
    uint8_t actual[RADON_SHA256_BYTES];
    radon_sha256(payload.bytes, actual);
    const bool right = memcmp(actual, digest, sizeof(actual)) == 0;
    const uint32_t state = right ? RADON_PAYLOAD_COMPLETE : RADON_PAYLOAD_REFUSED;
    images->upload.record = 0;
    const radon_err_t result = radon_log_program(&images->log, record.state, &state, sizeof(state));
    return result == RADON_OK && !right ? RADON_E_DENIED : result;
}
