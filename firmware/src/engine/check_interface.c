#include "check.h"

#include "wamr/platform_internal.h"

#include <string.h>

#define KIND_FUNCTION 0U
#define KIND_MEMORY 2U
#define KIND_GLOBAL 3U
#define TYPE_I32 0x7FU
#define TYPE_F64 0x7CU
#define PAGE_BYTES 65536U

typedef struct {
    const char *name;
    const char *signature;
} interface_function_t;

static const interface_function_t interface_functions[] = {
#define X(number, name, signature) {#name, signature},
    RADON_ABI_FUNCTIONS(X)
#undef X
};

static const struct {
    const char *name;
    const char *signature;
} interface_exports[] = {
#define X(name, text, result) {text, (result) != 0 ? "()i" : "()"},
    RADON_ABI_EXPORTS(X)
#undef X
};

/* Exports the engine would call by itself, before a deadline and a guest stand behind them. */
static const char *const refused_exports[] = {"__post_instantiate", "__wasm_call_ctors"};

/** As much of `name` as fits `room`, whole characters only. */
static size_t fitting_length(radon_reader_name_t name, size_t room)
{
    size_t length = name.length < room ? name.length : room;
    while (length < name.length && length > 0 && ((uint8_t)name.text[length] & 0xC0) == 0x80) {
        length--;
    }
    return length;
}

/** A name may hold anything; control characters would spoil a line or end the text. */
void radon_check_foreign(radon_refusal_t *refusal, radon_reader_name_t module, radon_reader_name_t name,
                         const char *why)
{
    refusal->problem = RADON_PROBLEM_FOREIGN_IMPORT;
    size_t at = 0;
    size_t room = sizeof refusal->detail - 1 - strlen(why);
    const radon_reader_name_t parts[] = {module, {".", 1}, name};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t end = at + fitting_length(parts[i], room - at);
        for (const char *next = parts[i].text; at < end; at++, next++) {
            refusal->detail[at] = (uint8_t)*next < ' ' || *next == 0x7F ? '?' : *next;
        }
    }
    memcpy(refusal->detail + at, why, strlen(why) + 1);
}

static bool refuse_export(radon_refusal_t *refusal, const char *name, const char *why)
{
    refusal->problem = RADON_PROBLEM_BAD_EXPORT;
    snprintf(refusal->detail, sizeof refusal->detail, "%s %s", name, why);
    return false;
}

/** A reader at type number `index`. The types were read once, so they are in order. */
static radon_reader_t type_at(const radon_check_t *check, uint32_t index)
{
    radon_reader_t types = check->types;
    (void)radon_reader_u32(&types);
    for (uint32_t i = 0; i < index; i++) {
        (void)radon_reader_byte(&types);
        radon_reader_skip(&types, radon_reader_u32(&types));
        radon_reader_skip(&types, radon_reader_u32(&types));
    }
    return types;
}

/** Whether the next vector of value types is `letters` up to `stop`; i is i32, F is f64. */
static bool types_are(radon_reader_t *types, const char **letters, char stop)
{
    uint32_t count = radon_reader_u32(types);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t type = radon_reader_byte(types);
        char letter = type == TYPE_I32 ? 'i' : type == TYPE_F64 ? 'F' : '\0';
        if (**letters == stop || letter != **letters) {
            return false;
        }
        (*letters)++;
    }
    return **letters == stop;
}

static bool has_signature(const radon_check_t *check, uint32_t type, const char *signature)
{
    radon_reader_t types = type_at(check, type);
    const char *letters = signature + 1;
    (void)radon_reader_byte(&types);
    if (!types_are(&types, &letters, ')')) {
        return false;
    }
    letters++;
    return types_are(&types, &letters, '\0');
}

static const interface_function_t *find_function(radon_reader_name_t module, radon_reader_name_t name)
{
    if (!radon_reader_name_is(module, RADON_ABI_MODULE)) {
        return NULL;
    }
    for (size_t i = 0; i < RADON_ABI_FUNCTION_COUNT; i++) {
        if (radon_reader_name_is(name, interface_functions[i].name)) {
            return &interface_functions[i];
        }
    }
    return NULL;
}

bool radon_check_imports(const radon_check_t *check)
{
    radon_reader_t imports = check->imports;
    (void)radon_reader_u32(&imports);
    for (uint32_t i = 0; i < check->import_count; i++) {
        radon_reader_name_t module = radon_reader_name(&imports);
        radon_reader_name_t name = radon_reader_name(&imports);
        radon_reader_skip(&imports, 1);
        uint32_t type = radon_reader_u32(&imports);
        const interface_function_t *function = find_function(module, name);
        if (function == NULL || !has_signature(check, type, function->signature)) {
            radon_check_foreign(check->refusal, module, name,
                                function == NULL ? "" : " with another signature");
            return false;
        }
    }
    return true;
}

typedef struct {
    bool found;
    uint8_t kind;
    uint32_t index;
} export_t;

static export_t find_export(const radon_check_t *check, const char *wanted)
{
    radon_reader_t exports = check->exports;
    uint32_t count = radon_reader_u32(&exports);
    for (uint32_t i = 0; i < count && exports.failure == NULL; i++) {
        radon_reader_name_t name = radon_reader_name(&exports);
        export_t found = {true, radon_reader_byte(&exports), 0};
        found.index = radon_reader_u32(&exports);
        if (radon_reader_name_is(name, wanted)) {
            return found;
        }
    }
    return (export_t){0};
}

/** Type index of function `index`, imports counted; type_count when there is no such function. */
static uint32_t function_type(const radon_check_t *check, uint32_t index)
{
    if (index >= check->import_count + check->function_count) {
        return check->type_count;
    }
    bool imported = index < check->import_count;
    radon_reader_t reader = imported ? check->imports : check->functions;
    uint32_t steps = imported ? index : index - check->import_count;
    (void)radon_reader_u32(&reader);
    for (uint32_t type = 0;; steps--) {
        if (imported) {
            (void)radon_reader_name(&reader);
            (void)radon_reader_name(&reader);
            radon_reader_skip(&reader, 1);
        }
        type = radon_reader_u32(&reader);
        if (steps == 0) {
            return type;
        }
    }
}

static bool check_handler(const radon_check_t *check, const char *name, const char *signature)
{
    export_t export = find_export(check, name);
    if (!export.found) {
        return true;
    }
    uint32_t type = export.kind == KIND_FUNCTION ? function_type(check, export.index) : check->type_count;
    return (type < check->type_count && has_signature(check, type, signature)) ||
           refuse_export(check->refusal, name, "has another signature");
}

/** Value of the exported immutable i32 global `name`; false when there is none. */
static bool constant_export(radon_check_t *check, const char *name, uint32_t *value)
{
    export_t export = find_export(check, name);
    radon_reader_t globals = check->globals;
    uint32_t count = radon_reader_u32(&globals);
    if (!export.found || export.kind != KIND_GLOBAL || export.index >= count) {
        return false;
    }
    for (uint32_t i = 0;; i++) {
        bool is_i32 = radon_reader_byte(&globals) == TYPE_I32;
        bool mutable = radon_reader_byte(&globals) != 0;
        int32_t constant = 0;
        bool known = false;
        radon_check_constant(check, &globals, &constant, &known);
        if (i == export.index) {
            *value = (uint32_t)constant;
            return is_i32 && !mutable && known;
        }
    }
}

/**
 * The engine cuts the memory down to __heap_base bytes under these conditions and no others; without them it
 * would take whole pages of 64 KiB.
 */
static bool check_memory(radon_check_t *check, uint32_t memory_limit)
{
    radon_refusal_t *refusal = check->refusal;
    uint32_t heap_base = 0;
    uint32_t data_end = 0;
    if (!constant_export(check, "__heap_base", &heap_base)) {
        return refuse_export(refusal, "__heap_base", "is missing");
    }
    if (!constant_export(check, "__data_end", &data_end)) {
        return refuse_export(refusal, "__data_end", "is missing");
    }
    if (heap_base == 0 || heap_base % 8 != 0) {
        return refuse_export(refusal, "__heap_base", "is not a multiple of 8");
    }
    if ((((uint64_t)data_end + 15U) & ~(uint64_t)15U) > heap_base) {
        return refuse_export(refusal, "__data_end", "leaves no room below __heap_base");
    }
    if (heap_base > memory_limit || heap_base > (uint64_t)check->pages * PAGE_BYTES) {
        return refuse_export(refusal, "__heap_base", "is beyond the memory");
    }
    return true;
}

bool radon_check_exports(radon_check_t *check, uint32_t memory_limit)
{
    export_t memory = find_export(check, "memory");
    if (!memory.found || memory.kind != KIND_MEMORY || !check->has_memory) {
        return refuse_export(check->refusal, "memory", "is missing");
    }
    for (size_t i = 0; i < sizeof interface_exports / sizeof interface_exports[0]; i++) {
        if (!check_handler(check, interface_exports[i].name, interface_exports[i].signature)) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof refused_exports / sizeof refused_exports[0]; i++) {
        if (find_export(check, refused_exports[i]).found) {
            return refuse_export(check->refusal, refused_exports[i],
                                 "is not called by nodes; use _initialize");
        }
    }
    return check_memory(check, memory_limit);
}
