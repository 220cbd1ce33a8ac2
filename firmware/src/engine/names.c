#include "internal.h"
#include "reader.h"

#include <string.h>

/* Subsection of the name section that holds function names (WebAssembly specification 7.4.1). */
#define FUNCTION_NAMES 1U

/** Body of the first section `id` whose name, for custom sections, is `name`; empty when there is none. */
static radon_reader_t find_section(const radon_module_t *module, uint8_t id, const char *name)
{
    radon_reader_t reader = radon_reader_open(module->bytes, module->size);
    radon_reader_skip(&reader, RADON_MODULE_HEADER_BYTES);
    while (!radon_reader_done(&reader)) {
        uint8_t found = radon_reader_byte(&reader);
        radon_reader_t body = radon_reader_slice(&reader, radon_reader_u32(&reader));
        if (found == id &&
            (id != RADON_SECTION_CUSTOM || radon_reader_name_is(radon_reader_name(&body), name))) {
            return body;
        }
    }
    return radon_reader_open(module->bytes, 0);
}

/** Name of function `index` in the name section; length 0 when it has none there. */
static radon_reader_name_t name_section_entry(const radon_module_t *module, uint32_t index)
{
    radon_reader_t names = find_section(module, RADON_SECTION_CUSTOM, "name");
    while (!radon_reader_done(&names)) {
        uint8_t id = radon_reader_byte(&names);
        radon_reader_t entries = radon_reader_slice(&names, radon_reader_u32(&names));
        uint32_t count = id == FUNCTION_NAMES ? radon_reader_count(&entries) : 0;
        for (uint32_t i = 0; i < count && entries.failure == NULL; i++) {
            uint32_t function = radon_reader_u32(&entries);
            radon_reader_name_t name = radon_reader_name(&entries);
            if (function == index && entries.failure == NULL) {
                return name;
            }
        }
    }
    return (radon_reader_name_t){"", 0};
}

static radon_reader_name_t export_entry(const radon_module_t *module, uint32_t index)
{
    radon_reader_t exports = find_section(module, RADON_SECTION_EXPORT, "");
    uint32_t count = radon_reader_count(&exports);
    for (uint32_t i = 0; i < count && exports.failure == NULL; i++) {
        radon_reader_name_t name = radon_reader_name(&exports);
        bool is_function = radon_reader_byte(&exports) == 0;
        if (radon_reader_u32(&exports) == index && is_function && exports.failure == NULL) {
            return name;
        }
    }
    return (radon_reader_name_t){"", 0};
}

void radon_engine_function_name(const radon_module_t *module, uint32_t index, char *out, size_t capacity)
{
    radon_reader_name_t name = name_section_entry(module, index);
    if (name.length == 0) {
        name = export_entry(module, index);
    }
    size_t length = name.length < capacity ? name.length : capacity - 1;
    while (length < name.length && length > 0 && ((uint8_t)name.text[length] & 0xC0) == 0x80) {
        length--; /* between characters */
    }
    memcpy(out, name.text, length);
    out[length] = '\0';
}
