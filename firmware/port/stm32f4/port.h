/** Between the sources of this port. */
#ifndef RADON_PORT_STM32F4_PORT_H
#define RADON_PORT_STM32F4_PORT_H

#include "radon/port.h"

/**
 * True on QEMU, which has no flash controller, no clocks to set and no random numbers; false on silicon and
 * on emulators that model those. Told apart by the identity register of the part, which QEMU reads as 0.
 */
bool radon_stm32_is_emulated(void);

/* Called once by start-up, in this order. */
void radon_stm32_reset_init(void);
void radon_stm32_clock_init(void);
void radon_stm32_memory_init(void);
void radon_stm32_flash_init(void);
void radon_stm32_levels_init(void);
void radon_stm32_guard_init(void);
void radon_stm32_serial_init(void);
void radon_stm32_pins_init(void);

/** Times at which something is due; set from any level, RADON_PORT_NEVER for none. */
typedef enum {
    RADON_STM32_ALARM_NETWORK,
    RADON_STM32_ALARM_THREAD,
    RADON_STM32_ALARM_DEADLINE,
    RADON_STM32_ALARM_COUNT,
} radon_stm32_alarm_t;

void radon_stm32_alarm_set(radon_stm32_alarm_t alarm, uint64_t due_us);

/** An alarm's time has come. Called once for each, from the time interrupt. */
void radon_stm32_alarm_due(radon_stm32_alarm_t alarm);

/**
 * Counts a period that ends while interrupts are off for longer than that. For code in RAM that waits for the
 * flash.
 */
void radon_stm32_clock_poll(void);

/** At least every 50 ms, from the time interrupt: the window in which restarts are counted. */
void radon_stm32_reset_tick(uint32_t elapsed_us);

/** The network level ran for so long: guest code that it interrupted is not charged for it. */
void radon_stm32_guard_excuse(uint32_t elapsed_us);

void radon_stm32_watchdog_feed(void);

/** Stack and noinit symbols of the linker script. */
extern uint32_t radon_stack_bottom[];
extern uint32_t radon_stack_top[];

#endif
