/** Short versions of what newlib writes for speed: they are called a few times at start and in messages of
 * the engine, and save 3 KiB of flash. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (uint8_t)*a - (uint8_t)*b;
}

char *strstr(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; *text != '\0' || length == 0; text++) {
        if (strncmp(text, part, length) == 0) {
            return (char *)(uintptr_t)text;
        }
    }
    return NULL;
}

static void swap(char *a, char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

/** Insertion sort: the engine sorts its few dozen functions with it. */
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    char *items = base;
    for (size_t end = 1; end < count; end++) {
        for (size_t at = end; at > 0 && compare(items + (at - 1) * size, items + at * size) > 0; at--) {
            swap(items + (at - 1) * size, items + at * size, size);
        }
    }
}
