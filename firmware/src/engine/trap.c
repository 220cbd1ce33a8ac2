#include "internal.h"

#include "wasm_exec_env.h"
#include "wasm_interp.h"
#include "wasm_runtime.h"

#include <string.h>

/* WAMR's exception texts (wasm_runtime_common.c, exception_msgs) by the trap they mean; the first that fits
 * counts. */
static const struct {
    const char *text;
    radon_trap_t trap;
} trap_texts[] = {
    {"unreachable", RADON_TRAP_UNREACHABLE},
    {"out of bounds memory", RADON_TRAP_MEMORY},
    {"allocate memory", RADON_TRAP_MEMORY},
    {"integer", RADON_TRAP_ARITHMETIC},
    {"stack overflow", RADON_TRAP_STACK},
    {"stack underflow", RADON_TRAP_STACK},
    {"out of bounds table", RADON_TRAP_TABLE},
    {"uninitialized element", RADON_TRAP_CALL},
    {"element", RADON_TRAP_TABLE},
    {"indirect call", RADON_TRAP_CALL},
    {"function", RADON_TRAP_CALL},
};

/** Frame that was current when the exception was set; its memory stays as it was until the next call. */
static const WASMInterpFrame *trap_frame;

void radon_engine_trap_reset(void)
{
    trap_frame = NULL;
}

void __real_wasm_set_exception(WASMModuleInstance *instance, const char *exception);
void __wrap_wasm_set_exception(WASMModuleInstance *instance, const char *exception);

/** Stands in front of wasm_set_exception (linker option --wrap): afterwards WAMR forgets where it was. */
void __wrap_wasm_set_exception(WASMModuleInstance *instance, const char *exception)
{
    if (exception != NULL && radon_engine_active != NULL && trap_frame == NULL) {
        const WASMExecEnv *environment = radon_engine_active->environment;
        trap_frame = environment->cur_frame;
    }
    __real_wasm_set_exception(instance, exception);
}

void radon_engine_trap_raise(const radon_instance_t *instance)
{
    wasm_set_exception(instance->instance, "host function");
}

static radon_trap_t trap_of(const char *text)
{
    for (size_t i = 0; i < sizeof trap_texts / sizeof trap_texts[0]; i++) {
        if (strstr(text, trap_texts[i].text) != NULL) {
            return trap_texts[i].trap;
        }
    }
    return RADON_TRAP_ABORT;
}

/** A killed call may have been building a frame: a pointer is followed only inside the interpreter's stack.
 */
static bool is_frame(const WASMExecEnv *environment, const WASMInterpFrame *frame)
{
    const uint8_t *at = (const uint8_t *)frame;
    return at >= environment->wasm_stack.bottom &&
           at + offsetof(WASMInterpFrame, operand) <= environment->wasm_stack.top_boundary;
}

/** Innermost wasm function from `frame` outwards; NULL when there is none. */
static const WASMFunctionInstance *wasm_function(const radon_instance_t *instance,
                                                 const WASMInterpFrame *frame)
{
    const WASMModuleInstance *wamr = instance->instance;
    const WASMFunctionInstance *first = wamr->e->functions;
    for (uint32_t depth = 0; depth < 2 && is_frame(instance->environment, frame); depth++) {
        const WASMFunctionInstance *function = frame->function;
        if (function >= first && function < first + wamr->e->function_count && !function->is_import_func) {
            return function;
        }
        frame = frame->prev_frame;
    }
    return NULL;
}

static void locate(const radon_instance_t *instance, const WASMInterpFrame *frame, radon_outcome_t *outcome)
{
    const WASMFunctionInstance *function = wasm_function(instance, frame);
    if (function == NULL) {
        return;
    }
    const WASMModuleInstance *wamr = instance->instance;
    outcome->located = true;
    outcome->function = (uint32_t)(function - wamr->e->functions);
    outcome->offset = (uint32_t)(function->u.func->code - instance->module->bytes);
    radon_engine_function_name(instance->module, outcome->function, outcome->name, sizeof outcome->name);
}

void radon_engine_trap_describe(const radon_instance_t *instance, bool killed, radon_outcome_t *outcome)
{
    const WASMExecEnv *environment = instance->environment;
    const WASMModuleInstance *wamr = instance->instance;
    if (killed) {
        outcome->trap = RADON_TRAP_DEADLINE;
    } else {
        outcome->trap = instance->trap != RADON_TRAP_NONE ? instance->trap : trap_of(wamr->cur_exception);
    }
    locate(instance, killed ? environment->cur_frame : trap_frame, outcome);
}
