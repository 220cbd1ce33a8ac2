/* Vectors and the way from reset to radon_main(). */
#include "port.h"
#include "registers.h"

#include <string.h>

extern uint32_t radon_data_start[], radon_data_end[], radon_data_image[], radon_bss_start[], radon_bss_end[];

void radon_stm32_start(void);
void radon_stm32_fault_nmi(void);
void radon_stm32_fault_hard(void);
void radon_stm32_fault_memory(void);
void radon_stm32_fault_bus(void);
void radon_stm32_fault_usage(void);
void radon_stm32_network_interrupt(void);
void radon_stm32_time_interrupt(void);
void radon_stm32_serial_interrupt(void);
void radon_stm32_deadline_interrupt(void);

static void copy_static_data(void)
{
    memcpy(radon_data_start, radon_data_image,
           (size_t)((uint8_t *)radon_data_end - (uint8_t *)radon_data_start));
    memset(radon_bss_start, 0, (size_t)((uint8_t *)radon_bss_end - (uint8_t *)radon_bss_start));
}

void radon_stm32_start(void)
{
    SCB->cpacr |= SCB_CPACR_FPU;
    __asm volatile("dsb\n isb");
    copy_static_data();
    SCB->shcsr |= SCB_SHCSR_FAULTS;
    SCB->ccr |= SCB_CCR_DIVIDE_BY_ZERO;
    radon_stm32_memory_init();
    radon_stm32_clock_init();
    radon_stm32_reset_init();
    radon_stm32_flash_init();
    radon_stm32_pins_init();
    radon_stm32_guard_init();
    radon_stm32_levels_init();
    radon_stm32_serial_init();
    radon_main();
    radon_port_reset(RADON_RESET_COMMAND);
}

/** An interrupt nobody asked for. */
static void unexpected(void)
{
    __asm volatile("udf #1");
}

typedef void (*vector_t)(void);

__attribute__((section(".vectors"), used)) static const vector_t vectors[16 + IRQ_COUNT] = {
    [0] = (vector_t)radon_stack_top,
    [1] = radon_stm32_start,
    [2] = radon_stm32_fault_nmi,
    [3] = radon_stm32_fault_hard,
    [4] = radon_stm32_fault_memory,
    [5] = radon_stm32_fault_bus,
    [6] = radon_stm32_fault_usage,
    [7] = unexpected,
    [11] = unexpected,
    [12] = unexpected,
    [14] = radon_stm32_network_interrupt,
    [15] = radon_stm32_time_interrupt,
    [16 ... 16 + IRQ_USART1 - 1] = unexpected,
    [16 + IRQ_USART1] = radon_stm32_serial_interrupt,
    [16 + IRQ_USART1 + 1 ... 16 + IRQ_DEADLINE - 1] = unexpected,
    [16 + IRQ_DEADLINE] = radon_stm32_deadline_interrupt,
    [16 + IRQ_DEADLINE + 1 ... 16 + IRQ_COUNT - 1] = unexpected,
};
