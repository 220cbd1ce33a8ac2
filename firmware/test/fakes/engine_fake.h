/** An engine whose guest code is a C function of the test, which calls host functions as a module would. */
#ifndef RADON_TEST_ENGINE_FAKE_H
#define RADON_TEST_ENGINE_FAKE_H

#include "radon/engine/engine.h"

#define ENGINE_FAKE_MEMORY 1024U
#define ENGINE_FAKE_GLOBALS 2U

/** Stands for an export. Returns what the handler answers, or traps by setting `outcome->trap`. */
typedef int32_t (*engine_fake_guest_t)(radon_guest_t *guest, radon_export_t function,
                                       radon_outcome_t *outcome);

typedef struct {
    engine_fake_guest_t guest;
    uint32_t exports; /**< set of 1 << radon_export_t */
    bool refuse_load;
    bool refuse_open;
    int loads;
    int unloads;
    int opened; /**< instances open now */
    uint8_t memory[ENGINE_FAKE_MEMORY];
    uint64_t globals[ENGINE_FAKE_GLOBALS]; /**< of 8 bytes each */
} engine_fake_t;

extern engine_fake_t engine_fake;

/** All exports, no guest code: every call returns 0. */
void engine_fake_reset(void);

/**
 * Calls host function `number` with `count` arguments. Pointers are offsets into engine_fake.memory. Returns
 * its i32 result, or ENGINE_FAKE_TRAPPED.
 */
int32_t engine_fake_call(radon_guest_t *guest, unsigned number, unsigned count, const uint64_t *arguments);
#define ENGINE_FAKE_TRAPPED INT32_MIN

/** Calls a host function by the number of its table entry: HOST(guest, 17, id). */
#define HOST(guest, number, ...) \
    engine_fake_call(guest, number, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), \
                     (uint64_t[]){__VA_ARGS__})

#endif
