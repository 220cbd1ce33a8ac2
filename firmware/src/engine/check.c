#include "check.h"

#include "wamr/platform_internal.h"

#include <string.h>

static const uint8_t header[RADON_MODULE_HEADER_BYTES] = {0x00, 'a', 's', 'm', 1, 0, 0, 0};

/** Place of a section in the order of a module, from 1; 0 for numbers that are no section. */
static uint8_t section_place(uint8_t id)
{
    static const uint8_t places[] = {
        [RADON_SECTION_TYPE] = 1,   [RADON_SECTION_IMPORT] = 2,  [RADON_SECTION_FUNCTION] = 3,
        [RADON_SECTION_TABLE] = 4,  [RADON_SECTION_MEMORY] = 5,  [RADON_SECTION_GLOBAL] = 6,
        [RADON_SECTION_EXPORT] = 7, [RADON_SECTION_ELEMENT] = 8, [RADON_SECTION_DATA_COUNT] = 9,
        [RADON_SECTION_CODE] = 10,  [RADON_SECTION_DATA] = 11,
    };
    return id < sizeof places ? places[id] : 0;
}

void radon_check_refuse(radon_check_t *check, radon_reader_t *reader, const char *feature)
{
    if (reader->failure == NULL) {
        check->feature = feature;
        radon_reader_fail(reader, feature);
    }
}

/** Reads one section; answers its place, or `last` for a custom one. */
static uint8_t read_section(radon_check_t *check, radon_reader_t *reader, uint8_t last)
{
    uint8_t id = radon_reader_byte(reader);
    if (id == RADON_SECTION_TAG) {
        radon_check_refuse(check, reader, "exceptions");
    }
    if (id == RADON_SECTION_START) {
        radon_check_refuse(check, reader, "start-section");
    }
    radon_reader_t body = radon_reader_slice(reader, radon_reader_u32(reader));
    uint8_t place = section_place(id);
    if (id == RADON_SECTION_CUSTOM) {
        (void)radon_reader_name(&body);
        place = last;
    } else if (place == 0) {
        radon_reader_fail(&body, "unknown section");
    } else if (place <= last) {
        radon_reader_fail(&body, "section out of order");
    } else {
        radon_check_section(check, id, &body);
    }
    if (body.failure != NULL && reader->failure == NULL) {
        *reader = body;
    }
    return place;
}

static void read_module(radon_check_t *check, radon_reader_t *reader)
{
    for (size_t i = 0; i < sizeof header; i++) {
        if (radon_reader_byte(reader) != header[i]) {
            radon_reader_fail(reader, "not WebAssembly version 1");
        }
    }
    uint8_t last = 0;
    while (!radon_reader_done(reader)) {
        last = read_section(check, reader, last);
    }
    if (check->code_count != check->function_count) {
        radon_reader_fail(reader, "functions without code");
    }
}

bool radon_module_check(const uint8_t *bytes, size_t size, uint32_t memory_limit, radon_refusal_t *refusal)
{
    *refusal = (radon_refusal_t){.problem = RADON_PROBLEM_BAD_MODULE};
    if (size > RADON_MAX_MODULE_BYTES) {
        snprintf(refusal->detail, sizeof refusal->detail, "more than %u bytes",
                 (unsigned)RADON_MAX_MODULE_BYTES);
        return false;
    }
    radon_check_t check = {.refusal = refusal};
    radon_reader_t reader = radon_reader_open(bytes, size);
    read_module(&check, &reader);
    if (check.foreign) {
        return false;
    }
    if (check.feature != NULL) {
        refusal->problem = RADON_PROBLEM_REFUSED_FEATURE;
        snprintf(refusal->detail, sizeof refusal->detail, "%s", check.feature);
        return false;
    }
    if (reader.failure != NULL) {
        snprintf(refusal->detail, sizeof refusal->detail, "%s at byte %u", reader.failure,
                 (unsigned)reader.at);
        return false;
    }
    return radon_check_imports(&check) && radon_check_exports(&check, memory_limit);
}
