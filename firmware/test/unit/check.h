/**
 * Assertions of the C unit tests. A test program is
 *
 *     TEST(name_states_a_behaviour) { CHECK_EQ(answer(), 42); }
 *     int main(void) { RUN(name_states_a_behaviour); return check_summary(); }
 *
 * Every test prints one line, `ok FILE NAME` or `not ok FILE NAME` after the failed checks; the runner
 * (test/tests.mk) adds them up. CHECK* record a failure and go on; REQUIRE leaves the test.
 */
#ifndef RADON_TEST_CHECK_H
#define RADON_TEST_CHECK_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool check_failed;
static int check_failures;
static jmp_buf check_exit;

#define TEST(name) static void name(void)
#define RUN(name) check_run(__FILE__, #name, name)

#define CHECK(condition) ((condition) ? (void)0 : check_fail(__FILE__, __LINE__, "%s", #condition))
#define REQUIRE(condition) \
    ((condition) ? (void)0 : (check_fail(__FILE__, __LINE__, "%s", #condition), longjmp(check_exit, 1)))
/** Integers; both are shown as signed 64-bit numbers. */
#define CHECK_EQ(actual, expected) \
    check_number(__FILE__, __LINE__, #actual, (int64_t)(actual), (int64_t)(expected))
#define CHECK_STR(actual, expected) check_text(__FILE__, __LINE__, #actual, (actual), (expected))
/** Pointer and length against pointer and length; the first difference is shown. */
#define CHECK_BYTES(actual, actual_len, expected, expected_len) \
    check_bytes(__FILE__, __LINE__, #actual, (actual), (actual_len), (expected), (expected_len))

#define check_fail(file, line, ...) \
    (check_failed = true, printf("%s:%d: ", (file), (line)), printf(__VA_ARGS__), (void)puts(""))

static inline void check_number(const char *file, int line, const char *what, int64_t actual,
                                int64_t expected)
{
    if (actual != expected) {
        check_fail(file, line, "%s is %lld, expected %lld", what, (long long)actual, (long long)expected);
    }
}

static inline void check_text(const char *file, int line, const char *what, const char *actual,
                              const char *expected)
{
    if (strcmp(actual, expected) != 0) {
        check_fail(file, line, "%s is \"%s\", expected \"%s\"", what, actual, expected);
    }
}

static inline void check_hex(const char *label, const uint8_t *data, size_t len)
{
    printf("    %s (%zu)", label, len);
    for (size_t i = 0; i < len && i < 96; i++) {
        printf(" %02x", data[i]);
    }
    puts(len > 96 ? " ..." : "");
}

static inline void check_bytes(const char *file, int line, const char *what, const void *actual,
                               size_t actual_len, const void *expected, size_t expected_len)
{
    if (actual_len == expected_len && (actual_len == 0 || memcmp(actual, expected, actual_len) == 0)) {
        return;
    }
    check_fail(file, line, "%s differs", what);
    check_hex("actual  ", actual, actual_len);
    check_hex("expected", expected, expected_len);
}

static inline void check_run(const char *file, const char *name, void (*test)(void))
{
    const char *slash = strrchr(file, '/');
    check_failed = false;
    if (setjmp(check_exit) == 0) {
        test();
    }
    check_failures += check_failed ? 1 : 0;
    printf("%s %s %s\n", check_failed ? "not ok" : "ok", slash == NULL ? file : slash + 1, name);
    fflush(stdout);
}

/** Exit code of the test program. */
static inline int check_summary(void)
{
    return check_failures == 0 ? 0 : 1;
}

#endif
