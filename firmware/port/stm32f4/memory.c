/* What the linker script left: stack and pool. */
#include "port.h"

#define PAINT 0x52A5D05EU

extern uint8_t radon_pool_start[], radon_pool_end[];

/** Called early, with little on the stack; the words in use are not painted. */
void radon_stm32_memory_init(void)
{
    uint32_t *here = __builtin_frame_address(0);
    for (uint32_t *word = radon_stack_bottom; word < here - 16; word++) {
        *word = PAINT;
    }
}

size_t radon_port_stack_total(void)
{
    return (size_t)((uint8_t *)radon_stack_top - (uint8_t *)radon_stack_bottom);
}

size_t radon_port_stack_high_water(void)
{
    const uint32_t *word = radon_stack_bottom;
    while (word < radon_stack_top && *word == PAINT) {
        word++;
    }
    return (size_t)((const uint8_t *)radon_stack_top - (const uint8_t *)word);
}

radon_region_t radon_port_pool(void)
{
    uintptr_t start = ((uintptr_t)radon_pool_start + 7U) & ~(uintptr_t)7U;
    return (radon_region_t){(uint8_t *)start, (size_t)((uintptr_t)radon_pool_end - start)};
}
