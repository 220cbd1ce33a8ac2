#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include "../fakes/port_guard.h"
#include "../fakes/wasm_builder.h"
#include "radon/engine/engine.h"

#include <sys/mman.h>

#define STACK_BYTES 512U
#define BUDGET_US 1000U

static _Alignas(8) uint8_t block[64 * 1024];
static wasm_t wasm;
static radon_arena_t arena;
static radon_module_t module;
static radon_instance_t instance;
static radon_refusal_t refusal;
static radon_outcome_t outcome;

static uint32_t logged_level;
static char logged_text[16];

/** radon.log: keeps what it was called with. */
static void host_log(radon_guest_t *guest, uint64_t *slots)
{
    CHECK_EQ(radon_fake_guard_paused, 1);
    CHECK(radon_guest_context(guest) == &logged_level);
    logged_level = (uint32_t)radon_slot_i32(slots[0]);
    uint32_t length = (uint32_t)radon_slot_i32(slots[2]);
    const uint8_t *text = radon_guest_range(guest, (uint32_t)radon_slot_i32(slots[1]), length);
    if (text != NULL && length < sizeof logged_text) {
        memcpy(logged_text, text, length);
        logged_text[length] = '\0';
    }
    radon_slot_set_i32(slots, 40);
}

static const radon_host_function_t host_functions[RADON_ABI_FUNCTION_COUNT] = {[27] = host_log};

static const wasm_atom_t plain = {.exports = {"on_request"}, .types = {1}, .heap_base = 256, .data_end = 16};

/** Writes an atom whose one function has this body (locals included). */
static void write_atom(const wasm_atom_t *atom, const uint8_t *body, size_t size)
{
    wasm_atom_begin(&wasm, atom);
    wasm_body(&wasm);
    wasm_bytes(&wasm, body, size);
    wasm_body_end(&wasm);
    wasm_atom_end(&wasm, atom);
}
#define ATOM(atom, ...) \
    write_atom(atom, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static bool start_in(size_t arena_bytes)
{
    radon_arena_init(&arena, block, arena_bytes);
    return radon_module_load(&module, &arena, wasm.bytes, (uint32_t)wasm.size, &refusal) &&
           radon_instance_open(&instance, &module, &arena, STACK_BYTES, &logged_level, &refusal);
}

static void start(void)
{
    if (!start_in(sizeof block)) {
        printf("    %s\n", refusal.detail);
        REQUIRE(false);
    }
}

static void call(radon_export_t function)
{
    radon_instance_call(&instance, function, BUDGET_US, &outcome);
}

static void finish(void)
{
    radon_instance_close(&instance);
    radon_module_unload(&module);
    CHECK_EQ(arena.used, 0);
}

/** Runs on_request of an atom with this body and answers the trap. */
#define TRAP_OF(atom, ...) (ATOM(atom, __VA_ARGS__), start(), call(RADON_EXPORT_ON_REQUEST), outcome.trap)

TEST(a_handler_returns_its_result)
{
    ATOM(&plain, 0, 0x41, 2);
    start();
    call(RADON_EXPORT_ON_REQUEST);
    CHECK_EQ(outcome.trap, RADON_TRAP_NONE);
    CHECK_EQ(outcome.result, RADON_HANDLER_REJECT);
    finish();
}

TEST(a_missing_handler_returns_at_once)
{
    ATOM(&plain, 0, 0x41, 2);
    start();
    CHECK(!radon_instance_exports(&instance, RADON_EXPORT_ON_TIMER));
    call(RADON_EXPORT_ON_TIMER);
    CHECK_EQ(outcome.trap, RADON_TRAP_NONE);
    CHECK_EQ(outcome.result, RADON_HANDLER_DONE);
    finish();
}

TEST(a_host_function_gets_arguments_and_returns_a_result)
{
    const wasm_atom_t atom = {.import = "log",
                              .import_type = 3,
                              .exports = {"on_request"},
                              .types = {1},
                              .heap_base = 64,
                              .data_end = 16,
                              .data = "hello"};
    ATOM(&atom, 0, 0x41, 3, 0x41, 1, 0x41, 4, 0x10, 0, 0x41, 2, 0x6A); /* log(3, 1, 4) + 2 */
    start();
    call(RADON_EXPORT_ON_REQUEST);
    CHECK_EQ(outcome.result, 42);
    CHECK_EQ(logged_level, 3);
    CHECK_STR(logged_text, "ello");
    CHECK_EQ(radon_fake_guard_paused, 0);
    finish();
}

TEST(a_range_outside_memory_given_to_a_host_function_traps)
{
    const wasm_atom_t atom = {.import = "log",
                              .import_type = 3,
                              .exports = {"on_request"},
                              .types = {1},
                              .heap_base = 64,
                              .data_end = 16};
    CHECK_EQ(TRAP_OF(&atom, 0, 0x41, 3, 0x41, 60, 0x41, 5, 0x10, 0), RADON_TRAP_MEMORY);
    CHECK_STR(outcome.name, "on_request");
    finish();
    CHECK_EQ(TRAP_OF(&atom, 0, 0x41, 3, 0x41, 60, 0x41, 4, 0x10, 0), RADON_TRAP_NONE);
    finish();
    CHECK_EQ(TRAP_OF(&atom, 0, 0x41, 3, 0x41, 0x7F, 0x41, 0, 0x10, 0), RADON_TRAP_NONE); /* length 0 */
    finish();
}

TEST(memory_is_exact_to_the_byte)
{
    const wasm_atom_t atom = {.exports = {"on_request"}, .types = {1}, .heap_base = 72, .data_end = 16};
    CHECK_EQ(TRAP_OF(&atom, 0, 0x41, 0xC7, 0, 0x2D, 0, 0), RADON_TRAP_NONE); /* i32.load8_u 71 */
    CHECK_EQ(radon_instance_memory(&instance).size, 72);
    finish();
    CHECK_EQ(TRAP_OF(&atom, 0, 0x41, 0xC8, 0, 0x2D, 0, 0), RADON_TRAP_MEMORY); /* i32.load8_u 72 */
    finish();
    CHECK_EQ(TRAP_OF(&atom, 0, 0x41, 0xC5, 0, 0x28, 2, 0), RADON_TRAP_MEMORY); /* i32.load 69 */
    finish();
}

TEST(memory_starts_as_zeros_with_its_data)
{
    const wasm_atom_t atom = {
        .exports = {"on_request"}, .types = {1}, .heap_base = 64, .data_end = 16, .data = "radon"};
    ATOM(&atom, 0, 0x41, 0);
    memset(block, 0xA5, sizeof block);
    start();
    radon_memory_t memory = radon_instance_memory(&instance);
    CHECK_BYTES(memory.bytes, 8, "radon\0\0", 8);
    CHECK_EQ(memory.bytes[63], 0);
    finish();
}

TEST(every_trap_has_its_kind_and_its_function)
{
    CHECK_EQ(TRAP_OF(&plain, 0, 0x00), RADON_TRAP_UNREACHABLE);
    CHECK(outcome.located);
    CHECK_EQ(outcome.function, 0);
    CHECK_EQ(wasm.bytes[outcome.offset], 0x00); /* the body begins with the unreachable */
    CHECK_STR(outcome.name, "on_request");
    CHECK_EQ(TRAP_OF(&plain, 0, 0x41, 1, 0x41, 0, 0x6D), RADON_TRAP_ARITHMETIC);       /* 1 / 0 */
    CHECK_EQ(TRAP_OF(&plain, 0, 0x43, 0, 0, 0xC0, 0x7F, 0xA8), RADON_TRAP_ARITHMETIC); /* trunc NaN */
    CHECK_EQ(TRAP_OF(&plain, 0, 0x41, 0, 0x41, 0, 0x42, 0x80, 0x02, 0xA7, 0xFC, 0x0B, 0, 0x41, 0),
             RADON_TRAP_NONE); /* memory.fill(0, 0, 256) */
    CHECK_EQ(TRAP_OF(&plain, 0, 0x41, 1, 0x41, 0, 0x42, 0x80, 0x02, 0xA7, 0xFC, 0x0B, 0, 0x41, 0),
             RADON_TRAP_MEMORY); /* memory.fill(1, 0, 256) */
}

TEST(indirect_calls_trap_by_table_and_type)
{
    const wasm_atom_t atom = {
        .exports = {"on_request"}, .types = {1}, .heap_base = 64, .data_end = 16, .table_functions = 1};
    CHECK_EQ(TRAP_OF(&atom, 0, 0x41, 7, 0x11, 1, 0), RADON_TRAP_TABLE);
    CHECK_EQ(TRAP_OF(&atom, 0, 0x41, 0, 0x11, 0, 0, 0x41, 0), RADON_TRAP_CALL);
    CHECK_EQ(TRAP_OF(&atom, 0, 0x41, 1, 0x11, 1, 0), RADON_TRAP_CALL); /* null */
}

TEST(endless_recursion_is_a_stack_trap)
{
    CHECK_EQ(TRAP_OF(&plain, 0, 0x10, 0), RADON_TRAP_STACK);
    CHECK_STR(outcome.name, "on_request");
    finish();
}

TEST(a_name_section_names_the_function)
{
    ATOM(&plain, 0, 0x00);
    wasm_section(&wasm, 0);
    wasm_name(&wasm, "name");
    WASM(&wasm, 1, 10, 1, 0);
    wasm_name(&wasm, "explode");
    wasm_section_end(&wasm);
    start();
    call(RADON_EXPORT_ON_REQUEST);
    CHECK_STR(outcome.name, "explode");
    finish();
}

TEST(a_long_name_is_cut_between_characters)
{
    ATOM(&plain, 0, 0x00);
    wasm_section(&wasm, 0);
    wasm_name(&wasm, "name");
    WASM(&wasm, 1, 38, 1, 0);
    wasm_name(&wasm, "thirty-one bytes and the others\u00e9\u00e9");
    wasm_section_end(&wasm);
    start();
    call(RADON_EXPORT_ON_REQUEST);
    CHECK_STR(outcome.name, "thirty-one bytes and the others");
    finish();
}

TEST(a_killed_call_is_a_deadline)
{
    ATOM(&plain, 0, 0x41, 2);
    start();
    radon_fake_guard_kills = true;
    call(RADON_EXPORT_ON_REQUEST);
    radon_fake_guard_kills = false;
    CHECK_EQ(outcome.trap, RADON_TRAP_DEADLINE);
    CHECK(outcome.killed);
}

TEST(a_killed_load_is_refused)
{
    ATOM(&plain, 0, 0x41, 2);
    radon_fake_guard_kills = true;
    CHECK(!start_in(sizeof block));
    radon_fake_guard_kills = false;
    CHECK_EQ(refusal.problem, RADON_PROBLEM_BAD_MODULE);
    CHECK_STR(refusal.detail, "loading takes too long");
}

TEST(types_inside_bodies_are_checked_by_loading)
{
    ATOM(&plain, 0, 0x42, 2); /* an i64 where an i32 is due */
    CHECK(radon_module_check(wasm.bytes, wasm.size, 256, &refusal));
    CHECK(!start_in(sizeof block));
    CHECK_EQ(refusal.problem, RADON_PROBLEM_BAD_MODULE);
    CHECK(strlen(refusal.detail) > 0);
}

/** Bytes an atom needs: peak while loading, module and instance together. */
static void measure(uint32_t *load, uint32_t *run)
{
    radon_arena_init(&arena, block, sizeof block);
    REQUIRE(radon_module_load(&module, &arena, wasm.bytes, (uint32_t)wasm.size, &refusal));
    *load = arena.high_water;
    radon_arena_mark(&arena);
    REQUIRE(radon_instance_open(&instance, &module, &arena, STACK_BYTES, &logged_level, &refusal));
    *run = arena.high_water;
    finish();
}

TEST(the_measured_need_is_enough_and_nothing_less_is)
{
    ATOM(&plain, 0, 0x41, 2);
    uint32_t load = 0;
    uint32_t run = 0;
    measure(&load, &run);
    uint32_t need = load > run ? load : run;
    CHECK(start_in(need));
    CHECK_EQ(arena.high_water, need);
    call(RADON_EXPORT_ON_REQUEST);
    CHECK_EQ(outcome.result, 2);
    finish();
    CHECK(!start_in(need - 8));
    CHECK_EQ(refusal.problem, RADON_PROBLEM_DOES_NOT_FIT);
    CHECK_EQ(refusal.free, need - 8);
    CHECK(refusal.need > refusal.free);
}

TEST(too_little_memory_is_refused_at_every_size)
{
    ATOM(&plain, 0, 0x41, 2);
    uint32_t load = 0;
    uint32_t run = 0;
    measure(&load, &run);
    for (uint32_t size = 0; size < (load > run ? load : run); size += 8) {
        CHECK(!start_in(size));
        CHECK_EQ(refusal.problem, RADON_PROBLEM_DOES_NOT_FIT);
    }
}

TEST(code_stays_where_it_is)
{
    static const uint8_t marker[] = {0x41, 0xEF, 0xFD, 0xB6, 0xF5, 0x7D, 0x1A};
    const uint8_t body[] = {0, 0x41, 0xEF, 0xFD, 0xB6, 0xF5, 0x7D, 0x1A, 0x41, 0};
    write_atom(&plain, body, sizeof body);
    start();
    for (size_t i = 0; i + sizeof marker < sizeof block; i++) {
        CHECK(memcmp(block + i, marker, sizeof marker) != 0);
    }
    uint8_t before[sizeof wasm.bytes];
    memcpy(before, wasm.bytes, wasm.size);
    call(RADON_EXPORT_ON_REQUEST);
    CHECK_BYTES(wasm.bytes, wasm.size, before, wasm.size);
    finish();
}

TEST(several_instances_of_one_module_are_apart)
{
    static _Alignas(8) uint8_t second_block[8192];
    const uint8_t body[] = {0, 0x23, 0, 0x41, 1, 0x6A, 0x24, 0, 0x23, 0}; /* return ++global0 */
    write_atom(&plain, body, sizeof body);
    start();
    radon_arena_t second_arena;
    radon_instance_t second;
    radon_arena_init(&second_arena, second_block, sizeof second_block);
    REQUIRE(radon_instance_open(&second, &module, &second_arena, STACK_BYTES, NULL, &refusal));
    call(RADON_EXPORT_ON_REQUEST);
    call(RADON_EXPORT_ON_REQUEST);
    CHECK_EQ(outcome.result, 2);
    radon_instance_call(&second, RADON_EXPORT_ON_REQUEST, BUDGET_US, &outcome);
    CHECK_EQ(outcome.result, 1);
    radon_instance_close(&second);
    finish();
}

TEST(a_loaded_module_is_only_read)
{
    static _Alignas(4096) uint8_t shared_block[32 * 1024];
    static radon_arena_t own;
    ATOM(&plain, 0, 0x00); /* unreachable */
    radon_arena_init(&arena, shared_block, sizeof shared_block);
    REQUIRE(radon_module_load(&module, &arena, wasm.bytes, (uint32_t)wasm.size, &refusal));
    REQUIRE(mprotect(shared_block, sizeof shared_block, PROT_READ) == 0); /* a write ends this program */
    for (int i = 0; i < 2; i++) {
        radon_arena_init(&own, block, sizeof block);
        REQUIRE(radon_instance_open(&instance, &module, &own, STACK_BYTES, &logged_level, &refusal));
        radon_instance_call(&instance, RADON_EXPORT_ON_REQUEST, BUDGET_US, &outcome);
        CHECK_EQ(outcome.trap, RADON_TRAP_UNREACHABLE);
        radon_instance_close(&instance);
    }
    REQUIRE(mprotect(shared_block, sizeof shared_block, PROT_READ | PROT_WRITE) == 0);
    radon_module_unload(&module);
    CHECK_EQ(arena.used, 0);
}

TEST(a_snapshot_goes_on_in_a_fresh_instance)
{
    const uint8_t body[] = {0, 0x23, 0, 0x41, 1, 0x6A, 0x24, 0, 0x41, 8, 0x23, 0, 0x3A, 0, 0, 0x23, 0};
    write_atom(&plain, body, sizeof body); /* memory[8] = ++global0 */
    start();
    call(RADON_EXPORT_ON_REQUEST);
    call(RADON_EXPORT_ON_REQUEST);
    uint8_t memory[256];
    memcpy(memory, radon_instance_memory(&instance).bytes, sizeof memory);
    radon_global_t global;
    REQUIRE(radon_instance_global(&instance, 0, &global));
    CHECK_EQ(global.size, 4);
    CHECK_EQ(global.bits, 2);
    CHECK(!radon_instance_global(&instance, 1, &global));
    finish();
    start();
    memcpy(radon_instance_memory(&instance).bytes, memory, sizeof memory);
    CHECK(radon_instance_global_restore(&instance, 0, 2));
    CHECK(!radon_instance_global_restore(&instance, 1, 2));
    call(RADON_EXPORT_ON_REQUEST);
    CHECK_EQ(outcome.result, 3);
    CHECK_EQ(radon_instance_memory(&instance).bytes[8], 3);
    finish();
}

int main(void)
{
    if (radon_engine_init(host_functions) != RADON_OK) {
        puts("the engine does not start");
        return 1;
    }
    RUN(a_handler_returns_its_result);
    RUN(a_missing_handler_returns_at_once);
    RUN(a_host_function_gets_arguments_and_returns_a_result);
    RUN(a_range_outside_memory_given_to_a_host_function_traps);
    RUN(memory_is_exact_to_the_byte);
    RUN(memory_starts_as_zeros_with_its_data);
    RUN(every_trap_has_its_kind_and_its_function);
    RUN(indirect_calls_trap_by_table_and_type);
    RUN(endless_recursion_is_a_stack_trap);
    RUN(a_name_section_names_the_function);
    RUN(a_long_name_is_cut_between_characters);
    RUN(a_killed_call_is_a_deadline);
    RUN(a_killed_load_is_refused);
    RUN(types_inside_bodies_are_checked_by_loading);
    RUN(the_measured_need_is_enough_and_nothing_less_is);
    RUN(too_little_memory_is_refused_at_every_size);
    RUN(code_stays_where_it_is);
    RUN(several_instances_of_one_module_are_apart);
    RUN(a_loaded_module_is_only_read);
    RUN(a_snapshot_goes_on_in_a_fresh_instance);
    return check_summary();
}
