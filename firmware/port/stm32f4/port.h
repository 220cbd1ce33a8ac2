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
void radon_stm32_channels_init(void);

/** Starts a one-shot count of `delay_us` on TIM2 or TIM5; its interrupt comes then or earlier. */
void radon_stm32_timer_start(volatile void *timer, uint64_t delay_us);

/** Within its interrupt: stops the timer. */
void radon_stm32_timer_stop(volatile void *timer);

/** Every 50 ms, from the time interrupt: the window in which restarts are counted. */
void radon_stm32_reset_tick(uint32_t elapsed_ms);

/** The network level ran for so long: guest code that it interrupted is not charged for it. */
void radon_stm32_guard_excuse(uint32_t elapsed_us);

void radon_stm32_watchdog_feed(void);

/** Stack and noinit symbols of the linker script. */
extern uint32_t radon_stack_bottom[];
extern uint32_t radon_stack_top[];

#endif
