#include "snapshot_items.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** Highest values of the limits `pending` and of publications at once. */
#define PENDING_MAX 8U
#define PUBLICATIONS_MAX 8U

/** A reading under way, and what the items of several lists share. */
typedef struct {
    radon_fields_t fields;
    const radon_snapshot_limits_t *limits;
    radon_snapshot_t *snapshot;
    uint32_t places; /**< own requests, each with its response */
    uint32_t ids[PENDING_MAX];
} reading_t;

static void check(reading_t *reading, bool good, const char *reason)
{
    if (!good) {
        (void)radon_fields_refuse(&reading->fields, reason);
    }
}

static void check_order(reading_t *reading, bool ascending)
{
    check(reading, ascending, "is not in ascending order");
}

static void check_sum(reading_t *reading, size_t sum, size_t limit)
{
    check(reading, sum <= limit, "takes more bytes than there are");
}

/* ---- Aliases, storage, globals ---- */

static void read_aliases(reading_t *reading)
{
    radon_fields_list_t list;
    radon_bytes_t before = radon_bytes(NULL, 0);
    radon_fields_list_open(&reading->fields, &list, 0, RADON_MAX_ALIASES);
    while (radon_fields_list_next(&reading->fields, &list)) {
        radon_bytes_t alias;
        if (radon_fields_name(&reading->fields, &alias)) {
            check_order(reading, before.data == NULL || radon_bytes_precede(before, alias));
            before = alias;
        }
    }
    (void)radon_fields_list_close(&reading->fields, &list, &reading->snapshot->aliases);
}

static void read_storage(reading_t *reading)
{
    radon_fields_list_t list;
    size_t sum = 0;
    radon_bytes_t before = radon_bytes(NULL, 0);
    radon_fields_list_open(&reading->fields, &list, 0, UINT16_MAX);
    while (radon_fields_list_next(&reading->fields, &list)) {
        radon_snapshot_pair_t pair;
        radon_snapshot_read_pair(&reading->fields, &pair);
        if (!reading->fields.cbor.failed) {
            check_order(reading, before.data == NULL || radon_bytes_precede(before, pair.key));
            before = pair.key;
            sum += pair.key.len + pair.value.len;
        }
    }
    (void)radon_fields_list_close(&reading->fields, &list, &reading->snapshot->storage);
    check_sum(reading, sum, reading->limits->configuration->storage);
}

static void read_globals(reading_t *reading)
{
    radon_fields_list_t list;
    const radon_snapshot_limits_t *limits = reading->limits;
    radon_fields_list_open(&reading->fields, &list, limits->global_count, limits->global_count);
    while (radon_fields_list_next(&reading->fields, &list)) {
        uint64_t bits;
        radon_snapshot_read_global(&reading->fields, limits, list.index - 1, &bits);
    }
    (void)radon_fields_list_close(&reading->fields, &list, &reading->snapshot->globals);
}

/* ---- Timers, watches ---- */

static void read_timers(reading_t *reading)
{
    radon_fields_list_t list;
    int64_t before = -1;
    radon_fields_list_open(&reading->fields, &list, 0, reading->limits->configuration->timers);
    while (radon_fields_list_next(&reading->fields, &list)) {
        radon_snapshot_timer_t timer = {.handle = 0};
        radon_snapshot_read_timer(&reading->fields, reading->limits, &timer);
        check_order(reading, timer.handle > before);
        before = timer.handle;
    }
    (void)radon_fields_list_close(&reading->fields, &list, &reading->snapshot->timers);
}

static void read_watches(reading_t *reading)
{
    radon_fields_list_t list;
    int64_t before = -1;
    radon_fields_list_open(&reading->fields, &list, 0, reading->limits->configuration->io_count);
    while (radon_fields_list_next(&reading->fields, &list)) {
        radon_snapshot_watch_t watch = {.handle = 0};
        radon_snapshot_read_watch(&reading->fields, reading->limits, &watch);
        check_order(reading, watch.handle > before);
        before = watch.handle;
    }
    (void)radon_fields_list_close(&reading->fields, &list, &reading->snapshot->watches);
}

/* ---- Publications ---- */

static void read_publications(reading_t *reading)
{
    radon_fields_list_t list;
    radon_snapshot_publication_t publication;
    uint32_t seen[PUBLICATIONS_MAX]; /* resource and format */
    size_t sum = 0;
    radon_fields_list_open(&reading->fields, &list, 0, PUBLICATIONS_MAX);
    while (radon_fields_list_next(&reading->fields, &list)) {
        uint32_t own = list.index - 1;
        radon_snapshot_read_publication(&reading->fields, reading->limits, &publication);
        seen[own] = publication.resource << 16 | publication.format;
        for (uint32_t i = 0; i < own; i++) {
            check(reading, seen[i] != seen[own], "is there twice");
        }
        sum += publication.payload.len;
    }
    (void)radon_fields_list_close(&reading->fields, &list, &reading->snapshot->publications);
    check_sum(reading, sum, reading->limits->configuration->publish);
}

/* ---- Own requests ---- */

/** False when the request has its place already. */
static bool take_place(reading_t *reading, uint32_t id)
{
    for (uint32_t i = 0; i < reading->places; i++) {
        if (reading->ids[i] == id) {
            return false;
        }
    }
    if (reading->places == reading->limits->configuration->pending) {
        check(reading, false, "needs one of more places than pending");
    } else {
        reading->ids[reading->places++] = id;
    }
    return true;
}

static void read_requests(reading_t *reading)
{
    radon_fields_list_t list;
    uint32_t before = 0;
    radon_fields_list_open(&reading->fields, &list, 0, reading->limits->configuration->pending);
    while (radon_fields_list_next(&reading->fields, &list)) {
        radon_snapshot_request_t request;
        radon_snapshot_read_request(&reading->fields, &request);
        check_order(reading, request.id > before);
        before = request.id;
        (void)take_place(reading, request.id);
    }
    (void)radon_fields_list_close(&reading->fields, &list, &reading->snapshot->requests);
}

/* ---- Inbox ---- */

/** What the events take together; timers and channels have one each. */
typedef struct {
    uint32_t messages;
    size_t bytes;
    uint32_t timers;   /**< bit per handle */
    uint32_t channels; /**< bit per handle */
} inbox_sums_t;

static void check_once(reading_t *reading, uint32_t *handles, int32_t handle, uint32_t count)
{
    uint32_t bit = UINT32_C(1) << handle;
    check(reading, (uint32_t)handle < count, "has a handle that is not there");
    check(reading, (*handles & bit) == 0, "is there twice");
    *handles |= bit;
}

static void add_event(reading_t *reading, const radon_snapshot_event_t *event, inbox_sums_t *sums)
{
    const radon_configuration_t *configuration = reading->limits->configuration;
    switch (event->kind) {
    case RADON_EVENT_RESPONSE:
        check(reading, take_place(reading, event->correlation), "is there twice");
        break;
    case RADON_EVENT_TIMER:
        check_once(reading, &sums->timers, event->handle, configuration->timers);
        break;
    case RADON_EVENT_IO:
        check_once(reading, &sums->channels, event->handle, configuration->io_count);
        break;
    default:
        sums->messages++;
        sums->bytes += event->sender.len + event->payload.len;
        break;
    }
}

static void read_inbox(reading_t *reading)
{
    radon_fields_list_t list;
    inbox_sums_t sums = {.messages = 0};
    const radon_configuration_t *configuration = reading->limits->configuration;
    radon_fields_list_open(&reading->fields, &list, 0, UINT16_MAX);
    while (radon_fields_list_next(&reading->fields, &list)) {
        radon_snapshot_event_t event;
        radon_snapshot_read_event(&reading->fields, reading->limits, &event);
        if (!reading->fields.cbor.failed) {
            add_event(reading, &event, &sums);
        }
    }
    (void)radon_fields_list_close(&reading->fields, &list, &reading->snapshot->inbox);
    check(reading, sums.messages <= configuration->inbox_messages, "has more messages than it holds");
    check_sum(reading, sums.bytes, configuration->inbox_bytes);
}

/* ---- Scalars ---- */

static void read_counters(radon_fields_t *fields, radon_snapshot_counters_t *counters)
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_DONE, true},        {RADON_FIELD_DROPPED, true}, {RADON_FIELD_RESTARTS, true},
        {RADON_FIELD_ACTIVATIONS, true}, {RADON_FIELD_SENT, true},    {RADON_FIELD_UNDELIVERED, true},
        {RADON_FIELD_REFUSED, true}};
    uint32_t *const values[] = {&counters->done,        &counters->dropped, &counters->restarts,
                                &counters->activations, &counters->sent,    &counters->undelivered,
                                &counters->refused};
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        for (size_t i = 0; i < COUNT(members); i++) {
            if (members[i].key == map.key) {
                (void)radon_fields_uint(fields, 0, UINT32_MAX, values[i]);
            }
        }
    }
    (void)radon_fields_map_close(fields, &map);
}

static void read_name(reading_t *reading)
{
    radon_bytes_t name;
    if (radon_fields_name(&reading->fields, &name)) {
        check(reading, radon_bytes_equal(name, reading->limits->name), "is that of another atom");
    }
}

static void read_digest(reading_t *reading)
{
    const uint8_t *digest;
    if (radon_fields_bytes(&reading->fields, 32, &digest)) {
        check(reading, memcmp(digest, reading->limits->digest, 32) == 0, "is that of other code");
    }
}

static void read_memory(reading_t *reading)
{
    radon_bytes_t *memory = &reading->snapshot->memory;
    if (radon_fields_string(&reading->fields, 0, reading->limits->memory, memory) && memory->len > 0) {
        check(reading, memory->data[memory->len - 1] != 0, "ends with a zero byte");
    }
}

/* ---- The whole ---- */

static void read_number(reading_t *reading, radon_field_t key)
{
    radon_fields_t *fields = &reading->fields;
    radon_snapshot_t *snapshot = reading->snapshot;
    uint32_t version;
    switch (key) {
    case RADON_FIELD_VERSION:
        (void)radon_fields_uint(fields, RADON_SNAPSHOT_VERSION, RADON_SNAPSHOT_VERSION, &version);
        break;
    case RADON_FIELD_UPTIME_MS:
        (void)radon_fields_ms(fields, &snapshot->uptime_ms);
        break;
    case RADON_FIELD_INCARNATION:
        (void)radon_fields_uint(fields, 0, UINT32_MAX, &snapshot->incarnation);
        break;
    case RADON_FIELD_NEXT_EVENT:
        (void)radon_fields_uint(fields, 1, INT32_MAX, &snapshot->next_event);
        break;
    case RADON_FIELD_NEXT_MESSAGE:
        (void)radon_fields_uint(fields, 1, INT32_MAX, &snapshot->next_message);
        break;
    default:
        (void)radon_fields_uint(fields, 0, UINT32_MAX, &snapshot->actor);
        break;
    }
}

static void read_member(reading_t *reading, radon_field_t key)
{
    switch (key) {
    case RADON_FIELD_NAME:
        read_name(reading);
        break;
    case RADON_FIELD_DIGEST:
        read_digest(reading);
        break;
    case RADON_FIELD_ALIASES:
        read_aliases(reading);
        break;
    case RADON_FIELD_MEMORY:
        read_memory(reading);
        break;
    case RADON_FIELD_STORAGE:
        read_storage(reading);
        break;
    case RADON_FIELD_TIMERS:
        read_timers(reading);
        break;
    case RADON_FIELD_INBOX:
        read_inbox(reading);
        break;
    case RADON_FIELD_COUNTERS:
        read_counters(&reading->fields, &reading->snapshot->counters);
        break;
    case RADON_FIELD_GLOBALS:
        read_globals(reading);
        break;
    case RADON_FIELD_WATCHES:
        read_watches(reading);
        break;
    case RADON_FIELD_PUBLICATIONS:
        read_publications(reading);
        break;
    case RADON_FIELD_REQUESTS:
        read_requests(reading);
        break;
    default:
        read_number(reading, key);
        break;
    }
}

bool radon_snapshot_read(radon_snapshot_t *snapshot, radon_bytes_t document,
                         const radon_snapshot_limits_t *limits, char *detail, size_t detail_size)
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_NAME, true},       {RADON_FIELD_VERSION, true},      {RADON_FIELD_DIGEST, true},
        {RADON_FIELD_ALIASES, true},    {RADON_FIELD_MEMORY, true},       {RADON_FIELD_STORAGE, true},
        {RADON_FIELD_TIMERS, true},     {RADON_FIELD_INBOX, true},        {RADON_FIELD_UPTIME_MS, true},
        {RADON_FIELD_COUNTERS, true},   {RADON_FIELD_INCARNATION, true},  {RADON_FIELD_GLOBALS, true},
        {RADON_FIELD_WATCHES, true},    {RADON_FIELD_PUBLICATIONS, true}, {RADON_FIELD_REQUESTS, true},
        {RADON_FIELD_NEXT_EVENT, true}, {RADON_FIELD_NEXT_MESSAGE, true}, {RADON_FIELD_ACTOR, true}};
    reading_t reading = {.limits = limits, .snapshot = snapshot};
    radon_fields_map_t map;
    *snapshot = (radon_snapshot_t){.incarnation = 0};
    radon_fields_init(&reading.fields, "the document", document, detail, detail_size);
    radon_fields_map_open(&reading.fields, &map, members, COUNT(members));
    while (radon_fields_map_next(&reading.fields, &map)) {
        read_member(&reading, map.key);
    }
    (void)radon_fields_map_close(&reading.fields, &map);
    return radon_fields_end(&reading.fields);
}
