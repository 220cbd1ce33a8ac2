#include "wasm_builder.h"

#include <stdbool.h>
#include <string.h>

/* Lengths are written as three bytes of LEB128 and filled in at the end. */
#define LENGTH_BYTES 3U

/** Tests on the board have no assert(). */
static void require(bool condition)
{
    if (!condition) {
        __builtin_trap();
    }
}

void wasm_bytes(wasm_t *wasm, const uint8_t *bytes, size_t size)
{
    require(wasm->size + size <= sizeof wasm->bytes);
    memcpy(wasm->bytes + wasm->size, bytes, size);
    wasm->size += size;
}

void wasm_begin(wasm_t *wasm)
{
    wasm->size = 0;
    wasm->depth = 0;
    WASM(wasm, 0x00, 'a', 's', 'm', 1, 0, 0, 0);
}

void wasm_u32(wasm_t *wasm, uint32_t value)
{
    for (; value >= 0x80; value >>= 7) {
        WASM(wasm, (uint8_t)(value | 0x80));
    }
    WASM(wasm, (uint8_t)value);
}

void wasm_i32_const(wasm_t *wasm, int32_t value)
{
    WASM(wasm, 0x41);
    while (value > 63 || value < -64) {
        WASM(wasm, (uint8_t)((value & 0x7F) | 0x80));
        value >>= 7;
    }
    WASM(wasm, (uint8_t)(value & 0x7F));
}

void wasm_name(wasm_t *wasm, const char *name)
{
    wasm_u32(wasm, (uint32_t)strlen(name));
    wasm_bytes(wasm, (const uint8_t *)name, strlen(name));
}

static void open_length(wasm_t *wasm)
{
    require(wasm->depth < 2);
    wasm->open[wasm->depth++] = wasm->size;
    WASM(wasm, 0, 0, 0);
}

static void close_length(wasm_t *wasm)
{
    uint8_t *length = wasm->bytes + wasm->open[--wasm->depth];
    size_t value = (size_t)(wasm->bytes + wasm->size - length) - LENGTH_BYTES;
    length[0] = (uint8_t)(value | 0x80);
    length[1] = (uint8_t)(value >> 7 | 0x80);
    length[2] = (uint8_t)(value >> 14);
}

void wasm_section(wasm_t *wasm, uint8_t id)
{
    WASM(wasm, id);
    open_length(wasm);
}

void wasm_section_end(wasm_t *wasm)
{
    close_length(wasm);
}

void wasm_body(wasm_t *wasm)
{
    open_length(wasm);
}

void wasm_body_end(wasm_t *wasm)
{
    WASM(wasm, 0x0B);
    close_length(wasm);
}

static uint8_t function_count(const wasm_atom_t *atom)
{
    uint8_t count = 0;
    while (count < 4 && atom->exports[count] != NULL) {
        count++;
    }
    return count;
}

static void write_types(wasm_t *wasm)
{
    wasm_section(wasm, 1);
    WASM(wasm, 4, 0x60, 0, 0, 0x60, 0, 1, 0x7F);
    WASM(wasm, 0x60, 2, 0x7F, 0x7F, 1, 0x7F, 0x60, 3, 0x7F, 0x7F, 0x7F, 1, 0x7F);
    wasm_section_end(wasm);
}

static void write_declarations(wasm_t *wasm, const wasm_atom_t *atom)
{
    uint8_t count = function_count(atom);
    if (atom->import != NULL) {
        wasm_section(wasm, 2);
        WASM(wasm, 1);
        wasm_name(wasm, "radon");
        wasm_name(wasm, atom->import);
        WASM(wasm, 0, atom->import_type);
        wasm_section_end(wasm);
    }
    wasm_section(wasm, 3);
    WASM(wasm, count);
    wasm_bytes(wasm, atom->types, count);
    wasm_section_end(wasm);
    if (atom->table_functions > 0) {
        wasm_section(wasm, 4);
        WASM(wasm, 1, 0x70, 0, (uint8_t)(atom->table_functions + 1));
        wasm_section_end(wasm);
    }
    wasm_section(wasm, 5);
    WASM(wasm, 1, 0, 1);
    wasm_section_end(wasm);
}

/** Globals: 0 a mutable counter, exported; 1 __heap_base; 2 __data_end. */
static void write_globals(wasm_t *wasm, const wasm_atom_t *atom)
{
    wasm_section(wasm, 6);
    WASM(wasm, 3, 0x7F, 1, 0x41, 0, 0x0B, 0x7F, 0);
    wasm_i32_const(wasm, (int32_t)atom->heap_base);
    WASM(wasm, 0x0B, 0x7F, 0);
    wasm_i32_const(wasm, (int32_t)atom->data_end);
    WASM(wasm, 0x0B);
    wasm_section_end(wasm);
}

static void write_exports(wasm_t *wasm, const wasm_atom_t *atom)
{
    static const char *const globals[] = {"radon:g0", "__heap_base", "__data_end"};
    uint8_t count = function_count(atom);
    wasm_section(wasm, 7);
    WASM(wasm, (uint8_t)(count + 4));
    wasm_name(wasm, "memory");
    WASM(wasm, 2, 0);
    for (uint8_t i = 0; i < 3; i++) {
        wasm_name(wasm, globals[i]);
        WASM(wasm, 3, i);
    }
    for (uint8_t i = 0; i < count; i++) {
        wasm_name(wasm, atom->exports[i]);
        WASM(wasm, 0, (uint8_t)(i + (atom->import != NULL ? 1 : 0)));
    }
    wasm_section_end(wasm);
}

void wasm_atom_begin(wasm_t *wasm, const wasm_atom_t *atom)
{
    wasm_begin(wasm);
    write_types(wasm);
    write_declarations(wasm, atom);
    write_globals(wasm, atom);
    write_exports(wasm, atom);
    if (atom->table_functions > 0) {
        wasm_section(wasm, 9);
        WASM(wasm, 1, 0, 0x41, 0, 0x0B, atom->table_functions);
        for (uint8_t i = 0; i < atom->table_functions; i++) {
            WASM(wasm, i);
        }
        wasm_section_end(wasm);
    }
    wasm_section(wasm, 10);
    WASM(wasm, function_count(atom));
}

void wasm_atom_end(wasm_t *wasm, const wasm_atom_t *atom)
{
    wasm_section_end(wasm);
    if (atom->data != NULL) {
        wasm_section(wasm, 11);
        WASM(wasm, 1, 0, 0x41, 0, 0x0B);
        wasm_name(wasm, atom->data);
        wasm_section_end(wasm);
    }
}
