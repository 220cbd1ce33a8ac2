/*
 * Any bytes as a module: the check reads within bounds, and what it passes loads, instantiates and runs, or
 * is refused, inside its arena. Inputs with an even first byte are the module; others are edits (offset low,
 * offset high, value) of a working atom, so that most get past the first section.
 */
#include "../fakes/wasm_builder.h"
#include "radon/engine/engine.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES 32768U
#define MEMORY_LIMIT 1024U
#define GUARD_BYTES 64U

static _Alignas(8) uint8_t block[ARENA_BYTES + GUARD_BYTES];
static wasm_t working;

static void host_function(radon_guest_t *guest, uint64_t *slots)
{
    (void)radon_guest_range(guest, (uint32_t)radon_slot_i32(slots[0]), (uint32_t)radon_slot_i32(slots[1]));
    radon_slot_set_i32(slots, 0);
}

static radon_host_function_t host_functions[RADON_ABI_FUNCTION_COUNT];

static const wasm_atom_t atom = {.import = "random",
                                 .import_type = 2,
                                 .exports = {"on_request", "on_timer"},
                                 .types = {1, 1},
                                 .heap_base = 512,
                                 .data_end = 16,
                                 .data = "data",
                                 .table_functions = 2};

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    for (size_t i = 0; i < RADON_ABI_FUNCTION_COUNT; i++) {
        host_functions[i] = host_function;
    }
    wasm_atom_begin(&working, &atom);
    wasm_body(&working);
    WASM(&working, 1, 2, 0x7F, 0x41, 0, 0x41, 8, 0x10, 0, 0x21, 0);                   /* random(0, 8) */
    WASM(&working, 0x02, 0x7F, 0x41, 1, 0x20, 0, 0x0D, 0, 0x1A, 0x41, 2, 0x0B, 0x1A); /* block, br_if */
    WASM(&working, 0x41, 0, 0x28, 2, 8, 0x41, 1, 0x6A, 0x22, 1, 0x41, 0, 0x20, 1, 0x36, 2, 12);
    WASM(&working, 0x41, 1, 0x11, 1, 0); /* call_indirect */
    wasm_body_end(&working);
    wasm_body(&working);
    WASM(&working, 0, 0x42, 0, 0xA7, 0x04, 0x7F, 0x41, 3, 0x05, 0x41, 4, 0x0B); /* if, else */
    wasm_body_end(&working);
    wasm_atom_end(&working, &atom);
    return radon_engine_init(host_functions) == RADON_OK ? 0 : 1;
}

/** Loads and opens; runs nothing, because nothing here ends a loop. */
static void load(const uint8_t *bytes, size_t size)
{
    radon_arena_t arena;
    radon_module_t module;
    radon_instance_t instance;
    radon_refusal_t refusal;
    memset(block + ARENA_BYTES, 0x5A, GUARD_BYTES);
    radon_arena_init(&arena, block, ARENA_BYTES);
    if (!radon_module_load(&module, &arena, bytes, (uint32_t)size, &refusal)) {
        return;
    }
    if (radon_instance_open(&instance, &module, &arena, 512, NULL, &refusal)) {
        if (radon_instance_memory(&instance).size > MEMORY_LIMIT) {
            abort(); /* the check promised less */
        }
        radon_instance_close(&instance);
    }
    radon_module_unload(&module);
    for (size_t i = 0; i < GUARD_BYTES; i++) {
        if (block[ARENA_BYTES + i] != 0x5A) {
            abort();
        }
    }
}

static void edit(uint8_t *module, const uint8_t *edits, size_t size)
{
    memcpy(module, working.bytes, working.size);
    for (size_t i = 0; i + 3 <= size; i += 3) {
        module[(edits[i] | (size_t)edits[i + 1] << 8) % working.size] = edits[i + 2];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    bool edits = (data[0] & 1) != 0;
    size_t length = edits ? working.size : size - 1;
    uint8_t *module = malloc(length); /* exact, so that the sanitizer sees a byte too far */
    if (edits) {
        edit(module, data + 1, size - 1);
    } else {
        memcpy(module, data + 1, length);
    }
    radon_refusal_t refusal;
    if (radon_module_check(module, length, MEMORY_LIMIT, &refusal)) {
        load(module, length);
    } else if (refusal.detail[0] == '\0') {
        abort();
    }
    free(module);
    return 0;
}
