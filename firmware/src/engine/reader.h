/**
 * Inside engine/: reads the bytes of a module within bounds. A reader that failed stays at the place of its
 * first failure and answers zeros, so callers check once. Not a public header.
 */
#ifndef RADON_ENGINE_READER_H
#define RADON_ENGINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *bytes; /**< the whole module */
    uint32_t at;
    uint32_t end;
    const char *failure; /**< NULL while everything was as expected */
} radon_reader_t;

static inline radon_reader_t radon_reader_open(const uint8_t *bytes, size_t size)
{
    return (radon_reader_t){.bytes = bytes, .end = (uint32_t)size};
}

static inline bool radon_reader_done(const radon_reader_t *reader)
{
    return reader->failure != NULL || reader->at >= reader->end;
}

/** Keeps the first failure. `what` is kept. */
void radon_reader_fail(radon_reader_t *reader, const char *what);

uint8_t radon_reader_byte(radon_reader_t *reader);

/** Byte that comes next without stepping over it; 0 at the end. */
uint8_t radon_reader_peek(const radon_reader_t *reader);

/** Unsigned LEB128 of at most 32 bits. */
uint32_t radon_reader_u32(radon_reader_t *reader);

/** Signed LEB128 of at most 32 bits. */
int32_t radon_reader_s32(radon_reader_t *reader);

/** Steps over a signed LEB128 of at most `bits` bits. */
void radon_reader_skip_signed(radon_reader_t *reader, uint32_t bits);

void radon_reader_skip(radon_reader_t *reader, uint32_t length);

/** Number of items that follow, each of at least one byte. */
uint32_t radon_reader_count(radon_reader_t *reader);

/** A reader of the next `length` bytes, which are stepped over here. */
radon_reader_t radon_reader_slice(radon_reader_t *reader, uint32_t length);

typedef struct {
    const char *text; /**< borrowed from the module; no 0 at the end */
    uint32_t length;
} radon_reader_name_t;

/** A length and as many bytes of UTF-8. */
radon_reader_name_t radon_reader_name(radon_reader_t *reader);

bool radon_reader_name_is(radon_reader_name_t name, const char *text);

/** Sections of a module (WebAssembly specification 5.5.2) and the tag section of the exceptions proposal. */
typedef enum {
    RADON_SECTION_CUSTOM = 0,
    RADON_SECTION_TYPE = 1,
    RADON_SECTION_IMPORT = 2,
    RADON_SECTION_FUNCTION = 3,
    RADON_SECTION_TABLE = 4,
    RADON_SECTION_MEMORY = 5,
    RADON_SECTION_GLOBAL = 6,
    RADON_SECTION_EXPORT = 7,
    RADON_SECTION_START = 8,
    RADON_SECTION_ELEMENT = 9,
    RADON_SECTION_CODE = 10,
    RADON_SECTION_DATA = 11,
    RADON_SECTION_DATA_COUNT = 12,
    RADON_SECTION_TAG = 13,
} radon_section_t;

/** Magic number and version, before the first section. */
#define RADON_MODULE_HEADER_BYTES 8U

#endif
