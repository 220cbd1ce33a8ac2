#include "radon/coap/retained.h"

#define SLOT_BITS 8u
#define CLOCK_MAX (UINT32_MAX >> SLOT_BITS)
_Static_assert(RADON_COAP_RECORDS < 1u << SLOT_BITS, "a slot number fits its bits");

void radon_coap_retained_init(radon_coap_retained_t *retained)
{
    retained->used = 0;
    retained->clock = 0;
    memset(retained->slots, 0, sizeof retained->slots);
}

static const radon_coap_slot_t *find(const radon_coap_retained_t *retained, radon_coap_record_t record)
{
    size_t index = record & ((1u << SLOT_BITS) - 1);
    bool known = record != 0 && index < RADON_COAP_RECORDS && retained->slots[index].name == record;
    return known ? &retained->slots[index] : NULL;
}

radon_bytes_t radon_coap_retained_get(const radon_coap_retained_t *retained, radon_coap_record_t record)
{
    const radon_coap_slot_t *slot = find(retained, record);
    return slot == NULL ? radon_bytes(NULL, 0) : radon_bytes(retained->bytes + slot->offset, slot->len);
}

void radon_coap_retained_release(radon_coap_retained_t *retained, radon_coap_record_t record)
{
    const radon_coap_slot_t *slot = find(retained, record);
    if (slot == NULL) {
        return;
    }
    uint16_t start = slot->offset;
    uint16_t len = slot->len;
    memmove(retained->bytes + start, retained->bytes + start + len, (size_t)(retained->used - start - len));
    retained->used = (uint16_t)(retained->used - len);
    for (size_t i = 0; i < RADON_COAP_RECORDS; i++) {
        if (retained->slots[i].name == record) {
            retained->slots[i].name = 0;
        } else if (retained->slots[i].offset > start) {
            retained->slots[i].offset = (uint16_t)(retained->slots[i].offset - len);
        }
    }
}

/** The record that gives way first to one of `kind`, or 0. */
static radon_coap_record_t find_victim(const radon_coap_retained_t *retained, radon_coap_retained_kind_t kind)
{
    const radon_coap_slot_t *victim = NULL;
    for (size_t i = 0; i < RADON_COAP_RECORDS; i++) {
        const radon_coap_slot_t *slot = &retained->slots[i];
        bool lesser = slot->kind > kind || (kind == RADON_COAP_RETAINED_REPLY && slot->kind == kind);
        if (slot->name == 0 || !lesser) {
            continue;
        }
        if (victim == NULL || slot->kind > victim->kind ||
            (slot->kind == victim->kind && slot->name >> SLOT_BITS < victim->name >> SLOT_BITS)) {
            victim = slot;
        }
    }
    return victim == NULL ? 0 : victim->name;
}

static bool make_room(radon_coap_retained_t *retained, radon_coap_retained_kind_t kind, size_t len)
{
    while (retained->used + len > RADON_COAP_RETAINED_BYTES) {
        radon_coap_record_t victim = len > RADON_COAP_RETAINED_BYTES ? 0 : find_victim(retained, kind);
        if (victim == 0) {
            return false;
        }
        radon_coap_retained_release(retained, victim);
    }
    return true;
}

static radon_coap_slot_t *free_slot(radon_coap_retained_t *retained)
{
    for (size_t i = 0; i < RADON_COAP_RECORDS; i++) {
        if (retained->slots[i].name == 0) {
            return &retained->slots[i];
        }
    }
    return NULL;
}

radon_coap_record_t radon_coap_retained_keep(radon_coap_retained_t *retained, radon_coap_retained_kind_t kind,
                                             radon_bytes_t bytes)
{
    if (bytes.len == 0 || !make_room(retained, kind, bytes.len)) {
        return 0;
    }
    radon_coap_slot_t *slot = free_slot(retained);
    if (slot == NULL) {
        return 0;
    }
    /* Records before were only moved down, so the bytes still stand where the caller wrote them. */
    memmove(retained->bytes + retained->used, bytes.data, bytes.len);
    retained->clock = retained->clock == CLOCK_MAX ? 1 : retained->clock + 1; /* from 1, so that no name is 0 */
    *slot = (radon_coap_slot_t){.name = retained->clock << SLOT_BITS | (uint32_t)(slot - retained->slots),
                                .offset = retained->used,
                                .len = (uint16_t)bytes.len,
                                .kind = (uint8_t)kind};
    retained->used = (uint16_t)(retained->used + bytes.len);
    return slot->name;
}

uint8_t *radon_coap_retained_work(radon_coap_retained_t *retained, size_t *cap)
{
    *cap = sizeof retained->bytes - retained->used;
    return retained->bytes + retained->used;
}
