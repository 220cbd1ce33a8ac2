/**
 * Representations kept while a client fetches their blocks, so that a changing resource (/node, /log) is
 * transferred consistently. One that does not fit, or was evicted, is generated again for each block; its
 * ETag then tells the client when it changed.
 */
#ifndef RADON_COAP_SNAPSHOT_H
#define RADON_COAP_SNAPSHOT_H

#include "radon/coap/endpoint.h"
#include "radon/coap/retained.h"

typedef struct {
    bool used;
    uint8_t code;
    radon_coap_record_t record;
    radon_endpoint_t endpoint;
    uint32_t key; /**< of the request */
    uint32_t etag;
    int32_t format;
    uint32_t max_age_s;
    uint64_t expires_ms;
} radon_coap_snapshot_t;

typedef struct {
    radon_coap_snapshot_t snapshots[RADON_COAP_SNAPSHOTS];
} radon_coap_snapshots_t;

void radon_coap_snapshots_init(radon_coap_snapshots_t *snapshots);

/** The snapshot of this client's transfer, its life renewed, or NULL. */
radon_coap_snapshot_t *radon_coap_snapshots_find(radon_coap_snapshots_t *snapshots,
                                                 const radon_coap_retained_t *retained,
                                                 const radon_endpoint_t *endpoint, uint32_t key,
                                                 uint64_t now_ms);

/** An entry to fill in for a new transfer: the client's own, a free or the stalest one. Its old record is
 * gone. */
radon_coap_snapshot_t *radon_coap_snapshots_claim(radon_coap_snapshots_t *snapshots,
                                                  radon_coap_retained_t *retained,
                                                  const radon_endpoint_t *endpoint, uint32_t key);

/** The client starts its transfer anew: the snapshot it had makes room for the next. The work area is lost.
 */
void radon_coap_snapshots_forget(radon_coap_snapshots_t *snapshots, radon_coap_retained_t *retained,
                                 const radon_endpoint_t *endpoint, uint32_t key);

/** Drops what has expired. */
void radon_coap_snapshots_expire(radon_coap_snapshots_t *snapshots, radon_coap_retained_t *retained,
                                 uint64_t now_ms);

#endif
