#include "capture_waiting.h"

#include "radon/runtime/snapshot.h"

/** Milliseconds of a tick difference; 0 for one that is not past. */
static uint32_t tick_ms(radon_tick_t from, radon_tick_t to)
{
    int32_t ticks = (int32_t)(to - from);
    return ticks < 0 ? 0 : (uint32_t)(((uint64_t)(uint32_t)ticks * 1024U) / 1000U);
}

/* ---- Events ---- */

/** An event that waits, as it is found by its place. */
typedef struct {
    uint32_t place;
    radon_snapshot_event_t event;
} waiting_t;

static uint8_t signal_flags(const radon_signal_t *signal)
{
    return (signal->marks & RADON_SIGNAL_RETRIED) != 0 ? RADON_SNAPSHOT_RETRIED : 0;
}

static waiting_t of_signal(radon_event_kind_t kind, const radon_signal_t *signal, uint8_t handle)
{
    return (waiting_t){.place = signal->place,
                       .event = {.kind = kind,
                                 .event = signal->id,
                                 .handle = handle,
                                 .format = -1,
                                 .flags = signal_flags(signal)}};
}

static waiting_t of_response(const radon_opens_t *opens, const radon_open_t *open)
{
    waiting_t waiting = of_signal(RADON_EVENT_RESPONSE, &open->signal, open->observes);
    waiting.event.correlation = open->id;
    waiting.event.code = open->code;
    waiting.event.reason = open->error;
    waiting.event.format = open->format == RADON_FORMAT_NONE ? -1 : open->format;
    waiting.event.payload = radon_bytes(radon_opens_body(opens, open), open->length);
    return waiting;
}

static waiting_t of_record(const radon_atom_t *atom, const radon_inbox_event_t *record, radon_tick_t frozen)
{
    waiting_t waiting = {.place = record->place,
                         .event = {.kind = (radon_event_kind_t)record->kind,
                                   .event = record->id,
                                   .age_ms = tick_ms(record->arrived, frozen),
                                   .format = -1,
                                   .sender = radon_inbox_head(&atom->inbox, record),
                                   .payload = radon_inbox_payload(&atom->inbox, record)}};
    radon_snapshot_event_t *event = &waiting.event;
    event->flags |= (record->marks & RADON_INBOX_KEPT) != 0 ? RADON_SNAPSHOT_KEPT : 0;
    event->flags |= (record->marks & RADON_INBOX_RETRIED) != 0 ? RADON_SNAPSHOT_RETRIED : 0;
    if (record->kind == RADON_EVENT_MESSAGE) {
        event->id = record->message.id;
        event->correlation = record->message.correlation;
        event->flags |= record->message.unordered ? RADON_SNAPSHOT_UNORDERED : 0;
    } else {
        event->correlation = record->report.id;
        event->reason = record->report.outcome;
        event->handle = record->report.error;
    }
    return waiting;
}

/** What waits, one after another in no order; false past the last. Requests stay on the node. */
static bool nth_record(const radon_actor_t *actor, uint32_t n, waiting_t *waiting)
{
    const radon_atom_t *atom = actor->atom;
    const radon_inbox_event_t *record = &atom->inbox.events[n];
    bool moves = (record->kind == RADON_EVENT_MESSAGE || record->kind == RADON_EVENT_UNDELIVERED) &&
                 (record->marks & RADON_INBOX_CLOSED) == 0;
    if (moves) {
        *waiting = of_record(atom, record, radon_tick_at(actor->frozen_us));
    }
    return moves;
}

static bool waits(const radon_signal_t *signal)
{
    return (signal->marks & RADON_SIGNAL_WAITING) != 0;
}

static bool nth_watch(const radon_actor_t *actor, uint32_t n, waiting_t *waiting)
{
    const radon_watch_t *watch = &actor->watches[n];
    *waiting = of_signal(RADON_EVENT_IO, &watch->signal, (uint8_t)n);
    waiting->event.reason = watch->edge;
    waiting->event.payload = radon_bytes(&watch->value, sizeof watch->value);
    return waits(&watch->signal);
}

static bool nth_timer(const radon_actor_t *actor, uint32_t n, waiting_t *waiting)
{
    const radon_signal_t *signal = &actor->timers.timers[n].signal;
    *waiting = of_signal(RADON_EVENT_TIMER, signal, (uint8_t)n);
    return waits(signal);
}

static bool nth_response(const radon_actor_t *actor, uint32_t n, waiting_t *waiting)
{
    const radon_opens_t *opens = &actor->atom->opens;
    const radon_open_t *open = &opens->places[n];
    *waiting = of_response(opens, open);
    return open->state == RADON_OPEN_OWN && waits(&open->signal);
}

/** Where events may wait, and how many places there are. */
typedef struct {
    bool (*nth)(const radon_actor_t *actor, uint32_t n, waiting_t *waiting);
    uint32_t count;
} source_t;

#define SOURCES 4U

static void list_sources(const radon_actor_t *actor, source_t sources[SOURCES])
{
    const radon_configuration_t *configuration = &actor->atom->configuration;
    sources[0] = (source_t){nth_record, actor->atom->inbox.count};
    sources[1] = (source_t){nth_watch, configuration->io_count};
    sources[2] = (source_t){nth_timer, actor->timers.limit};
    sources[3] = (source_t){nth_response, actor->atom->opens.count};
}

/** The waiting event with the lowest place behind `*after` (NULL: the first); counts all that wait. */
static bool next_waiting(const radon_actor_t *actor, const uint32_t *after, waiting_t *next, size_t *count)
{
    source_t sources[SOURCES];
    bool found = false;
    *count = 0;
    list_sources(actor, sources);
    for (uint32_t s = 0; s < SOURCES; s++) {
        for (uint32_t n = 0; n < sources[s].count; n++) {
            waiting_t other;
            if (!sources[s].nth(actor, n, &other)) {
                continue;
            }
            (*count)++;
            bool behind = after == NULL || (int32_t)(other.place - *after) > 0;
            if (behind && (!found || (int32_t)(other.place - next->place) < 0)) {
                *next = other;
                found = true;
            }
        }
    }
    return found;
}

/** A sender on this node is told with the name of the node. */
static void write_sender(radon_document_t *doc, radon_bytes_t node, const radon_snapshot_event_t *event)
{
    uint8_t text[RADON_SNAPSHOT_SENDER_BYTES];
    radon_sink_t sink;
    radon_sink_init(&sink, text, sizeof text, 0);
    if (event->kind == RADON_EVENT_MESSAGE && memchr(event->sender.data, '/', event->sender.len) == NULL) {
        radon_sink_write(&sink, node.data, node.len);
        radon_sink_put(&sink, '/');
    }
    radon_sink_write(&sink, event->sender.data, event->sender.len);
    radon_document_field_text(doc, RADON_FIELD_SENDER, radon_sink_window(&sink));
}

static void write_unless_zero(radon_document_t *doc, radon_field_t field, int64_t value)
{
    if (value != 0) {
        radon_document_field_int(doc, field, value);
    }
}

static size_t members_of(const radon_snapshot_event_t *event)
{
    return (size_t)1 + (event->format >= 0) + (event->id != 0) + (event->reason != 0) + (event->event != 0) +
           (event->age_ms != 0) + (event->code != 0) + (event->correlation != 0) + (event->flags != 0) +
           (event->payload.len > 0) + (event->handle != 0) + (event->sender.len > 0);
}

static void write_event(radon_document_t *doc, radon_bytes_t node, const radon_snapshot_event_t *event)
{
    radon_document_map(doc, members_of(event));
    if (event->format >= 0) {
        radon_document_field_int(doc, RADON_FIELD_FORMAT, event->format);
    }
    radon_document_field_uint(doc, RADON_FIELD_KIND, event->kind);
    write_unless_zero(doc, RADON_FIELD_ID, event->id);
    write_unless_zero(doc, RADON_FIELD_REASON, event->reason);
    write_unless_zero(doc, RADON_FIELD_EVENT, event->event);
    write_unless_zero(doc, RADON_FIELD_AGE_MS, event->age_ms);
    write_unless_zero(doc, RADON_FIELD_CODE, event->code);
    write_unless_zero(doc, RADON_FIELD_CORRELATION, event->correlation);
    write_unless_zero(doc, RADON_FIELD_FLAGS, event->flags);
    if (event->payload.len > 0) {
        radon_document_field_bytes(doc, RADON_FIELD_PAYLOAD, event->payload);
    }
    write_unless_zero(doc, RADON_FIELD_HANDLE, event->handle);
    if (event->sender.len > 0) {
        write_sender(doc, node, event);
    }
    radon_document_end(doc);
}

void radon_capture_inbox(radon_document_t *doc, const radon_actor_t *actor)
{
    waiting_t waiting;
    size_t count;
    bool more = next_waiting(actor, NULL, &waiting, &count);
    size_t left = count;
    radon_bytes_t node = actor->atom->runtime->messaging.node;
    radon_document_field(doc, RADON_FIELD_INBOX);
    radon_document_array(doc, left);
    while (more && left > 0) {
        uint32_t place = waiting.place;
        write_event(doc, node, &waiting.event);
        left--;
        more = next_waiting(actor, &place, &waiting, &count);
    }
    radon_document_end(doc);
}

/* ---- Own requests ---- */

/** The request of a place that has no last answer yet, or NULL. */
static const radon_ask_t *ask_of(const radon_actor_t *actor, const radon_open_t *open)
{
    const radon_runtime_t *runtime = actor->atom->runtime;
    const radon_asks_t *asks = &runtime->messaging.asks;
    uint8_t definition = radon_runtime_index(runtime, actor->atom->definition);
    for (size_t i = 0; i < RADON_ASKS_MAX; i++) {
        const radon_ask_t *ask = &asks->asks[i];
        if (ask->state != RADON_ASK_FREE && ask->definition == definition && ask->serial == open->exchange) {
            return ask;
        }
    }
    return NULL;
}

/** The own request with the lowest id above `after` that is not answered, or NULL; counts all of them. */
static const radon_open_t *next_request(const radon_actor_t *actor, uint32_t after, size_t *count)
{
    const radon_opens_t *opens = &actor->atom->opens;
    const radon_open_t *next = NULL;
    *count = 0;
    for (uint8_t i = 0; i < opens->count; i++) {
        const radon_open_t *open = &opens->places[i];
        if (open->state != RADON_OPEN_OWN || ask_of(actor, open) == NULL) {
            continue;
        }
        (*count)++;
        if (open->id > after && (next == NULL || open->id < next->id)) {
            next = open;
        }
    }
    return next;
}

static void write_request(radon_document_t *doc, const radon_open_t *open, const radon_ask_t *ask)
{
    radon_document_map(doc, (size_t)4 + ask->observe);
    radon_document_field_uint(doc, RADON_FIELD_ID, open->id);
    radon_document_field_uint(doc, RADON_FIELD_METHOD, ask->method);
    radon_document_field_uint(doc, RADON_FIELD_HOPS, ask->hops);
    if (ask->observe) {
        radon_document_field_bool(doc, RADON_FIELD_OBSERVE, true);
    }
    radon_document_field_text(doc, RADON_FIELD_URI, radon_bytes(ask->uri, ask->uri_length));
    radon_document_end(doc);
}

void radon_capture_requests(radon_document_t *doc, const radon_actor_t *actor)
{
    size_t count;
    const radon_open_t *open = next_request(actor, 0, &count);
    radon_document_field(doc, RADON_FIELD_REQUESTS);
    radon_document_array(doc, count);
    for (size_t left = count; open != NULL && left > 0; left--) {
        write_request(doc, open, ask_of(actor, open));
        open = next_request(actor, open->id, &count);
    }
    radon_document_end(doc);
}
