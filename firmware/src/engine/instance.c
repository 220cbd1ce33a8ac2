#include "radon/engine/engine.h"

#include "arena_route.h"
#include "internal.h"

#include "radon/port.h"
#include "wasm_export.h"

#define ERROR_BYTES 128U

static const char *const export_names[RADON_EXPORT_COUNT] = {
#define X(name, text, result) text,
    RADON_ABI_EXPORTS(X)
#undef X
};

static const bool export_has_result[RADON_EXPORT_COUNT] = {
#define X(name, text, result) (result) != 0,
    RADON_ABI_EXPORTS(X)
#undef X
};

typedef struct {
    radon_instance_t *instance;
    uint32_t stack;
    bool done;
    char error[ERROR_BYTES];
} open_t;

static void look_up(radon_instance_t *instance)
{
    for (size_t i = 0; i < RADON_EXPORT_COUNT; i++) {
        instance->functions[i] = wasm_runtime_lookup_function(instance->instance, export_names[i]);
    }
    wasm_memory_inst_t memory = wasm_runtime_get_default_memory(instance->instance);
    if (memory != NULL) {
        instance->memory = wasm_memory_get_base_address(memory);
        instance->memory_size =
            (uint32_t)(wasm_memory_get_bytes_per_page(memory) * wasm_memory_get_cur_page_count(memory));
    }
}

static void open_guarded(void *context)
{
    open_t *open = context;
    radon_instance_t *instance = open->instance;
    instance->instance =
        wasm_runtime_instantiate(instance->module->code, open->stack, 0, open->error, sizeof open->error);
    if (instance->instance == NULL) {
        return;
    }
    instance->environment = wasm_runtime_create_exec_env(instance->instance, open->stack);
    if (instance->environment == NULL) {
        return;
    }
    wasm_runtime_set_user_data(instance->environment, instance);
    look_up(instance);
    open->done = true;
}

bool radon_instance_open(radon_instance_t *instance, const radon_module_t *module, radon_arena_t *arena,
                         uint32_t stack, void *context, radon_refusal_t *refusal)
{
    *instance = (radon_instance_t){.arena = arena, .module = module, .context = context};
    *refusal = (radon_refusal_t){0};
    open_t open = {.instance = instance, .stack = stack, .error = "no room for the stack"};
    radon_engine_route(arena);
    radon_guard_result_t end = radon_port_guard_call(open_guarded, &open, RADON_ENGINE_LOAD_BUDGET_US,
                                                     2 * RADON_ENGINE_LOAD_BUDGET_US);
    radon_engine_route(NULL);
    if (end == RADON_GUARD_DONE && open.done) {
        return true;
    }
    radon_engine_refuse(refusal, arena,
                        end == RADON_GUARD_KILLED ? "instantiation takes too long" : open.error);
    if (end == RADON_GUARD_DONE) {
        radon_instance_close(instance);
    }
    return false;
}

void radon_instance_close(radon_instance_t *instance)
{
    radon_engine_route(instance->arena);
    if (instance->environment != NULL) {
        wasm_runtime_destroy_exec_env(instance->environment);
    }
    if (instance->instance != NULL) {
        wasm_runtime_deinstantiate(instance->instance);
    }
    radon_engine_route(NULL);
    instance->environment = NULL;
    instance->instance = NULL;
}

bool radon_instance_exports(const radon_instance_t *instance, radon_export_t function)
{
    return instance->functions[function] != NULL;
}

typedef struct {
    radon_instance_t *instance;
    void *function;
    uint32_t result;
    bool done;
} call_t;

static void call_guarded(void *context)
{
    call_t *call = context;
    call->done = wasm_runtime_call_wasm(call->instance->environment, call->function, 0, &call->result);
}

void radon_instance_call(radon_instance_t *instance, radon_export_t function, uint32_t budget_us,
                         radon_outcome_t *outcome)
{
    *outcome = (radon_outcome_t){0};
    call_t call = {.instance = instance, .function = instance->functions[function]};
    if (call.function == NULL) {
        return;
    }
    instance->trap = RADON_TRAP_NONE;
    radon_engine_trap_reset();
    radon_engine_active = instance;
    radon_engine_route(instance->arena);
    radon_guard_result_t end =
        radon_port_guard_call(call_guarded, &call, budget_us, budget_us + RADON_ENGINE_WALL_EXTRA_US);
    radon_engine_route(NULL);
    radon_engine_active = NULL;
    outcome->killed = end == RADON_GUARD_KILLED;
    if (outcome->killed || !call.done) {
        radon_engine_trap_describe(instance, outcome->killed, outcome);
    } else if (export_has_result[function]) {
        outcome->result = (int32_t)call.result;
    }
}
