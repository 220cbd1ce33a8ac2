#include "radon/runtime/restore.h"

#include "radon/coap/uri.h"
#include "radon/runtime/activation.h"
#include "radon/runtime/freeze.h"
#include "radon/runtime/lifecycle.h"
#include "radon/runtime/memory.h"
#include "radon/runtime/notices.h"
#include "radon/runtime/policy.h"
#include "radon/runtime/snapshot.h"

/** A restoration under way. */
typedef struct {
    radon_runtime_t *runtime;
    radon_definition_t *definition;
    const radon_restoration_t *restoration;
    radon_snapshot_limits_t limits;
    uint8_t global_sizes[RADON_RESTORE_GLOBALS];
    radon_snapshot_t snapshot;
} work_t;

/* ---- What only the code sees ---- */

static void restore_code(radon_actor_t *actor, work_t *work)
{
    const radon_snapshot_t *snapshot = &work->snapshot;
    radon_memory_t memory = radon_instance_memory(&actor->instance);
    memset(memory.bytes, 0, memory.size);
    memcpy(memory.bytes, snapshot->memory.data, snapshot->memory.len);
    radon_snapshot_items_t items;
    uint64_t bits;
    radon_snapshot_items(&items, snapshot->globals, &work->limits);
    for (uint32_t i = 0; radon_snapshot_next_global(&items, &bits); i++) {
        (void)radon_instance_global_restore(&actor->instance, i, bits);
    }
    actor->identity = snapshot->actor;
    actor->incarnation = snapshot->incarnation + 1;
    actor->uptime_offset_us = (int64_t)(snapshot->uptime_ms * 1000U) - (int64_t)actor->frozen_us;
}

/* ---- Timers, watches, publications ---- */

static void restore_timers(radon_actor_t *actor, work_t *work)
{
    radon_snapshot_items_t items;
    radon_snapshot_timer_t timer;
    radon_snapshot_items(&items, work->snapshot.timers, &work->limits);
    while (radon_snapshot_next_timer(&items, &timer)) {
        (void)radon_timers_set(&actor->timers, (int32_t)timer.handle, (int32_t)timer.due_ms,
                               (int32_t)timer.period_ms, actor->frozen_us);
    }
}

static void restore_watches(radon_actor_t *actor, work_t *work)
{
    radon_snapshot_items_t items;
    radon_snapshot_watch_t watch;
    radon_snapshot_items(&items, work->snapshot.watches, &work->limits);
    while (radon_snapshot_next_watch(&items, &watch)) {
        actor->watches[watch.handle].edges = (uint8_t)watch.edges;
    }
}

static void restore_publications(radon_actor_t *actor, work_t *work)
{
    radon_snapshot_items_t items;
    radon_snapshot_publication_t publication;
    uint64_t now_us = actor->frozen_us;
    radon_snapshot_items(&items, work->snapshot.publications, &work->limits);
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

static void restore_record(radon_actor_t *actor, const work_t *work, const radon_snapshot_event_t *event)
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
        sender = bare_name(sender, work->runtime->messaging.node);
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
    ask->definition = (uint8_t)(atom->definition - atom->runtime->definitions);
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
static void restore_requests(radon_actor_t *actor, work_t *work)
{
    radon_snapshot_items_t items;
    radon_snapshot_request_t request;
    radon_snapshot_items(&items, work->snapshot.requests, &work->limits);
    while (radon_snapshot_next_request(&items, &request)) {
        radon_ceiling_t ceiling = radon_port_ceiling_raise();
        restore_request(actor, &request);
        radon_port_ceiling_restore(ceiling);
    }
    radon_port_network_pend();
}

/* ---- All that waited ---- */

static void restore_events(radon_actor_t *actor, work_t *work)
{
    radon_snapshot_items_t items;
    radon_snapshot_event_t event;
    radon_snapshot_items(&items, work->snapshot.inbox, &work->limits);
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
            restore_record(actor, work, &event);
            break;
        }
    }
}

/* ---- Aliases ---- */

static void restore_aliases(radon_actor_t *actor, work_t *work)
{
    radon_runtime_t *runtime = work->runtime;
    uint8_t definition = (uint8_t)(work->definition - runtime->definitions);
    radon_snapshot_items_t items;
    radon_bytes_t alias;
    radon_snapshot_items(&items, work->snapshot.aliases, &work->limits);
    while (radon_snapshot_next_alias(&items, &alias)) {
        radon_ceiling_t ceiling = radon_port_ceiling_raise();
        (void)radon_aliases_join(&runtime->messaging.aliases, alias, definition, actor->number);
        radon_port_ceiling_restore(ceiling);
    }
    radon_notices_names(runtime);
}

/** An atom's name is never an alias. */
static bool aliases_are_free(const work_t *work)
{
    radon_snapshot_items_t items;
    radon_bytes_t alias;
    radon_snapshot_items(&items, work->snapshot.aliases, &work->limits);
    while (radon_snapshot_next_alias(&items, &alias)) {
        if (radon_runtime_find(work->runtime, alias) != NULL) {
            return false;
        }
    }
    return true;
}

/* ---- Storage ---- */

static bool is_pair(const work_t *work, radon_bytes_t key)
{
    radon_snapshot_items_t items;
    radon_snapshot_pair_t pair;
    radon_snapshot_items(&items, work->snapshot.storage, &work->limits);
    while (radon_snapshot_next_pair(&items, &pair)) {
        if (radon_bytes_equal(pair.key, key)) {
            return true;
        }
    }
    return false;
}

/** Deletes what the snapshot does not have. The store may not change while it is listed. */
static radon_err_t delete_others(const work_t *work, radon_bytes_t owner)
{
    radon_kv_t *kv = work->runtime->kv;
    radon_bytes_t key;
    uint32_t cursor = 0;
    while (radon_kv_list(kv, owner, radon_bytes(NULL, 0), &cursor, &key)) {
        if (!is_pair(work, key)) {
            radon_err_t err = radon_kv_delete(kv, owner, key);
            if (err != RADON_OK) {
                return err;
            }
            cursor = 0;
        }
    }
    return RADON_OK;
}

/** The sum was checked; on the way there may be more. */
static radon_err_t restore_storage(work_t *work)
{
    radon_bytes_t owner = radon_definition_name(work->definition);
    radon_snapshot_items_t items;
    radon_snapshot_pair_t pair;
    radon_err_t err = delete_others(work, owner);
    radon_snapshot_items(&items, work->snapshot.storage, &work->limits);
    while (err == RADON_OK && radon_snapshot_next_pair(&items, &pair)) {
        err = radon_kv_set(work->runtime->kv, owner, pair.key, pair.value, RADON_KV_UNLIMITED);
    }
    work->definition->storage_used = radon_kv_used(work->runtime->kv, owner);
    return err;
}

/* ---- Checking ---- */

/** The kinds of atoms that can be frozen. */
static bool is_movable(const radon_configuration_t *configuration)
{
    return !radon_policy_numbers(configuration);
}

static bool refuse(char *detail, const char *text)
{
    radon_sink_t sink;
    radon_sink_init(&sink, (uint8_t *)detail, RADON_RESTORE_DETAIL_BYTES - 1, 0);
    radon_sink_text(&sink, text);
    detail[radon_sink_window(&sink).len] = 0;
    return false;
}

static bool measure(work_t *work, const radon_actor_t *actor, char *detail)
{
    radon_global_t global;
    uint32_t count = 0;
    for (; radon_instance_global(&actor->instance, count, &global); count++) {
        if (count == RADON_RESTORE_GLOBALS) {
            return refuse(detail, "the atom has too many globals");
        }
        work->global_sizes[count] = global.size;
    }
    work->limits = (radon_snapshot_limits_t){
        .name = radon_definition_name(work->definition),
        .digest = work->restoration->version->digest,
        .configuration = work->restoration->version->configuration,
        .memory = actor->instance.memory_size,
        .global_sizes = work->global_sizes,
        .global_count = count,
    };
    return true;
}

static bool check(work_t *work, const radon_actor_t *actor, char *detail)
{
    if (!is_movable(work->restoration->version->configuration)) {
        return refuse(detail, "the atom has several instances");
    }
    return measure(work, actor, detail) &&
           radon_snapshot_read(&work->snapshot, work->restoration->document, &work->limits, detail,
                               RADON_RESTORE_DETAIL_BYTES) &&
           (aliases_are_free(work) || refuse(detail, "aliases has the name of an atom of this node"));
}

/** Any instance of the atom, to see what its code has; NULL where there is none. */
static radon_actor_t *living(const radon_atom_t *atom)
{
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        if (atom->actors[i].state == RADON_ACTOR_LIVE) {
            return &atom->actors[i];
        }
    }
    return NULL;
}

/* ---- Making the instance ---- */

/** Ends what runs without a last word. */
static void end_running(work_t *work)
{
    radon_atom_t *atom = work->definition->atom;
    for (uint8_t i = 0; atom != NULL && i < atom->configuration.instances; i++) {
        if (atom->actors[i].state == RADON_ACTOR_LIVE) {
            atom->actors[i].phase = RADON_PHASE_FROZEN;
        }
    }
    if (atom != NULL) {
        radon_lifecycle_stop(work->runtime, work->definition, RADON_STOP_UPDATE);
    }
}

/** An instance of which nothing ran. */
static radon_actor_t *open_fresh(work_t *work, radon_refusal_t *refusal)
{
    radon_definition_t *definition = work->definition;
    if (!radon_memory_take(work->runtime, definition, work->restoration->version, refusal)) {
        return NULL;
    }
    radon_actor_t *actor = &definition->atom->actors[0];
    radon_actor_take(actor, 0);
    if (!radon_activation_open(actor, refusal)) {
        radon_memory_give_back(work->runtime, definition);
        return NULL;
    }
    return actor;
}

static void restore_counters(radon_definition_t *definition, const radon_snapshot_counters_t *counters)
{
    definition->done = counters->done;
    definition->dropped = counters->dropped;
    definition->restarts = counters->restarts;
    definition->sent = counters->sent;
    definition->undelivered = counters->undelivered;
    definition->refused = counters->refused;
}

/** Fills the fresh instance and lets it be seen. */
static void fill(radon_actor_t *actor, work_t *work)
{
    radon_definition_t *definition = work->definition;
    radon_lifecycle_begin(definition, work->restoration->version);
    actor->atom->next_event_id = work->snapshot.next_event;
    actor->atom->first_message = 1;
    actor->atom->next_message = work->snapshot.next_message;
    actor->activations = work->snapshot.counters.activations;
    restore_counters(definition, &work->snapshot.counters);
    actor->state = RADON_ACTOR_LIVE;
    definition->life = RADON_LIFE_LIVE;
    radon_freeze_actor(actor);
    restore_code(actor, work);
    restore_timers(actor, work);
    restore_watches(actor, work);
    restore_publications(actor, work);
    restore_events(actor, work);
    restore_requests(actor, work);
    restore_aliases(actor, work);
    radon_notices_resources(actor->atom);
}

/* ---- The ways to restore ---- */

/** Whether the document was taken of this very instance and moment. */
static bool is_taken_of(const radon_actor_t *actor, const radon_snapshot_t *snapshot)
{
    return actor->identity == snapshot->actor && actor->incarnation == snapshot->incarnation &&
           actor->atom->next_event_id == snapshot->next_event;
}

/** An atom without memory: what was made to check the document is what is filled. */
static radon_err_t restore_stopped(work_t *work, radon_restore_failure_t *failure)
{
    radon_actor_t *actor = open_fresh(work, &failure->refusal);
    if (actor == NULL) {
        return failure->refusal.problem == RADON_PROBLEM_DOES_NOT_FIT ? RADON_E_QUOTA : RADON_E_STATE;
    }
    radon_err_t err = check(work, actor, failure->detail) ? restore_storage(work) : RADON_E_ARG;
    if (err != RADON_OK) {
        radon_activation_close(actor);
        radon_memory_give_back(work->runtime, work->definition);
        return err == RADON_E_ARG ? err : RADON_E_IO;
    }
    fill(actor, work);
    return RADON_OK;
}

/** Checks against an instance of the atom, or against one that is made for it and closed again. */
static radon_err_t check_running(work_t *work, radon_restore_failure_t *failure)
{
    radon_actor_t *actor = living(work->definition->atom);
    bool opened = actor == NULL;
    if (opened) {
        actor = &work->definition->atom->actors[0];
        if (!radon_activation_open(actor, &failure->refusal)) {
            return RADON_E_STATE;
        }
    }
    bool good = check(work, actor, failure->detail);
    if (opened) {
        radon_activation_close(actor);
    }
    return good ? RADON_OK : RADON_E_ARG;
}

static radon_err_t restore_running(work_t *work, radon_restore_failure_t *failure)
{
    radon_err_t err = check_running(work, failure);
    if (err != RADON_OK) {
        return err;
    }
    radon_actor_t *frozen = radon_frozen(work->definition->atom);
    if (frozen != NULL && is_taken_of(frozen, &work->snapshot)) {
        restore_code(frozen, work);
        return RADON_OK;
    }
    if (restore_storage(work) != RADON_OK) {
        return RADON_E_IO;
    }
    end_running(work);
    radon_actor_t *actor = open_fresh(work, &failure->refusal);
    if (actor == NULL) {
        return RADON_E_STATE;
    }
    fill(actor, work);
    return RADON_OK;
}

radon_err_t radon_restore(radon_runtime_t *runtime, radon_definition_t *definition,
                          const radon_restoration_t *restoration, radon_restore_failure_t *failure)
{
    work_t work = {.runtime = runtime, .definition = definition, .restoration = restoration};
    failure->detail[0] = 0;
    return definition->atom == NULL ? restore_stopped(&work, failure) : restore_running(&work, failure);
}
