#include "radon/runtime/event.h"

#include "radon/runtime/runtime.h"

/** How long an event answered with LATER waits at most before it is offered again. */
#define HOLD_US 100000U

static const char *const method_names[] = {"", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"};

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
    radon_event_t *event = &atom->event;
    memset(event, 0, sizeof *event);
    event->current = true;
    event->source = source;
    event->index = index;
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

/** Under the ceiling; a place is free. */
static void begin_message(radon_atom_t *atom, uint8_t index)
{
    radon_message_t *message = &atom->inbox.messages[index];
    radon_event_t *event = begin(atom, RADON_EVENT_REQUEST, RADON_SOURCE_MESSAGE, index);
    event->scalars[RADON_EVENT_FIELD_ID] = take_id(atom, &message->id);
    event->scalars[RADON_EVENT_FIELD_METHOD] = message->method;
    event->scalars[RADON_EVENT_FIELD_FORMAT] = format_scalar(message->format);
    event->scalars[RADON_EVENT_FIELD_ACCEPT] = format_scalar(message->accept);
    *event_bytes(event, RADON_EVENT_FIELD_PATH) = atom->configuration.resources[message->resource].path;
    *event_bytes(event, RADON_EVENT_FIELD_QUERY) = radon_inbox_query(&atom->inbox, message);
    *event_bytes(event, RADON_EVENT_FIELD_PAYLOAD) = radon_inbox_payload(&atom->inbox, message);

    message->marks |= RADON_MESSAGE_ASSIGNED;
    radon_open_t *place = radon_opens_reserve(&atom->opens);
    *place = (radon_open_t){.id = message->id,
                            .exchange = message->exchange,
                            .since = message->arrived,
                            .state = RADON_OPEN_RUNNING};
}

static void assign(radon_atom_t *atom, radon_signal_t *signal)
{
    atom->event.scalars[RADON_EVENT_FIELD_ID] = take_id(atom, &signal->id);
    signal->marks = (uint8_t)((signal->marks & RADON_SIGNAL_RETRIED) | RADON_SIGNAL_ASSIGNED);
}

static void begin_timer(radon_atom_t *atom, uint8_t index)
{
    radon_event_t *event = begin(atom, RADON_EVENT_TIMER, RADON_SOURCE_TIMER, index);
    event->scalars[RADON_EVENT_FIELD_HANDLE] = index;
    assign(atom, &atom->timers.timers[index].signal);
}

static void begin_reading(radon_atom_t *atom, uint8_t index)
{
    radon_watch_t *watch = &atom->watches[index];
    radon_event_t *event = begin(atom, RADON_EVENT_IO, RADON_SOURCE_WATCH, index);
    event->scalars[RADON_EVENT_FIELD_HANDLE] = index;
    event->scalars[RADON_EVENT_FIELD_REASON] = watch->edge;
    event->reading = watch->value;
    *event_bytes(event, RADON_EVENT_FIELD_PAYLOAD) = radon_bytes(&event->reading, sizeof event->reading);
    assign(atom, &watch->signal);
}

/* ---- Choosing ---- */

/** Removes messages that the network level answered because they waited too long. Under the ceiling. */
static void sweep_closed(radon_atom_t *atom)
{
    for (uint8_t i = atom->inbox.count; i > 0; i--) {
        if ((atom->inbox.messages[i - 1].marks & RADON_MESSAGE_CLOSED) != 0) {
            radon_inbox_remove(&atom->inbox, (uint8_t)(i - 1));
            atom->definition->dropped++;
        }
    }
}

static void release_held(radon_atom_t *atom)
{
    radon_inbox_release_held(&atom->inbox);
    for (uint8_t i = 0; i < RADON_TIMERS_MAX; i++) {
        atom->timers.timers[i].signal.marks &= (uint8_t)~RADON_SIGNAL_HELD;
    }
    for (uint8_t i = 0; i < RADON_MAX_IO_CHANNELS; i++) {
        atom->watches[i].signal.marks &= (uint8_t)~RADON_SIGNAL_HELD;
    }
    atom->held_until_us = UINT64_MAX;
}

bool radon_event_waits(radon_atom_t *atom)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    sweep_closed(atom);
    bool waits = atom->inbox.count > 0;
    radon_port_ceiling_restore(ceiling);
    return waits;
}

typedef struct {
    radon_source_t source;
    uint8_t index;
    uint32_t place;
} choice_t;

static void consider(choice_t *choice, radon_source_t source, uint8_t index, uint32_t place)
{
    if (choice->source == RADON_SOURCE_NONE || (int32_t)(place - choice->place) < 0) {
        *choice = (choice_t){.source = source, .index = index, .place = place};
    }
}

static void consider_signals(radon_atom_t *atom, choice_t *choice)
{
    for (uint8_t i = 0; i < atom->configuration.timers; i++) {
        const radon_signal_t *signal = &atom->timers.timers[i].signal;
        if (radon_signal_eligible(signal)) {
            consider(choice, RADON_SOURCE_TIMER, i, signal->place);
        }
    }
    for (uint8_t i = 0; i < atom->configuration.io_count; i++) {
        const radon_signal_t *signal = &atom->watches[i].signal;
        if (radon_signal_eligible(signal)) {
            consider(choice, RADON_SOURCE_WATCH, i, signal->place);
        }
    }
}

static void consider_inbox(radon_atom_t *atom, choice_t *choice)
{
    sweep_closed(atom);
    int index = radon_inbox_first_eligible(&atom->inbox);
    if (index >= 0 && radon_opens_reserve(&atom->opens) != NULL) {
        consider(choice, RADON_SOURCE_MESSAGE, (uint8_t)index, atom->inbox.messages[index].place);
    }
}

bool radon_event_next(radon_atom_t *atom, uint64_t now_us)
{
    choice_t choice = {.source = RADON_SOURCE_NONE};
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_timers_expire(&atom->timers, now_us, &atom->next_place);
    if (atom->held_until_us <= now_us) {
        release_held(atom);
    }
    consider_inbox(atom, &choice);
    consider_signals(atom, &choice);
    if (choice.source == RADON_SOURCE_MESSAGE) {
        begin_message(atom, choice.index);
    }
    radon_port_ceiling_restore(ceiling);

    if (choice.source == RADON_SOURCE_TIMER) {
        begin_timer(atom, choice.index);
    } else if (choice.source == RADON_SOURCE_WATCH) {
        begin_reading(atom, choice.index);
    }
    return choice.source != RADON_SOURCE_NONE;
}

/* ---- Ending the current event ---- */

static radon_message_t *current_message(radon_atom_t *atom)
{
    return atom->event.source == RADON_SOURCE_MESSAGE ? &atom->inbox.messages[atom->event.index] : NULL;
}

static radon_signal_t *current_signal(radon_atom_t *atom)
{
    if (atom->event.source == RADON_SOURCE_TIMER) {
        return &atom->timers.timers[atom->event.index].signal;
    }
    if (atom->event.source == RADON_SOURCE_WATCH) {
        return &atom->watches[atom->event.index].signal;
    }
    return NULL;
}

/** Takes the place back from the current request; false when it is not open any more. Under the ceiling. */
static bool withdraw(radon_atom_t *atom)
{
    radon_open_t *place = radon_opens_running(&atom->opens, current_message(atom)->id);
    if (place == NULL) {
        return false;
    }
    place->state = RADON_OPEN_FREE;
    return true;
}

static void count(radon_atom_t *atom, bool done)
{
    uint32_t *counter = done ? &atom->definition->done : &atom->definition->dropped;
    (*counter)++;
}

/** Removes the message of the current event and counts it. Under the ceiling. */
static void remove_message(radon_atom_t *atom, bool done)
{
    radon_inbox_remove(&atom->inbox, atom->event.index);
    count(atom, done);
}

/** Answers the current request with an error and removes it. Under the ceiling. */
static void refuse_message(radon_atom_t *atom, radon_problem_t problem, radon_bytes_t path,
                           const char *detail)
{
    uint32_t exchange = current_message(atom)->exchange;
    if (withdraw(atom)) {
        radon_refusal_entry_t entry = {.exchange = exchange,
                                       .problem = problem,
                                       .name = radon_definition_name(atom->definition),
                                       .path = path,
                                       .detail = detail};
        radon_refusals_add(&atom->runtime->refusals, &entry);
    }
    remove_message(atom, false);
}

/** Keeps the current request with `marks` at its place; what is not open any more was dropped meanwhile. */
static void keep_message(radon_atom_t *atom, uint8_t marks)
{
    if (withdraw(atom)) {
        current_message(atom)->marks = marks;
    } else {
        remove_message(atom, false);
    }
}

static void settle_message(radon_atom_t *atom, int32_t result)
{
    uint8_t retried = current_message(atom)->marks & RADON_MESSAGE_RETRIED;
    if (result == RADON_HANDLER_LATER && !atom->event.answered && !atom->exiting) {
        keep_message(atom, (uint8_t)(retried | RADON_MESSAGE_KEPT | RADON_MESSAGE_HELD));
    } else if (result == RADON_HANDLER_REJECT && !atom->event.answered) {
        refuse_message(atom, RADON_PROBLEM_REJECTED, radon_bytes(NULL, 0), NULL);
    } else {
        remove_message(atom, true);
    }
}

static void settle_signal(radon_atom_t *atom, radon_signal_t *signal, int32_t result)
{
    if (result == RADON_HANDLER_LATER && !atom->exiting) {
        signal->marks =
            (uint8_t)((signal->marks & RADON_SIGNAL_RETRIED) | RADON_SIGNAL_WAITING | RADON_SIGNAL_HELD);
        return;
    }
    signal->marks &= RADON_SIGNAL_WAITING;
    count(atom, result != RADON_HANDLER_REJECT);
}

void radon_event_settle(radon_atom_t *atom, int32_t result, uint64_t now_us)
{
    radon_signal_t *signal = current_signal(atom);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    release_held(atom);
    if (atom->event.source == RADON_SOURCE_MESSAGE) {
        settle_message(atom, result);
    } else if (signal != NULL) {
        settle_signal(atom, signal, result);
    }
    radon_port_ceiling_restore(ceiling);
    if (result == RADON_HANDLER_LATER) {
        atom->held_until_us = now_us + HOLD_US;
    }
    atom->event.current = false;
    atom->event.source = RADON_SOURCE_NONE;
}

void radon_event_refuse(radon_atom_t *atom)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    const radon_message_t *message = current_message(atom);
    radon_signal_t *signal = current_signal(atom);
    if (message != NULL && message->method == RADON_METHOD_GET) {
        refuse_message(atom, RADON_PROBLEM_NO_ANSWER_FROM_ATOM, radon_bytes(NULL, 0), NULL);
    } else if (message != NULL) {
        radon_bytes_t path = atom->configuration.resources[message->resource].path;
        refuse_message(atom, RADON_PROBLEM_METHOD_NOT_ALLOWED, path, method_names[message->method]);
    } else if (signal != NULL) {
        signal->marks = 0;
        count(atom, false);
    }
    radon_port_ceiling_restore(ceiling);
    atom->event.current = false;
}

static void fail_message(radon_atom_t *atom, bool again, radon_trap_t trap)
{
    bool retried = (current_message(atom)->marks & RADON_MESSAGE_RETRIED) != 0;
    if (atom->event.answered) {
        remove_message(atom, true);
    } else if (again && !retried) {
        keep_message(atom, RADON_MESSAGE_RETRIED);
    } else {
        refuse_message(atom, RADON_PROBLEM_ATOM_FAILED, radon_bytes(NULL, 0), radon_trap_name(trap));
    }
}

static void fail_signal(radon_atom_t *atom, radon_signal_t *signal, bool again)
{
    bool retried = (signal->marks & RADON_SIGNAL_RETRIED) != 0;
    if (again && !retried) {
        signal->marks = RADON_SIGNAL_WAITING | RADON_SIGNAL_RETRIED;
    } else {
        signal->marks = 0;
        count(atom, false);
    }
}

void radon_event_fail(radon_atom_t *atom, bool again, radon_trap_t trap)
{
    radon_signal_t *signal = current_signal(atom);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    if (atom->event.source == RADON_SOURCE_MESSAGE) {
        fail_message(atom, again, trap);
    } else if (signal != NULL) {
        fail_signal(atom, signal, again);
    }
    radon_port_ceiling_restore(ceiling);
    atom->event.current = false;
    atom->event.source = RADON_SOURCE_NONE;
}

/* ---- Waiting ---- */

uint64_t radon_event_next_due(const radon_atom_t *atom)
{
    uint64_t due = radon_timers_next_due(&atom->timers);
    return atom->held_until_us < due ? atom->held_until_us : due;
}

static bool matches(const radon_atom_t *atom, uint8_t index, const radon_reading_t *reading)
{
    return atom->configuration.io[index].channel == (int)reading->index &&
           (atom->watches[index].edges & reading->edge) != 0;
}

void radon_event_reading(radon_atom_t *atom, const radon_reading_t *reading)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    for (uint8_t i = 0; i < atom->configuration.io_count; i++) {
        if (matches(atom, i, reading)) {
            atom->watches[i].value = reading->value;
            atom->watches[i].edge = (uint8_t)reading->edge;
            radon_signal_raise(&atom->watches[i].signal, &atom->next_place);
        }
    }
    radon_port_ceiling_restore(ceiling);
}
