#include "check.h"

#include "../fakes/wasm_builder.h"
#include "radon/engine/engine.h"

#include <stdlib.h>

#define MEMORY_LIMIT 1024U

static wasm_t wasm;
static radon_refusal_t refusal;

static const wasm_atom_t plain = {
    .exports = {"on_request"}, .types = {1}, .heap_base = 256, .data_end = 16, .data = "data"};

static bool check(void)
{
    return radon_module_check(wasm.bytes, wasm.size, MEMORY_LIMIT, &refusal);
}

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

#define CHECK_REFUSED(expected_problem, expected_detail) \
    (CHECK(!check()), CHECK_EQ(refusal.problem, RADON_PROBLEM_##expected_problem), \
     CHECK_STR(refusal.detail, expected_detail))

/** Refused with this problem, whatever the detail says. */
#define CHECK_BAD_MODULE() (CHECK(!check()), CHECK_EQ(refusal.problem, RADON_PROBLEM_BAD_MODULE))

TEST(an_atom_passes)
{
    ATOM(&plain, 0, 0x41, 0);
    CHECK(check());
    const wasm_atom_t calling = {.import = "log",
                                 .import_type = 3,
                                 .exports = {"on_start", "on_timer", "helper"},
                                 .types = {0, 1, 2},
                                 .heap_base = 1024,
                                 .data_end = 1000,
                                 .table_functions = 2};
    wasm_atom_begin(&wasm, &calling);
    for (int i = 0; i < 3; i++) {
        wasm_body(&wasm);
        WASM(&wasm, 0, 0x00);
        wasm_body_end(&wasm);
    }
    wasm_atom_end(&wasm, &calling);
    CHECK(check());
}

TEST(every_cut_is_refused_and_says_where)
{
    wasm_atom_t atom = plain;
    atom.data = NULL; /* a module without its last section would be whole */
    ATOM(&atom, 0, 0x41, 0);
    wasm_t whole = wasm;
    for (wasm.size = 0; wasm.size < whole.size; wasm.size++) {
        CHECK(!check());
        CHECK(strlen(refusal.detail) > 0);
    }
}

TEST(every_flipped_bit_is_read_within_bounds)
{
    ATOM(&plain, 0, 0x41, 0);
    for (size_t bit = 0; bit < wasm.size * 8; bit++) {
        uint8_t *exact = malloc(wasm.size); /* the sanitizer sees any byte too far */
        memcpy(exact, wasm.bytes, wasm.size);
        exact[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        bool passed = radon_module_check(exact, wasm.size, MEMORY_LIMIT, &refusal);
        CHECK(passed || strlen(refusal.detail) > 0);
        free(exact);
    }
}

TEST(other_headers_are_no_module)
{
    static const uint8_t headers[][8] = {"\0asm", "\0asm\2\0\0", "\0ASM\1\0\0", "{\"a\":1}"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        wasm.size = 0;
        wasm_bytes(&wasm, headers[i], sizeof headers[i]);
        CHECK_BAD_MODULE();
    }
    static uint8_t large[RADON_MAX_MODULE_BYTES + 1];
    CHECK(!radon_module_check(large, sizeof large, MEMORY_LIMIT, &refusal));
    CHECK_STR(refusal.detail, "more than 65536 bytes");
}

TEST(foreign_imports_are_named)
{
    wasm_atom_t atom = plain;
    atom.import = "abort";
    ATOM(&atom, 0, 0x41, 0);
    CHECK_REFUSED(FOREIGN_IMPORT, "radon.abort");
    atom.import = "_log"; /* WAMR would strip the underscore */
    atom.import_type = 3;
    ATOM(&atom, 0, 0x41, 0);
    CHECK_REFUSED(FOREIGN_IMPORT, "radon._log");
    atom.import = "log";
    atom.import_type = 2;
    ATOM(&atom, 0, 0x41, 0);
    CHECK_REFUSED(FOREIGN_IMPORT, "radon.log with another signature");
}

TEST(a_long_name_is_cut_in_the_detail)
{
    char name[300];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    wasm_atom_t atom = plain;
    atom.import = name;
    ATOM(&atom, 0, 0x41, 0);
    CHECK(!check());
    CHECK_EQ(strlen(refusal.detail), sizeof refusal.detail - 1);
    for (size_t i = 1; i + 2 < sizeof name; i += 2) {
        memcpy(name + i, "\xC3\xA9", 2);
    }
    ATOM(&atom, 0, 0x41, 0);
    CHECK(!check());
    CHECK_EQ(strlen(refusal.detail), sizeof refusal.detail - 1);
    name[0] = '\n';
    name[1] = 'y';
    name[2] = 'y';
    ATOM(&atom, 0, 0x41, 0);
    CHECK(!check());
    CHECK_EQ(refusal.detail[6], '?');
    CHECK_EQ((uint8_t)refusal.detail[strlen(refusal.detail) - 1], 0xA9); /* a whole character */
}

TEST(imports_that_are_no_functions_are_foreign)
{
    static const uint8_t imports[][6] = {{2, 0, 1}, {3, 0x7F, 0}, {1, 0x70, 0, 1}};
    for (size_t i = 0; i < 3; i++) {
        wasm_begin(&wasm);
        wasm_section(&wasm, 2);
        WASM(&wasm, 1);
        wasm_name(&wasm, "env");
        wasm_name(&wasm, "memory");
        wasm_bytes(&wasm, imports[i], sizeof imports[i]);
        wasm_section_end(&wasm);
        CHECK_REFUSED(FOREIGN_IMPORT, "env.memory");
    }
}

TEST(refused_instructions_are_named)
{
    static const struct {
        uint8_t code[4];
        uint8_t size;
        const char *feature;
    } cases[] = {
        {{0x06, 0x40}, 2, "exceptions"},
        {{0x08, 0}, 2, "exceptions"},
        {{0x1F, 0x40}, 2, "exceptions"},
        {{0x12, 0}, 2, "tail-calls"},
        {{0x13, 0, 0}, 3, "tail-calls"},
        {{0x14, 0}, 2, "gc"},
        {{0xFB, 0, 0}, 3, "gc"},
        {{0xD3}, 1, "gc"},
        {{0xFD, 0x0C}, 2, "simd"},
        {{0xFE, 0x03, 0}, 3, "threads"},
        {{0x1C, 1, 0x7F}, 3, "reference-types"},
        {{0x25, 0}, 2, "reference-types"},
        {{0xD0, 0x70}, 2, "reference-types"},
        {{0x26, 0}, 2, "table.set"},
        {{0xFC, 15, 0}, 3, "table.grow"},
        {{0xFC, 17, 0}, 3, "table.fill"},
        {{0xFC, 14, 0, 0}, 4, "table.copy"},
        {{0xFC, 12, 0, 0}, 4, "table.init"},
        {{0xFC, 13, 0}, 3, "elem.drop"},
        {{0xFC, 9, 0}, 3, "data.drop"},
        {{0xFC, 16, 0}, 3, "reference-types"},
        {{0x40, 0}, 2, "memory.grow"},
        {{0x3F, 0}, 2, "memory.size"},
        {{0x02, 0x7B}, 2, "simd"},
        {{0x02, 0x70}, 2, "reference-types"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t body[8] = {0};
        memcpy(body + 1, cases[i].code, cases[i].size);
        write_atom(&plain, body, 1U + cases[i].size);
        CHECK_REFUSED(REFUSED_FEATURE, cases[i].feature);
    }
}

TEST(unknown_instructions_are_no_module)
{
    static const uint8_t opcodes[] = {0x27, 0x16, 0x1D, 0xC5, 0xCF, 0xE0, 0xFF};
    for (size_t i = 0; i < sizeof opcodes; i++) {
        ATOM(&plain, 0, opcodes[i]);
        CHECK_BAD_MODULE();
    }
    ATOM(&plain, 0, 0xFC, 18);
    CHECK_BAD_MODULE();
    ATOM(&plain, 0, 0x28, 4, 0); /* alignment of 16 bytes */
    CHECK_BAD_MODULE();
}

/** A module of one section with this content. */
static void write_section(uint8_t id, const uint8_t *content, size_t size)
{
    wasm_begin(&wasm);
    wasm_section(&wasm, id);
    wasm_bytes(&wasm, content, size);
    wasm_section_end(&wasm);
}
#define SECTION(id, ...) \
    write_section(id, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

TEST(refused_sections_and_types_are_named)
{
    SECTION(13, 0);
    CHECK_REFUSED(REFUSED_FEATURE, "exceptions");
    SECTION(8, 0);
    CHECK_REFUSED(REFUSED_FEATURE, "start-section");
    SECTION(1, 1, 0x5F, 0);
    CHECK_REFUSED(REFUSED_FEATURE, "gc");
    SECTION(1, 1, 0x60, 1, 0x7B, 0);
    CHECK_REFUSED(REFUSED_FEATURE, "simd");
    SECTION(1, 1, 0x60, 1, 0x6F, 0);
    CHECK_REFUSED(REFUSED_FEATURE, "reference-types");
    SECTION(5, 1, 4, 1);
    CHECK_REFUSED(REFUSED_FEATURE, "memory64");
    SECTION(5, 1, 3, 1, 1);
    CHECK_REFUSED(REFUSED_FEATURE, "threads");
    SECTION(6, 1, 0x70, 0, 0xD0, 0x70, 0x0B);
    CHECK_REFUSED(REFUSED_FEATURE, "reference-typed-globals");
    SECTION(4, 1, 0x6F, 0, 1);
    CHECK_REFUSED(REFUSED_FEATURE, "reference-types");
    SECTION(4, 2, 0x70, 0, 1, 0x70, 0, 1);
    CHECK_REFUSED(REFUSED_FEATURE, "reference-types");
    SECTION(9, 1, 1, 0, 0);
    CHECK_REFUSED(REFUSED_FEATURE, "reference-types");
}

TEST(malformed_sections_are_no_module)
{
    SECTION(14, 0); /* unknown */
    CHECK_BAD_MODULE();
    SECTION(1, 1, 0x60, 0, 0, 9); /* a byte too many */
    CHECK_BAD_MODULE();
    SECTION(1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F); /* 4,294,967,295 types */
    CHECK_BAD_MODULE();
    SECTION(1, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F); /* more than 32 bits */
    CHECK_BAD_MODULE();
    SECTION(3, 1, 0); /* no such type */
    CHECK_BAD_MODULE();
    SECTION(5, 2, 0, 1, 0, 1); /* two memories */
    CHECK_BAD_MODULE();
    SECTION(6, 1, 0x7F, 2, 0x41, 0, 0x0B); /* mutability */
    CHECK_BAD_MODULE();
    SECTION(6, 1, 0x7F, 0, 0x6A, 0x0B); /* not a constant */
    CHECK_BAD_MODULE();
    SECTION(7, 1, 2, 0xC3, 0x28, 0, 0); /* a name that is not UTF-8 */
    CHECK_BAD_MODULE();
    SECTION(0, 5, 'n'); /* a custom section shorter than its name */
    CHECK_BAD_MODULE();
    SECTION(10, 1, 2, 0, 0x0B); /* code without a function */
    CHECK_BAD_MODULE();
    SECTION(11, 1, 3, 0); /* unknown data segment */
    CHECK_BAD_MODULE();
    SECTION(11, 1, 1, 0x7F, 0); /* data beyond the end */
    CHECK_BAD_MODULE();
}

TEST(sections_come_once_and_in_order)
{
    wasm_begin(&wasm);
    for (int i = 0; i < 2; i++) {
        WASM(&wasm, 1, 1, 0);
    }
    CHECK_BAD_MODULE();
    wasm_begin(&wasm);
    WASM(&wasm, 3, 1, 0, 1, 1, 0);
    CHECK_BAD_MODULE();
}

TEST(bodies_are_bounded)
{
    ATOM(&plain, 1, 0xD1, 0x86, 0x03, 0x7F, 0x00); /* 50,001 locals */
    CHECK_BAD_MODULE();
    ATOM(&plain, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F, 2, 0x7F, 0x00); /* their number wraps */
    CHECK_BAD_MODULE();
    ATOM(&plain, 0, 0x0E, 0xFF, 0xFF, 0x03); /* a branch table longer than the module */
    CHECK_BAD_MODULE();
}

TEST(the_number_of_functions_is_bounded)
{
    wasm_begin(&wasm);
    wasm_section(&wasm, 1);
    WASM(&wasm, 1, 0x60, 0, 0);
    wasm_section_end(&wasm);
    wasm_section(&wasm, 3);
    wasm_u32(&wasm, RADON_MAX_FUNCTIONS + 1);
    for (int i = 0; i < RADON_MAX_FUNCTIONS + 1; i++) {
        WASM(&wasm, 0);
    }
    wasm_section_end(&wasm);
    CHECK_BAD_MODULE();
    CHECK(strstr(refusal.detail, "too many functions") != NULL);
}

TEST(exports_fit_the_interface)
{
    wasm_atom_t atom = plain;
    atom.types[0] = 0; /* on_request without result */
    ATOM(&atom, 0);
    CHECK_REFUSED(BAD_EXPORT, "on_request has another signature");
    atom = plain;
    atom.exports[0] = "__wasm_call_ctors";
    ATOM(&atom, 0, 0x41, 0);
    CHECK_REFUSED(BAD_EXPORT, "__wasm_call_ctors is not called by nodes; use _initialize");
    SECTION(1, 0);
    CHECK_REFUSED(BAD_EXPORT, "memory is missing");
}

TEST(memory_ends_where_the_module_says_within_the_limit)
{
    static const struct {
        uint32_t heap_base;
        uint32_t data_end;
        const char *detail;
    } cases[] = {
        {1032, 16, "__heap_base is beyond the memory"},
        {0, 0, "__heap_base is not a multiple of 8"},
        {260, 16, "__heap_base is not a multiple of 8"},
        {256, 260, "__data_end leaves no room below __heap_base"},
        {264, 260, "__data_end leaves no room below __heap_base"},
        {0x80000000, 16, "__heap_base is beyond the memory"},
        {0xFFFFFFF8, 0xFFFFFFF4, "__data_end leaves no room below __heap_base"}, /* 16 more would wrap */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wasm_atom_t atom = plain;
        atom.heap_base = cases[i].heap_base;
        atom.data_end = cases[i].data_end;
        ATOM(&atom, 0, 0x41, 0);
        CHECK_REFUSED(BAD_EXPORT, cases[i].detail);
    }
    wasm_atom_t atom = plain;
    atom.heap_base = MEMORY_LIMIT;
    ATOM(&atom, 0, 0x41, 0);
    CHECK(check());
}

int main(void)
{
    RUN(an_atom_passes);
    RUN(every_cut_is_refused_and_says_where);
    RUN(every_flipped_bit_is_read_within_bounds);
    RUN(other_headers_are_no_module);
    RUN(foreign_imports_are_named);
    RUN(a_long_name_is_cut_in_the_detail);
    RUN(imports_that_are_no_functions_are_foreign);
    RUN(refused_instructions_are_named);
    RUN(unknown_instructions_are_no_module);
    RUN(refused_sections_and_types_are_named);
    RUN(malformed_sections_are_no_module);
    RUN(sections_come_once_and_in_order);
    RUN(bodies_are_bounded);
    RUN(the_number_of_functions_is_bounded);
    RUN(exports_fit_the_interface);
    RUN(memory_ends_where_the_module_says_within_the_limit);
    return check_summary();
}
