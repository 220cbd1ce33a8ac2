#include "radon/runtime/notices.h"

/** "atoms/" or "a/", a name, "/" and a path. */
#define PATH_BYTES (6U + RADON_MAX_NAME_BYTES + 1U + RADON_MAX_PATH_BYTES)

static void notify(radon_runtime_t *runtime, const char *prefix, radon_bytes_t name, radon_bytes_t path)
{
    uint8_t buffer[PATH_BYTES];
    radon_sink_t sink;
    radon_sink_init(&sink, buffer, sizeof buffer, 0);
    radon_sink_text(&sink, prefix);
    radon_sink_write(&sink, name.data, name.len);
    if (path.len > 0) {
        radon_sink_put(&sink, '/');
        radon_sink_write(&sink, path.data, path.len);
    }
    runtime->notify(runtime->notify_context, radon_sink_window(&sink));
}

static void notify_resource(const radon_atom_t *atom, uint8_t resource)
{
    notify(atom->runtime, "a/", radon_definition_name(atom->definition),
           atom->configuration.resources[resource]);
}

/** Whether the node serves a resource itself, so that notify has nothing to ask for. */
static bool is_published(const radon_atom_t *atom, uint8_t resource, uint64_t now_us)
{
    bool any;
    (void)radon_publications_find(&atom->publications, resource, RADON_FORMAT_NONE, now_us, &any);
    return any;
}

static void release_one(radon_atom_t *atom, uint8_t resource, uint64_t now_us)
{
    uint8_t bit = (uint8_t)(1U << resource);
    if ((atom->published & bit) != 0) {
        atom->published &= (uint8_t)~bit;
        notify_resource(atom, resource);
    }
    bool ask = (atom->notified & bit) != 0;
    if (ask && is_published(atom, resource, now_us)) {
        atom->notified &= (uint8_t)~bit;
    } else if (ask && atom->inbox.count < atom->inbox.limit) {
        atom->notified &= (uint8_t)~bit;
        notify_resource(atom, resource);
    }
}

void radon_notices_release(radon_atom_t *atom)
{
    if ((atom->published | atom->notified) == 0) {
        return;
    }
    uint64_t now_us = radon_port_now_us();
    for (uint8_t i = 0; i < atom->configuration.resource_count; i++) {
        release_one(atom, i, now_us);
    }
}

void radon_notices_resources(const radon_atom_t *atom)
{
    for (uint8_t i = 0; i < atom->configuration.resource_count; i++) {
        notify_resource(atom, i);
    }
}

void radon_notices_life(radon_runtime_t *runtime, const radon_definition_t *definition)
{
    radon_bytes_t name = radon_definition_name(definition);
    runtime->notify(runtime->notify_context, radon_bytes_text("atoms"));
    notify(runtime, "atoms/", name, radon_bytes(NULL, 0));
}

void radon_notices_names(radon_runtime_t *runtime)
{
    runtime->notify(runtime->notify_context, radon_bytes_text("names"));
}
