/* One fault after the other, each found in the crash record of the next start; the third is safe mode. */
#include "check.h"

#include "semihosting.h"

__attribute__((section(".noinit"))) static uint32_t step;

void radon_network_task(void)
{
    __asm volatile("udf #7");
}

/* Deeper than any stack; the asm keeps the compiler from turning the recursion into a loop. */
static __attribute__((noinline)) uint32_t exhaust_stack(uint32_t depth)
{
    volatile uint32_t room[64];
    room[depth % 64] = depth;
    __asm volatile("" ::: "memory");
    return depth == UINT32_MAX ? 0 : exhaust_stack(depth + 1) + room[depth % 64];
}

static void expect_crash(radon_fault_t fault, bool thread)
{
    const radon_boot_t *boot = radon_port_boot();
    EXPECT(boot->reason == RADON_RESET_FAULT);
    EXPECT(boot->crashed);
    EXPECT(boot->crash.fault == fault);
    EXPECT(boot->crash.thread == thread);
}

void radon_main(void)
{
    const radon_boot_t *boot = radon_port_boot();
    if (boot->reason == RADON_RESET_POWER) {
        step = 0;
    }
    switch (step++) {
    case 0:
        EXPECT(!boot->crashed && !boot->safe_mode);
        *(volatile uint32_t *)0xD0000000 = 1;
        break;
    case 1:
        expect_crash(RADON_FAULT_BUS, true);
        EXPECT(boot->crash.pc > 0x08010000 && boot->crash.pc < 0x08040000);
        EXPECT(!boot->safe_mode);
        radon_port_network_pend();
        break;
    case 2:
        expect_crash(RADON_FAULT_USAGE, false);
        EXPECT(!boot->safe_mode);
        (void)exhaust_stack(0);
        break;
    case 3:
        expect_crash(RADON_FAULT_STACK, true);
        EXPECT(boot->safe_mode);
        radon_port_reset(RADON_RESET_COMMAND);
    default:
        EXPECT(boot->reason == RADON_RESET_COMMAND);
        EXPECT(boot->crashed);
        EXPECT(boot->safe_mode);
        radon_port_idle(radon_port_now_us() + 61000000);
        step = 4;
        test_end();
    }
    EXPECT(false);
    test_end();
}
