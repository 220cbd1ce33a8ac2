/** Inside engine/: what the module check knows while it reads. Not a public header. */
#ifndef RADON_ENGINE_CHECK_H
#define RADON_ENGINE_CHECK_H

#include "reader.h"

#include "radon/engine/engine.h"

typedef struct {
    const char *feature; /**< refused feature that was met, NULL while none was */
    bool foreign;        /**< an import that is no function was met; the refusal names it */
    radon_refusal_t *refusal;

    /* Bodies of the sections that are read again; empty where the module lacks them. */
    radon_reader_t types;
    radon_reader_t imports;
    radon_reader_t functions;
    radon_reader_t globals;
    radon_reader_t exports;

    uint32_t type_count;
    uint32_t import_count;
    uint32_t function_count; /**< declared by the function section */
    uint32_t code_count;
    uint32_t pages; /**< initial size of the memory */
    bool has_memory;
} radon_check_t;

/** Ends the check: the module uses a feature that docs/atom-abi.json refuses by this name. */
void radon_check_refuse(radon_check_t *check, radon_reader_t *reader, const char *feature);

/** Reads a value type of the MVP; `reference` names the feature a reference type is refused as here. */
void radon_check_value_type(radon_check_t *check, radon_reader_t *reader, const char *reference);

/** Reads one instruction with its immediates; returns its first byte. */
uint8_t radon_check_instruction(radon_check_t *check, radon_reader_t *reader);

/** Reads a constant expression; *value is that of an i32.const, *known whether it is one. Both may be NULL.
 */
void radon_check_constant(radon_check_t *check, radon_reader_t *reader, int32_t *value, bool *known);

/** Reads the section `id` from `body`, which it uses up. */
void radon_check_section(radon_check_t *check, uint8_t id, radon_reader_t *body);

/** Fills `refusal` with FOREIGN_IMPORT and `module.name` + `why`. */
void radon_check_foreign(radon_refusal_t *refusal, radon_reader_name_t module, radon_reader_name_t name,
                         const char *why);

/** Whether imports, after all sections are read, fit the runtime interface; fills the refusal when not. */
bool radon_check_imports(const radon_check_t *check);

/** Whether exports do, and the memory they describe is at most `memory_limit` bytes. */
bool radon_check_exports(radon_check_t *check, uint32_t memory_limit);

#endif
