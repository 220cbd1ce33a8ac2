#include "image_records.h"

#include "radon/base/crc.h"

/* ---- Bodies ---- */

/** Body of a manifest record; name and manifest follow. */
typedef struct {
    uint8_t slot;
    uint8_t name_length;
    uint16_t manifest_length;
    uint32_t sequence;
    uint32_t size;
    uint8_t digest[RADON_IMAGES_DIGEST];
} manifest_head_t;

/** Body of an atom record; the name follows. */
typedef struct {
    uint8_t states[2];
    uint8_t name_length;
    uint8_t zero;
    uint32_t sequence;
} state_head_t;

/** Body of a payload record; marks and payload follow, each from a multiple of 8. */
typedef struct {
    uint8_t digest[RADON_IMAGES_DIGEST];
    uint32_t size;
    uint32_t state;
} payload_head_t;

_Static_assert(sizeof(manifest_head_t) == 44 && sizeof(state_head_t) == 8 && sizeof(payload_head_t) == 40,
               "docs/reference/flash.md");

/** The state word is programmed later, so the checksum ends before it. */
#define PAYLOAD_CHECKED offsetof(payload_head_t, state)

#define MARK_BYTES 4U

static uint32_t round8(uint32_t bytes)
{
    return (bytes + 7U) & ~7U;
}

static uint32_t chunks_of(uint32_t size)
{
    return (size + RADON_IMAGES_CHUNK - 1) / RADON_IMAGES_CHUNK;
}

/* ---- Manifests ---- */

uint32_t radon_manifest_record_bytes(const radon_images_new_t *version)
{
    return RADON_LOG_RECORD_BYTES(sizeof(manifest_head_t) + version->name.len + version->manifest.len);
}

/** Reads a body; `whole` gets the size it must have. */
static radon_manifest_record_t manifest_parse(const uint8_t *body, size_t *whole)
{
    manifest_head_t head;
    memcpy(&head, body, sizeof(head));
    const uint8_t *name = body + sizeof(head);
    *whole = sizeof(head) + head.name_length + head.manifest_length;
    return (radon_manifest_record_t){
        .slot = head.slot,
        .version = {.name = radon_bytes(name, head.name_length),
                    .manifest = radon_bytes(name + head.name_length, head.manifest_length),
                    .sequence = head.sequence,
                    .digest = body + offsetof(manifest_head_t, digest),
                    .size = head.size},
    };
}

bool radon_manifest_record_read(const radon_log_record_t *record, radon_manifest_record_t *manifest)
{
    if (record->kind != RADON_RECORD_MANIFEST || record->size < sizeof(manifest_head_t)) {
        return false;
    }
    size_t whole;
    *manifest = manifest_parse(record->body, &whole);
    return whole == record->size && manifest->slot < 2 && manifest->version.size <= RADON_MAX_MODULE_BYTES &&
           radon_log_intact(record, record->size);
}

radon_manifest_record_t radon_manifest_record_at(const radon_flash_t *flash, uint32_t address)
{
    size_t whole;
    return manifest_parse(radon_flash_at(flash, address), &whole);
}

radon_err_t radon_manifest_record_append(radon_log_t *log, uint8_t slot, const radon_images_new_t *version,
                                         uint32_t *address)
{
    manifest_head_t head = {
        .slot = slot,
        .name_length = (uint8_t)version->name.len,
        .manifest_length = (uint16_t)version->manifest.len,
        .sequence = version->sequence,
        .size = version->size,
    };
    memcpy(head.digest, version->digest, sizeof(head.digest));
    const radon_bytes_t parts[] = {radon_bytes(&head, sizeof(head)), version->name, version->manifest};
    const size_t size = sizeof(head) + version->name.len + version->manifest.len;
    return radon_log_append(log, RADON_RECORD_MANIFEST, (uint32_t)size, parts, 3, address);
}

/* ---- States ---- */

uint32_t radon_state_record_bytes(size_t name_length)
{
    return RADON_LOG_RECORD_BYTES(sizeof(state_head_t) + name_length);
}

bool radon_state_record_read(const radon_log_record_t *record, radon_state_record_t *state)
{
    state_head_t head;
    if (record->kind != RADON_RECORD_ATOM || record->size < sizeof(head)) {
        return false;
    }
    memcpy(&head, record->body, sizeof(head));
    memcpy(state->states, head.states, sizeof(state->states));
    state->sequence = head.sequence;
    state->name = radon_bytes(record->body + sizeof(head), head.name_length);
    return record->size == sizeof(head) + head.name_length && head.states[0] <= RADON_SLOT_PREVIOUS &&
           head.states[1] <= RADON_SLOT_PREVIOUS && radon_log_intact(record, record->size);
}

bool radon_state_record_is_of(const radon_log_record_t *record, radon_bytes_t name)
{
    return record->kind == RADON_RECORD_ATOM && record->size == sizeof(state_head_t) + name.len &&
           memcmp(record->body + sizeof(state_head_t), name.data, name.len) == 0;
}

radon_err_t radon_state_record_append(radon_log_t *log, const radon_state_record_t *state)
{
    const state_head_t head = {
        .states = {state->states[0], state->states[1]},
        .name_length = (uint8_t)state->name.len,
        .sequence = state->sequence,
    };
    const radon_bytes_t parts[] = {radon_bytes(&head, sizeof(head)), state->name};
    return radon_log_append(log, RADON_RECORD_ATOM, (uint32_t)(sizeof(head) + state->name.len), parts, 2,
                            NULL);
}

/* ---- Payloads ---- */

static uint32_t payload_body_bytes(uint32_t size)
{
    return (uint32_t)sizeof(payload_head_t) + round8(chunks_of(size) * MARK_BYTES) + size;
}

uint32_t radon_payload_record_bytes(uint32_t size)
{
    return RADON_LOG_RECORD_BYTES(payload_body_bytes(size));
}

static radon_payload_record_t payload_layout(uint32_t body, uint32_t size)
{
    return (radon_payload_record_t){
        .record = body,
        .state = body + (uint32_t)offsetof(payload_head_t, state),
        .marks = body + (uint32_t)sizeof(payload_head_t),
        .data = body + payload_body_bytes(size) - size,
        .size = size,
    };
}

radon_err_t radon_payload_record_append(radon_log_t *log, const uint8_t *digest, uint32_t size,
                                        radon_payload_record_t *payload)
{
    uint32_t body = 0;
    const radon_bytes_t parts[] = {radon_bytes(digest, RADON_IMAGES_DIGEST),
                                   radon_bytes(&size, sizeof(size))};
    const radon_err_t result =
        radon_log_append(log, RADON_RECORD_PAYLOAD, payload_body_bytes(size), parts, 2, &body);
    *payload = payload_layout(body, size);
    return result;
}

static bool payload_matches(const radon_log_record_t *record, const uint8_t *digest, uint32_t size)
{
    payload_head_t head;
    if (record->kind != RADON_RECORD_PAYLOAD || record->size != payload_body_bytes(size)) {
        return false;
    }
    memcpy(&head, record->body, sizeof(head));
    return head.size == size && memcmp(head.digest, digest, sizeof(head.digest)) == 0 &&
           head.state != RADON_PAYLOAD_REFUSED && radon_log_intact(record, PAYLOAD_CHECKED);
}

bool radon_payload_record_find(const radon_log_t *log, const uint8_t *digest, uint32_t size,
                               radon_payload_record_t *payload)
{
    radon_log_record_t record;
    *payload = (radon_payload_record_t){0};
    for (uint32_t cursor = 0; radon_log_next(log, &cursor, &record);) {
        if (payload_matches(&record, digest, size)) {
            *payload = payload_layout(record.address, size);
        }
    }
    return payload->record != 0;
}

static uint32_t word_at(const radon_log_t *log, uint32_t address)
{
    uint32_t word;
    memcpy(&word, radon_flash_at(log->flash, address), sizeof(word));
    return word;
}

uint32_t radon_payload_record_state(const radon_log_t *log, const radon_payload_record_t *payload)
{
    return word_at(log, payload->state);
}

/** Checksum of a chunk; never the erased value, which stands for "not stored". */
static uint32_t mark_of(const uint8_t *bytes, uint32_t size)
{
    const uint32_t crc = radon_crc32(bytes, size);
    return crc == RADON_PAYLOAD_OPEN ? 0 : crc;
}

uint32_t radon_payload_record_stored(const radon_log_t *log, const radon_payload_record_t *payload)
{
    uint32_t stored = 0;
    while (stored < payload->size) {
        const uint32_t left = payload->size - stored;
        const uint32_t size = left < RADON_IMAGES_CHUNK ? left : RADON_IMAGES_CHUNK;
        const uint32_t mark = word_at(log, payload->marks + stored / RADON_IMAGES_CHUNK * MARK_BYTES);
        if (mark != mark_of(radon_flash_at(log->flash, payload->data + stored), size)) {
            break;
        }
        stored += size;
    }
    return stored;
}

bool radon_payload_record_resumable(const radon_log_t *log, const radon_payload_record_t *payload,
                                    uint32_t stored)
{
    const uint32_t marks = payload->marks + chunks_of(stored) * MARK_BYTES;
    const uint32_t data = payload->data + ((stored + 3U) & ~3U);
    const uint32_t end = payload->data + round8(payload->size);
    return radon_log_blank(log, payload->state, 4) && radon_log_blank(log, marks, payload->data - marks) &&
           radon_log_blank(log, data, end - data);
}

/** Programs bytes of any length; a last unit that is not full is filled up with erased bytes. */
static radon_err_t program_padded(radon_log_t *log, uint32_t address, const uint8_t *bytes, uint32_t size)
{
    uint8_t last[RADON_FLASH_UNIT];
    const uint32_t whole = size & ~(RADON_FLASH_UNIT - 1);
    radon_err_t result = whole == 0 ? RADON_OK : radon_log_program(log, address, bytes, whole);
    if (result == RADON_OK && whole < size) {
        memset(last, RADON_FLASH_ERASED, sizeof(last));
        memcpy(last, bytes + whole, size - whole);
        result = radon_log_program(log, address + whole, last, sizeof(last));
    }
    return result;
}

enum { BATCH = 16 };

radon_err_t radon_payload_record_store(radon_log_t *log, const radon_payload_record_t *payload,
                                       uint32_t stored, const uint8_t *bytes, uint32_t size)
{
    while (size > 0) {
        uint32_t marks[BATCH];
        const uint32_t batch = size < BATCH * RADON_IMAGES_CHUNK ? size : BATCH * RADON_IMAGES_CHUNK;
        for (uint32_t at = 0; at < batch; at += RADON_IMAGES_CHUNK) {
            const uint32_t left = batch - at;
            marks[at / RADON_IMAGES_CHUNK] =
                mark_of(bytes + at, left < RADON_IMAGES_CHUNK ? left : RADON_IMAGES_CHUNK);
        }
        radon_err_t result = program_padded(log, payload->data + stored, bytes, batch);
        if (result == RADON_OK) {
            result = radon_log_program(log, payload->marks + stored / RADON_IMAGES_CHUNK * MARK_BYTES, marks,
                                       chunks_of(batch) * MARK_BYTES);
        }
        if (result != RADON_OK) {
            return result;
        }
        stored += batch;
        bytes += batch;
        size -= batch;
    }
    return RADON_OK;
}

radon_err_t radon_payload_record_copy(radon_log_t *to_log, const radon_payload_record_t *to,
                                      const radon_log_t *from_log, const radon_payload_record_t *from)
{
    const uint32_t complete = RADON_PAYLOAD_COMPLETE;
    const bool whole = radon_payload_record_state(from_log, from) == complete;
    const uint32_t size = whole ? from->size : radon_payload_record_stored(from_log, from);
    const radon_err_t result =
        radon_payload_record_store(to_log, to, 0, radon_flash_at(from_log->flash, from->data), size);
    return result == RADON_OK && whole ? radon_log_program(to_log, to->state, &complete, sizeof(complete))
                                       : result;
}
