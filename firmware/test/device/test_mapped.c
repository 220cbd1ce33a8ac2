/*
 * A module is run from mapped flash: it is programmed there as a payload is, loaded, and called; no stretch
 * of its code is found anywhere in RAM, and the flash is as it was.
 */
#include "check.h"

#include "fakes/wasm_builder.h"
#include "radon/engine/engine.h"
#include "radon/store/flash.h"

#include <string.h>

#define IMAGE_SECTOR 7U
#define PROBE_BYTES 12U
#define RAM_START 0x20000000U
#define RAM_END 0x20020000U
#define BODY_STEPS 40

void radon_network_task(void)
{
}

static void host_log(radon_guest_t *guest, uint64_t *slots)
{
    const uint8_t *text =
        radon_guest_range(guest, (uint32_t)radon_slot_i32(slots[1]), (uint32_t)radon_slot_i32(slots[2]));
    radon_slot_set_i32(slots, text != NULL && memcmp(text, "data", 4) == 0 ? 7 : 0);
}

static const radon_host_function_t host_functions[RADON_ABI_FUNCTION_COUNT] = {[27] = host_log};

static const wasm_atom_t atom = {.import = "log",
                                 .import_type = 3,
                                 .exports = {"on_request"},
                                 .types = {1},
                                 .heap_base = 512,
                                 .data_end = 16,
                                 .data = "data"};

static wasm_t wasm;

/** on_request: log(1, 0, 4) and many additions, so that there is code to look for. */
static void write_module(void)
{
    wasm_atom_begin(&wasm, &atom);
    wasm_body(&wasm);
    WASM(&wasm, 0, 0x41, 1, 0x41, 0, 0x41, 4, 0x10, 0);
    for (int i = 0; i < BODY_STEPS; i++) {
        wasm_i32_const(&wasm, (int32_t)((uint32_t)i * 1103515245U));
        WASM(&wasm, 0x1A);
    }
    wasm_body_end(&wasm);
    wasm_atom_end(&wasm, &atom);
}

/** Puts the module into flash and forgets it in RAM. Returns where it is. */
static const uint8_t *store_module(const radon_flash_t *flash, uint32_t size)
{
    uint32_t address = flash->sectors[IMAGE_SECTOR].address;
    EXPECT(flash->program(flash->context, address, wasm.bytes, (size + 3U) & ~3U) == RADON_OK);
    memset(&wasm, 0, sizeof wasm);
    return radon_flash_at(flash, address);
}

static bool is_in_ram(const uint8_t *probe)
{
    for (const uint8_t *at = (const uint8_t *)RAM_START; at + PROBE_BYTES <= (const uint8_t *)RAM_END; at++) {
        if (at[0] == probe[0] && memcmp(at, probe, PROBE_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

static uint32_t sum(const uint8_t *bytes, uint32_t size)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < size; i++) {
        total = total * 31 + bytes[i];
    }
    return total;
}

void radon_main(void)
{
    radon_region_t pool = radon_port_pool();
    radon_arena_t arena;
    radon_module_t module;
    radon_instance_t instance;
    radon_refusal_t refusal;
    radon_outcome_t outcome;
    write_module();
    uint32_t size = (uint32_t)wasm.size;
    const uint8_t *bytes = store_module(radon_port_flash(), size);
    uint32_t before = sum(bytes, size);
    EXPECT(radon_engine_init(host_functions) == RADON_OK);
    EXPECT(radon_module_check(bytes, size, 512, &refusal));
    radon_arena_init(&arena, pool.base, pool.size);
    EXPECT(radon_module_load(&module, &arena, bytes, size, &refusal));
    EXPECT(radon_instance_open(&instance, &module, &arena, 512, NULL, &refusal));
    radon_instance_call(&instance, RADON_EXPORT_ON_REQUEST, 100000, &outcome);
    EXPECT(outcome.trap == RADON_TRAP_NONE && outcome.result == 7);
    uint32_t code_end = size - 16; /* the data segment behind it becomes memory, of course */
    for (uint32_t at = code_end - 200; at + PROBE_BYTES < code_end; at++) {
        EXPECT(!is_in_ram(bytes + at));
    }
    EXPECT(sum(bytes, size) == before);
    test_note("module bytes", size);
    test_note("arena bytes", arena.used);
    test_end();
}
