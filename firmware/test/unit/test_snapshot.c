#include "check.h"
#include "radon/runtime/snapshot.h"

#define VECTORS_SNAPSHOTS
#include "vectors.generated.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t digest[32] = {0x93, 0xa4, 0x4b, 0xbb, 0x96, 0xc7, 0x51, 0x21, 0x8e, 0x4c, 0x00,
                                   0xd4, 0x79, 0xe4, 0xc1, 0x43, 0x58, 0x12, 0x2a, 0x38, 0x9a, 0xcc,
                                   0xa1, 0x62, 0x05, 0xb1, 0xe4, 0xd0, 0xdc, 0x5f, 0x94, 0x76};

/** `limits` of the vectors. */
static radon_configuration_t configuration;

static radon_snapshot_limits_t place(void)
{
    static const uint8_t global_sizes[] = {4, 8, 4, 8};
    configuration = (radon_configuration_t){.storage = 16,
                                            .timers = 4,
                                            .pending = 2,
                                            .body = 32,
                                            .publish = 24,
                                            .io_count = 2,
                                            .inbox_messages = 3,
                                            .inbox_bytes = 48,
                                            .resource_count = 2};
    configuration.resources[0] = radon_bytes_text("level");
    configuration.resources[1] = radon_bytes_text("a/b");
    return (radon_snapshot_limits_t){.name = radon_bytes_text("rain"),
                                     .digest = digest,
                                     .configuration = &configuration,
                                     .memory = 128,
                                     .global_sizes = global_sizes,
                                     .global_count = COUNT(global_sizes)};
}

/** In memory of its exact size, so that the sanitizer sees a byte read too many. */
static bool read_exact(radon_snapshot_t *snapshot, const uint8_t *data, size_t len, char *detail, size_t size)
{
    radon_snapshot_limits_t limits = place();
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    if (len > 0) {
        memcpy(copy, data, len);
    }
    bool good = radon_snapshot_read(snapshot, radon_bytes(copy, len), &limits, detail, size);
    free(copy);
    return good;
}

TEST(what_does_not_fit_is_refused_by_its_field)
{
    for (size_t i = 0; i < COUNT(vector_snapshots); i++) {
        const vector_snapshot_t *vector = &vector_snapshots[i];
        radon_snapshot_t snapshot;
        char detail[96];
        bool good = read_exact(&snapshot, vector->encoded.data, vector->encoded.len, detail, sizeof detail);
        if (good != (vector->field == NULL) || (!good && strstr(detail, vector->field) == NULL)) {
            check_fail(__FILE__, __LINE__, "%s: %s", vector->name, detail);
        }
    }
}

TEST(a_document_is_refused_wherever_it_is_cut)
{
    const vector_bytes_t *whole = &vector_snapshots[1].encoded;
    for (size_t len = 0; len < whole->len; len++) {
        radon_snapshot_t snapshot;
        char detail[96];
        CHECK(!read_exact(&snapshot, whole->data, len, detail, sizeof detail));
        CHECK(detail[0] != 0);
    }
}

TEST(lists_are_read_again_item_by_item)
{
    const vector_bytes_t *whole = &vector_snapshots[1].encoded; /* everything */
    radon_snapshot_limits_t limits = place();
    radon_snapshot_t snapshot;
    radon_snapshot_items_t items;
    char detail[96];
    CHECK(
        radon_snapshot_read(&snapshot, radon_bytes(whole->data, whole->len), &limits, detail, sizeof detail));
    CHECK_EQ(snapshot.memory.len, 4);
    CHECK_EQ(snapshot.counters.refused, UINT32_MAX);
    CHECK_EQ(snapshot.actor, UINT32_MAX);

    static const radon_event_kind_t kinds[] = {RADON_EVENT_MESSAGE, RADON_EVENT_TIMER,
                                               RADON_EVENT_MESSAGE, RADON_EVENT_RESPONSE,
                                               RADON_EVENT_IO,      RADON_EVENT_UNDELIVERED};
    radon_snapshot_event_t event;
    size_t count = 0;
    radon_snapshot_items(&items, snapshot.inbox, &limits);
    while (radon_snapshot_next_event(&items, &event)) {
        CHECK(count < COUNT(kinds) && event.kind == kinds[count]);
        count++;
    }
    CHECK_EQ(count, COUNT(kinds));
    CHECK_EQ(event.correlation, 4);
    CHECK_EQ(event.handle, RADON_E_FULL);
    CHECK(radon_bytes_equal_text(event.sender, "gone"));

    static const uint64_t bits[] = {0xFFFFFFFF, 0x8000000000000000, 0x7FA00001, 0x8000000000000000};
    uint64_t value;
    radon_snapshot_items(&items, snapshot.globals, &limits);
    for (count = 0; radon_snapshot_next_global(&items, &value); count++) {
        CHECK(value == bits[count]);
    }
    CHECK_EQ(count, COUNT(bits));

    radon_snapshot_publication_t publication;
    radon_snapshot_items(&items, snapshot.publications, &limits);
    CHECK(radon_snapshot_next_publication(&items, &publication) && !publication.limited);
    CHECK(radon_snapshot_next_publication(&items, &publication) && publication.max_age_ms == 4999);
    CHECK(radon_snapshot_next_publication(&items, &publication) && publication.resource == 1);
    CHECK(!radon_snapshot_next_publication(&items, &publication));
}

int main(void)
{
    RUN(what_does_not_fit_is_refused_by_its_field);
    RUN(a_document_is_refused_wherever_it_is_cut);
    RUN(lists_are_read_again_item_by_item);
    return check_summary();
}
