#include "radon/runtime/runtime.h"

#include "radon/runtime/event.h"
#include "radon/runtime/host.h"
#include "radon/runtime/notices.h"
#include "radon/runtime/reports.h"

/** Most bytes of a line of the node itself before the logbook cuts it. */
#define LINE_BYTES 160U

/** "io/" and the name of a channel. */
#define CHANNEL_PATH_BYTES 40U

/** Observers of /io/{channel}. */
static void notify_channel(radon_runtime_t *runtime, uint32_t index)
{
    uint8_t path[CHANNEL_PATH_BYTES];
    radon_sink_t sink;
    radon_sink_init(&sink, path, sizeof path, 0);
    radon_sink_text(&sink, "io/");
    radon_sink_text(&sink, runtime->channels.table[index].name);
    runtime->notify(runtime->notify_context, radon_sink_window(&sink));
}

static void deliver_reading(void *context, const radon_reading_t *reading)
{
    radon_runtime_t *runtime = context;
    notify_channel(runtime, reading->index);
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        if (radon_definition_serves(&runtime->definitions[i])) {
            radon_event_reading(runtime->definitions[i].atom, reading);
        }
    }
}

radon_err_t radon_runtime_init(radon_runtime_t *runtime, radon_kv_t *kv, radon_region_t pool)
{
    memset(runtime, 0, sizeof *runtime);
    runtime->kv = kv;
    radon_pool_init(&runtime->pool, pool.base, pool.size);
    radon_logbook_init(&runtime->logbook);
    radon_channels_init(&runtime->channels, deliver_reading, runtime);
    return radon_engine_init(radon_host_functions);
}

radon_definition_t *radon_runtime_find(radon_runtime_t *runtime, radon_bytes_t name)
{
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        radon_definition_t *definition = &runtime->definitions[i];
        if (definition->used && radon_bytes_equal(radon_definition_name(definition), name)) {
            return definition;
        }
    }
    return NULL;
}

/** Splits `<atom>~<n>`; a name without "~" has number 0. */
static bool split_name(radon_bytes_t name, radon_bytes_t *atom, uint32_t *number)
{
    const uint8_t *tilde = name.len == 0 ? NULL : memchr(name.data, '~', name.len);
    *atom = name;
    *number = 0;
    if (tilde == NULL) {
        return true;
    }
    atom->len = (size_t)(tilde - name.data);
    return radon_bytes_parse_u32(radon_bytes(tilde + 1, name.len - atom->len - 1), number) && *number > 0;
}

bool radon_runtime_resolve(radon_runtime_t *runtime, radon_bytes_t name, radon_target_t *target)
{
    radon_bytes_t atom;
    if (!split_name(name, &atom, &target->number)) {
        return false;
    }
    radon_definition_t *definition = radon_runtime_find(runtime, atom);
    target->definition = definition;
    return definition != NULL && (target->number == 0 || definition->atom == NULL ||
                                  radon_atom_actor(definition->atom, target->number) != NULL);
}

radon_definition_t *radon_runtime_add(radon_runtime_t *runtime, radon_bytes_t name)
{
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        radon_definition_t *definition = &runtime->definitions[i];
        if (!definition->used) {
            radon_ceiling_t ceiling = radon_port_ceiling_raise();
            memset(definition, 0, sizeof *definition);
            memcpy(definition->name, name.data, name.len);
            definition->name_length = (uint8_t)name.len;
            definition->life = RADON_LIFE_STOPPED;
            definition->next_message = 1;
            definition->used = true;
            radon_port_ceiling_restore(ceiling);
            return definition;
        }
    }
    return NULL;
}

void radon_runtime_remove(radon_runtime_t *runtime, radon_definition_t *definition)
{
    radon_reports_lose(runtime, definition);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    definition->used = false;
    radon_port_ceiling_restore(ceiling);
    radon_notices_life(runtime, definition);
}

void radon_runtime_log(radon_runtime_t *runtime, radon_log_level_t level, radon_bytes_t source,
                       const char *text, radon_bytes_t detail)
{
    uint8_t line[LINE_BYTES];
    radon_sink_t sink;
    radon_sink_init(&sink, line, sizeof line, 0);
    radon_sink_text(&sink, text);
    if (detail.len > 0) {
        radon_sink_put(&sink, ' ');
        radon_sink_write(&sink, detail.data, detail.len);
    }
    radon_logbook_write(&runtime->logbook, radon_port_now_us(), level, source, radon_sink_window(&sink));
    runtime->notify(runtime->notify_context, radon_bytes_text("log"));
}

uint64_t radon_runtime_utc_us(const radon_runtime_t *runtime)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    uint64_t base = runtime->clock_base_us;
    radon_port_ceiling_restore(ceiling);
    return base == 0 ? 0 : base + radon_port_now_us();
}
