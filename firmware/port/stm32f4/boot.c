/*
 * The boot program (sector 0): checks that there is a firmware and jumps to it. Small and never changed, so
 * that a firmware update can be written without it. Uses no static data: RAM belongs to the firmware, whose
 * crash record must survive the reset.
 */
#include "registers.h"

#include <stdbool.h>

extern uint32_t firmware_vectors[], firmware_end[], ram_start[], ram_end[];

void radon_boot_start(void);

static bool is_firmware(const uint32_t *vectors)
{
    uint32_t stack = vectors[0];
    uint32_t entry = vectors[1];
    return stack > (uint32_t)(uintptr_t)ram_start && stack <= (uint32_t)(uintptr_t)ram_end &&
           entry > (uint32_t)(uintptr_t)firmware_vectors && entry < (uint32_t)(uintptr_t)firmware_end;
}

/** Without a firmware the board waits to be flashed. */
void radon_boot_start(void)
{
    const volatile uint32_t *vectors = firmware_vectors;
    while (!is_firmware((const uint32_t *)vectors)) {
        __asm volatile("wfi");
    }
    SCB->vtor = (uint32_t)(uintptr_t)vectors;
    __asm volatile("msr msp, %0\n bx %1" ::"r"(vectors[0]), "r"(vectors[1]));
}

static void stop(void)
{
    for (;;) {
        __asm volatile("wfi");
    }
}

/** The stack of the boot program is the top of RAM, which the firmware uses for nothing that survives a
 * reset. */
__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    ram_end, (void *)radon_boot_start, (void *)stop, (void *)stop, (void *)stop, (void *)stop, (void *)stop,
};
