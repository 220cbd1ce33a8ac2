#include "radon/coap/dedup.h"

void radon_coap_dedup_init(radon_coap_dedup_t *dedup)
{
    memset(dedup, 0, sizeof *dedup);
}

radon_coap_dedup_entry_t *radon_coap_dedup_find(radon_coap_dedup_t *dedup, const radon_endpoint_t *from,
                                                uint16_t id, uint32_t hash, uint64_t now_ms)
{
    for (size_t i = 0; i < RADON_COAP_DEDUP_ENTRIES; i++) {
        radon_coap_dedup_entry_t *entry = &dedup->entries[i];
        if (entry->name != 0 && entry->id == id && entry->hash == hash && entry->expires_ms > now_ms &&
            radon_endpoint_equal(&entry->endpoint, from)) {
            return entry;
        }
    }
    return NULL;
}

radon_coap_dedup_entry_t *radon_coap_dedup_get(radon_coap_dedup_t *dedup, radon_coap_dedup_name_t name)
{
    for (size_t i = 0; name != 0 && i < RADON_COAP_DEDUP_ENTRIES; i++) {
        if (dedup->entries[i].name == name) {
            return &dedup->entries[i];
        }
    }
    return NULL;
}

/** Entries of this endpoint that came after `entry`. */
static size_t count_newer(const radon_coap_dedup_t *dedup, const radon_coap_dedup_entry_t *entry)
{
    size_t count = 0;
    for (size_t i = 0; i < RADON_COAP_DEDUP_ENTRIES; i++) {
        const radon_coap_dedup_entry_t *other = &dedup->entries[i];
        if (other->name > entry->name && radon_endpoint_equal(&other->endpoint, &entry->endpoint)) {
            count++;
        }
    }
    return count;
}

/** Frees entries whose request cannot be repeated any more when `from` sends a new one. */
static void expire(radon_coap_dedup_t *dedup, radon_coap_retained_t *retained, const radon_coap_link_t *link,
                   const radon_endpoint_t *from, uint64_t now_ms)
{
    for (size_t i = 0; i < RADON_COAP_DEDUP_ENTRIES; i++) {
        radon_coap_dedup_entry_t *entry = &dedup->entries[i];
        if (entry->name == 0) {
            continue;
        }
        bool overtaken = link->in_order && radon_endpoint_equal(&entry->endpoint, from) &&
                         count_newer(dedup, entry) >= link->nstart;
        if (overtaken || entry->expires_ms <= now_ms) {
            radon_coap_retained_release(retained, entry->reply);
            entry->name = 0;
        }
    }
}

radon_coap_dedup_name_t radon_coap_dedup_enter(radon_coap_dedup_t *dedup, radon_coap_retained_t *retained,
                                               const radon_coap_link_t *link, const radon_endpoint_t *from,
                                               uint16_t id, uint32_t hash, uint64_t now_ms)
{
    expire(dedup, retained, link, from, now_ms);
    for (size_t i = 0; i < RADON_COAP_DEDUP_ENTRIES; i++) {
        radon_coap_dedup_entry_t *entry = &dedup->entries[i];
        if (entry->name == 0) {
            *entry = (radon_coap_dedup_entry_t){.name = ++dedup->last_name,
                                                .id = id,
                                                .hash = hash,
                                                .endpoint = *from,
                                                .expires_ms = now_ms + link->exchange_lifetime_ms};
            return entry->name;
        }
    }
    return 0;
}

uint32_t radon_coap_dedup_wait_s(const radon_coap_dedup_t *dedup, uint64_t now_ms)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < RADON_COAP_DEDUP_ENTRIES; i++) {
        if (dedup->entries[i].name != 0 && dedup->entries[i].expires_ms < first) {
            first = dedup->entries[i].expires_ms;
        }
    }
    return first == UINT64_MAX || first <= now_ms ? 1 : (uint32_t)((first - now_ms + 999) / 1000);
}
