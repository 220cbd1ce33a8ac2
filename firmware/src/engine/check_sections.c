#include "check.h"

#include "wamr/platform_internal.h"

#define KIND_FUNCTION 0U
#define KIND_GLOBAL 3U
#define KIND_TAG 4U

#define FORM_FUNCTION 0x60U
#define TYPE_FUNCREF 0x70U
#define TYPE_EXTERNREF 0x6FU
#define MAX_LOCALS 50000U

#define LIMITS_MAXIMUM 1U
#define LIMITS_SHARED 2U
#define LIMITS_64 4U

#define REFERENCE_TYPES "reference-types"

static void read_value_types(radon_check_t *check, radon_reader_t *body)
{
    uint32_t count = radon_reader_count(body);
    for (uint32_t i = 0; i < count && body->failure == NULL; i++) {
        radon_check_value_type(check, body, REFERENCE_TYPES);
    }
}

static void read_type(radon_check_t *check, radon_reader_t *body)
{
    uint8_t form = radon_reader_byte(body);
    if (form >= 0x4E && form <= 0x5F) {
        radon_check_refuse(check, body, "gc");
    } else if (form != FORM_FUNCTION) {
        radon_reader_fail(body, "unknown type form");
    }
    read_value_types(check, body);
    read_value_types(check, body);
}

static void read_type_index(const radon_check_t *check, radon_reader_t *body)
{
    if (radon_reader_u32(body) >= check->type_count) {
        radon_reader_fail(body, "no such type");
    }
}

/** Only functions can come from a node. */
static void read_import(radon_check_t *check, radon_reader_t *body)
{
    radon_reader_name_t module = radon_reader_name(body);
    radon_reader_name_t name = radon_reader_name(body);
    uint8_t kind = radon_reader_byte(body);
    if (kind == KIND_TAG) {
        radon_check_refuse(check, body, "exceptions");
    } else if (kind > KIND_TAG) {
        radon_reader_fail(body, "unknown kind of import");
    } else if (kind != KIND_FUNCTION && body->failure == NULL) {
        check->foreign = true;
        radon_check_foreign(check->refusal, module, name, "");
        radon_reader_fail(body, "foreign import");
    }
    read_type_index(check, body);
}

static uint32_t read_limits(radon_check_t *check, radon_reader_t *body)
{
    uint8_t flags = radon_reader_byte(body);
    if ((flags & LIMITS_64) != 0) {
        radon_check_refuse(check, body, "memory64");
    } else if ((flags & LIMITS_SHARED) != 0) {
        radon_check_refuse(check, body, "threads");
    } else if (flags > LIMITS_MAXIMUM) {
        radon_reader_fail(body, "unknown limits");
    }
    uint32_t minimum = radon_reader_u32(body);
    if ((flags & LIMITS_MAXIMUM) != 0) {
        (void)radon_reader_u32(body);
    }
    return minimum;
}

static void read_tables(radon_check_t *check, radon_reader_t *body)
{
    uint32_t count = radon_reader_u32(body);
    if (count > 1) {
        radon_check_refuse(check, body, REFERENCE_TYPES);
    }
    if (count != 1) {
        return;
    }
    uint8_t type = radon_reader_byte(body);
    if (type == TYPE_EXTERNREF) {
        radon_check_refuse(check, body, REFERENCE_TYPES);
    } else if (type < TYPE_FUNCREF) {
        radon_check_refuse(check, body, "gc");
    } else if (type != TYPE_FUNCREF) {
        radon_reader_fail(body, "unknown table type");
    }
    (void)read_limits(check, body);
}

static void read_memories(radon_check_t *check, radon_reader_t *body)
{
    uint32_t count = radon_reader_u32(body);
    if (count > 1) {
        radon_reader_fail(body, "more than one memory");
    }
    if (count == 1) {
        check->has_memory = true;
        check->pages = read_limits(check, body);
    }
}

static void read_global(radon_check_t *check, radon_reader_t *body)
{
    radon_check_value_type(check, body, "reference-typed-globals");
    if (radon_reader_byte(body) > 1) {
        radon_reader_fail(body, "unknown mutability");
    }
    radon_check_constant(check, body, NULL, NULL);
}

static void read_export(radon_check_t *check, radon_reader_t *body)
{
    (void)radon_reader_name(body);
    uint8_t kind = radon_reader_byte(body);
    if (kind == KIND_TAG) {
        radon_check_refuse(check, body, "exceptions");
    } else if (kind > KIND_TAG) {
        radon_reader_fail(body, "unknown kind of export");
    }
    (void)radon_reader_u32(body);
}

static void read_element(radon_check_t *check, radon_reader_t *body)
{
    if (radon_reader_u32(body) != 0) {
        radon_check_refuse(check, body, REFERENCE_TYPES);
    }
    radon_check_constant(check, body, NULL, NULL);
    uint32_t count = radon_reader_count(body);
    for (uint32_t i = 0; i < count && body->failure == NULL; i++) {
        (void)radon_reader_u32(body);
    }
}

static void read_locals(radon_check_t *check, radon_reader_t *body)
{
    uint32_t groups = radon_reader_count(body);
    uint32_t total = 0;
    for (uint32_t i = 0; i < groups && body->failure == NULL; i++) {
        uint32_t count = radon_reader_u32(body);
        if (count > MAX_LOCALS - total) {
            radon_reader_fail(body, "too many locals");
        }
        total += body->failure == NULL ? count : 0;
        radon_check_value_type(check, body, REFERENCE_TYPES);
    }
}

static void read_function(radon_check_t *check, radon_reader_t *code)
{
    radon_reader_t body = radon_reader_slice(code, radon_reader_u32(code));
    read_locals(check, &body);
    uint8_t opcode = 0;
    while (!radon_reader_done(&body)) {
        opcode = radon_check_instruction(check, &body);
    }
    if (opcode != 0x0B) {
        radon_reader_fail(&body, "function without end");
    }
    if (body.failure != NULL && code->failure == NULL) {
        *code = body;
    }
    check->code_count++;
}

static void read_data(radon_check_t *check, radon_reader_t *body)
{
    uint32_t flags = radon_reader_u32(body);
    if (flags > 2) {
        radon_reader_fail(body, "unknown data segment");
    }
    if (flags == 2 && radon_reader_u32(body) != 0) {
        radon_reader_fail(body, "no such memory");
    }
    if (flags != 1) {
        radon_check_constant(check, body, NULL, NULL);
    }
    radon_reader_skip(body, radon_reader_u32(body));
}

static void read_declaration(radon_check_t *check, radon_reader_t *body)
{
    read_type_index(check, body);
}

typedef void (*item_reader_t)(radon_check_t *check, radon_reader_t *body);

/** Reads a vector: its count, then each item. Returns the count. */
static uint32_t read_each(radon_check_t *check, radon_reader_t *body, item_reader_t item)
{
    uint32_t count = radon_reader_count(body);
    for (uint32_t i = 0; i < count && body->failure == NULL; i++) {
        item(check, body);
    }
    return count;
}

static void read_types(radon_check_t *check, radon_reader_t *body)
{
    check->types = *body;
    check->type_count = read_each(check, body, read_type);
}

/** Functions are bounded in number, so that later passes over them are in time. */
static void read_imports(radon_check_t *check, radon_reader_t *body)
{
    check->imports = *body;
    check->import_count = read_each(check, body, read_import);
    if (check->import_count > RADON_MAX_FUNCTIONS) {
        radon_reader_fail(body, "too many imports");
    }
}

static void read_functions(radon_check_t *check, radon_reader_t *body)
{
    check->functions = *body;
    check->function_count = read_each(check, body, read_declaration);
    if (check->function_count > RADON_MAX_FUNCTIONS) {
        radon_reader_fail(body, "too many functions");
    }
}

static void read_globals(radon_check_t *check, radon_reader_t *body)
{
    check->globals = *body;
    (void)read_each(check, body, read_global);
}

static void read_exports(radon_check_t *check, radon_reader_t *body)
{
    check->exports = *body;
    (void)read_each(check, body, read_export);
}

static void read_elements(radon_check_t *check, radon_reader_t *body)
{
    (void)read_each(check, body, read_element);
}

static void read_data_count(radon_check_t *check, radon_reader_t *body)
{
    (void)check;
    (void)radon_reader_u32(body);
}

static void read_code(radon_check_t *check, radon_reader_t *body)
{
    (void)read_each(check, body, read_function);
}

static void read_data_segments(radon_check_t *check, radon_reader_t *body)
{
    (void)read_each(check, body, read_data);
}

void radon_check_section(radon_check_t *check, uint8_t id, radon_reader_t *body)
{
    static const item_reader_t readers[] = {
        [RADON_SECTION_TYPE] = read_types,
        [RADON_SECTION_IMPORT] = read_imports,
        [RADON_SECTION_FUNCTION] = read_functions,
        [RADON_SECTION_TABLE] = read_tables,
        [RADON_SECTION_MEMORY] = read_memories,
        [RADON_SECTION_GLOBAL] = read_globals,
        [RADON_SECTION_EXPORT] = read_exports,
        [RADON_SECTION_ELEMENT] = read_elements,
        [RADON_SECTION_CODE] = read_code,
        [RADON_SECTION_DATA] = read_data_segments,
        [RADON_SECTION_DATA_COUNT] = read_data_count,
    };
    readers[id](check, body);
    if (body->failure == NULL && body->at < body->end) {
        radon_reader_fail(body, "section is too long");
    }
}
