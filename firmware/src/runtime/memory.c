#include "radon/runtime/memory.h"

/** Takes a block of a pool; false when no gap is long enough. */
static bool place(radon_pool_t *pool, uint64_t size)
{
    return size <= UINT32_MAX && radon_pool_alloc(pool, (uint32_t)size) != NULL;
}

/** What the pool would be without an atom; the module goes with its last user. */
static radon_pool_t pool_without(const radon_pool_t *pool, const radon_atom_t *atom)
{
    radon_pool_t rest = *pool;
    radon_pool_free(&rest, atom);
    if (atom != NULL && atom->module->users == 1) {
        radon_pool_free(&rest, atom->module->arena.base);
    }
    return rest;
}

radon_memory_room_t radon_memory_room(radon_runtime_t *runtime, const radon_atom_t *replaced,
                                      const radon_memory_demand_t *demand)
{
    radon_pool_t pool = pool_without(&runtime->pool, replaced);
    const radon_shared_module_t *module = radon_modules_find(&runtime->modules, demand->digest);
    bool stays = module != NULL && !(replaced != NULL && replaced->module == module && module->users == 1);
    uint64_t load = stays ? 0 : radon_modules_block_size(demand->load);
    radon_memory_room_t room = {.need = demand->own + load, .free = pool.size - radon_pool_used(&pool)};
    if (load > 0 && !place(&pool, load)) {
        room.free = radon_pool_largest(&pool);
    } else if (!place(&pool, demand->own)) {
        room.free = load + radon_pool_largest(&pool);
    }
    return room;
}

static radon_shared_module_t *share_module(radon_runtime_t *runtime, const radon_version_t *version)
{
    radon_shared_module_t *module = radon_modules_find(&runtime->modules, version->digest);
    if (module != NULL) {
        module->users++;
        return module;
    }
    module = radon_modules_add(&runtime->modules, &runtime->pool, version->digest, version->code,
                               version->configuration->need_load);
    if (module != NULL) {
        module->generation = version->generation;
    }
    return module;
}

bool radon_memory_take(radon_runtime_t *runtime, radon_definition_t *definition,
                       const radon_version_t *version, radon_refusal_t *refusal)
{
    const radon_memory_demand_t demand = {
        .own = radon_atom_block_size(version->configuration),
        .load = version->configuration->need_load,
        .digest = version->digest,
    };
    radon_memory_room_t room = radon_memory_room(runtime, NULL, &demand);
    if (room.need > room.free) {
        *refusal = (radon_refusal_t){.problem = RADON_PROBLEM_DOES_NOT_FIT,
                                     .need = room.need < UINT32_MAX ? (uint32_t)room.need : UINT32_MAX,
                                     .free = (uint32_t)room.free};
        return false;
    }
    radon_shared_module_t *module = share_module(runtime, version);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    void *block = radon_pool_alloc(&runtime->pool, (uint32_t)demand.own);
    radon_port_ceiling_restore(ceiling);
    radon_atom_t *atom = radon_atom_init(block, version->configuration);
    atom->runtime = runtime;
    atom->definition = definition;
    atom->module = module;
    atom->first_message = definition->next_message;
    atom->next_message = definition->next_message;
    ceiling = radon_port_ceiling_raise();
    definition->atom = atom;
    definition->block_size = (uint32_t)demand.own;
    radon_port_ceiling_restore(ceiling);
    return true;
}

void radon_memory_give_back(radon_runtime_t *runtime, radon_definition_t *definition)
{
    const radon_atom_t *atom = definition->atom;
    radon_shared_module_t *module = atom->module;
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    definition->next_message = atom->next_message;
    definition->atom = NULL;
    definition->block_size = 0;
    radon_pool_free(&runtime->pool, atom);
    radon_port_ceiling_restore(ceiling);
    radon_modules_drop(&runtime->pool, module);
}
