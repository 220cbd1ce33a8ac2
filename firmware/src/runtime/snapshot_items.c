#include "snapshot_items.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FORMAT_MAX 65534U
#define FLAGS_MAX (RADON_SNAPSHOT_UNORDERED | RADON_SNAPSHOT_KEPT | RADON_SNAPSHOT_RETRIED)

/* ---- Pairs, timers, watches, globals ---- */

void radon_snapshot_read_pair(radon_fields_t *fields, radon_snapshot_pair_t *pair)
{
    static const radon_fields_member_t members[] = {{RADON_FIELD_VALUE, true}, {RADON_FIELD_KEY, true}};
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        if (map.key == RADON_FIELD_VALUE) {
            (void)radon_fields_string(fields, 0, RADON_MAX_KV_VALUE_BYTES, &pair->value);
        } else if (radon_fields_string(fields, 1, RADON_MAX_KV_KEY_BYTES, &pair->key) &&
                   memchr(pair->key.data, '\n', pair->key.len) != NULL) {
            (void)radon_fields_refuse(fields, "has a newline");
        }
    }
    (void)radon_fields_map_close(fields, &map);
}

/** Index below `count`. */
static void read_handle(radon_fields_t *fields, uint32_t count, uint32_t *handle)
{
    if (count == 0) {
        (void)radon_fields_refuse(fields, "is not there");
    } else {
        (void)radon_fields_uint(fields, 0, count - 1, handle);
    }
}

void radon_snapshot_read_timer(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                               radon_snapshot_timer_t *timer)
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_HANDLE, true}, {RADON_FIELD_DUE_MS, true}, {RADON_FIELD_PERIOD_MS, true}};
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        if (map.key == RADON_FIELD_HANDLE) {
            read_handle(fields, limits->configuration->timers, &timer->handle);
        } else {
            (void)radon_fields_uint(fields, 0, INT32_MAX,
                                    map.key == RADON_FIELD_DUE_MS ? &timer->due_ms : &timer->period_ms);
        }
    }
    (void)radon_fields_map_close(fields, &map);
}

void radon_snapshot_read_watch(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                               radon_snapshot_watch_t *watch)
{
    static const radon_fields_member_t members[] = {{RADON_FIELD_HANDLE, true}, {RADON_FIELD_EDGES, true}};
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        if (map.key == RADON_FIELD_HANDLE) {
            read_handle(fields, limits->configuration->io_count, &watch->handle);
        } else {
            (void)radon_fields_uint(fields, 1, 7, &watch->edges);
        }
    }
    (void)radon_fields_map_close(fields, &map);
}

void radon_snapshot_read_global(radon_fields_t *fields, const radon_snapshot_limits_t *limits, uint32_t index,
                                uint64_t *bits)
{
    const uint8_t *bytes;
    *bits = 0;
    if (radon_fields_bytes(fields, limits->global_sizes[index], &bytes)) {
        for (uint32_t i = 0; i < limits->global_sizes[index]; i++) {
            *bits |= (uint64_t)bytes[i] << (8U * i);
        }
    }
}

/* ---- Publications ---- */

static void read_path(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                      radon_snapshot_publication_t *publication)
{
    if (radon_fields_text(fields, RADON_MAX_PATH_BYTES, &publication->path)) {
        int resource = radon_configuration_resource(limits->configuration, publication->path);
        publication->resource = (uint32_t)resource;
        if (resource < 0) {
            (void)radon_fields_refuse(fields, "is not declared");
        }
    }
}

static void read_publication_member(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                                    radon_field_t key, radon_snapshot_publication_t *publication)
{
    switch (key) {
    case RADON_FIELD_FORMAT:
        (void)radon_fields_uint(fields, 0, FORMAT_MAX, &publication->format);
        break;
    case RADON_FIELD_PATH:
        read_path(fields, limits, publication);
        break;
    case RADON_FIELD_PAYLOAD:
        (void)radon_fields_string(fields, 0, limits->configuration->publish, &publication->payload);
        break;
    default:
        publication->limited = radon_fields_ms(fields, &publication->max_age_ms);
        break;
    }
}

void radon_snapshot_read_publication(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                                     radon_snapshot_publication_t *publication)
{
    static const radon_fields_member_t members[] = {{RADON_FIELD_FORMAT, true},
                                                    {RADON_FIELD_PATH, true},
                                                    {RADON_FIELD_PAYLOAD, true},
                                                    {RADON_FIELD_MAX_AGE_MS, false}};
    radon_fields_map_t map;
    *publication = (radon_snapshot_publication_t){.limited = false};
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        read_publication_member(fields, limits, map.key, publication);
    }
    (void)radon_fields_map_close(fields, &map);
}

/* ---- Own requests ---- */

static void read_observe(radon_fields_t *fields, radon_snapshot_request_t *request)
{
    if (radon_fields_bool(fields, &request->observe) &&
        (!request->observe || request->method != RADON_METHOD_GET)) {
        (void)radon_fields_refuse(fields, request->observe ? "needs GET" : "is left out where it is false");
    }
}

static void read_request_member(radon_fields_t *fields, radon_field_t key, radon_snapshot_request_t *request)
{
    switch (key) {
    case RADON_FIELD_ID:
        (void)radon_fields_uint(fields, 1, INT32_MAX, &request->id);
        break;
    case RADON_FIELD_METHOD:
        (void)radon_fields_uint(fields, RADON_METHOD_GET, RADON_METHOD_IPATCH, &request->method);
        break;
    case RADON_FIELD_HOPS:
        (void)radon_fields_uint(fields, 0, UINT8_MAX, &request->hops);
        break;
    case RADON_FIELD_OBSERVE:
        read_observe(fields, request);
        break;
    default:
        (void)radon_fields_text(fields, RADON_MAX_URI_BYTES, &request->uri);
        break;
    }
}

void radon_snapshot_read_request(radon_fields_t *fields, radon_snapshot_request_t *request)
{
    static const radon_fields_member_t members[] = {{RADON_FIELD_ID, true},
                                                    {RADON_FIELD_METHOD, true},
                                                    {RADON_FIELD_HOPS, true},
                                                    {RADON_FIELD_OBSERVE, false},
                                                    {RADON_FIELD_URI, true}};
    radon_fields_map_t map;
    *request = (radon_snapshot_request_t){.observe = false};
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        read_request_member(fields, map.key, request);
    }
    (void)radon_fields_map_close(fields, &map);
}

/* ---- Waiting events ---- */

/** Members of each kind; of a map whose kind is not known yet the first table is used. */
static const radon_fields_member_t any_members[] = {{RADON_FIELD_KIND, true}};
static const radon_fields_member_t message_members[] = {
    {RADON_FIELD_KIND, true},         {RADON_FIELD_ID, false},    {RADON_FIELD_EVENT, false},
    {RADON_FIELD_AGE_MS, false},      {RADON_FIELD_FLAGS, false}, {RADON_FIELD_PAYLOAD, false},
    {RADON_FIELD_CORRELATION, false}, {RADON_FIELD_SENDER, false}};
static const radon_fields_member_t response_members[] = {
    {RADON_FIELD_FORMAT, false}, {RADON_FIELD_KIND, true},     {RADON_FIELD_REASON, false},
    {RADON_FIELD_EVENT, false},  {RADON_FIELD_CODE, false},    {RADON_FIELD_CORRELATION, true},
    {RADON_FIELD_FLAGS, false},  {RADON_FIELD_PAYLOAD, false}, {RADON_FIELD_HANDLE, false}};
static const radon_fields_member_t timer_members[] = {{RADON_FIELD_KIND, true},
                                                      {RADON_FIELD_EVENT, false},
                                                      {RADON_FIELD_FLAGS, false},
                                                      {RADON_FIELD_HANDLE, false}};
static const radon_fields_member_t io_members[] = {{RADON_FIELD_KIND, true},    {RADON_FIELD_REASON, true},
                                                   {RADON_FIELD_EVENT, false},  {RADON_FIELD_FLAGS, false},
                                                   {RADON_FIELD_PAYLOAD, true}, {RADON_FIELD_HANDLE, false}};
static const radon_fields_member_t undelivered_members[] = {
    {RADON_FIELD_KIND, true},    {RADON_FIELD_REASON, true}, {RADON_FIELD_EVENT, false},
    {RADON_FIELD_AGE_MS, false}, {RADON_FIELD_FLAGS, false}, {RADON_FIELD_CORRELATION, true},
    {RADON_FIELD_HANDLE, false}, {RADON_FIELD_SENDER, false}};

typedef struct {
    const radon_fields_member_t *members;
    size_t count;
} members_t;

#define MEMBERS(table) ((members_t){(table), COUNT(table)})

static members_t members_of(uint32_t kind)
{
    switch (kind) {
    case RADON_EVENT_MESSAGE:
        return MEMBERS(message_members);
    case RADON_EVENT_RESPONSE:
        return MEMBERS(response_members);
    case RADON_EVENT_TIMER:
        return MEMBERS(timer_members);
    case RADON_EVENT_IO:
        return MEMBERS(io_members);
    case RADON_EVENT_UNDELIVERED:
        return MEMBERS(undelivered_members);
    default:
        return MEMBERS(any_members);
    }
}

/** The kind of the event that comes next; 0 when it has none. Nothing is read. */
static uint32_t peek_kind(const radon_fields_t *fields)
{
    radon_cbor_reader_t ahead = fields->cbor;
    uint32_t pairs;
    uint32_t key = 0;
    uint32_t kind = 0;
    if (radon_cbor_peek(&ahead) != RADON_CBOR_MAP || !radon_cbor_enter_map(&ahead, &pairs)) {
        return 0;
    }
    while (key < RADON_FIELD_KIND && radon_cbor_read_u32(&ahead, &key, UINT32_MAX)) {
        if (key == RADON_FIELD_KIND) {
            (void)radon_cbor_read_u32(&ahead, &kind, UINT32_MAX);
        } else {
            (void)radon_cbor_skip(&ahead, NULL);
        }
    }
    return kind;
}

/** Ranges of REASON and HANDLE by kind. */
static void read_reason(radon_fields_t *fields, radon_snapshot_event_t *event)
{
    bool response = event->kind == RADON_EVENT_RESPONSE;
    int32_t most = event->kind == RADON_EVENT_IO ? RADON_IO_EDGES_SAME : RADON_OUTCOME_UNKNOWN;
    bool good =
        radon_fields_int(fields, response ? RADON_E_UNSUPPORTED : 1, response ? -1 : most, &event->reason);
    if (good && event->kind == RADON_EVENT_IO && event->reason == RADON_IO_EDGES_BOTH) {
        (void)radon_fields_refuse(fields, "is no edge");
    }
}

static void read_event_handle(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                              radon_snapshot_event_t *event)
{
    int32_t most = 1;
    if (event->kind == RADON_EVENT_TIMER) {
        most = limits->configuration->timers - 1;
    } else if (event->kind == RADON_EVENT_IO) {
        most = limits->configuration->io_count - 1;
    } else if (event->kind == RADON_EVENT_UNDELIVERED) {
        most = -1;
    }
    (void)radon_fields_int(fields, most < 0 ? RADON_E_UNSUPPORTED : 1, most, &event->handle);
}

static void read_payload(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                         radon_snapshot_event_t *event)
{
    size_t least = event->kind == RADON_EVENT_IO ? sizeof(double) : 1;
    size_t most = RADON_MAX_MESSAGE_BYTES;
    if (event->kind == RADON_EVENT_IO) {
        most = sizeof(double);
    } else if (event->kind == RADON_EVENT_RESPONSE) {
        most = limits->configuration->body;
    }
    (void)radon_fields_string(fields, least, most, &event->payload);
}

static void read_kind(radon_fields_t *fields, radon_snapshot_event_t *event)
{
    uint32_t kind;
    if (radon_fields_uint(fields, 1, UINT8_MAX, &kind)) {
        event->kind = (radon_event_kind_t)kind;
        if (members_of(kind).members == any_members) {
            (void)radon_fields_refuse(fields, "is no kind of event that waits");
        }
    }
}

static void read_small(radon_fields_t *fields, uint32_t max, uint8_t *value)
{
    uint32_t wide = 0;
    (void)radon_fields_uint(fields, 1, max, &wide);
    *value = (uint8_t)wide;
}

static void read_sender(radon_fields_t *fields, radon_snapshot_event_t *event)
{
    if (radon_fields_text(fields, RADON_SNAPSHOT_SENDER_BYTES, &event->sender) && event->sender.len == 0) {
        (void)radon_fields_refuse(fields, "is left out where it is empty");
    }
}

static void read_event_member(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                              radon_field_t key, radon_snapshot_event_t *event)
{
    switch (key) {
    case RADON_FIELD_FORMAT:
        (void)radon_fields_int(fields, 0, (int32_t)FORMAT_MAX, &event->format);
        break;
    case RADON_FIELD_KIND:
        read_kind(fields, event);
        break;
    case RADON_FIELD_ID:
        (void)radon_fields_uint(fields, 1, UINT32_MAX, &event->id);
        break;
    case RADON_FIELD_REASON:
        read_reason(fields, event);
        break;
    case RADON_FIELD_EVENT:
        (void)radon_fields_uint(fields, 1, INT32_MAX, &event->event);
        break;
    case RADON_FIELD_AGE_MS:
        (void)radon_fields_uint(fields, 1, UINT32_MAX, &event->age_ms);
        break;
    case RADON_FIELD_CODE:
        read_small(fields, UINT8_MAX, &event->code);
        break;
    case RADON_FIELD_CORRELATION:
        (void)radon_fields_uint(fields, 1, event->kind == RADON_EVENT_RESPONSE ? INT32_MAX : UINT32_MAX,
                                &event->correlation);
        break;
    case RADON_FIELD_FLAGS:
        read_small(fields, FLAGS_MAX, &event->flags);
        break;
    case RADON_FIELD_PAYLOAD:
        read_payload(fields, limits, event);
        break;
    case RADON_FIELD_HANDLE:
        read_event_handle(fields, limits, event);
        break;
    default:
        read_sender(fields, event);
        break;
    }
}

void radon_snapshot_read_event(radon_fields_t *fields, const radon_snapshot_limits_t *limits,
                               radon_snapshot_event_t *event)
{
    radon_fields_map_t map;
    uint32_t kind = peek_kind(fields);
    members_t members = members_of(kind);
    *event = (radon_snapshot_event_t){.kind = (radon_event_kind_t)kind, .format = -1};
    radon_fields_map_open(fields, &map, members.members, members.count);
    while (radon_fields_map_next(fields, &map)) {
        read_event_member(fields, limits, map.key, event);
    }
    (void)radon_fields_map_close(fields, &map);
}
