#include "radon/runtime/modules.h"

#include "radon/port.h"

#include <string.h>

#define DIGEST_BYTES 32U

uint64_t radon_modules_block_size(uint32_t load)
{
    uint64_t rounded = ((uint64_t)load + RADON_POOL_ALIGN - 1U) & ~(uint64_t)(RADON_POOL_ALIGN - 1U);
    return rounded == 0 ? RADON_POOL_ALIGN : rounded;
}

radon_shared_module_t *radon_modules_find(radon_modules_t *modules, const uint8_t *digest)
{
    for (uint32_t i = 0; i < RADON_MODULES_MAX; i++) {
        radon_shared_module_t *entry = &modules->entries[i];
        if (entry->users > 0 && memcmp(entry->digest, digest, DIGEST_BYTES) == 0) {
            return entry;
        }
    }
    return NULL;
}

static radon_shared_module_t *find_free(radon_modules_t *modules)
{
    for (uint32_t i = 0; i < RADON_MODULES_MAX; i++) {
        if (modules->entries[i].users == 0) {
            return &modules->entries[i];
        }
    }
    return NULL;
}

radon_shared_module_t *radon_modules_add(radon_modules_t *modules, radon_pool_t *pool, const uint8_t *digest,
                                         radon_bytes_t code, uint32_t load)
{
    uint64_t size = radon_modules_block_size(load);
    radon_shared_module_t *entry = find_free(modules);
    if (entry == NULL || size > UINT32_MAX) {
        return NULL;
    }
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    void *block = radon_pool_alloc(pool, (uint32_t)size);
    radon_port_ceiling_restore(ceiling);
    if (block == NULL) {
        return NULL;
    }
    *entry = (radon_shared_module_t){.users = 1, .digest = digest};
    entry->module.bytes = code.data;
    entry->module.size = (uint32_t)code.len;
    radon_arena_init(&entry->arena, block, (size_t)size);
    return entry;
}

bool radon_modules_load(radon_shared_module_t *module, radon_refusal_t *refusal)
{
    if (!module->loaded) {
        radon_arena_init(&module->arena, module->arena.base, module->arena.size);
        module->loaded = radon_module_load(&module->module, &module->arena, module->module.bytes,
                                           module->module.size, refusal);
    }
    return module->loaded;
}

void radon_modules_drop(radon_pool_t *pool, radon_shared_module_t *module)
{
    module->users--;
    if (module->users > 0) {
        return;
    }
    if (module->loaded) {
        radon_module_unload(&module->module);
    }
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_pool_free(pool, module->arena.base);
    radon_port_ceiling_restore(ceiling);
}
