#include "engine_fake.h"

#include <string.h>

engine_fake_t engine_fake;

static const radon_host_function_t *host_functions;

void engine_fake_reset(void)
{
    memset(&engine_fake, 0, sizeof engine_fake);
    engine_fake.exports = UINT32_MAX;
}

int32_t engine_fake_call(radon_guest_t *guest, unsigned number, unsigned count, const uint64_t *arguments)
{
    uint64_t slots[8] = {0};
    memcpy(slots, arguments, count * sizeof slots[0]);
    host_functions[number](guest, slots);
    return guest->trap == RADON_TRAP_NONE ? (int32_t)(uint32_t)slots[0] : ENGINE_FAKE_TRAPPED;
}

radon_err_t radon_engine_init(const radon_host_function_t *functions)
{
    host_functions = functions;
    return RADON_OK;
}

bool radon_module_load(radon_module_t *module, radon_arena_t *arena, const uint8_t *bytes, uint32_t size,
                       radon_refusal_t *refusal)
{
    engine_fake.loads++;
    if (engine_fake.refuse_load) {
        *refusal = (radon_refusal_t){.problem = RADON_PROBLEM_BAD_MODULE, .detail = "refused by the test"};
        return false;
    }
    (void)radon_arena_alloc(arena, 128);
    *module = (radon_module_t){.arena = arena, .bytes = bytes, .size = size};
    return true;
}

void radon_module_unload(radon_module_t *module)
{
    engine_fake.unloads++;
    module->bytes = NULL;
}

bool radon_instance_open(radon_instance_t *instance, const radon_module_t *module, radon_arena_t *arena,
                         uint32_t stack, void *context, radon_refusal_t *refusal)
{
    (void)stack;
    (void)radon_arena_alloc(arena, 64);
    if (engine_fake.refuse_open) {
        *refusal = (radon_refusal_t){.problem = RADON_PROBLEM_BAD_MODULE, .detail = "refused by the test"};
        return false;
    }
    memset(instance, 0, sizeof *instance);
    instance->module = module;
    instance->arena = arena;
    instance->context = context;
    instance->memory = engine_fake.memory;
    instance->memory_size = ENGINE_FAKE_MEMORY;
    engine_fake.opened++;
    return true;
}

void radon_instance_close(radon_instance_t *instance)
{
    engine_fake.opened -= instance->module != NULL;
    instance->module = NULL;
}

bool radon_instance_exports(const radon_instance_t *instance, radon_export_t function)
{
    (void)instance;
    return (engine_fake.exports >> function & 1U) != 0;
}

void radon_instance_call(radon_instance_t *instance, radon_export_t function, uint32_t budget_us,
                         radon_outcome_t *outcome)
{
    (void)budget_us;
    memset(outcome, 0, sizeof *outcome);
    if (engine_fake.guest == NULL || !radon_instance_exports(instance, function)) {
        return;
    }
    instance->trap = RADON_TRAP_NONE;
    outcome->result = engine_fake.guest(instance, function, outcome);
    if (instance->trap != RADON_TRAP_NONE) {
        outcome->trap = instance->trap;
    }
}

void *radon_guest_context(const radon_guest_t *guest)
{
    return guest->context;
}

uint8_t *radon_guest_range(radon_guest_t *guest, uint32_t address, uint32_t length)
{
    if (address > guest->memory_size || length > guest->memory_size - address) {
        guest->trap = RADON_TRAP_MEMORY;
        return NULL;
    }
    return guest->memory + address;
}

int32_t radon_slot_i32(uint64_t slot)
{
    return (int32_t)(uint32_t)slot;
}

double radon_slot_f64(uint64_t slot)
{
    double value;
    memcpy(&value, &slot, sizeof value);
    return value;
}

void radon_slot_set_i32(uint64_t *slots, int32_t value)
{
    slots[0] = (uint32_t)value;
}

void radon_slot_set_f64(uint64_t *slots, double value)
{
    memcpy(slots, &value, sizeof value);
}

radon_memory_t radon_instance_memory(radon_instance_t *instance)
{
    return (radon_memory_t){instance->memory, instance->memory_size};
}

bool radon_instance_global(const radon_instance_t *instance, uint32_t index, radon_global_t *global)
{
    (void)instance;
    if (index >= ENGINE_FAKE_GLOBALS) {
        return false;
    }
    *global = (radon_global_t){.size = 8, .bits = engine_fake.globals[index]};
    return true;
}

bool radon_instance_global_restore(radon_instance_t *instance, uint32_t index, uint64_t bits)
{
    (void)instance;
    if (index >= ENGINE_FAKE_GLOBALS) {
        return false;
    }
    engine_fake.globals[index] = bits;
    return true;
}
