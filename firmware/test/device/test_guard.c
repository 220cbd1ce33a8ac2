/*
 * Kills at every kind of place: thousands of guarded calls of the engine (load, instantiate, allocator, guest
 * code, host functions), each ended by a deadline that falls somewhere else. Afterwards everything still
 * works bit for bit.
 */
#include "check.h"

#include "fakes/wasm_builder.h"
#include "radon/engine/engine.h"

#include <string.h>

#define ROUNDS 4500U
#define LATE_ROUNDS 3000U
#define STACK_BYTES 512U

static _Alignas(8) uint8_t block[16384];
static wasm_t wasm;
static uint32_t host_calls;
static volatile uint32_t network_runs;
static volatile uint32_t registers_lost;
static volatile uint32_t network_turns; /**< of a loop, to keep the network level busy */

/** The network level computes with floats, so that lazy stacking of both frames is exercised. */
void radon_network_task(void)
{
    volatile float sum = 0;
    for (int i = 0; i < 20; i++) {
        sum = sum * 0.5F + (float)i;
    }
    for (volatile uint32_t turn = 0; turn < network_turns; turn++) {
    }
    network_runs++;
    radon_port_network_wake_at(radon_port_now_us() + 37);
}

static void host_random(radon_guest_t *guest, uint64_t *slots)
{
    uint8_t *out =
        radon_guest_range(guest, (uint32_t)radon_slot_i32(slots[0]), (uint32_t)radon_slot_i32(slots[1]));
    if (out != NULL) {
        memset(out, 0x5A, (size_t)radon_slot_i32(slots[1]));
    }
    host_calls++;
    radon_slot_set_i32(slots, 0);
}

static radon_host_function_t host_functions[RADON_ABI_FUNCTION_COUNT] = {[20] = host_random};

static const wasm_atom_t atom = {.import = "random",
                                 .import_type = 2,
                                 .exports = {"on_request", "on_timer"},
                                 .types = {1, 1},
                                 .heap_base = 1024,
                                 .data_end = 16,
                                 .data = "data segment"};

/**
 * on_request runs for ever: a host call, a bulk fill, a copy, and arithmetic on memory and floats.
 * on_timer adds up the bytes of the data segment.
 */
static void write_module(void)
{
    wasm_atom_begin(&wasm, &atom);
    wasm_body(&wasm);
    WASM(&wasm, 1, 1, 0x7D);                                                  /* one f32 local */
    WASM(&wasm, 0x03, 0x40);                                                  /* loop */
    WASM(&wasm, 0x41, 0x20, 0x41, 0x10, 0x10, 0, 0x1A);                       /* random(32, 16) */
    WASM(&wasm, 0x41, 0xC0, 0, 0x41, 7, 0x41, 0xC0, 3, 0xFC, 11, 0);          /* fill(64, 7, 448) */
    WASM(&wasm, 0x41, 0x80, 4, 0x41, 0xC0, 0, 0x41, 0xC0, 3, 0xFC, 10, 0, 0); /* copy(512, 64, 448) */
    WASM(&wasm, 0x20, 0, 0x43, 0, 0, 0x80, 0x3F, 0x92, 0x21, 0);              /* local += 1.0 */
    WASM(&wasm, 0x23, 0, 0x41, 1, 0x6A, 0x24, 0);                             /* global0++ */
    WASM(&wasm, 0x0C, 0, 0x0B, 0x41, 0);                                      /* br 0, end, 0 */
    wasm_body_end(&wasm);
    wasm_body(&wasm);
    WASM(&wasm, 1, 2, 0x7F);                                                     /* sum, i */
    WASM(&wasm, 0x03, 0x40, 0x20, 0, 0x20, 1, 0x2D, 0, 0, 0x6A, 0x21, 0);        /* sum += memory[i] */
    WASM(&wasm, 0x20, 1, 0x41, 1, 0x6A, 0x22, 1, 0x41, 12, 0x48, 0x0D, 0, 0x0B); /* while ++i < 12 */
    WASM(&wasm, 0x20, 0);
    wasm_body_end(&wasm);
    wasm_atom_end(&wasm, &atom);
}

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (random_state >> 8) % limit;
}

/** Runs a guarded call with live values in callee-saved registers; they must be there afterwards. */
static void expect_registers_kept(void (*run)(void))
{
#ifdef __arm__
    register uint32_t integer __asm("r8") = 0x12345678;
    register float single __asm("s20") = 1.25F;
    __asm volatile("" : "+r"(integer), "+w"(single));
    run();
    __asm volatile("" : "+r"(integer), "+w"(single));
    if (integer != 0x12345678 || single < 1.25F || single > 1.25F) {
        registers_lost++;
    }
#else
    run(); /* the C library's longjmp() keeps them */
#endif
}

static radon_outcome_t outcome;
static uint32_t killed_calls;
static uint32_t located_calls;
static uint32_t killed_loads;
static uint32_t budget_us;

static void load_without_end(void *context)
{
    radon_arena_t *arena = context;
    radon_refusal_t refusal;
    for (;;) {
        radon_arena_init(arena, block, sizeof block);
        for (uint32_t size = 1; radon_arena_alloc(arena, size) != NULL; size += 5) {
        }
        radon_arena_init(arena, block, sizeof block);
        (void)radon_module_check(wasm.bytes, wasm.size, 1024, &refusal);
    }
}

static void kill_allocator(void)
{
    radon_arena_t arena;
    if (radon_port_guard_call(load_without_end, &arena, budget_us, 1000000) == RADON_GUARD_KILLED) {
        killed_loads++;
    }
}

static void kill_guest(void)
{
    radon_arena_t arena;
    radon_module_t module;
    radon_instance_t instance;
    radon_refusal_t refusal;
    radon_arena_init(&arena, block, sizeof block);
    EXPECT(radon_module_load(&module, &arena, wasm.bytes, (uint32_t)wasm.size, &refusal));
    EXPECT(radon_instance_open(&instance, &module, &arena, STACK_BYTES, NULL, &refusal));
    radon_instance_call(&instance, RADON_EXPORT_ON_REQUEST, budget_us, &outcome);
    EXPECT(outcome.trap == RADON_TRAP_DEADLINE && outcome.killed);
    EXPECT(!outcome.located || strcmp(outcome.name, "on_request") == 0); /* or it had no frame yet */
    located_calls += outcome.located ? 1U : 0U;
    killed_calls++;
}

static void expect_all_works(void)
{
    radon_arena_t arena;
    radon_module_t module;
    radon_instance_t instance;
    radon_refusal_t refusal;
    radon_arena_init(&arena, block, sizeof block);
    EXPECT(radon_module_load(&module, &arena, wasm.bytes, (uint32_t)wasm.size, &refusal));
    EXPECT(radon_instance_open(&instance, &module, &arena, STACK_BYTES, NULL, &refusal));
    radon_instance_call(&instance, RADON_EXPORT_ON_TIMER, 100000, &outcome);
    EXPECT(outcome.trap == RADON_TRAP_NONE && outcome.result == 1197); /* "data segment" */
    radon_instance_close(&instance);
    radon_module_unload(&module);
    EXPECT(arena.used == 0);
}

static uint64_t wall_of_paused_call;

/** Host time does not count: milliseconds inside a host function with a budget of 100 µs. */
static void host_slow_random(radon_guest_t *guest, uint64_t *slots)
{
    (void)guest;
    for (volatile uint32_t i = 0; i < 1000000; i++) {
    }
    host_calls++;
    radon_slot_set_i32(slots, 0);
}

static void expect_host_time_is_not_charged(void)
{
    host_functions[20] = host_slow_random;
    uint32_t before = host_calls;
    budget_us = 100;
    uint64_t start = radon_port_now_us();
    kill_guest();
    wall_of_paused_call = radon_port_now_us() - start;
    EXPECT(host_calls >= before + 2);
    EXPECT(wall_of_paused_call > 2000);
    host_functions[20] = host_random;
}

static void spin(void *context)
{
    for (volatile bool *go_on = context; *go_on;) {
    }
}

/** The network level comes at every place around the start of a call, and stays longer than the budget. */
static void expect_calls_end_whenever_the_network_level_comes(void)
{
    bool go_on = true;
    uint32_t ended = 0;
    network_turns = 4000;
    for (uint32_t round = 0; round < LATE_ROUNDS; round++) {
        uint32_t delay = random_below(1500);
        radon_port_network_wake_at(radon_port_now_us() + 8);
        for (volatile uint32_t turn = 0; turn < delay; turn++) {
        }
        ended += radon_port_guard_call(spin, &go_on, 1, 1000000) == RADON_GUARD_KILLED ? 1U : 0U;
    }
    network_turns = 0;
    EXPECT(ended == LATE_ROUNDS);
}

void radon_main(void)
{
    EXPECT(radon_engine_init(host_functions) == RADON_OK);
    write_module();
    radon_refusal_t refusal;
    EXPECT(radon_module_check(wasm.bytes, wasm.size, 1024, &refusal));
    expect_all_works();
    radon_port_network_wake_at(0);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        budget_us = 1 + random_below(400);
        expect_registers_kept(round % 3 == 0 ? kill_allocator : kill_guest);
        if (round % 500 == 0) {
            expect_all_works();
        }
    }
    expect_calls_end_whenever_the_network_level_comes();
    radon_port_network_wake_at(RADON_PORT_NEVER);
    expect_all_works();
    expect_host_time_is_not_charged();
    EXPECT(killed_loads == ROUNDS / 3);
    EXPECT(located_calls > killed_calls / 2);
    EXPECT(registers_lost == 0);
    EXPECT(network_runs > 1000);
    test_note("kills", killed_calls + killed_loads);
    test_note("host calls", host_calls);
    test_note("network runs", network_runs);
    test_end();
}
