/*
 * The measuring program: loads a module with the firmware's own engine and prints what it needs. Runs in
 * QEMU:
 *
 *     qemu-system-arm -M netduinoplus2 -icount shift=0 -display none -monitor none -serial none \
 *       -semihosting-config enable=on,target=native,arg=measure,arg=MEMORY,arg=STACK,arg=FILE -kernel
 * measure.elf
 *
 * Prints one line of JSON: {"load":N,"run":N,"engine":"xxxxxxxx"}, or {"problem":"NAME","detail":"..."} with
 * exit code 1.
 */
#include "port.h"
#include "semihosting.h"

#include "radon/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 512U
#define OUTPUT_BYTES 256U

/* This program has the whole 192 KiB of the part: the module's bytes, and as much as the largest atom pool
 * for its two arenas. */
static _Alignas(8) uint8_t module_bytes[RADON_MAX_MODULE_BYTES];
static _Alignas(8) uint8_t block[104 * 1024];

static const char *const problem_names[] = {
#define X(name, code, sentence) #name,
    RADON_PROBLEMS(X)
#undef X
};

static void unused_host_function(radon_guest_t *guest, uint64_t *slots)
{
    (void)guest;
    radon_slot_set_i32(slots, RADON_E_STATE);
}

static radon_host_function_t host_functions[RADON_ABI_FUNCTION_COUNT];

typedef struct {
    uint32_t load;
    uint32_t run;
} need_t;

/** The module in one arena, an instance of it in another, as on a device. */
static bool measure(uint32_t size, uint32_t memory, uint32_t stack, need_t *need, radon_refusal_t *refusal)
{
    radon_arena_t shared;
    radon_arena_t own;
    radon_module_t module;
    radon_instance_t instance;
    radon_arena_init(&shared, block, sizeof block);
    if (!radon_module_check(module_bytes, size, memory, refusal) ||
        !radon_module_load(&module, &shared, module_bytes, size, refusal)) {
        return false;
    }
    need->load = shared.high_water;
    uint32_t taken = (need->load + 7U) & ~7U;
    radon_arena_init(&own, block + taken, sizeof block - taken);
    if (!radon_instance_open(&instance, &module, &own, stack, NULL, refusal)) {
        return false;
    }
    need->run = own.high_water;
    return true;
}

static char output[OUTPUT_BYTES];

static void put(const char *text)
{
    strncat(output, text, sizeof output - strlen(output) - 1);
}

static void put_number(uint32_t value)
{
    char digits[11];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put(digits + at);
}

/** Details name imports and exports of the module: quotes, backslashes and control characters become '?'. */
static void put_escaped(const char *text)
{
    for (; *text != '\0'; text++) {
        bool plain = (unsigned char)*text >= ' ' && *text != '"' && *text != '\\';
        put((char[]){plain ? *text : '?', '\0'});
    }
}

static _Noreturn void report_problem(const char *problem, const char *detail)
{
    put("{\"problem\":\"");
    put(problem);
    put("\",\"detail\":\"");
    put_escaped(detail);
    put("\"}\n");
    radon_semihosting_print(output);
    radon_semihosting_exit(1);
}

static uint32_t read_file(const char *path)
{
    int32_t file = radon_semihosting_open(path, RADON_SEMIHOSTING_READ);
    int32_t length = file < 0 ? -1 : radon_semihosting_length(file);
    if (length < 0 || (uint32_t)length > sizeof module_bytes ||
        radon_semihosting_read(file, module_bytes, (size_t)length) != (size_t)length) {
        report_problem("BAD_MODULE", "the file cannot be read, or is larger than a module may be");
    }
    return (uint32_t)length;
}

void radon_main(void)
{
    char line[LINE_BYTES];
    if (!radon_semihosting_command_line(line, sizeof line)) {
        report_problem("BAD_MODULE", "arguments: MEMORY STACK FILE");
    }
    char *next = line + strcspn(line, " ");
    uint32_t memory = (uint32_t)strtoul(next, &next, 10);
    uint32_t stack = (uint32_t)strtoul(next, &next, 10);
    uint32_t size = read_file(*next == ' ' ? next + 1 : next);
    for (size_t i = 0; i < RADON_ABI_FUNCTION_COUNT; i++) {
        host_functions[i] = unused_host_function;
    }
    need_t need = {0, 0};
    radon_refusal_t refusal;
    if (radon_engine_init(host_functions) != RADON_OK) {
        report_problem("BAD_MODULE", "the engine does not start");
    }
    if (!measure(size, memory, stack, &need, &refusal)) {
        report_problem(problem_names[refusal.problem], refusal.detail);
    }
    put("{\"load\":");
    put_number(need.load);
    put(",\"run\":");
    put_number(need.run);
    put(",\"engine\":\"");
    put(radon_engine_revision());
    put("\"}\n");
    radon_semihosting_print(output);
    radon_semihosting_exit(0);
}

/** Nothing is received here. */
void radon_network_task(void)
{
}
