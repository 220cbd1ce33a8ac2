#include "radon/runtime/settle.h"

#include "radon/runtime/event.h"
#include "radon/runtime/notices.h"
#include "radon/runtime/policy.h"
#include "radon/runtime/reports.h"

/** How long an event answered with LATER waits at most before it is offered again. */
#define HOLD_US 100000U

static const char *const method_names[] = {"", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"};

/* ---- Dropping ---- */

static void count(radon_atom_t *atom, bool done)
{
    uint32_t *counter = done ? &atom->definition->done : &atom->definition->dropped;
    (*counter)++;
}

/** What the client of a dropped request hears. */
static radon_refusal_entry_t refusal_of(const radon_atom_t *atom, const radon_inbox_event_t *event,
                                        radon_drop_t why)
{
    const radon_inbox_request_t *request = &event->request;
    radon_refusal_entry_t entry = {.exchange = request->exchange,
                                   .problem = RADON_PROBLEM_NO_ANSWER_FROM_ATOM,
                                   .name = radon_definition_name(atom->definition)};
    if (why == RADON_DROP_REJECTED) {
        entry.problem = RADON_PROBLEM_REJECTED;
    } else if (why == RADON_DROP_FAILED) {
        entry.problem = RADON_PROBLEM_ATOM_FAILED;
        entry.detail = radon_trap_name(atom->definition->trap.kind);
    } else if (why == RADON_DROP_GONE) {
        entry.problem = RADON_PROBLEM_NO_SUCH_ATOM;
        entry.number = event->number;
    } else if (why == RADON_DROP_NOT_RUNNING) {
        entry.problem = RADON_PROBLEM_NOT_RUNNING;
        entry.detail = radon_definition_phase(atom->definition);
    } else if (request->method != RADON_METHOD_GET) {
        entry.problem = RADON_PROBLEM_METHOD_NOT_ALLOWED;
        entry.path = atom->configuration.resources[request->resource];
        entry.detail = method_names[request->method];
    }
    return entry;
}

/** What the sender of a dropped message hears. */
static radon_err_t error_of(radon_drop_t why)
{
    static const radon_err_t errors[] = {
        [RADON_DROP_EXPIRED] = RADON_E_TIMEOUT, [RADON_DROP_REJECTED] = RADON_E_DENIED,
        [RADON_DROP_UNHANDLED] = RADON_E_STATE, [RADON_DROP_FAILED] = RADON_E_STATE,
        [RADON_DROP_GONE] = RADON_E_NOT_FOUND,  [RADON_DROP_NOT_RUNNING] = RADON_E_STATE,
    };
    return errors[why];
}

/** Number of the instance that has the event, 0 for none. */
static uint32_t holder_of(const radon_atom_t *atom, const radon_inbox_event_t *event)
{
    uint8_t place = event->keeper != 0 ? event->keeper : event->turn;
    return event->number != 0 || place == 0 ? event->number : atom->actors[place - 1].number;
}

void radon_settle_drop(radon_atom_t *atom, uint8_t index, radon_drop_t why)
{
    const radon_inbox_event_t *event = &atom->inbox.events[index];
    if (event->kind == RADON_EVENT_MESSAGE) {
        radon_reports_add(atom, holder_of(atom, event), radon_inbox_head(&atom->inbox, event),
                          event->message.id, error_of(why));
    } else if (event->kind == RADON_EVENT_REQUEST && (event->marks & RADON_INBOX_CLOSED) == 0) {
        const radon_refusal_entry_t entry = refusal_of(atom, event, why);
        radon_refusals_add(&atom->runtime->refusals, &entry);
    }
    if (event->kind != RADON_EVENT_START) {
        count(atom, false);
    }
    radon_inbox_remove(&atom->inbox, index);
}

void radon_settle_drop_all(radon_atom_t *atom)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    while (atom->inbox.count > 0) {
        radon_settle_drop(atom, 0, RADON_DROP_NOT_RUNNING);
    }
    radon_port_ceiling_restore(ceiling);
}

/* ---- The current event ---- */

static radon_event_t *current(const radon_atom_t *atom)
{
    return &atom->runtime->event;
}

static radon_inbox_event_t *current_record(const radon_atom_t *atom)
{
    const radon_event_t *event = current(atom);
    return event->source == RADON_SOURCE_INBOX ? &atom->inbox.events[event->index] : NULL;
}

static radon_signal_t *current_signal(radon_actor_t *actor)
{
    const radon_event_t *event = current(actor->atom);
    switch (event->source) {
    case RADON_SOURCE_TIMER:
        return &actor->timers.timers[event->index].signal;
    case RADON_SOURCE_WATCH:
        return &actor->watches[event->index].signal;
    case RADON_SOURCE_RESPONSE:
        return &actor->atom->opens.places[event->index].signal;
    default:
        return NULL;
    }
}

static void end(radon_atom_t *atom)
{
    current(atom)->current = false;
    current(atom)->source = RADON_SOURCE_NONE;
}

/** Takes its place back from the current request; one that is not open any more was dropped meanwhile. */
static void withdraw(radon_atom_t *atom, radon_inbox_event_t *record)
{
    if (record->kind != RADON_EVENT_REQUEST) {
        return;
    }
    radon_open_t *place = radon_opens_running(&atom->opens, record->id);
    if (place == NULL) {
        record->marks |= RADON_INBOX_CLOSED;
    } else {
        place->state = RADON_OPEN_FREE;
    }
}

static void drop_current(radon_atom_t *atom, radon_drop_t why)
{
    withdraw(atom, current_record(atom));
    radon_settle_drop(atom, current(atom)->index, why);
}

static void finish_current(radon_actor_t *actor)
{
    radon_inbox_remove(&actor->atom->inbox, current(actor->atom)->index);
    count(actor->atom, true);
    actor->handled++;
}

/** Keeps the current record at its place for `keeper`, with these marks beside those that stay. */
static void keep_current(radon_atom_t *atom, uint8_t keeper, uint8_t marks)
{
    const uint8_t lasting =
        RADON_INBOX_RETRIED | RADON_INBOX_STARTED | RADON_INBOX_REJECTED | RADON_INBOX_RENEWED;
    radon_inbox_event_t *record = current_record(atom);
    record->marks = (uint8_t)((record->marks & lasting) | marks);
    record->keeper = keeper;
    withdraw(atom, record);
    if ((record->marks & RADON_INBOX_CLOSED) != 0) {
        radon_settle_drop(atom, current(atom)->index, RADON_DROP_EXPIRED);
    }
}

/** Leaves it to somebody else; dropped when there is nobody, as are reports. */
static void reject_current(radon_actor_t *actor, uint64_t now_us)
{
    radon_atom_t *atom = actor->atom;
    radon_inbox_event_t *record = current_record(atom);
    record->rejected |= (uint8_t)(1U << (radon_actor_place(actor) - 1));
    record->marks = (uint8_t)((record->marks & ~RADON_INBOX_STARTED) | RADON_INBOX_REJECTED);
    record->keeper = 0;
    if (record->kind == RADON_EVENT_UNDELIVERED ||
        radon_policy_taker(atom, record, now_us).kind == RADON_TAKER_REFUSED) {
        drop_current(atom, RADON_DROP_REJECTED);
    } else {
        keep_current(atom, 0, 0);
    }
}

static void settle_record(radon_actor_t *actor, int32_t result, uint64_t now_us)
{
    bool open = !current(actor->atom)->answered;
    if (result == RADON_HANDLER_LATER && open && !actor->exiting) {
        keep_current(actor->atom, radon_actor_place(actor), RADON_INBOX_KEPT | RADON_INBOX_HELD);
    } else if (result == RADON_HANDLER_REJECT && open) {
        reject_current(actor, now_us);
    } else {
        finish_current(actor);
    }
}

/** The place of an own request is free once its last RESPONSE is through. */
static void end_signal(radon_actor_t *actor, radon_signal_t *signal)
{
    signal->marks &= RADON_SIGNAL_WAITING;
    radon_open_t *open = &actor->atom->opens.places[current(actor->atom)->index];
    if (current(actor->atom)->source == RADON_SOURCE_RESPONSE && !open->observes && signal->marks == 0) {
        open->state = RADON_OPEN_FREE;
    }
}

static void settle_signal(radon_actor_t *actor, radon_signal_t *signal, int32_t result)
{
    if (result == RADON_HANDLER_LATER && !actor->exiting) {
        signal->marks =
            (uint8_t)((signal->marks & RADON_SIGNAL_RETRIED) | RADON_SIGNAL_WAITING | RADON_SIGNAL_HELD);
        return;
    }
    end_signal(actor, signal);
    count(actor->atom, result != RADON_HANDLER_REJECT);
    actor->handled += result != RADON_HANDLER_REJECT;
}

void radon_settle(radon_actor_t *actor, int32_t result, uint64_t now_us)
{
    radon_atom_t *atom = actor->atom;
    radon_signal_t *signal = current_signal(actor);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_event_release_held(atom);
    if (current_record(atom) != NULL) {
        settle_record(actor, result, now_us);
    } else if (signal != NULL) {
        settle_signal(actor, signal, result);
    }
    radon_port_ceiling_restore(ceiling);
    if (result == RADON_HANDLER_LATER) {
        atom->held_until_us = now_us + HOLD_US;
    }
    end(atom);
}

void radon_settle_unhandled(radon_actor_t *actor)
{
    radon_signal_t *signal = current_signal(actor);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    signal->marks = 0;
    end_signal(actor, signal);
    count(actor->atom, false);
    radon_port_ceiling_restore(ceiling);
    end(actor->atom);
}

static void fail_record(radon_actor_t *actor, bool again)
{
    radon_atom_t *atom = actor->atom;
    bool retried = (current_record(atom)->marks & RADON_INBOX_RETRIED) != 0;
    if (current(atom)->answered) {
        finish_current(actor);
    } else if (again && !retried) {
        keep_current(atom, radon_actor_place(actor), RADON_INBOX_RETRIED);
    } else {
        drop_current(atom, RADON_DROP_FAILED);
    }
}

static void fail_signal(radon_actor_t *actor, radon_signal_t *signal, bool again)
{
    bool own = current(actor->atom)->source == RADON_SOURCE_RESPONSE;
    bool retried = (signal->marks & RADON_SIGNAL_RETRIED) != 0;
    if (again && !retried && !own) {
        signal->marks = RADON_SIGNAL_WAITING | RADON_SIGNAL_RETRIED;
    } else {
        signal->marks = 0;
        count(actor->atom, false);
    }
}

void radon_settle_failed(radon_actor_t *actor, bool again)
{
    radon_signal_t *signal = current_signal(actor);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    if (current_record(actor->atom) != NULL) {
        fail_record(actor, again);
    } else if (signal != NULL) {
        fail_signal(actor, signal, again);
    }
    radon_port_ceiling_restore(ceiling);
    end(actor->atom);
}

void radon_settle_started(radon_atom_t *atom)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    if (current_record(atom) != NULL) {
        radon_inbox_remove(&atom->inbox, current(atom)->index);
    }
    radon_port_ceiling_restore(ceiling);
    end(atom);
}

/* ---- Ends of instances ---- */

static void let_go_record(radon_actor_t *actor, uint8_t index, bool failed)
{
    radon_inbox_event_t *event = &actor->atom->inbox.events[index];
    uint8_t place = radon_actor_place(actor);
    event->rejected &= (uint8_t) ~(1U << (place - 1));
    if (actor->number != 0 && event->number == actor->number) {
        radon_settle_drop(actor->atom, index, RADON_DROP_GONE);
    } else if (event->keeper == place && failed && (event->marks & RADON_INBOX_STARTED) != 0) {
        radon_settle_drop(actor->atom, index, RADON_DROP_FAILED);
    } else if (event->keeper == place) {
        event->keeper = 0;
        event->marks &= (uint8_t)~RADON_INBOX_STARTED;
    }
}

static void let_go_place(radon_actor_t *actor, radon_open_t *open)
{
    radon_atom_t *atom = actor->atom;
    if (open->owner != radon_actor_place(actor)) {
        return;
    }
    if (open->state == RADON_OPEN_RUNNING) {
        radon_refusal_entry_t entry = {.exchange = open->exchange,
                                       .problem = RADON_PROBLEM_NOT_RUNNING,
                                       .name = radon_definition_name(atom->definition),
                                       .detail = radon_definition_phase(atom->definition)};
        radon_refusals_add(&atom->runtime->refusals, &entry);
        open->state = RADON_OPEN_FREE;
    }
}

/** False when it was a member of no alias. Under the ceiling. */
static bool forget_aliases(const radon_actor_t *actor)
{
    radon_runtime_t *runtime = actor->atom->runtime;
    const radon_definition_t *definition = actor->atom->definition;
    return radon_aliases_forget(&runtime->messaging.aliases, radon_runtime_index(runtime, definition),
                                actor->number);
}

void radon_settle_ended(radon_actor_t *actor, bool failed)
{
    radon_atom_t *atom = actor->atom;
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    for (uint8_t i = atom->inbox.count; i > 0; i--) {
        let_go_record(actor, (uint8_t)(i - 1), failed);
    }
    for (uint8_t i = 0; i < atom->opens.count; i++) {
        let_go_place(actor, &atom->opens.places[i]);
    }
    radon_opens_forget_own(&atom->opens, radon_actor_place(actor));
    bool member = forget_aliases(actor);
    actor->state = RADON_ACTOR_NONE;
    radon_port_ceiling_restore(ceiling);
    if (member) {
        radon_notices_names(atom->runtime);
    }
}
