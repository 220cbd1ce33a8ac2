#include "radon/runtime/publications.h"

#include "radon/runtime/inbox.h"

#include <string.h>

void radon_publications_init(radon_publications_t *publications, uint8_t *bytes, uint16_t capacity)
{
    memset(publications, 0, sizeof *publications);
    publications->bytes = bytes;
    publications->capacity = capacity;
}

/** Changes the length of entry `index`, moving what lies behind it; the sum must fit. */
static void resize(radon_publications_t *publications, uint8_t index, uint16_t length)
{
    radon_publication_t *entry = &publications->entries[index];
    uint8_t *end = publications->bytes + entry->offset + entry->length;
    size_t behind = (size_t)(publications->bytes + publications->used - end);
    memmove(publications->bytes + entry->offset + length, end, behind);
    for (uint8_t i = (uint8_t)(index + 1); i < publications->count; i++) {
        publications->entries[i].offset =
            (uint16_t)(publications->entries[i].offset + length - entry->length);
    }
    publications->used = (uint16_t)(publications->used + length - entry->length);
    entry->length = length;
}

static void remove_entry(radon_publications_t *publications, uint8_t index)
{
    resize(publications, index, 0);
    publications->count--;
    memmove(&publications->entries[index], &publications->entries[index + 1],
            (size_t)(publications->count - index) * sizeof publications->entries[0]);
}

static void remove_expired(radon_publications_t *publications, uint64_t now_us)
{
    for (uint8_t i = publications->count; i > 0; i--) {
        if (publications->entries[i - 1].expires_us <= now_us) {
            remove_entry(publications, (uint8_t)(i - 1));
        }
    }
}

static uint8_t index_of(const radon_publications_t *publications, uint8_t resource, uint16_t format)
{
    uint8_t i = 0;
    while (i < publications->count &&
           (publications->entries[i].resource != resource || publications->entries[i].format != format)) {
        i++;
    }
    return i;
}

radon_err_t radon_publications_put(radon_publications_t *publications, const radon_publication_t *publication,
                                   const uint8_t *bytes, size_t length, uint64_t now_us)
{
    remove_expired(publications, now_us);
    uint8_t index = index_of(publications, publication->resource, publication->format);
    bool fresh = index == publications->count;
    size_t kept = publications->used - (fresh ? 0U : publications->entries[index].length);
    if (index == RADON_PUBLICATIONS_MAX || length > publications->capacity - kept) {
        return RADON_E_QUOTA;
    }
    radon_publication_t *entry = &publications->entries[index];
    if (fresh) {
        publications->count++;
        entry->offset = publications->used;
        entry->length = 0;
    }
    resize(publications, index, (uint16_t)length);
    uint16_t offset = entry->offset;
    *entry = *publication;
    entry->offset = offset;
    entry->length = (uint16_t)length;
    if (length > 0) {
        memcpy(publications->bytes + offset, bytes, length);
    }
    return RADON_OK;
}

const radon_publication_t *radon_publications_find(const radon_publications_t *publications, uint8_t resource,
                                                   uint16_t format, uint64_t now_us, bool *any)
{
    *any = false;
    for (uint8_t i = 0; i < publications->count; i++) {
        const radon_publication_t *entry = &publications->entries[i];
        if (entry->resource == resource && entry->expires_us > now_us) {
            *any = true;
            if (format == RADON_FORMAT_NONE || entry->format == format) {
                return entry;
            }
        }
    }
    return NULL;
}
