#include "radon/trust/manifest.h"

#include "radon/base/fields.h"

/* LEAST_MEMORY, MOST_MEMORY, USUAL_MEMORY and so on: ranges and defaults of docs/atom-abi.json. */
enum {
#define X(name, fallback, least, most) \
    LEAST_##name = (least), MOST_##name = (most), USUAL_##name = (fallback),
    RADON_CONFIGURATION_LIMITS(X)
#undef X
};

#define ABI_MAX 0xFFFFU
#define FORMAT_MAX 0xFFFFU

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Lists ---- */

enum { ANY_TEXT, NAMES, PATTERNS };

/** At most RADON_MANIFEST_LIST texts. */
static void read_texts(radon_fields_t *fields, size_t max_bytes, int rule, radon_manifest_array_t *array)
{
    radon_bytes_t text;
    radon_fields_list_t list;
    radon_fields_list_open(fields, &list, 0, RADON_MANIFEST_LIST);
    while (radon_fields_list_next(fields, &list)) {
        if (rule == NAMES) {
            radon_fields_name(fields, &text);
        } else if (rule == PATTERNS) {
            radon_fields_pattern(fields, &text);
        } else {
            radon_fields_text(fields, max_bytes, &text);
        }
    }
    radon_fields_list_close(fields, &list, &array->encoded);
    array->count = list.count;
}

static void read_formats(radon_fields_t *fields, radon_manifest_resource_t *resource)
{
    radon_fields_list_t list;
    radon_fields_list_open(fields, &list, 0, RADON_MANIFEST_LIST);
    while (radon_fields_list_next(fields, &list)) {
        uint32_t format;
        if (radon_fields_uint(fields, 0, FORMAT_MAX, &format)) {
            resource->ct[resource->ct_count++] = (uint16_t)format;
        }
    }
    radon_fields_list_close(fields, &list, NULL);
}

/* ---- Resources ---- */

static void read_resource_member(radon_fields_t *fields, radon_field_t key,
                                 radon_manifest_resource_t *resource)
{
    switch (key) {
    case RADON_FIELD_PATH:
        radon_fields_text(fields, RADON_MAX_PATH_BYTES, &resource->path);
        break;
    case RADON_FIELD_RT:
        radon_fields_text(fields, RADON_MAX_PATH_BYTES, &resource->rt);
        break;
    case RADON_FIELD_IF:
        radon_fields_text(fields, RADON_MAX_PATH_BYTES, &resource->interface);
        break;
    case RADON_FIELD_CT:
        read_formats(fields, resource);
        break;
    case RADON_FIELD_OBS:
        radon_fields_bool(fields, &resource->observable);
        break;
    default:
        radon_fields_text(fields, RADON_MAX_PATH_BYTES, &resource->title);
    }
}

static bool read_resource(radon_fields_t *fields, radon_manifest_resource_t *resource)
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_PATH, true}, {RADON_FIELD_RT, false},  {RADON_FIELD_IF, false},
        {RADON_FIELD_CT, false},  {RADON_FIELD_OBS, false}, {RADON_FIELD_TITLE, false},
    };
    radon_fields_map_t map;
    *resource = (radon_manifest_resource_t){0};
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        read_resource_member(fields, map.key, resource);
    }
    return radon_fields_map_close(fields, &map);
}

static void read_resources(radon_fields_t *fields, radon_manifest_array_t *array)
{
    radon_manifest_resource_t resource;
    radon_fields_list_t list;
    radon_fields_list_open(fields, &list, 0, RADON_MAX_RESOURCES);
    while (radon_fields_list_next(fields, &list)) {
        read_resource(fields, &resource);
    }
    radon_fields_list_close(fields, &list, &array->encoded);
    array->count = list.count;
}

/* ---- Limits ---- */

#define LIMIT(key, name, member) \
    case RADON_FIELD_##key: \
        radon_fields_uint(fields, LEAST_##name, MOST_##name, &limits->member); \
        break

/** A number that is left out where it has its default: a configuration has one encoding. */
static void read_unusual(radon_fields_t *fields, uint32_t min, uint32_t max, uint32_t usual, uint32_t *value)
{
    if (radon_fields_uint(fields, min, max, value) && *value == usual) {
        radon_fields_refuse(fields, "is its default, which is left out");
    }
}

#define UNUSUAL(key, name, member) \
    case RADON_FIELD_##key: \
        read_unusual(fields, LEAST_##name, MOST_##name, USUAL_##name, &limits->member); \
        break

/** The same, for what only reactive atoms have. The kind comes first: keys ascend. */
#define REACTIVE(key, name, member) \
    case RADON_FIELD_##key: \
        read_unusual(fields, LEAST_##name, MOST_##name, USUAL_##name, &limits->member); \
        require_reactive(fields, manifest); \
        break

static void require_reactive(radon_fields_t *fields, const radon_manifest_t *manifest)
{
    if (!manifest->reactive) {
        radon_fields_refuse(fields, "is for reactive atoms");
    }
}

static void read_inbox(radon_fields_t *fields, radon_manifest_t *manifest)
{
    static const radon_fields_member_t members[] = {{RADON_FIELD_MESSAGES, true},
                                                    {RADON_FIELD_BYTES, true},
                                                    {RADON_FIELD_WAIT_MS, true},
                                                    {RADON_FIELD_CREATE_AFTER_MS, false}};
    radon_manifest_limits_t *limits = &manifest->limits;
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        switch (map.key) {
            LIMIT(MESSAGES, INBOX_MESSAGES, inbox_messages);
            LIMIT(BYTES, INBOX_BYTES, inbox_bytes);
            LIMIT(WAIT_MS, INBOX_WAIT_MS, inbox_wait_ms);
            REACTIVE(CREATE_AFTER_MS, INBOX_CREATE_AFTER_MS, inbox_create_after_ms);
        default:
            break;
        }
    }
    radon_fields_map_close(fields, &map);
}

static void read_limit(radon_fields_t *fields, radon_field_t key, radon_manifest_t *manifest)
{
    radon_manifest_limits_t *limits = &manifest->limits;
    switch (key) {
        LIMIT(MEMORY, MEMORY, memory);
        LIMIT(STACK, STACK, stack);
        LIMIT(DEADLINE_MS, DEADLINE_MS, deadline_ms);
        LIMIT(STORAGE, STORAGE, storage);
        LIMIT(TIMERS, TIMERS, timers);
        LIMIT(PENDING, PENDING, pending);
        LIMIT(BODY, BODY, body);
        LIMIT(PUBLISH, PUBLISH, publish);
        REACTIVE(INSTANCES, INSTANCES, instances);
        REACTIVE(IDLE_MS, IDLE_MS, idle_ms);
        REACTIVE(MAX_EVENTS, MAX_EVENTS, max_events);
    default:
        read_inbox(fields, manifest);
    }
}

static void read_limits(radon_fields_t *fields, radon_manifest_t *manifest)
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_MEMORY, true},     {RADON_FIELD_STACK, true},    {RADON_FIELD_DEADLINE_MS, true},
        {RADON_FIELD_STORAGE, true},    {RADON_FIELD_TIMERS, true},   {RADON_FIELD_PENDING, true},
        {RADON_FIELD_BODY, true},       {RADON_FIELD_PUBLISH, true},  {RADON_FIELD_INBOX, true},
        {RADON_FIELD_INSTANCES, false}, {RADON_FIELD_IDLE_MS, false}, {RADON_FIELD_MAX_EVENTS, false},
    };
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        read_limit(fields, map.key, manifest);
    }
    radon_fields_map_close(fields, &map);
}

/* ---- Configuration ---- */

static void read_hosts(radon_fields_t *fields, radon_manifest_t *manifest)
{
    static const radon_fields_member_t members[] = {{RADON_FIELD_REQUIRE, false}, {RADON_FIELD_AVOID, false}};
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        radon_manifest_array_t *array =
            map.key == RADON_FIELD_REQUIRE ? &manifest->require : &manifest->avoid;
        read_texts(fields, RADON_MAX_NAME_BYTES, ANY_TEXT, array);
    }
    radon_fields_map_close(fields, &map);
}

static void read_list(radon_fields_t *fields, radon_field_t key, radon_manifest_t *manifest)
{
    switch (key) {
    case RADON_FIELD_IO:
        read_texts(fields, RADON_MAX_NAME_BYTES, ANY_TEXT, &manifest->io);
        break;
    case RADON_FIELD_SEND:
        read_texts(fields, RADON_MAX_PATTERN_BYTES, PATTERNS, &manifest->send);
        break;
    case RADON_FIELD_REQUEST:
        read_texts(fields, RADON_MAX_PATTERN_BYTES, PATTERNS, &manifest->request);
        break;
    case RADON_FIELD_ALIASES:
        read_texts(fields, RADON_MAX_NAME_BYTES, NAMES, &manifest->aliases);
        break;
    case RADON_FIELD_RESOURCES:
        read_resources(fields, &manifest->resources);
        break;
    default:
        read_hosts(fields, manifest);
    }
}

static void read_kind(radon_fields_t *fields, radon_manifest_t *manifest)
{
    static const char *const kinds[] = {"daemon", "reactive"};
    size_t index = 0;
    manifest->reactive = radon_fields_choice(fields, kinds, COUNT(kinds), &index) && index == 1;
}

static void read_policy(radon_fields_t *fields, radon_manifest_t *manifest)
{
    static const char *const policies[] = {RADON_POLICY_TEXTS};
    size_t index = 0;
    if (radon_fields_choice(fields, policies, COUNT(policies), &index)) {
        manifest->policy = (radon_policy_t)index;
        require_reactive(fields, manifest);
    }
}

static void read_recovery(radon_fields_t *fields, radon_manifest_t *manifest)
{
    static const char *const recoveries[] = {RADON_RECOVERY_TEXTS};
    size_t index = 0;
    (void)radon_fields_choice(fields, recoveries, COUNT(recoveries), &index);
    manifest->recovery = (radon_recovery_t)index;
}

static void read_configuration_member(radon_fields_t *fields, radon_field_t key, radon_manifest_t *manifest)
{
    radon_manifest_limits_t *limits = &manifest->limits;
    switch (key) {
        LIMIT(REPLY_WITHIN_MS, REPLY_WITHIN_MS, reply_within_ms);
        UNUSUAL(MAX_RESTARTS, MAX_RESTARTS, max_restarts);
        UNUSUAL(WINDOW_MS, WINDOW_MS, window_ms);
    case RADON_FIELD_KIND:
        read_kind(fields, manifest);
        break;
    case RADON_FIELD_POLICY:
        read_policy(fields, manifest);
        break;
    case RADON_FIELD_RECOVERY:
        read_recovery(fields, manifest);
        break;
    case RADON_FIELD_LIMITS:
        read_limits(fields, manifest);
        break;
    default:
        read_list(fields, key, manifest);
    }
}

static void read_configuration(radon_fields_t *fields, radon_manifest_t *manifest)
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_KIND, true},
        {RADON_FIELD_POLICY, false},
        {RADON_FIELD_RECOVERY, true},
        {RADON_FIELD_LIMITS, true},
        {RADON_FIELD_IO, false},
        {RADON_FIELD_RESOURCES, false},
        {RADON_FIELD_SEND, false},
        {RADON_FIELD_REQUEST, false},
        {RADON_FIELD_ALIASES, false},
        {RADON_FIELD_HOSTS, false},
        {RADON_FIELD_REPLY_WITHIN_MS, true},
        {RADON_FIELD_MAX_RESTARTS, false},
        {RADON_FIELD_WINDOW_MS, false},
    };
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        read_configuration_member(fields, map.key, manifest);
    }
    radon_fields_map_close(fields, &map);
}

/* ---- Payloads ---- */

static void read_engine(radon_fields_t *fields, radon_bytes_t *engine)
{
    if (!radon_fields_text(fields, RADON_MANIFEST_ENGINE_BYTES, engine)) {
        return;
    }
    bool hexadecimal = engine->len == RADON_MANIFEST_ENGINE_BYTES;
    for (size_t i = 0; i < engine->len; i++) {
        const uint8_t c = engine->data[i];
        hexadecimal = hexadecimal && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }
    if (!hexadecimal) {
        radon_fields_refuse(fields, "is not 8 hexadecimal digits");
    }
}

static void read_need(radon_fields_t *fields, radon_manifest_payload_t *payload)
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_LOAD, true}, {RADON_FIELD_RUN, true}, {RADON_FIELD_ENGINE, true}};
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        switch (map.key) {
        case RADON_FIELD_LOAD:
            radon_fields_uint(fields, 0, UINT32_MAX, &payload->load);
            break;
        case RADON_FIELD_RUN:
            radon_fields_uint(fields, 0, UINT32_MAX, &payload->run);
            break;
        default:
            read_engine(fields, &payload->engine);
        }
    }
    radon_fields_map_close(fields, &map);
}

static void read_payload(radon_fields_t *fields, radon_manifest_payload_t *payload)
{
    static const char *const formats[] = {"wasm"};
    size_t index;
    static const radon_fields_member_t members[] = {{RADON_FIELD_FORMAT, true},
                                                    {RADON_FIELD_DIGEST, true},
                                                    {RADON_FIELD_SIZE, true},
                                                    {RADON_FIELD_NEED, true}};
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, COUNT(members));
    while (radon_fields_map_next(fields, &map)) {
        switch (map.key) {
        case RADON_FIELD_FORMAT:
            (void)radon_fields_choice(fields, formats, COUNT(formats), &index);
            break;
        case RADON_FIELD_DIGEST:
            radon_fields_bytes(fields, RADON_MANIFEST_DIGEST_BYTES, &payload->digest);
            break;
        case RADON_FIELD_SIZE:
            radon_fields_uint(fields, 1, RADON_MAX_MODULE_BYTES, &payload->size);
            break;
        default:
            read_need(fields, payload);
        }
    }
    radon_fields_map_close(fields, &map);
}

static void read_payloads(radon_fields_t *fields, radon_manifest_payload_t *first)
{
    radon_manifest_payload_t other;
    radon_fields_list_t list;
    radon_fields_list_open(fields, &list, 1, RADON_MANIFEST_PAYLOADS);
    while (radon_fields_list_next(fields, &list)) {
        read_payload(fields, list.index == 1 ? first : &other);
    }
    radon_fields_list_close(fields, &list, NULL);
}

/* ---- The manifest ---- */

static void read_member(radon_fields_t *fields, radon_field_t key, radon_manifest_t *manifest)
{
    switch (key) {
    case RADON_FIELD_NAME:
        radon_fields_name(fields, &manifest->name);
        break;
    case RADON_FIELD_VERSION:
        radon_fields_text(fields, RADON_MANIFEST_VERSION_BYTES, &manifest->version);
        break;
    case RADON_FIELD_SEQUENCE:
        radon_fields_uint(fields, 1, UINT32_MAX, &manifest->sequence);
        break;
    case RADON_FIELD_ABI:
        radon_fields_uint(fields, 1, ABI_MAX, &manifest->abi);
        break;
    case RADON_FIELD_BOARD:
        radon_fields_text(fields, RADON_MAX_NAME_BYTES, &manifest->board);
        break;
    case RADON_FIELD_CONFIGURATION:
        read_configuration(fields, manifest);
        break;
    default:
        read_payloads(fields, &manifest->payload);
    }
}

/** Numbers that may be left out. */
static const radon_manifest_limits_t usual_limits = {
    .instances = USUAL_INSTANCES,
    .idle_ms = USUAL_IDLE_MS,
    .max_events = USUAL_MAX_EVENTS,
    .inbox_create_after_ms = USUAL_INBOX_CREATE_AFTER_MS,
    .max_restarts = USUAL_MAX_RESTARTS,
    .window_ms = USUAL_WINDOW_MS,
};

bool radon_manifest_parse(radon_bytes_t encoded, radon_manifest_t *manifest,
                          char detail[RADON_MANIFEST_DETAIL_BYTES])
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_NAME, true},     {RADON_FIELD_VERSION, true}, {RADON_FIELD_SEQUENCE, true},
        {RADON_FIELD_ABI, true},      {RADON_FIELD_BOARD, true},   {RADON_FIELD_CONFIGURATION, true},
        {RADON_FIELD_PAYLOADS, true},
    };
    radon_fields_t fields;
    radon_fields_map_t map;
    memset(manifest, 0, sizeof(*manifest));
    manifest->limits = usual_limits;
    radon_fields_init(&fields, "the manifest", encoded, detail, RADON_MANIFEST_DETAIL_BYTES);
    radon_fields_map_open(&fields, &map, members, COUNT(members));
    while (radon_fields_map_next(&fields, &map)) {
        read_member(&fields, map.key, manifest);
    }
    radon_fields_map_close(&fields, &map);
    return radon_fields_end(&fields);
}

bool radon_manifest_is_name(radon_bytes_t text)
{
    return radon_fields_is_name(text);
}

/* ---- Arrays of a parsed manifest ---- */

void radon_manifest_list(radon_manifest_list_t *list, const radon_manifest_array_t *array)
{
    uint32_t count;
    radon_cbor_reader_init(&list->reader, array->encoded);
    (void)radon_cbor_enter_array(&list->reader, &count);
}

bool radon_manifest_next_text(radon_manifest_list_t *list, radon_bytes_t *text)
{
    return radon_cbor_has_next(&list->reader) && radon_cbor_read_text(&list->reader, text);
}

bool radon_manifest_next_resource(radon_manifest_list_t *list, radon_manifest_resource_t *resource)
{
    char detail[RADON_MANIFEST_DETAIL_BYTES];
    radon_fields_t fields;
    if (!radon_cbor_has_next(&list->reader)) {
        return false;
    }
    radon_fields_init(&fields, "", radon_bytes(NULL, 0), detail, sizeof(detail));
    fields.cbor = list->reader;
    const bool read = read_resource(&fields, resource);
    list->reader = fields.cbor;
    return read;
}

/* ---- Memory ---- */

static uint64_t round8(uint64_t bytes)
{
    return (bytes + 7) & ~UINT64_C(7);
}

/** Bytes for each place in the inbox and each pending reply. */
#define PLACE_BYTES 40U

uint64_t radon_manifest_block_bytes(const radon_manifest_t *manifest, uint32_t atom_overhead,
                                    uint32_t instance_overhead)
{
    const radon_manifest_limits_t *limits = &manifest->limits;
    return limits->instances * (round8(manifest->payload.run) + instance_overhead) +
           round8(limits->inbox_bytes) + round8(limits->publish) +
           round8((uint64_t)limits->body * limits->pending) +
           (uint64_t)PLACE_BYTES * (limits->inbox_messages + limits->pending) + atom_overhead;
}
