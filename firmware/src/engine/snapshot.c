#include "radon/engine/engine.h"

#include "wasm_export.h"

#include <string.h>

static const char prefix[] = "radon:g";

/** With ten digits and the zero at the end. */
#define GLOBAL_NAME_BYTES (sizeof prefix + 10U)

radon_memory_t radon_instance_memory(radon_instance_t *instance)
{
    return (radon_memory_t){instance->memory, instance->memory_size};
}

static uint8_t value_size(wasm_valkind_t kind)
{
    return kind == WASM_I32 || kind == WASM_F32 ? 4 : 8;
}

/** Finds `radon:g<index>`. */
static bool find_global(const radon_instance_t *instance, uint32_t index, wasm_global_inst_t *global)
{
    char name[GLOBAL_NAME_BYTES] = {0};
    char *at = name + sizeof name - 1;
    do {
        *--at = (char)('0' + index % 10);
        index /= 10;
    } while (index > 0);
    at -= sizeof prefix - 1;
    memcpy(at, prefix, sizeof prefix - 1);
    return wasm_runtime_get_export_global_inst(instance->instance, at, global) && global->is_mutable;
}

bool radon_instance_global(const radon_instance_t *instance, uint32_t index, radon_global_t *global)
{
    wasm_global_inst_t found;
    if (!find_global(instance, index, &found)) {
        return false;
    }
    global->size = value_size(found.kind);
    global->bits = 0;
    memcpy(&global->bits, found.global_data, global->size);
    return true;
}

bool radon_instance_global_restore(radon_instance_t *instance, uint32_t index, uint64_t bits)
{
    wasm_global_inst_t found;
    if (!find_global(instance, index, &found)) {
        return false;
    }
    memcpy(found.global_data, &bits, value_size(found.kind));
    return true;
}
