#include "radon/engine/engine.h"

#include "arena_route.h"
#include "internal.h"

#include "engine_revision.h"
#include "radon/port.h"
#include "wasm_export.h"

#include <string.h>

/* The engine itself allocates one list node, once. */
#define SYSTEM_ARENA_BYTES 64U

static uint64_t system_memory[SYSTEM_ARENA_BYTES / sizeof(uint64_t)];
static radon_arena_t system_arena;
static radon_arena_t *current_arena;
static const radon_host_function_t *host_functions;
radon_instance_t *radon_engine_active;

void radon_engine_route(radon_arena_t *arena)
{
    current_arena = arena;
}

void *radon_engine_alloc(uint32_t size)
{
    return current_arena == NULL ? NULL : radon_arena_alloc(current_arena, size);
}

void *radon_engine_resize(void *pointer, uint32_t size)
{
    return current_arena == NULL ? NULL : radon_arena_resize(current_arena, pointer, size);
}

void radon_engine_free(void *pointer)
{
    if (current_arena != NULL) {
        radon_arena_free(current_arena, pointer);
    }
}

/** Every imported function arrives here; its number is the attachment of its entry in the table below. */
static void call_host_function(wasm_exec_env_t environment, uint64_t *slots)
{
    radon_guest_t *guest = wasm_runtime_get_user_data(environment);
    uintptr_t number = (uintptr_t)wasm_runtime_get_function_attachment(environment);
    radon_port_guard_pause();
    host_functions[number](guest, slots);
    if (guest->trap != RADON_TRAP_NONE) {
        radon_engine_trap_raise(guest);
    }
    radon_port_guard_resume();
}

/** WAMR sorts the table by name, so it is not const. */
static NativeSymbol native_symbols[] = {
#define X(number, name, signature) \
    {#name, (void *)(uintptr_t)call_host_function, signature, (void *)(uintptr_t)(number)},
    RADON_ABI_FUNCTIONS(X)
#undef X
};

radon_err_t radon_engine_init(const radon_host_function_t *functions)
{
    host_functions = functions;
    radon_arena_init(&system_arena, system_memory, sizeof system_memory);
    radon_engine_route(&system_arena);
    bool started = wasm_runtime_init() && wasm_runtime_register_natives_raw(RADON_ABI_MODULE, native_symbols,
                                                                            RADON_ABI_FUNCTION_COUNT);
    radon_engine_route(NULL);
    return started ? RADON_OK : RADON_E_FULL;
}

const char *radon_engine_revision(void)
{
    return RADON_ENGINE_REVISION;
}

void radon_engine_refuse(radon_refusal_t *refusal, const radon_arena_t *arena, const char *error)
{
    if (arena->refused > 0) {
        refusal->problem = RADON_PROBLEM_DOES_NOT_FIT;
        refusal->need = arena->refused;
        refusal->free = arena->size;
    } else {
        refusal->problem = RADON_PROBLEM_BAD_MODULE;
    }
    /* WAMR's texts start with "WASM module load failed: " and the like. */
    const char *colon = strstr(error, ": ");
    const char *text = colon == NULL ? error : colon + 2;
    size_t length = strlen(text) < sizeof refusal->detail ? strlen(text) : sizeof refusal->detail - 1;
    memcpy(refusal->detail, text, length);
    refusal->detail[length] = '\0';
}

void *radon_guest_context(const radon_guest_t *guest)
{
    return guest->context;
}

uint8_t *radon_guest_range(radon_guest_t *guest, uint32_t address, uint32_t length)
{
    if (length == 0) {
        return guest->memory;
    }
    if (address >= guest->memory_size || length > guest->memory_size - address) {
        radon_guest_trap(guest, RADON_TRAP_MEMORY);
        return NULL;
    }
    return guest->memory + address;
}

void radon_guest_trap(radon_guest_t *guest, radon_trap_t trap)
{
    guest->trap = trap;
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
