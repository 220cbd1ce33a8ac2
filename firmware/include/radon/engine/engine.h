/**
 * Runs payloads: check, load, instantiate, call, snapshot, kill. The only interface to a code engine; nothing
 * above engine/ knows which one runs an atom (today: the WAMR fast interpreter).
 *
 *   radon_engine_init(host_functions);
 *   radon_module_check(bytes, size, memory_limit, &refusal);             bytes only, no memory
 *   radon_arena_init(&shared, module_block, need_load);
 *   radon_module_load(&module, &shared, bytes, size, &refusal);          bytes stay mapped (flash), not
 * copied radon_arena_init(&own, instance_block, need_run); radon_instance_open(&instance, &module, &own,
 * stack, context, &refusal); radon_instance_call(&instance, RADON_EXPORT_ON_START, budget_us, &outcome);
 *   radon_instance_close(&instance); radon_module_unload(&module);
 *
 * A loaded module is only read afterwards: instances in arenas of their own share it, and a kill of one
 * (while it is made or called) makes its own arena unusable, no more. A kill while a module loads makes that
 * arena unusable. An unusable arena is initialised again. Everything here belongs to the thread level.
 */
#ifndef RADON_ENGINE_ENGINE_H
#define RADON_ENGINE_ENGINE_H

#include "radon/abi.generated.h"
#include "radon/engine/arena.h"
#include "radon/errors.generated.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- The engine ---- */

/** One running instance as a host function sees it. */
typedef struct radon_instance radon_guest_t;

/**
 * A function of the runtime interface. `slots[i]` holds argument i (i32 in the low half, f64 by its bits);
 * the result goes to slots[0] with radon_slot_set_i32() or radon_slot_set_f64(). Runs with the deadline
 * paused.
 */
typedef void (*radon_host_function_t)(radon_guest_t *guest, uint64_t *slots);

/**
 * Starts the engine once. `functions` (kept) has RADON_ABI_FUNCTION_COUNT entries by fixed number.
 */
radon_err_t radon_engine_init(const radon_host_function_t *functions);

/** Eight hexadecimal digits that name everything that decides the sizes in `need`. */
const char *radon_engine_revision(void);

/** Why something was refused: for problem details. `problem` is only meaningful when the call failed. */
typedef struct {
    radon_problem_t problem; /**< BAD_MODULE, FOREIGN_IMPORT, REFUSED_FEATURE, BAD_EXPORT or DOES_NOT_FIT */
    uint32_t need;           /**< DOES_NOT_FIT: bytes that were wanted, 0 when unknown */
    uint32_t free;           /**< DOES_NOT_FIT: bytes that were there */
    char detail[88];         /**< what and where, UTF-8, ends with 0 */
} radon_refusal_t;

/* ---- Check ---- */

/**
 * One bounded pass over a module that may come from anywhere; reads `size` bytes, writes nothing but
 * `refusal`. Checks structure, imports (module "radon", its functions, exact types), features by name,
 * exports and their types, limits of the interface, and that the memory is at most `memory_limit` bytes.
 * Types inside function bodies are checked by radon_module_load().
 */
bool radon_module_check(const uint8_t *bytes, size_t size, uint32_t memory_limit, radon_refusal_t *refusal);

/* ---- Module ---- */

typedef struct {
    void *code; /**< the engine's own module */
    radon_arena_t *arena;
    const uint8_t *bytes;
    uint32_t size;
} radon_module_t;

/**
 * Loads a checked module into `arena` (kept). `bytes` (kept) stay readable and unchanged until unload; they
 * are executed from where they are. Runs under the guard: a load that takes longer than
 * RADON_ENGINE_LOAD_BUDGET_US is refused as BAD_MODULE. On failure the arena must be initialised again.
 */
bool radon_module_load(radon_module_t *module, radon_arena_t *arena, const uint8_t *bytes, uint32_t size,
                       radon_refusal_t *refusal);
void radon_module_unload(radon_module_t *module);

#define RADON_ENGINE_LOAD_BUDGET_US 2000000U

/* ---- Instance ---- */

/** The functions a node calls, by the table of docs/atom-abi.json. */
typedef enum {
#define X(name, text, result) RADON_EXPORT_##name,
    RADON_ABI_EXPORTS(X)
#undef X
        RADON_EXPORT_COUNT
} radon_export_t;

/** Members are the engine's; read them through the functions below. */
typedef struct radon_instance {
    void *instance; /**< the engine's own instance and execution environment */
    void *environment;
    void *functions[RADON_EXPORT_COUNT];
    radon_arena_t *arena;
    const radon_module_t *module;
    void *context;        /**< the runtime's own, see radon_guest_context() */
    uint8_t *memory;      /**< linear memory */
    uint32_t memory_size; /**< exact bytes */
    radon_trap_t trap;    /**< set by host functions */
} radon_instance_t;

/**
 * Makes a running copy of `module` (kept) in `arena` (kept; may be the module's own): memory set up from the
 * data segments, globals at their first values, no guest code run. `stack` is the interpreter stack in bytes.
 */
bool radon_instance_open(radon_instance_t *instance, const radon_module_t *module, radon_arena_t *arena,
                         uint32_t stack, void *context, radon_refusal_t *refusal);
void radon_instance_close(radon_instance_t *instance);

bool radon_instance_exports(const radon_instance_t *instance, radon_export_t function);

/** How a call ended. */
typedef struct {
    radon_trap_t trap; /**< RADON_TRAP_NONE: it returned */
    int32_t result;    /**< what the handler answered; 0 for exports without result */
    bool killed;       /**< the arena is unusable: do not close or unload, initialise it again */
    bool located;      /**< `function` and `offset` are known */
    uint32_t function; /**< index of the wasm function, imports counted */
    uint32_t offset;   /**< where its body starts in the signed module */
    char
        name[RADON_MAX_NAME_BYTES + 1]; /**< from the name section or an export, cut; "" when there is none */
} radon_outcome_t;

/** How much longer than its budget a call may take in all, host functions and interruptions included. */
#define RADON_ENGINE_WALL_EXTRA_US 5000000U

/**
 * Calls an export under the guard with `budget_us` of own running time. An export the module lacks returns at
 * once with result 0. After a trap the instance must be closed: its memory is in the middle of something.
 */
void radon_instance_call(radon_instance_t *instance, radon_export_t function, uint32_t budget_us,
                         radon_outcome_t *outcome);

/* ---- Guest memory, for host functions ---- */

void *radon_guest_context(const radon_guest_t *guest);

/**
 * Pointer to `length` bytes at guest address `address`, valid until the host function returns. NULL when any
 * of them is outside the exact memory: the guest then traps with MEMORY once the host function returns.
 */
uint8_t *radon_guest_range(radon_guest_t *guest, uint32_t address, uint32_t length);

/** Ends the activation with this trap once the host function returns. */
void radon_guest_trap(radon_guest_t *guest, radon_trap_t trap);

int32_t radon_slot_i32(uint64_t slot);
double radon_slot_f64(uint64_t slot);
void radon_slot_set_i32(uint64_t *slots, int32_t value);
void radon_slot_set_f64(uint64_t *slots, double value);

/* ---- Snapshot: memory and exported mutable globals, between activations ---- */

typedef struct {
    uint8_t *bytes;
    uint32_t size;
} radon_memory_t;

/** The whole linear memory, to be read or (of a fresh instance) replaced. */
radon_memory_t radon_instance_memory(radon_instance_t *instance);

/** A mutable global that `radon build` or `radon pack` exported as `radon:g<index>`. */
typedef struct {
    uint8_t size; /**< bytes: 4 or 8 */
    uint64_t bits;
} radon_global_t;

/** Reads global number `index`; false past the last. */
bool radon_instance_global(const radon_instance_t *instance, uint32_t index, radon_global_t *global);

/** Sets it to `bits`; false when there is none. */
bool radon_instance_global_restore(radon_instance_t *instance, uint32_t index, uint64_t bits);

#endif
