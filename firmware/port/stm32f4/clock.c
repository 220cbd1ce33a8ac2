/*
 * Clocks, uptime and alarms, all from SysTick: it is right on silicon and on QEMU, whose other timers set
 * their alarms late by the time since power-on.
 *
 * SysTick counts down from a period that ends at the next alarm, or after 50 ms. An alarm that is due pends
 * whatever waits for it; the deadline has an interrupt of its own, because it must have the lowest priority.
 */
#include "port.h"
#include "registers.h"

#include "board.h"

#define COUNTS_PER_US (RADON_BOARD_CORE_HZ / 1000000U)
#define LONGEST_US 50000U /* 8,400,000 counts fit the 24 bits of SysTick */
#define SHORTEST_US 8U    /* longer than any section with interrupts off, so that no period is missed */

/** Time up to the start of the running period, its length, and a number that changes with each of them. */
static volatile uint64_t base_us;
static volatile uint32_t base_counts; /* below COUNTS_PER_US */
static volatile uint32_t period_counts;
static volatile uint32_t period_number;

static volatile uint64_t alarms[RADON_STM32_ALARM_COUNT];

bool radon_stm32_is_emulated(void)
{
    return (DBGMCU_IDCODE & DBGMCU_DEV_ID) == 0;
}

/** 168 MHz from the crystal: 25 / 25 * 336 / 2, and 48 for RNG (RM0090 7.3.2; 3.5.1 for the wait states). */
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

/** In RAM, because the flash driver calls it while nothing can be fetched from flash. */
__attribute__((section(".ramcode"), noinline)) static void advance(uint32_t counts)
{
    uint32_t sum = base_counts + counts;
    base_us += sum / COUNTS_PER_US;
    base_counts = sum % COUNTS_PER_US;
    period_number++;
}

/** Starts a new period. Interrupts are off. The few counts this takes are lost: under 0.1 µs. */
static void start_period(uint64_t length_us)
{
    uint64_t bounded = length_us > LONGEST_US    ? LONGEST_US
                       : length_us < SHORTEST_US ? SHORTEST_US
                                                 : length_us;
    period_counts = (uint32_t)bounded * COUNTS_PER_US;
    SYSTICK->rvr = period_counts - 1;
    SYSTICK->cvr = 0;
}

void radon_stm32_clock_init(void)
{
    if (!radon_stm32_is_emulated()) {
        start_pll();
    }
    RCC->apb1enr |= RCC_APB1_PWR;
    for (size_t i = 0; i < RADON_STM32_ALARM_COUNT; i++) {
        alarms[i] = RADON_PORT_NEVER;
    }
    SCB->shpr[SHPR_SYSTICK] = PRIORITY_TIME;
    start_period(LONGEST_US);
    SYSTICK->csr = SYSTICK_CSR_ENABLE | SYSTICK_CSR_INTERRUPT | SYSTICK_CSR_CORE_CLOCK;
}

/** Counts of the running period that have passed. One that ended but is not accounted for yet counts twice.
 */
static uint32_t passed_counts(void)
{
    uint32_t left = SYSTICK->cvr;
    bool ended = (SCB->icsr & SCB_ICSR_SYSTICK_PENDING) != 0;
    uint32_t passed = left == 0 ? 0 : period_counts - left;
    return ended && passed < period_counts / 2 ? passed + period_counts : passed;
}

uint64_t radon_port_now_us(void)
{
    uint32_t number;
    uint64_t now;
    do {
        number = period_number;
        now = base_us + (base_counts + passed_counts()) / COUNTS_PER_US;
    } while (number != period_number);
    return now;
}

static uint64_t next_alarm(void)
{
    uint64_t next = RADON_PORT_NEVER;
    for (size_t i = 0; i < RADON_STM32_ALARM_COUNT; i++) {
        next = alarms[i] < next ? alarms[i] : next;
    }
    return next;
}

static void start_period_to(uint64_t due, uint64_t now)
{
    start_period(due > now ? due - now : 0);
}

void radon_stm32_time_interrupt(void)
{
    advance(period_counts);
    radon_stm32_reset_tick(period_counts / COUNTS_PER_US);
    uint64_t now = base_us;
    for (size_t i = 0; i < RADON_STM32_ALARM_COUNT; i++) {
        if (alarms[i] <= now) {
            alarms[i] = RADON_PORT_NEVER;
            radon_stm32_alarm_due((radon_stm32_alarm_t)i);
        }
    }
    uint64_t next = next_alarm();
    uint64_t length_us = next > now ? next - now : 0;
    if (length_us < LONGEST_US || period_counts != LONGEST_US * COUNTS_PER_US) {
        advance(passed_counts());
        start_period_to(next, base_us);
    }
}

void radon_stm32_alarm_set(radon_stm32_alarm_t alarm, uint64_t due_us)
{
    uint32_t before = interrupts_disable();
    alarms[alarm] = due_us;
    uint64_t now = radon_port_now_us();
    uint64_t period_end = base_us + period_counts / COUNTS_PER_US;
    bool ending = (SCB->icsr & SCB_ICSR_SYSTICK_PENDING) != 0;
    if (due_us < period_end && !ending) {
        advance(passed_counts());
        start_period_to(due_us, now);
        SCB->icsr = SCB_ICSR_SYSTICK_CLEAR;
    }
    interrupts_restore(before);
}

__attribute__((section(".ramcode"))) void radon_stm32_clock_poll(void)
{
    if ((SYSTICK->csr & SYSTICK_CSR_COUNTED) != 0) {
        SCB->icsr = SCB_ICSR_SYSTICK_CLEAR;
        advance(period_counts);
    }
}
