#include "radon/runtime/event.h"

#include "radon/runtime/activation.h"
#include "radon/runtime/policy.h"
#include "radon/runtime/settle.h"

/* ---- Making an event current ---- */

static int32_t take_id(radon_atom_t *atom, uint32_t *id)
{
    if (*id == 0) {
        *id = atom->next_event_id;
        atom->next_event_id = *id == INT32_MAX ? 1 : *id + 1; /* an i32 above 0 to the guest */
    }
    return (int32_t)*id;
}

static radon_event_t *begin(radon_atom_t *atom, radon_event_kind_t kind, radon_source_t source, uint8_t index)
{
    radon_event_t *event = &atom->runtime->event;
    memset(event, 0, sizeof *event);
    event->current = true;
    event->source = source;
    event->index = index;
    event->hops = RADON_MAX_HOPS;
    event->scalars[RADON_EVENT_FIELD_KIND] = (int32_t)kind;
    event->scalars[RADON_EVENT_FIELD_FORMAT] = -1;
    event->scalars[RADON_EVENT_FIELD_ACCEPT] = -1;
    return event;
}

void radon_event_begin(radon_atom_t *atom, radon_event_kind_t kind, int32_t reason)
{
    uint32_t id = 0;
    radon_event_t *event = begin(atom, kind, RADON_SOURCE_NONE, 0);
    event->scalars[RADON_EVENT_FIELD_ID] = take_id(atom, &id);
    event->scalars[RADON_EVENT_FIELD_REASON] = reason;
}

static int32_t format_scalar(uint16_t format)
{
    return format == RADON_FORMAT_NONE ? -1 : format;
}

static radon_bytes_t *event_bytes(radon_event_t *event, radon_event_field_t field)
{
    return &event->bytes[field - RADON_EVENT_FIELD_SENDER];
}

/** A place of `pending` is free. */
static void begin_request(radon_atom_t *atom, radon_event_t *event, radon_inbox_event_t *record,
                          const radon_actor_t *actor)
{
    const radon_inbox_request_t *request = &record->request;
    event->hops = request->hops;
    event->scalars[RADON_EVENT_FIELD_METHOD] = request->method;
    event->scalars[RADON_EVENT_FIELD_FORMAT] = format_scalar(request->format);
    event->scalars[RADON_EVENT_FIELD_ACCEPT] = format_scalar(request->accept);
    *event_bytes(event, RADON_EVENT_FIELD_PATH) = atom->configuration.resources[request->resource];
    *event_bytes(event, RADON_EVENT_FIELD_QUERY) = radon_inbox_head(&atom->inbox, record);
    *radon_opens_reserve(&atom->opens) = (radon_open_t){.id = record->id,
                                                        .exchange = request->exchange,
                                                        .since = record->arrived,
                                                        .owner = radon_actor_place(actor),
                                                        .state = RADON_OPEN_RUNNING};
}

static void begin_report(radon_event_t *event, const radon_inbox_report_t *report)
{
    event->scalars[RADON_EVENT_FIELD_CORRELATION] = (int32_t)report->id;
    event->scalars[RADON_EVENT_FIELD_REASON] = report->outcome;
    event->scalars[RADON_EVENT_FIELD_HANDLE] = report->error;
}

static void begin_record(radon_atom_t *atom, uint8_t index, const radon_actor_t *actor)
{
    radon_inbox_event_t *record = &atom->inbox.events[index];
    radon_event_t *event = begin(atom, (radon_event_kind_t)record->kind, RADON_SOURCE_INBOX, index);
    event->scalars[RADON_EVENT_FIELD_ID] = take_id(atom, &record->id);
    *event_bytes(event, RADON_EVENT_FIELD_PAYLOAD) = radon_inbox_payload(&atom->inbox, record);
    record->marks |= RADON_INBOX_ASSIGNED;
    if (record->kind == RADON_EVENT_REQUEST) {
        begin_request(atom, event, record, actor);
        return;
    }
    *event_bytes(event, RADON_EVENT_FIELD_SENDER) = radon_inbox_head(&atom->inbox, record);
    if (record->kind == RADON_EVENT_MESSAGE) {
        event->scalars[RADON_EVENT_FIELD_CORRELATION] = (int32_t)record->message.correlation;
    } else if (record->kind == RADON_EVENT_UNDELIVERED) {
        begin_report(event, &record->report);
    }
}

void radon_event_begin_spawned(radon_atom_t *atom, uint8_t index)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    begin_record(atom, index, NULL);
    radon_port_ceiling_restore(ceiling);
}

static void assign(radon_atom_t *atom, radon_signal_t *signal)
{
    atom->runtime->event.scalars[RADON_EVENT_FIELD_ID] = take_id(atom, &signal->id);
    signal->marks = (uint8_t)((signal->marks & RADON_SIGNAL_RETRIED) | RADON_SIGNAL_ASSIGNED);
}

static void begin_timer(radon_actor_t *actor, uint8_t index)
{
    radon_event_t *event = begin(actor->atom, RADON_EVENT_TIMER, RADON_SOURCE_TIMER, index);
    event->scalars[RADON_EVENT_FIELD_HANDLE] = index;
    assign(actor->atom, &actor->timers.timers[index].signal);
}

static void begin_reading(radon_actor_t *actor, uint8_t index)
{
    radon_watch_t *watch = &actor->watches[index];
    radon_event_t *event = begin(actor->atom, RADON_EVENT_IO, RADON_SOURCE_WATCH, index);
    event->scalars[RADON_EVENT_FIELD_HANDLE] = index;
    event->scalars[RADON_EVENT_FIELD_REASON] = watch->edge;
    event->reading = watch->value;
    *event_bytes(event, RADON_EVENT_FIELD_PAYLOAD) = radon_bytes(&event->reading, sizeof event->reading);
    assign(actor->atom, &watch->signal);
}

static void begin_response(radon_atom_t *atom, uint8_t index)
{
    radon_open_t *open = &atom->opens.places[index];
    radon_event_t *event = begin(atom, RADON_EVENT_RESPONSE, RADON_SOURCE_RESPONSE, index);
    event->scalars[RADON_EVENT_FIELD_METHOD] = open->code;
    event->scalars[RADON_EVENT_FIELD_FORMAT] = format_scalar(open->format);
    event->scalars[RADON_EVENT_FIELD_CORRELATION] = (int32_t)open->id;
    event->scalars[RADON_EVENT_FIELD_REASON] = open->error;
    event->scalars[RADON_EVENT_FIELD_HANDLE] = open->observes;
    *event_bytes(event, RADON_EVENT_FIELD_PAYLOAD) =
        radon_bytes(radon_opens_body(&atom->opens, open), open->length);
    assign(atom, &open->signal);
}

/* ---- Choosing ---- */

/** Removes what the network level found to have waited too long. Under the ceiling. */
static void sweep_closed(radon_atom_t *atom)
{
    for (uint8_t i = atom->inbox.count; i > 0; i--) {
        if ((atom->inbox.events[i - 1].marks & RADON_INBOX_CLOSED) != 0) {
            radon_settle_drop(atom, (uint8_t)(i - 1), RADON_DROP_EXPIRED);
        }
    }
}

void radon_event_sweep(radon_atom_t *atom)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    sweep_closed(atom);
    radon_port_ceiling_restore(ceiling);
}

void radon_event_release_held(radon_atom_t *atom)
{
    radon_inbox_release_held(&atom->inbox);
    for (uint8_t i = 0; i < atom->opens.count; i++) {
        atom->opens.places[i].signal.marks &= (uint8_t)~RADON_SIGNAL_HELD;
    }
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        radon_actor_release_held(&atom->actors[i]);
    }
    atom->held_until_us = UINT64_MAX;
}

typedef struct {
    radon_source_t source;
    uint8_t index;
    uint32_t place;
    radon_actor_t *actor;
    bool create;
} candidate_t;

/** Keeps the one with the lowest place. */
static void consider(candidate_t *best, const candidate_t *other)
{
    if (best->actor == NULL || (int32_t)(other->place - best->place) < 0) {
        *best = *other;
    }
}

static void consider_signal(candidate_t *best, radon_actor_t *actor, radon_source_t source, uint8_t index,
                            const radon_signal_t *signal)
{
    if (radon_signal_eligible(signal)) {
        const candidate_t other = {.source = source, .index = index, .place = signal->place, .actor = actor};
        consider(best, &other);
    }
}

static void consider_signals(radon_actor_t *actor, candidate_t *best)
{
    const radon_configuration_t *configuration = &actor->atom->configuration;
    for (uint8_t i = 0; i < configuration->timers; i++) {
        consider_signal(best, actor, RADON_SOURCE_TIMER, i, &actor->timers.timers[i].signal);
    }
    for (uint8_t i = 0; i < configuration->io_count; i++) {
        consider_signal(best, actor, RADON_SOURCE_WATCH, i, &actor->watches[i].signal);
    }
}

static void consider_instances(radon_atom_t *atom, candidate_t *best, uint64_t now_us)
{
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        radon_actor_t *actor = &atom->actors[i];
        if (actor->state == RADON_ACTOR_LIVE) {
            radon_timers_expire(&actor->timers, now_us, &atom->next_place);
            consider_signals(actor, best);
        }
    }
}

static void consider_responses(radon_atom_t *atom, candidate_t *best)
{
    for (uint8_t i = 0; i < atom->opens.count; i++) {
        const radon_open_t *open = &atom->opens.places[i];
        if (open->state == RADON_OPEN_OWN && atom->actors[open->owner - 1].state == RADON_ACTOR_LIVE) {
            consider_signal(best, &atom->actors[open->owner - 1], RADON_SOURCE_RESPONSE, i, &open->signal);
        }
    }
}

/** Whether the module has what the event needs; START has no need of a handler. */
static bool is_handled(const radon_atom_t *atom, const radon_inbox_event_t *record)
{
    radon_export_t handler = radon_activation_export((radon_event_kind_t)record->kind);
    return record->kind == RADON_EVENT_START || (atom->exports >> handler & 1U) != 0;
}

/** Who takes record `index` now; one that nobody will ever take is dropped. */
static bool find_taker(radon_atom_t *atom, uint8_t index, uint64_t now_us, radon_taker_t *taker)
{
    const radon_inbox_event_t *record = &atom->inbox.events[index];
    *taker = (radon_taker_t){.kind = RADON_TAKER_NOBODY};
    if (!radon_inbox_is_eligible(&atom->inbox, index)) {
        return true;
    }
    if (!is_handled(atom, record)) {
        radon_settle_drop(atom, index, RADON_DROP_UNHANDLED);
        return false;
    }
    *taker = radon_policy_taker(atom, record, now_us);
    if (taker->kind == RADON_TAKER_REFUSED) {
        radon_settle_drop(atom, index, RADON_DROP_REJECTED);
        return false;
    }
    if (record->kind == RADON_EVENT_REQUEST && radon_opens_reserve(&atom->opens) == NULL) {
        taker->kind = RADON_TAKER_NOBODY;
    }
    return true;
}

/** The first record that somebody may take now. */
static void consider_inbox(radon_atom_t *atom, candidate_t *best, uint64_t now_us)
{
    uint8_t index = 0;
    while (index < atom->inbox.count) {
        radon_taker_t taker;
        bool stays = find_taker(atom, index, now_us, &taker);
        if (taker.kind == RADON_TAKER_INSTANCE || taker.kind == RADON_TAKER_NEW) {
            const candidate_t other = {.source = RADON_SOURCE_INBOX,
                                       .index = index,
                                       .place = atom->inbox.events[index].place,
                                       .actor = &atom->actors[taker.place],
                                       .create = taker.kind == RADON_TAKER_NEW};
            consider(best, &other);
            return;
        }
        index = (uint8_t)(index + stays);
    }
}

/** The instance is made for this record: nobody else takes it meanwhile. */
static void hold_for(radon_atom_t *atom, const candidate_t *chosen)
{
    radon_inbox_event_t *record = &atom->inbox.events[chosen->index];
    if (record->kind != RADON_EVENT_START) {
        record->keeper = radon_actor_place(chosen->actor);
        bool rejected = (record->marks & RADON_INBOX_REJECTED) != 0;
        record->marks |= rejected ? RADON_INBOX_STARTED | RADON_INBOX_RENEWED : RADON_INBOX_STARTED;
    }
}

static void begin_chosen(radon_atom_t *atom, const candidate_t *chosen)
{
    switch (chosen->source) {
    case RADON_SOURCE_INBOX:
        begin_record(atom, chosen->index, chosen->actor);
        break;
    case RADON_SOURCE_TIMER:
        begin_timer(chosen->actor, chosen->index);
        break;
    case RADON_SOURCE_WATCH:
        begin_reading(chosen->actor, chosen->index);
        break;
    default:
        begin_response(atom, chosen->index);
    }
}

radon_event_choice_t radon_event_next(radon_atom_t *atom, uint64_t now_us)
{
    candidate_t chosen = {.actor = NULL};
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    sweep_closed(atom);
    if (atom->held_until_us <= now_us) {
        radon_event_release_held(atom);
    }
    consider_instances(atom, &chosen, now_us);
    consider_responses(atom, &chosen);
    consider_inbox(atom, &chosen, now_us);
    if (chosen.create) {
        hold_for(atom, &chosen);
    } else if (chosen.actor != NULL) {
        begin_chosen(atom, &chosen);
    }
    radon_port_ceiling_restore(ceiling);
    return (radon_event_choice_t){.actor = chosen.actor, .create = chosen.create, .index = chosen.index};
}

/* ---- Waiting ---- */

uint64_t radon_event_next_due(const radon_atom_t *atom, uint64_t now_us)
{
    uint64_t due = radon_policy_next_due(atom, now_us);
    due = atom->held_until_us < due ? atom->held_until_us : due;
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        const radon_actor_t *actor = &atom->actors[i];
        uint64_t own = actor->state == RADON_ACTOR_LIVE      ? radon_timers_next_due(&actor->timers)
                       : actor->state == RADON_ACTOR_BACKOFF ? actor->restart_at_us
                                                             : UINT64_MAX;
        due = own < due ? own : due;
    }
    return due;
}

static bool matches(const radon_actor_t *actor, uint8_t index, const radon_reading_t *reading)
{
    return actor->atom->configuration.channels[index] == (int)reading->index &&
           (actor->watches[index].edges & reading->edge) != 0;
}

static void raise_watches(radon_actor_t *actor, const radon_reading_t *reading)
{
    for (uint8_t i = 0; i < actor->atom->configuration.io_count; i++) {
        if (matches(actor, i, reading)) {
            actor->watches[i].value = reading->value;
            actor->watches[i].edge = (uint8_t)reading->edge;
            radon_signal_raise(&actor->watches[i].signal, &actor->atom->next_place);
        }
    }
}

void radon_event_reading(radon_atom_t *atom, const radon_reading_t *reading)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        if (atom->actors[i].state == RADON_ACTOR_LIVE) {
            raise_watches(&atom->actors[i], reading);
        }
    }
    radon_port_ceiling_restore(ceiling);
}
