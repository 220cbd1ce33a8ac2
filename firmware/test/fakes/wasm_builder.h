/**
 * Writes small WebAssembly modules for the tests. Sections are written in the order of the calls, so a test
 * can also write what no compiler would.
 *
 *     wasm_begin(&wasm);
 *     wasm_section(&wasm, 1);
 *     WASM(&wasm, 1, 0x60, 0, 0);
 *     wasm_section_end(&wasm);
 */
#ifndef RADON_FAKE_WASM_BUILDER_H
#define RADON_FAKE_WASM_BUILDER_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t bytes[4096];
    size_t size;
    size_t open[2]; /**< where the lengths of open sections and bodies stand */
    size_t depth;
} wasm_t;

/** Magic and version. */
void wasm_begin(wasm_t *wasm);

void wasm_bytes(wasm_t *wasm, const uint8_t *bytes, size_t size);
#define WASM(wasm, ...) \
    wasm_bytes(wasm, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/** Unsigned LEB128. */
void wasm_u32(wasm_t *wasm, uint32_t value);

/** i32.const with a signed LEB128. */
void wasm_i32_const(wasm_t *wasm, int32_t value);

/** A length and the text. */
void wasm_name(wasm_t *wasm, const char *name);

void wasm_section(wasm_t *wasm, uint8_t id);
void wasm_section_end(wasm_t *wasm);

/** A function body with its length in front; wasm_body_end() writes the `end`. */
void wasm_body(wasm_t *wasm);
void wasm_body_end(wasm_t *wasm);

/** What an atom of the tests is made of, beside its code. */
typedef struct {
    const char *import;     /**< function of module radon that is function 0, or NULL */
    uint8_t import_type;    /**< index into the types below */
    const char *exports[4]; /**< names of the functions, in the order of their bodies; NULL ends */
    uint8_t types[4]; /**< type index of each: 0 ()->(), 1 ()->i32, 2 (i32,i32)->i32, 3 (i32,i32,i32)->i32 */
    uint32_t heap_base; /**< memory in bytes */
    uint32_t data_end;
    const char *data;        /**< a data segment at address 0, or NULL */
    uint8_t table_functions; /**< entries of a table filled with function 0, 1 …; one more stays null */
} wasm_atom_t;

/** Everything up to the start of the code section's first body; the caller writes the bodies and
 * wasm_atom_end(). */
void wasm_atom_begin(wasm_t *wasm, const wasm_atom_t *atom);
void wasm_atom_end(wasm_t *wasm, const wasm_atom_t *atom);

#endif
