/**
 * The registers this port uses. RM0090 is the reference manual of the STM32F405, ARMv7-M the architecture
 * reference manual (DDI 0403E). Reserved gaps are named `gap`.
 */
#ifndef RADON_PORT_STM32F4_REGISTERS_H
#define RADON_PORT_STM32F4_REGISTERS_H

#include <stdint.h>

#define REGISTERS(type, address) ((volatile type *)(uintptr_t)(address))

/** RM0090 7.3: clocks and resets. */
typedef struct {
    uint32_t cr, pllcfgr, cfgr, cir;
    uint32_t gap0[8];
    uint32_t ahb1enr, ahb2enr, ahb3enr, gap1, apb1enr, apb2enr;
    uint32_t gap2[10];
    uint32_t bdcr, csr;
} rcc_t;
#define RCC REGISTERS(rcc_t, 0x40023800)
#define RCC_CR_HSEON (1U << 16)
#define RCC_CR_HSERDY (1U << 17)
#define RCC_CR_PLLON (1U << 24)
#define RCC_CR_PLLRDY (1U << 25)
#define RCC_PLLCFGR_HSE (1U << 22)
#define RCC_CFGR_SW_PLL 2U
#define RCC_CFGR_SWS_MASK (3U << 2)
#define RCC_CFGR_SWS_PLL (2U << 2)
#define RCC_CFGR_PPRE1_DIV4 (5U << 10)
#define RCC_CFGR_PPRE2_DIV2 (4U << 13)
#define RCC_APB1_PWR (1U << 28)
#define RCC_APB2_USART1 (1U << 4)
#define RCC_AHB2_RNG (1U << 6)
#define RCC_CSR_LSION (1U << 0)
#define RCC_CSR_LSIRDY (1U << 1)
#define RCC_CSR_RMVF (1U << 24)
#define RCC_CSR_PINRSTF (1U << 26)
#define RCC_CSR_PORRSTF (1U << 27)
#define RCC_CSR_IWDGRSTF (1U << 29)

/** RM0090 3.9: flash interface. */
typedef struct {
    uint32_t acr, keyr, optkeyr, sr, cr, optcr;
} flash_registers_t;
#define FLASH REGISTERS(flash_registers_t, 0x40023C00)
#define FLASH_ACR_5_WAIT_STATES 5U
#define FLASH_ACR_PREFETCH (1U << 8)
#define FLASH_ACR_INSTRUCTION_CACHE (1U << 9)
#define FLASH_ACR_DATA_CACHE (1U << 10)
#define FLASH_ACR_INSTRUCTION_RESET (1U << 11)
#define FLASH_ACR_DATA_RESET (1U << 12)
#define FLASH_KEY1 0x45670123U
#define FLASH_KEY2 0xCDEF89ABU
#define FLASH_SR_ERRORS 0xF2U /**< OPERR, WRPERR, PGAERR, PGPERR, PGSERR */
#define FLASH_SR_BUSY (1U << 16)
#define FLASH_CR_PROGRAM (1U << 0)
#define FLASH_CR_SECTOR_ERASE (1U << 1)
#define FLASH_CR_SECTOR(n) ((uint32_t)(n) << 3)
#define FLASH_CR_WORDS (2U << 8)
#define FLASH_CR_START (1U << 16)
#define FLASH_CR_LOCK (1U << 31)

/** RM0090 30.6: USART. */
typedef struct {
    uint32_t sr, dr, brr, cr1, cr2, cr3, gtpr;
} usart_t;
#define USART1 REGISTERS(usart_t, 0x40011000)
#define USART_SR_OVERRUN (1U << 3)
#define USART_SR_RECEIVED (1U << 5)
#define USART_SR_TRANSMIT_EMPTY (1U << 7)
#define USART_CR1_RECEIVER (1U << 2)
#define USART_CR1_TRANSMITTER (1U << 3)
#define USART_CR1_RECEIVED_INTERRUPT (1U << 5)
#define USART_CR1_TRANSMIT_INTERRUPT (1U << 7)
#define USART_CR1_ENABLE (1U << 13)

/** RM0090 8.4: GPIO; ports are 0x400 apart, from A. */
typedef struct {
    uint32_t moder, otyper, ospeedr, pupdr, idr, odr, bsrr, lckr, afr[2];
} gpio_t;
#define GPIO(letter) REGISTERS(gpio_t, 0x40020000U + 0x400U * (uint32_t)((letter) - 'A'))
#define GPIO_MODE_OUTPUT 1U
#define GPIO_MODE_ALTERNATE 2U
#define GPIO_AF_USART1 7U

/** RM0090 24.4: random number generator. */
typedef struct {
    uint32_t cr, sr, dr;
} rng_t;
#define RNG REGISTERS(rng_t, 0x50060800)
#define RNG_CR_ENABLE (1U << 2)
#define RNG_SR_READY (1U << 0)
#define RNG_SR_ERRORS ((1U << 1) | (1U << 2) | (1U << 5) | (1U << 6))

/** RM0090 21.4: independent watchdog, 32 kHz. */
typedef struct {
    uint32_t kr, pr, rlr, sr;
} iwdg_t;
#define IWDG REGISTERS(iwdg_t, 0x40003000)
#define IWDG_FEED 0xAAAAU
#define IWDG_UNLOCK 0x5555U
#define IWDG_START 0xCCCCU
#define IWDG_DIVIDE_256 6U

/** RM0090 38.6.1: identity of the part; DEV_ID is not 0 on any part and reads as 0 on QEMU. */
#define DBGMCU_IDCODE (*REGISTERS(uint32_t, 0xE0042000))
#define DBGMCU_DEV_ID 0xFFFU

/** ARMv7-M B3.3: system timer. */
typedef struct {
    uint32_t csr, rvr, cvr, calib;
} systick_t;
#define SYSTICK REGISTERS(systick_t, 0xE000E010)
#define SYSTICK_CSR_ENABLE (1U << 0)
#define SYSTICK_CSR_INTERRUPT (1U << 1)
#define SYSTICK_CSR_CORE_CLOCK (1U << 2)
#define SYSTICK_CSR_COUNTED (1U << 16)

/** ARMv7-M B3.2: system control block. */
typedef struct {
    uint32_t cpuid, icsr, vtor, aircr, scr, ccr;
    uint8_t shpr[12]; /**< priorities of exceptions 4 to 15 */
    uint32_t shcsr, cfsr, hfsr, dfsr, mmfar, bfar, afsr;
    uint32_t gap[18];
    uint32_t cpacr;
} scb_t;
#define SCB REGISTERS(scb_t, 0xE000ED00)
#define SCB_ICSR_PENDSV_SET (1U << 28)
#define SCB_ICSR_SYSTICK_PENDING (1U << 26)
#define SCB_ICSR_SYSTICK_CLEAR (1U << 25)
#define SCB_AIRCR_RESET 0x05FA0004U
#define SCB_CCR_DIVIDE_BY_ZERO (1U << 4)
#define SCB_SHCSR_FAULTS (7U << 16)
#define SCB_CPACR_FPU (0xFU << 20)
#define SCB_CFSR_STACKING ((1U << 12) | (1U << 4))
#define SHPR_PENDSV 10
#define SHPR_SYSTICK 11

/** ARMv7-M B3.4: interrupt controller. */
typedef struct {
    uint32_t iser[32], icer[32], ispr[32], icpr[32], iabr[64];
    uint8_t ipr[240];
} nvic_t;
#define NVIC REGISTERS(nvic_t, 0xE000E100)

/** RM0090 table 61: positions in the vector table. TIM5 is not used: its interrupt is pended by software. */
#define IRQ_USART1 37U
#define IRQ_DEADLINE 50U
#define IRQ_COUNT 82U

/** Priorities: upper nibble only, lower number is more urgent. Time and received bytes come before
 * everything. */
#define PRIORITY_TIME 0x10U
#define PRIORITY_SERIAL 0x20U
#define PRIORITY_NETWORK 0x80U  /**< PendSV and, as BASEPRI, the ceiling */
#define PRIORITY_DEADLINE 0xF0U /**< only ever interrupts thread mode */

static inline void interrupt_enable(uint32_t irq, uint32_t priority)
{
    NVIC->ipr[irq] = (uint8_t)priority;
    NVIC->iser[irq / 32] = 1U << (irq % 32);
}

static inline void interrupt_pend(uint32_t irq)
{
    NVIC->ispr[irq / 32] = 1U << (irq % 32);
}

static inline uint32_t interrupts_disable(void)
{
    uint32_t before;
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(before)::"memory");
    return before;
}

static inline void interrupts_restore(uint32_t before)
{
    __asm volatile("msr primask, %0" ::"r"(before) : "memory");
}

#endif
