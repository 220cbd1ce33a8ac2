/* Clocks, uptime and one-shot timers. */
#include "port.h"
#include "registers.h"

#include "board.h"

#define TICK_US 50000U
#define COUNTS_PER_US (RADON_BOARD_CORE_HZ / 1000000U)
#define TICK_COUNTS (TICK_US * COUNTS_PER_US) /* fits the 24 bits of SysTick */

/* QEMU's timers count nanoseconds and ignore the prescaler when they set their alarm. */
#define EMULATED_COUNTS_PER_US 1000U
#define TIMER_COUNTS_PER_US (RADON_BOARD_TIMER_HZ / 1000000U)

static volatile uint32_t ticks;

bool radon_stm32_is_emulated(void)
{
    return (DBGMCU_IDCODE & DBGMCU_DEV_ID) == 0;
}

/** 168 MHz from the crystal (RM0090 3.5.1 for the wait states, 7.3.2 for the PLL: 25 / 25 * 336 / 2, and 48
 * for RNG). */
static void start_pll(void)
{
    RCC->cr |= RCC_CR_HSEON;
    while ((RCC->cr & RCC_CR_HSERDY) == 0) {
    }
    RCC->pllcfgr = (RADON_BOARD_HSE_HZ / 1000000U) | 336U << 6 | 0U << 16 | RCC_PLLCFGR_HSE | 7U << 24;
    RCC->cr |= RCC_CR_PLLON;
    while ((RCC->cr & RCC_CR_PLLRDY) == 0) {
    }
    FLASH->acr =
        FLASH_ACR_5_WAIT_STATES | FLASH_ACR_PREFETCH | FLASH_ACR_INSTRUCTION_CACHE | FLASH_ACR_DATA_CACHE;
    RCC->cfgr = RCC_CFGR_SW_PLL | RCC_CFGR_PPRE1_DIV4 | RCC_CFGR_PPRE2_DIV2;
    while ((RCC->cfgr & RCC_CFGR_SWS_MASK) != RCC_CFGR_SWS_PLL) {
    }
}

void radon_stm32_clock_init(void)
{
    if (!radon_stm32_is_emulated()) {
        start_pll();
    }
    RCC->apb1enr |= RCC_APB1_TIM2 | RCC_APB1_TIM5 | RCC_APB1_PWR;
    SYSTICK->rvr = TICK_COUNTS - 1;
    SYSTICK->cvr = 0;
    SCB->shpr[SHPR_SYSTICK] = PRIORITY_TIME;
    SYSTICK->csr = SYSTICK_CSR_ENABLE | SYSTICK_CSR_INTERRUPT | SYSTICK_CSR_CORE_CLOCK;
}

void radon_stm32_time_interrupt(void)
{
    ticks++;
    radon_stm32_reset_tick(TICK_US / 1000);
}

/**
 * Counts a tick that passed while interrupts were off for longer than one; called from code in RAM that waits
 * for the flash. COUNTED reads as 1 once per tick.
 */
__attribute__((section(".ramcode"))) void radon_stm32_clock_poll(void)
{
    if ((SYSTICK->csr & SYSTICK_CSR_COUNTED) != 0) {
        SCB->icsr = SCB_ICSR_SYSTICK_CLEAR;
        ticks++;
    }
}

/** A tick may be pending but not counted yet: then the counter has just started anew, and is in its upper
 * half. */
uint64_t radon_port_now_us(void)
{
    uint32_t counted;
    uint32_t left;
    bool pending;
    do {
        counted = ticks;
        left = SYSTICK->cvr;
        pending = (SCB->icsr & SCB_ICSR_SYSTICK_PENDING) != 0;
    } while (counted != ticks);
    uint64_t passed = (uint64_t)counted + (pending && left > TICK_COUNTS / 2 ? 1U : 0U);
    return passed * TICK_US + (TICK_COUNTS - 1 - left) / COUNTS_PER_US;
}

void radon_stm32_timer_start(volatile void *timer, uint64_t delay_us)
{
    volatile timer_t *counter = timer;
    uint32_t per_us = radon_stm32_is_emulated() ? EMULATED_COUNTS_PER_US : TIMER_COUNTS_PER_US;
    uint32_t longest = UINT32_MAX / per_us;
    uint32_t delay = delay_us > longest ? longest : (uint32_t)delay_us;
    counter->cr1 = 0;
    counter->arr = (delay > 0 ? delay : 1) * per_us;
    counter->cr1 = TIMER_CR1_OVERFLOW_ONLY | TIMER_CR1_ONE_PULSE;
    counter->egr = TIMER_UPDATE;
    counter->sr = 0;
    counter->dier = TIMER_UPDATE;
    counter->cr1 = TIMER_CR1_OVERFLOW_ONLY | TIMER_CR1_ONE_PULSE | TIMER_CR1_ENABLE;
}

void radon_stm32_timer_stop(volatile void *timer)
{
    volatile timer_t *counter = timer;
    counter->cr1 = 0;
    counter->dier = 0;
    counter->sr = 0;
}
