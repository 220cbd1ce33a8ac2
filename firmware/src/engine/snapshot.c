#include "radon/engine/engine.h"

#include "wasm_export.h"

#include <string.h>

radon_memory_t radon_instance_memory(radon_instance_t *instance)
{
    return (radon_memory_t){instance->memory, instance->memory_size};
}

/* Value types of the binary format (WebAssembly specification 5.3.1) by WAMR's kinds. */
static uint8_t value_type(wasm_valkind_t kind)
{
    switch (kind) {
    case WASM_I32:
        return 0x7F;
    case WASM_I64:
        return 0x7E;
    case WASM_F32:
        return 0x7D;
    default:
        return 0x7C;
    }
}

static size_t value_size(wasm_valkind_t kind)
{
    return kind == WASM_I32 || kind == WASM_F32 ? 4 : 8;
}

/** Finds the exported mutable global number `index`: its name and where its value is. */
static bool find_global(const radon_instance_t *instance, uint32_t index, const char **name,
                        wasm_global_inst_t *global)
{
    int32_t count = wasm_runtime_get_export_count(instance->module->code);
    uint32_t seen = 0;
    for (int32_t i = 0; i < count; i++) {
        wasm_export_t export;
        wasm_runtime_get_export_type(instance->module->code, i, &export);
        if (export.kind != WASM_IMPORT_EXPORT_KIND_GLOBAL ||
            !wasm_global_type_get_mutable(export.u.global_type)) {
            continue;
        }
        if (seen++ == index) {
            *name = export.name;
            return wasm_runtime_get_export_global_inst(instance->instance, export.name, global);
        }
    }
    return false;
}

bool radon_instance_global(const radon_instance_t *instance, uint32_t index, radon_global_t *global)
{
    wasm_global_inst_t found;
    if (!find_global(instance, index, &global->name, &found)) {
        return false;
    }
    global->type = value_type(found.kind);
    global->bits = 0;
    memcpy(&global->bits, found.global_data, value_size(found.kind));
    return true;
}

bool radon_instance_global_restore(radon_instance_t *instance, uint32_t index, uint64_t bits)
{
    wasm_global_inst_t found;
    const char *name;
    if (!find_global(instance, index, &name, &found)) {
        return false;
    }
    memcpy(found.global_data, &bits, value_size(found.kind));
    return true;
}
