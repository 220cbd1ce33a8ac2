/** Readers of the items in the lists of a snapshot; each checks its item on its own. */
#ifndef RADON_RUNTIME_SNAPSHOT_ITEMS_H
#define RADON_RUNTIME_SNAPSHOT_ITEMS_H

#include "radon/runtime/snapshot.h"

void radon_snapshot_read_pair(radon_fields_t *fields, radon_snapshot_pair_t *pair);
void radon_snapshot_read_timer(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                               radon_snapshot_timer_t *timer);
void radon_snapshot_read_event(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                               radon_snapshot_event_t *event);
/** `index` is its place in the list. */
void radon_snapshot_read_global(radon_fields_t *fields, const radon_snapshot_limits_t *limits, uint32_t index,
                                uint64_t *bits);
void radon_snapshot_read_watch(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                               radon_snapshot_watch_t *watch);
void radon_snapshot_read_publication(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                                     radon_snapshot_publication_t *publication);
void radon_snapshot_read_request(radon_fields_t *fields, radon_snapshot_request_t *request);

#endif
