#include "radon/runtime/capture.h"

#include "capture_waiting.h"
#include "radon/runtime/freeze.h"
#include "radon/runtime/snapshot.h"

static uint64_t ms_until(uint64_t from_us, uint64_t to_us)
{
    return to_us <= from_us ? 0 : (to_us - from_us + 999U) / 1000U;
}

/* ---- Storage, memory, globals ---- */

static void write_pair(radon_document_t *doc, const radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t key)
{
    radon_bytes_t value;
    (void)radon_kv_get(kv, owner, key, &value);
    radon_document_map(doc, 2);
    radon_document_field_bytes(doc, RADON_FIELD_VALUE, value);
    radon_document_field_bytes(doc, RADON_FIELD_KEY, key);
    radon_document_end(doc);
}

static void write_storage(radon_document_t *doc, const radon_atom_t *atom)
{
    const radon_kv_t *kv = atom->runtime->kv;
    radon_bytes_t owner = radon_definition_name(atom->definition);
    radon_bytes_t key;
    uint32_t cursor = 0;
    size_t count = 0;
    while (radon_kv_list(kv, owner, radon_bytes(NULL, 0), &cursor, &key)) {
        count++;
    }
    radon_document_field(doc, RADON_FIELD_STORAGE);
    radon_document_array(doc, count);
    cursor = 0;
    while (radon_kv_list(kv, owner, radon_bytes(NULL, 0), &cursor, &key)) {
        write_pair(doc, kv, owner, key);
    }
    radon_document_end(doc);
}

static void write_memory(radon_document_t *doc, const radon_actor_t *actor)
{
    uint32_t size = actor->instance.memory_size;
    while (size > 0 && actor->instance.memory[size - 1] == 0) {
        size--;
    }
    radon_document_field_bytes(doc, RADON_FIELD_MEMORY, radon_bytes(actor->instance.memory, size));
}

static void write_globals(radon_document_t *doc, const radon_actor_t *actor)
{
    radon_global_t global;
    uint32_t count = 0;
    while (radon_instance_global(&actor->instance, count, &global)) {
        count++;
    }
    radon_document_field(doc, RADON_FIELD_GLOBALS);
    radon_document_array(doc, count);
    for (uint32_t i = 0; radon_instance_global(&actor->instance, i, &global); i++) {
        uint8_t bytes[sizeof global.bits];
        for (uint8_t b = 0; b < global.size; b++) {
            bytes[b] = (uint8_t)(global.bits >> (8U * b));
        }
        radon_document_bytes(doc, radon_bytes(bytes, global.size));
    }
    radon_document_end(doc);
}

/* ---- Timers, watches ---- */

static void write_timers(radon_document_t *doc, const radon_actor_t *actor)
{
    const radon_timers_t *timers = &actor->timers;
    size_t count = 0;
    for (uint8_t i = 0; i < timers->limit; i++) {
        count += timers->timers[i].due_us != RADON_TIMER_STOPPED;
    }
    radon_document_field(doc, RADON_FIELD_TIMERS);
    radon_document_array(doc, count);
    for (uint8_t i = 0; i < timers->limit; i++) {
        const radon_timer_t *timer = &timers->timers[i];
        if (timer->due_us != RADON_TIMER_STOPPED) {
            radon_document_map(doc, 3);
            radon_document_field_uint(doc, RADON_FIELD_HANDLE, i);
            radon_document_field_uint(doc, RADON_FIELD_DUE_MS, ms_until(actor->frozen_us, timer->due_us));
            radon_document_field_uint(doc, RADON_FIELD_PERIOD_MS, timer->period_ms);
            radon_document_end(doc);
        }
    }
    radon_document_end(doc);
}

static void write_watches(radon_document_t *doc, const radon_actor_t *actor)
{
    uint8_t handles = actor->atom->configuration.io_count;
    size_t count = 0;
    for (uint8_t i = 0; i < handles; i++) {
        count += actor->watches[i].edges != 0;
    }
    radon_document_field(doc, RADON_FIELD_WATCHES);
    radon_document_array(doc, count);
    for (uint8_t i = 0; i < handles; i++) {
        if (actor->watches[i].edges != 0) {
            radon_document_map(doc, 2);
            radon_document_field_uint(doc, RADON_FIELD_HANDLE, i);
            radon_document_field_uint(doc, RADON_FIELD_EDGES, actor->watches[i].edges);
            radon_document_end(doc);
        }
    }
    radon_document_end(doc);
}

/* ---- Counters, publications ---- */

static void write_counters(radon_document_t *doc, const radon_actor_t *actor)
{
    const radon_definition_t *definition = actor->atom->definition;
    radon_document_field(doc, RADON_FIELD_COUNTERS);
    radon_document_map(doc, 7);
    radon_document_field_uint(doc, RADON_FIELD_DONE, definition->done);
    radon_document_field_uint(doc, RADON_FIELD_DROPPED, definition->dropped);
    radon_document_field_uint(doc, RADON_FIELD_RESTARTS, definition->restarts);
    radon_document_field_uint(doc, RADON_FIELD_ACTIVATIONS, actor->activations);
    radon_document_field_uint(doc, RADON_FIELD_SENT, definition->sent);
    radon_document_field_uint(doc, RADON_FIELD_UNDELIVERED, definition->undelivered);
    radon_document_field_uint(doc, RADON_FIELD_REFUSED, definition->refused);
    radon_document_end(doc);
}

static void write_publication(radon_document_t *doc, const radon_actor_t *actor,
                              const radon_publication_t *entry)
{
    const radon_atom_t *atom = actor->atom;
    bool limited = entry->expires_us != RADON_PUBLICATION_NO_EXPIRY;
    radon_document_map(doc, (size_t)3 + limited);
    radon_document_field_uint(doc, RADON_FIELD_FORMAT, entry->format);
    radon_document_field_text(doc, RADON_FIELD_PATH, atom->configuration.resources[entry->resource]);
    radon_document_field_bytes(doc, RADON_FIELD_PAYLOAD,
                               radon_bytes(atom->publications.bytes + entry->offset, entry->length));
    if (limited) {
        radon_document_field_uint(doc, RADON_FIELD_MAX_AGE_MS, ms_until(actor->frozen_us, entry->expires_us));
    }
    radon_document_end(doc);
}

static void write_publications(radon_document_t *doc, const radon_actor_t *actor)
{
    const radon_publications_t *publications = &actor->atom->publications;
    size_t count = 0;
    for (uint8_t i = 0; i < publications->count; i++) {
        count += publications->entries[i].expires_us > actor->frozen_us;
    }
    radon_document_field(doc, RADON_FIELD_PUBLICATIONS);
    radon_document_array(doc, count);
    for (uint8_t i = 0; i < publications->count; i++) {
        if (publications->entries[i].expires_us > actor->frozen_us) {
            write_publication(doc, actor, &publications->entries[i]);
        }
    }
    radon_document_end(doc);
}

/* ---- Aliases ---- */

/** Aliases that the instance joined, in ascending order. */
static size_t list_aliases(const radon_actor_t *actor, radon_bytes_t aliases[RADON_MAX_ALIASES])
{
    const radon_runtime_t *runtime = actor->atom->runtime;
    const radon_alias_member_t *member;
    size_t count = 0;
    size_t index = 0;
    while ((member = radon_aliases_next(&runtime->messaging.aliases, &index)) != NULL) {
        if (member->definition != radon_runtime_index(runtime, actor->atom->definition) ||
            member->number != actor->number) {
            continue;
        }
        size_t at = count++;
        for (; at > 0 && radon_bytes_precede(radon_alias_name(member), aliases[at - 1]); at--) {
            aliases[at] = aliases[at - 1];
        }
        aliases[at] = radon_alias_name(member);
    }
    return count;
}

static void write_aliases(radon_document_t *doc, const radon_actor_t *actor)
{
    radon_bytes_t aliases[RADON_MAX_ALIASES];
    size_t count = list_aliases(actor, aliases);
    radon_document_field(doc, RADON_FIELD_ALIASES);
    radon_document_array(doc, count);
    for (size_t i = 0; i < count; i++) {
        radon_document_text(doc, aliases[i]);
    }
    radon_document_end(doc);
}

/* ---- The whole ---- */

static void write_numbers(radon_document_t *doc, const radon_actor_t *actor)
{
    radon_document_field_uint(doc, RADON_FIELD_NEXT_EVENT, actor->atom->next_event_id);
    radon_document_field_uint(doc, RADON_FIELD_NEXT_MESSAGE, actor->atom->next_message);
    radon_document_field_uint(doc, RADON_FIELD_ACTOR, actor->identity);
}

void radon_capture(radon_actor_t *actor, radon_sink_t *sink)
{
    radon_document_t doc;
    radon_atom_t *atom = actor->atom;
    radon_document_init(&doc, RADON_DOCUMENT_CBOR, sink);
    radon_document_map(&doc, 18);
    radon_document_field_text(&doc, RADON_FIELD_NAME, radon_definition_name(atom->definition));
    radon_document_field_uint(&doc, RADON_FIELD_VERSION, RADON_SNAPSHOT_VERSION);
    radon_document_field_bytes(&doc, RADON_FIELD_DIGEST, radon_bytes(atom->module->digest, 32));
    write_aliases(&doc, actor);
    write_memory(&doc, actor);
    write_storage(&doc, atom);
    write_timers(&doc, actor);
    radon_capture_inbox(&doc, actor);
    radon_document_field_uint(&doc, RADON_FIELD_UPTIME_MS, radon_actor_uptime_ms(actor));
    write_counters(&doc, actor);
    radon_document_field_uint(&doc, RADON_FIELD_INCARNATION, actor->incarnation);
    write_globals(&doc, actor);
    write_watches(&doc, actor);
    write_publications(&doc, actor);
    radon_capture_requests(&doc, actor);
    write_numbers(&doc, actor);
    radon_document_end(&doc);
    atom->taken = true;
    atom->taken_place = atom->next_place;
}
