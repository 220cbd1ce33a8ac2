/**
 * Assertions of the tests that run on the board. A test is a firmware of its own:
 *
 *     void radon_main(void) { EXPECT(1 + 1 == 2); test_end(); }
 *
 * It prints to the emulator's console and ends the emulator: exit code 0 when every expectation held.
 */
#ifndef RADON_TEST_DEVICE_CHECK_H
#define RADON_TEST_DEVICE_CHECK_H

#include "radon/port.h"

#define EXPECT(condition) test_expect((condition), #condition, __FILE__, __LINE__)

void test_expect(bool condition, const char *text, const char *file, int line);

/** A line with a number, for whoever reads the output. */
void test_note(const char *name, uint32_t value);

_Noreturn void test_end(void);

#endif
