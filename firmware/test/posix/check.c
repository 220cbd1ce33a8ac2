/* The assertions of ../device/check.h in a program. */
#include "../device/check.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned failures;

void test_expect(bool condition, const char *text, const char *file, int line)
{
    if (!condition) {
        failures++;
        printf("%s:%d: %s\n", file, line, text);
    }
}

void test_note(const char *name, uint32_t value)
{
    printf("%s %u\n", name, value);
}

void test_end(void)
{
    exit(failures == 0 ? 0 : 1);
}
