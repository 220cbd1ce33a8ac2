#include "restore_lists.h"

#include "radon/coap/uri.h"
#include "radon/runtime/notices.h"

/** Where the lists are. */
typedef struct {
    const radon_snapshot_t *snapshot;
    const radon_snapshot_limits_t *limits;
} source_t;

/* ---- Timers, watches, publications ---- */

static void restore_timers(radon_actor_t *actor, const source_t *source)
{
    radon_snapshot_items_t items;
    radon_snapshot_timer_t timer;
    radon_snapshot_items(&items, source->snapshot->timers, source->limits);
    while (radon_snapshot_next_timer(&items, &timer)) {
        (void)radon_timers_set(&actor->timers, (int32_t)timer.handle, (int32_t)timer.due_ms,
                               (int32_t)timer.period_ms, actor->frozen_us);
    }
}

static void restore_watches(radon_actor_t *actor, const source_t *source)
{
    radon_snapshot_items_t items;
    radon_snapshot_watch_t watch;
    radon_snapshot_items(&items, source->snapshot->watches, source->limits);
    while (radon_snapshot_next_watch(&items, &watch)) {
        actor->watches[watch.handle].edges = (uint8_t)watch.edges;
    }
}

static void restore_publications(radon_actor_t *actor, const source_t *source)
{
    radon_snapshot_items_t items;
    radon_snapshot_publication_t publication;
    uint64_t now_us = actor->frozen_us;
    radon_snapshot_items(&items, source->snapshot->publications, source->limits);
    while (radon_snapshot_next_publication(&items, &publication)) {
        const radon_publication_t entry = {
            .expires_us =
                publication.limited ? now_us + publication.max_age_ms * 1000U : RADON_PUBLICATION_NO_EXPIRY,
            .format = (uint16_t)publication.format,
            .resource = (uint8_t)publication.resource,
        };
        radon_ceiling_t ceiling = radon_port_ceiling_raise();
        (void)radon_publications_put(&actor->atom->publications, &entry, publication.payload.data,
                                     publication.payload.len, now_us);
        radon_port_ceiling_restore(ceiling);
    }
}

/* ---- What waited ---- */

/** A sender on this node is called by its name alone. */
static radon_bytes_t bare_name(radon_bytes_t sender, radon_bytes_t node)
{
    bool here = sender.len > node.len && radon_bytes_start_with(sender, node) && sender.data[node.len] == '/';
    return here ? radon_bytes(sender.data + node.len + 1, sender.len - node.len - 1) : sender;
}

static void restore_record(radon_actor_t *actor, const radon_snapshot_event_t *event)
{
    radon_atom_t *atom = actor->atom;
    bool kept = (event->flags & RADON_SNAPSHOT_KEPT) != 0;
    bool retried = (event->flags & RADON_SNAPSHOT_RETRIED) != 0;
    uint32_t age_ms =
        event->age_ms < atom->configuration.wait_ms ? event->age_ms : atom->configuration.wait_ms;
    radon_inbox_event_t record = {
        .place = atom->next_place++,
        .id = event->event,
        .arrived = radon_tick_at(actor->frozen_us) - radon_tick_from_ms(age_ms),
        .kind = (uint8_t)event->kind,
        .marks = (uint8_t)((kept ? RADON_INBOX_KEPT : 0) | (retried ? RADON_INBOX_RETRIED : 0)),
        .keeper = kept ? radon_actor_place(actor) : 0,
    };
    radon_bytes_t sender = event->sender;
    if (event->kind == RADON_EVENT_MESSAGE) {
        record.message = (radon_inbox_message_t){.id = event->id,
                                                 .correlation = event->correlation,
                                                 .unordered = (event->flags & RADON_SNAPSHOT_UNORDERED) != 0};
        sender = bare_name(sender, atom->runtime->messaging.node);
    } else {
        record.report = (radon_inbox_report_t){
            .id = event->correlation, .outcome = (uint8_t)event->reason, .error = (int8_t)event->handle};
    }
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    (void)radon_inbox_append(&atom->inbox, &record, sender, event->payload);
    radon_port_ceiling_restore(ceiling);
}

static void raise_signal(radon_atom_t *atom, radon_signal_t *signal, const radon_snapshot_event_t *event)
{
    radon_signal_raise(signal, &atom->next_place);
    signal->id = event->event;
    signal->marks |= (event->flags & RADON_SNAPSHOT_RETRIED) != 0 ? RADON_SIGNAL_RETRIED : 0;
}

static void restore_reading(radon_actor_t *actor, const radon_snapshot_event_t *event)
{
    radon_watch_t *watch = &actor->watches[event->handle];
    raise_signal(actor->atom, &watch->signal, event);
    watch->edge = (uint8_t)event->reason;
    memcpy(&watch->value, event->payload.data, sizeof watch->value);
}

/* ---- Own requests ---- */

static radon_open_t *find_own(const radon_opens_t *opens, uint32_t id)
{
    for (uint8_t i = 0; i < opens->count; i++) {
        if (opens->places[i].state == RADON_OPEN_OWN && opens->places[i].id == id) {
            return &opens->places[i];
        }
    }
    return NULL;
}

/** A place for the own request `id`; there are as many as the snapshot needs. Under the ceiling. */
static radon_open_t *open_own(const radon_actor_t *actor, uint32_t id)
{
    radon_open_t *open = radon_opens_reserve(&actor->atom->opens);
    *open = (radon_open_t){
        .id = id, .format = RADON_FORMAT_NONE, .owner = radon_actor_place(actor), .state = RADON_OPEN_OWN};
    return open;
}

static void restore_response(radon_actor_t *actor, const radon_snapshot_event_t *event)
{
    radon_atom_t *atom = actor->atom;
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_open_t *open = find_own(&atom->opens, event->correlation);
    open = open != NULL ? open : open_own(actor, event->correlation);
    open->code = event->code;
    open->format = event->format < 0 ? RADON_FORMAT_NONE : (uint16_t)event->format;
    open->error = (int8_t)event->reason;
    open->observes = event->handle != 0;
    open->length = (uint16_t)event->payload.len;
    if (event->payload.len > 0) {
        memcpy(radon_opens_body(&atom->opens, open), event->payload.data, event->payload.len);
    }
    raise_signal(atom, &open->signal, event);
    radon_port_ceiling_restore(ceiling);
}

/** Asks again; false when the node has no room for it. Under the ceiling. */
static bool ask_again(const radon_actor_t *actor, radon_open_t *open, const radon_snapshot_request_t *request)
{
    radon_atom_t *atom = actor->atom;
    radon_ask_t *ask = radon_asks_reserve(&atom->runtime->messaging.asks);
    if (ask == NULL) {
        return false;
    }
    ask->definition = radon_runtime_index(atom->runtime, atom->definition);
    ask->place = (uint8_t)(open - atom->opens.places);
    ask->method = (uint8_t)request->method;
    ask->hops = (uint8_t)request->hops;
    ask->observe = request->observe;
    ask->format = RADON_FORMAT_NONE;
    ask->uri_length = (uint8_t)request->uri.len;
    memcpy(ask->uri, request->uri.data, request->uri.len);
    open->exchange = ask->serial;
    ask->state = RADON_ASK_NEW;
    return true;
}

static void give_up(radon_actor_t *actor, radon_open_t *open, radon_err_t error)
{
    const radon_snapshot_event_t none = {.kind = RADON_EVENT_RESPONSE};
    open->error = (int8_t)error;
    raise_signal(actor->atom, &open->signal, &none);
}

/** A GET changes nothing; what became of others is not known. Under the ceiling. */
static void restore_request(radon_actor_t *actor, const radon_snapshot_request_t *request)
{
    radon_uri_t uri;
    radon_open_t *open = find_own(&actor->atom->opens, request->id);
    bool answered = open != NULL;
    open = answered ? open : open_own(actor, request->id);
    open->hops = (uint8_t)request->hops;
    bool known = radon_uri_parse(&uri, request->uri);
    bool asked = known && request->method == RADON_METHOD_GET && ask_again(actor, open, request);
    if (!asked && !answered) {
        give_up(actor, open, known ? RADON_E_TIMEOUT : RADON_E_NO_ROUTE);
    }
}

/** After the responses that wait, which keep their order. */
static void restore_requests(radon_actor_t *actor, const source_t *source)
{
    radon_snapshot_items_t items;
    radon_snapshot_request_t request;
    radon_snapshot_items(&items, source->snapshot->requests, source->limits);
    while (radon_snapshot_next_request(&items, &request)) {
        radon_ceiling_t ceiling = radon_port_ceiling_raise();
        restore_request(actor, &request);
        radon_port_ceiling_restore(ceiling);
    }
    radon_port_network_pend();
}

/* ---- All that waited ---- */

static void restore_events(radon_actor_t *actor, const source_t *source)
{
    radon_snapshot_items_t items;
    radon_snapshot_event_t event;
    radon_snapshot_items(&items, source->snapshot->inbox, source->limits);
    while (radon_snapshot_next_event(&items, &event)) {
        switch (event.kind) {
        case RADON_EVENT_TIMER:
            raise_signal(actor->atom, &actor->timers.timers[event.handle].signal, &event);
            break;
        case RADON_EVENT_IO:
            restore_reading(actor, &event);
            break;
        case RADON_EVENT_RESPONSE:
            restore_response(actor, &event);
            break;
        default:
            restore_record(actor, &event);
            break;
        }
    }
}

/* ---- Aliases ---- */

static void restore_aliases(radon_actor_t *actor, const source_t *source)
{
    radon_runtime_t *runtime = actor->atom->runtime;
    uint8_t definition = radon_runtime_index(runtime, actor->atom->definition);
    radon_snapshot_items_t items;
    radon_bytes_t alias;
    radon_snapshot_items(&items, source->snapshot->aliases, source->limits);
    while (radon_snapshot_next_alias(&items, &alias)) {
        radon_ceiling_t ceiling = radon_port_ceiling_raise();
        (void)radon_aliases_join(&runtime->messaging.aliases, alias, definition, actor->number);
        radon_port_ceiling_restore(ceiling);
    }
    radon_notices_names(runtime);
}

/* ---- All lists ---- */

void radon_restore_lists(radon_actor_t *actor, const radon_snapshot_t *snapshot,
                         const radon_snapshot_limits_t *limits)
{
    const source_t source = {.snapshot = snapshot, .limits = limits};
    restore_timers(actor, &source);
    restore_watches(actor, &source);
    restore_publications(actor, &source);
    restore_events(actor, &source);
    restore_requests(actor, &source);
    restore_aliases(actor, &source);
}
