#include "radon/coap/snapshot.h"

void radon_coap_snapshots_init(radon_coap_snapshots_t *snapshots)
{
    memset(snapshots, 0, sizeof *snapshots);
}

static bool is_of(const radon_coap_snapshot_t *snapshot, const radon_endpoint_t *endpoint, uint32_t key)
{
    return snapshot->used && snapshot->key == key && radon_endpoint_equal(&snapshot->endpoint, endpoint);
}

radon_coap_snapshot_t *radon_coap_snapshots_find(radon_coap_snapshots_t *snapshots,
                                                 const radon_coap_retained_t *retained,
                                                 const radon_endpoint_t *endpoint, uint32_t key,
                                                 uint64_t now_ms)
{
    for (size_t i = 0; i < RADON_COAP_SNAPSHOTS; i++) {
        radon_coap_snapshot_t *snapshot = &snapshots->snapshots[i];
        if (is_of(snapshot, endpoint, key) && snapshot->expires_ms > now_ms &&
            radon_coap_retained_get(retained, snapshot->record).len > 0) {
            snapshot->expires_ms = now_ms + RADON_COAP_SNAPSHOT_MS;
            return snapshot;
        }
    }
    return NULL;
}

/** Whether `a` is the better one to give up. */
static bool is_staler(const radon_coap_snapshot_t *a, const radon_coap_snapshot_t *b)
{
    return !a->used || (b->used && a->expires_ms < b->expires_ms);
}

radon_coap_snapshot_t *radon_coap_snapshots_claim(radon_coap_snapshots_t *snapshots,
                                                  radon_coap_retained_t *retained,
                                                  const radon_endpoint_t *endpoint, uint32_t key)
{
    radon_coap_snapshot_t *claimed = &snapshots->snapshots[0];
    for (size_t i = 0; i < RADON_COAP_SNAPSHOTS; i++) {
        radon_coap_snapshot_t *snapshot = &snapshots->snapshots[i];
        if (is_of(snapshot, endpoint, key)) {
            claimed = snapshot;
            break;
        }
        if (is_staler(snapshot, claimed)) {
            claimed = snapshot;
        }
    }
    radon_coap_retained_release(retained, claimed->record);
    *claimed = (radon_coap_snapshot_t){.endpoint = *endpoint, .key = key};
    return claimed;
}

void radon_coap_snapshots_forget(radon_coap_snapshots_t *snapshots, radon_coap_retained_t *retained,
                                 const radon_endpoint_t *endpoint, uint32_t key)
{
    for (size_t i = 0; i < RADON_COAP_SNAPSHOTS; i++) {
        radon_coap_snapshot_t *snapshot = &snapshots->snapshots[i];
        if (is_of(snapshot, endpoint, key)) {
            radon_coap_retained_release(retained, snapshot->record);
            snapshot->used = false;
        }
    }
}

void radon_coap_snapshots_expire(radon_coap_snapshots_t *snapshots, radon_coap_retained_t *retained,
                                 uint64_t now_ms)
{
    for (size_t i = 0; i < RADON_COAP_SNAPSHOTS; i++) {
        radon_coap_snapshot_t *snapshot = &snapshots->snapshots[i];
        if (snapshot->used && snapshot->expires_ms <= now_ms) {
            radon_coap_retained_release(retained, snapshot->record);
            snapshot->used = false;
        }
    }
}
