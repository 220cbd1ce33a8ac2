#include "radon/runtime/policy.h"

static const radon_taker_t nobody = {.kind = RADON_TAKER_NOBODY};
static const radon_taker_t refused = {.kind = RADON_TAKER_REFUSED};

/** When an instance may be made for an event that has to wait for that. */
static radon_tick_t creation_tick(const radon_atom_t *atom, const radon_inbox_event_t *event)
{
    bool waits = atom->configuration.policy == RADON_POLICY_ON_DEMAND_EXPIRE;
    return event->arrived + radon_tick_from_ms(waits ? atom->configuration.create_after_ms : 0);
}

/** The instance in a place, once it can run. */
static radon_taker_t occupant(const radon_atom_t *atom, uint8_t place)
{
    bool live = atom->actors[place].state == RADON_ACTOR_LIVE;
    return live ? (radon_taker_t){.kind = RADON_TAKER_INSTANCE, .place = place} : nobody;
}

static radon_taker_t in_place(const radon_atom_t *atom, uint8_t place)
{
    return atom->actors[place].state == RADON_ACTOR_NONE
               ? (radon_taker_t){.kind = RADON_TAKER_NEW, .place = place}
               : occupant(atom, place);
}

static bool has_room(const radon_atom_t *atom)
{
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        if (atom->actors[i].state == RADON_ACTOR_NONE) {
            return true;
        }
    }
    return false;
}

/** A new instance in the first free place. */
static radon_taker_t in_new_place(const radon_atom_t *atom, const radon_inbox_event_t *event, uint64_t now_us)
{
    if (!radon_tick_passed(radon_tick_at(now_us), creation_tick(atom, event))) {
        return nobody;
    }
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        if (atom->actors[i].state == RADON_ACTOR_NONE) {
            return in_place(atom, i);
        }
    }
    return nobody;
}

static radon_taker_t by_name(const radon_atom_t *atom, const radon_inbox_event_t *event, uint64_t now_us)
{
    const radon_actor_t *actor = radon_atom_actor(atom, 0);
    return actor != NULL ? occupant(atom, (uint8_t)(actor - atom->actors))
                         : in_new_place(atom, event, now_us);
}

static radon_taker_t by_freedom(const radon_atom_t *atom, const radon_inbox_event_t *event, uint64_t now_us)
{
    for (const radon_actor_t *actor = radon_atom_next_actor(atom, -1); actor != NULL;
         actor = radon_atom_next_actor(atom, actor->number)) {
        if (actor->state == RADON_ACTOR_LIVE && radon_policy_is_free(atom, actor)) {
            return occupant(atom, (uint8_t)(actor - atom->actors));
        }
    }
    return in_new_place(atom, event, now_us);
}

/** A new instance, once; one that waits for its turn to end (on-demand) makes room for it. */
static radon_taker_t renewed(const radon_atom_t *atom, const radon_inbox_event_t *event, uint64_t now_us)
{
    const radon_configuration_t *configuration = &atom->configuration;
    if ((event->marks & RADON_INBOX_RENEWED) != 0 || !radon_policy_numbers(configuration)) {
        return refused;
    }
    if (configuration->policy != RADON_POLICY_ON_DEMAND && !has_room(atom)) {
        return refused;
    }
    return in_new_place(atom, event, now_us);
}

/** Somebody who was not asked yet: another instance, then a new one where the policy makes several. */
static radon_taker_t after_rejection(const radon_atom_t *atom, const radon_inbox_event_t *event,
                                     uint64_t now_us)
{
    for (const radon_actor_t *actor = radon_atom_next_actor(atom, -1); actor != NULL;
         actor = radon_atom_next_actor(atom, actor->number)) {
        uint8_t place = (uint8_t)(actor - atom->actors);
        if ((event->rejected >> place & 1U) == 0) {
            return occupant(atom, place);
        }
    }
    return renewed(atom, event, now_us);
}

static radon_taker_t by_policy(const radon_atom_t *atom, const radon_inbox_event_t *event, uint64_t now_us)
{
    switch (atom->configuration.policy) {
    case RADON_POLICY_ROUND_ROBIN:
        return in_place(atom, (uint8_t)(event->turn - 1));
    case RADON_POLICY_ON_DEMAND:
        return in_new_place(atom, event, now_us);
    case RADON_POLICY_ON_DEMAND_EXPIRE:
        return by_freedom(atom, event, now_us);
    default:
        return by_name(atom, event, now_us);
    }
}

/** The instance it was sent to, which is there: what waits for one that ends is answered at its end. */
static radon_taker_t by_number(const radon_atom_t *atom, const radon_inbox_event_t *event)
{
    const radon_actor_t *actor = radon_atom_actor(atom, event->number);
    if (actor == NULL || (event->marks & RADON_INBOX_REJECTED) != 0) {
        return refused;
    }
    uint8_t place = (uint8_t)(actor - atom->actors);
    bool start = event->kind == RADON_EVENT_START && actor->state == RADON_ACTOR_RESERVED;
    return start ? (radon_taker_t){.kind = RADON_TAKER_NEW, .place = place} : occupant(atom, place);
}

radon_taker_t radon_policy_taker(const radon_atom_t *atom, const radon_inbox_event_t *event, uint64_t now_us)
{
    if (event->number != 0) {
        return by_number(atom, event);
    }
    if (event->keeper != 0) {
        return occupant(atom, (uint8_t)(event->keeper - 1));
    }
    return (event->marks & RADON_INBOX_REJECTED) != 0 ? after_rejection(atom, event, now_us)
                                                      : by_policy(atom, event, now_us);
}

/* ---- Ends ---- */

bool radon_policy_is_free(const radon_atom_t *atom, const radon_actor_t *actor)
{
    uint8_t place = radon_actor_place(actor);
    for (uint8_t i = 0; i < atom->inbox.count; i++) {
        const radon_inbox_event_t *event = &atom->inbox.events[i];
        if (event->keeper == place || (event->number != 0 && event->number == actor->number)) {
            return false;
        }
    }
    for (uint8_t i = 0; i < atom->opens.count; i++) {
        const radon_open_t *open = &atom->opens.places[i];
        bool goes_on =
            open->state == RADON_OPEN_RUNNING || (open->state == RADON_OPEN_OWN && !open->observes);
        if (goes_on && open->owner == place) {
            return false;
        }
    }
    return true;
}

static bool is_expired(const radon_atom_t *atom, const radon_actor_t *actor, uint64_t now_us)
{
    const radon_configuration_t *configuration = &atom->configuration;
    if (configuration->policy == RADON_POLICY_ON_DEMAND) {
        return !actor->spawned;
    }
    return (configuration->max_events != 0 && actor->handled >= configuration->max_events) ||
           now_us - actor->free_since_us >= configuration->idle_ms * 1000ULL;
}

/** Whether the policy ends instances of its own accord. */
static bool ends_instances(const radon_configuration_t *configuration)
{
    return configuration->reactive && (configuration->policy == RADON_POLICY_ON_DEMAND ||
                                       configuration->policy == RADON_POLICY_ON_DEMAND_EXPIRE);
}

static void note_freedom(const radon_atom_t *atom, radon_actor_t *actor, uint64_t now_us)
{
    bool free = radon_policy_is_free(atom, actor);
    if (free && !actor->free) {
        actor->free_since_us = now_us;
    }
    actor->free = free;
}

radon_actor_t *radon_policy_expired(radon_atom_t *atom, uint64_t now_us)
{
    if (!ends_instances(&atom->configuration)) {
        return NULL;
    }
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        radon_actor_t *actor = &atom->actors[i];
        if (actor->state != RADON_ACTOR_LIVE) {
            continue;
        }
        note_freedom(atom, actor, now_us);
        if (actor->free && is_expired(atom, actor, now_us)) {
            return actor;
        }
    }
    return NULL;
}

/** When the idle instance that is free longest ends. */
static uint64_t next_idle_end(const radon_atom_t *atom)
{
    uint64_t due_us = UINT64_MAX;
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        const radon_actor_t *actor = &atom->actors[i];
        uint64_t end_us = actor->free_since_us + atom->configuration.idle_ms * 1000ULL;
        if (actor->state == RADON_ACTOR_LIVE && actor->free && end_us < due_us) {
            due_us = end_us;
        }
    }
    return due_us;
}

/** When the first event may have an instance made for it. A tick that has passed made nobody take it: those
 * events wait for something else. */
static uint64_t next_creation(const radon_atom_t *atom, uint64_t now_us)
{
    uint64_t due_us = UINT64_MAX;
    radon_tick_t now = radon_tick_at(now_us);
    for (uint8_t i = 0; i < atom->inbox.count; i++) {
        radon_tick_t tick = creation_tick(atom, &atom->inbox.events[i]);
        if (!radon_tick_passed(now, tick)) {
            uint64_t at_us = (uint64_t)(uint32_t)(tick - now) << 10;
            due_us = now_us + at_us < due_us ? now_us + at_us : due_us;
        }
    }
    return due_us;
}

uint64_t radon_policy_next_due(const radon_atom_t *atom, uint64_t now_us)
{
    if (!atom->configuration.reactive || atom->configuration.policy != RADON_POLICY_ON_DEMAND_EXPIRE) {
        return UINT64_MAX;
    }
    uint64_t end_us = next_idle_end(atom);
    uint64_t creation_us = next_creation(atom, now_us);
    return end_us < creation_us ? end_us : creation_us;
}
