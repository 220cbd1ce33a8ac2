/* Documents that are to be restored: what is accepted is read a second time, all of it. */
#include "radon/runtime/snapshot.h"

static void read_lists(const radon_snapshot_t *snapshot, const radon_snapshot_limits_t *limits)
{
    radon_snapshot_items_t items;
    radon_snapshot_event_t event;
    radon_snapshot_request_t request;
    radon_snapshot_publication_t publication;
    radon_snapshot_pair_t pair;
    size_t bytes = 0;
    radon_snapshot_items(&items, snapshot->inbox, limits);
    while (radon_snapshot_next_event(&items, &event)) {
        bytes += event.sender.len + event.payload.len;
    }
    radon_snapshot_items(&items, snapshot->publications, limits);
    while (radon_snapshot_next_publication(&items, &publication)) {
        bytes += publication.payload.len;
        if (publication.resource >= limits->configuration->resource_count) {
            __builtin_trap();
        }
    }
    radon_snapshot_items(&items, snapshot->requests, limits);
    while (radon_snapshot_next_request(&items, &request)) {
        bytes += request.uri.len;
    }
    radon_snapshot_items(&items, snapshot->storage, limits);
    while (radon_snapshot_next_pair(&items, &pair)) {
        bytes += pair.key.len + pair.value.len;
    }
    if (bytes > 4096) {
        __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* `limits` of test/vectors/snapshots.json, whose documents are good seeds. */
    static const uint8_t digest[32] = {0x93, 0xa4, 0x4b, 0xbb, 0x96, 0xc7, 0x51, 0x21, 0x8e, 0x4c, 0x00,
                                       0xd4, 0x79, 0xe4, 0xc1, 0x43, 0x58, 0x12, 0x2a, 0x38, 0x9a, 0xcc,
                                       0xa1, 0x62, 0x05, 0xb1, 0xe4, 0xd0, 0xdc, 0x5f, 0x94, 0x76};
    static const uint8_t global_sizes[] = {4, 8, 4, 8};
    const radon_configuration_t configuration = {
        .storage = 16,
        .timers = 4,
        .pending = 2,
        .body = 32,
        .publish = 24,
        .io_count = 2,
        .inbox_messages = 3,
        .inbox_bytes = 48,
        .resource_count = 2,
        .resources = {radon_bytes("level", 5), radon_bytes("a/b", 3)}};
    const radon_snapshot_limits_t limits = {.name = radon_bytes("rain", 4),
                                            .digest = digest,
                                            .configuration = &configuration,
                                            .memory = 128,
                                            .global_sizes = global_sizes,
                                            .global_count = 4};
    radon_snapshot_t snapshot;
    char detail[32];
    if (radon_snapshot_read(&snapshot, radon_bytes(data, size), &limits, detail, sizeof detail)) {
        read_lists(&snapshot, &limits);
    } else if (detail[0] == 0) {
        __builtin_trap();
    }
    return 0;
}
