#include "radon/engine/engine.h"

#include "arena_route.h"
#include "internal.h"
#include "reader.h"

#include "radon/port.h"
#include "wasm_export.h"

#define ERROR_BYTES 128U

/* Every section but custom ones comes once, so there are at most as many as section numbers. */
static wasm_section_t sections[RADON_SECTION_DATA_COUNT];

/**
 * Lists the sections for the engine, without custom ones. Loading from a list, the engine copies names (which
 * it wants to end with 0) but neither code nor data, and writes nothing into the bytes.
 */
static wasm_section_t *list_sections(const uint8_t *bytes, uint32_t size)
{
    radon_reader_t reader = radon_reader_open(bytes, size);
    wasm_section_t *last = NULL;
    radon_reader_skip(&reader, RADON_MODULE_HEADER_BYTES);
    while (!radon_reader_done(&reader)) {
        uint8_t id = radon_reader_byte(&reader);
        radon_reader_t body = radon_reader_slice(&reader, radon_reader_u32(&reader));
        if (id == RADON_SECTION_CUSTOM) {
            continue;
        }
        wasm_section_t *section = last == NULL ? sections : last + 1;
        if (reader.failure != NULL || section == sections + RADON_SECTION_DATA_COUNT) {
            return NULL;
        }
        *section = (wasm_section_t){.section_type = id,
                                    .section_body = (uint8_t *)(uintptr_t)(bytes + body.at),
                                    .section_body_size = body.end - body.at};
        if (last != NULL) {
            last->next = section;
        }
        last = section;
    }
    return last == NULL ? NULL : sections;
}

typedef struct {
    radon_module_t *module;
    char error[ERROR_BYTES];
} load_t;

static void load_guarded(void *context)
{
    load_t *load = context;
    wasm_section_t *list = list_sections(load->module->bytes, load->module->size);
    if (list != NULL) {
        load->module->code = wasm_runtime_load_from_sections(list, false, load->error, sizeof load->error);
    }
}

bool radon_module_load(radon_module_t *module, radon_arena_t *arena, const uint8_t *bytes, uint32_t size,
                       radon_refusal_t *refusal)
{
    *module = (radon_module_t){.arena = arena, .bytes = bytes, .size = size};
    *refusal = (radon_refusal_t){0};
    load_t load = {.module = module, .error = "it has no sections"};
    radon_engine_route(arena);
    radon_guard_result_t end = radon_port_guard_call(load_guarded, &load, RADON_ENGINE_LOAD_BUDGET_US,
                                                     2 * RADON_ENGINE_LOAD_BUDGET_US);
    radon_engine_route(NULL);
    if (end == RADON_GUARD_KILLED) {
        module->code = NULL;
        radon_engine_refuse(refusal, arena, "loading takes too long");
    } else if (module->code == NULL) {
        radon_engine_refuse(refusal, arena, load.error);
    }
    return module->code != NULL;
}

void radon_module_unload(radon_module_t *module)
{
    if (module->code == NULL) {
        return;
    }
    radon_engine_route(module->arena);
    wasm_runtime_unload(module->code);
    radon_engine_route(NULL);
    module->code = NULL;
}
