/* The atom pool of the board, and a painted stretch of the stack. */
#include "posix.h"

#include <string.h>

/** As on netduinoplus2, so that what fits here fits there. */
#define POOL_BYTES 95416U

/** Addresses on this machine are wider and its C library needs more than a board's; beyond this nothing is
 * counted. */
#define STACK_BYTES (64U * 1024U)
#define PAINT 0xA5U

static _Alignas(8) uint8_t pool[POOL_BYTES];
static const uint8_t *stack_bottom;

/** Paints what lies below the caller's frame; the pages stay after it returns. */
__attribute__((noinline)) void radon_posix_memory_init(void)
{
    volatile uint8_t stack[STACK_BYTES];
    for (size_t i = 0; i < sizeof stack; i++) {
        stack[i] = PAINT;
    }
    /* The compiler need not know that the address outlives the array. */
    __asm volatile("" : "=r"(stack_bottom) : "0"(stack) : "memory");
}

size_t radon_port_stack_total(void)
{
    return STACK_BYTES;
}

size_t radon_port_stack_high_water(void)
{
    size_t untouched = 0;
    while (untouched < STACK_BYTES && stack_bottom[untouched] == PAINT) {
        untouched++;
    }
    return STACK_BYTES - untouched;
}

radon_region_t radon_port_pool(void)
{
    return (radon_region_t){pool, sizeof pool};
}
