#include "check.h"

#include "semihosting.h"

static uint32_t failures;

static void print_number(uint32_t value)
{
    char digits[11];
    char *at = digits + sizeof digits - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    radon_semihosting_print(at);
}

void test_expect(bool condition, const char *text, const char *file, int line)
{
    if (condition) {
        return;
    }
    failures++;
    radon_semihosting_print(file);
    radon_semihosting_print(":");
    print_number((uint32_t)line);
    radon_semihosting_print(": ");
    radon_semihosting_print(text);
    radon_semihosting_print("\n");
}

void test_note(const char *name, uint32_t value)
{
    radon_semihosting_print(name);
    radon_semihosting_print(" ");
    print_number(value);
    radon_semihosting_print("\n");
}

void test_end(void)
{
    radon_semihosting_exit(failures == 0 ? 0 : 1);
}
