/* Network level, thread level, ceiling and sleep. */
#include "port.h"
#include "registers.h"

static volatile bool thread_woken;

void radon_stm32_levels_init(void)
{
    SCB->shpr[SHPR_PENDSV] = PRIORITY_NETWORK;
}

radon_ceiling_t radon_port_ceiling_raise(void)
{
    uint32_t before;
    __asm volatile("mrs %0, basepri" : "=r"(before));
    __asm volatile("msr basepri_max, %0\n isb" ::"r"(PRIORITY_NETWORK) : "memory");
    return before;
}

void radon_port_ceiling_restore(radon_ceiling_t before)
{
    __asm volatile("msr basepri, %0" ::"r"(before) : "memory");
}

void radon_port_network_pend(void)
{
    SCB->icsr = SCB_ICSR_PENDSV_SET;
}

void radon_stm32_network_interrupt(void)
{
    uint64_t start = radon_port_now_us();
    radon_network_task();
    radon_stm32_guard_excuse((uint32_t)(radon_port_now_us() - start));
}

void radon_stm32_alarm_due(radon_stm32_alarm_t alarm)
{
    switch (alarm) {
    case RADON_STM32_ALARM_NETWORK:
        radon_port_network_pend();
        break;
    case RADON_STM32_ALARM_THREAD:
        radon_port_thread_wake();
        break;
    default:
        interrupt_pend(IRQ_DEADLINE);
    }
}

void radon_port_network_wake_at(uint64_t at_us)
{
    radon_stm32_alarm_set(RADON_STM32_ALARM_NETWORK, at_us);
}

void radon_port_thread_wake(void)
{
    thread_woken = true;
}

/** With interrupts off, WFI still returns for one that is pending: a wake between look and sleep is not lost.
 */
void radon_port_idle(uint64_t until_us)
{
    radon_stm32_alarm_set(RADON_STM32_ALARM_THREAD, until_us);
    uint32_t before = interrupts_disable();
    while (!thread_woken) {
        __asm volatile("dsb\n wfi" ::: "memory");
        interrupts_restore(before);
        __asm volatile("isb");
        (void)interrupts_disable();
    }
    thread_woken = false;
    interrupts_restore(before);
    radon_stm32_alarm_set(RADON_STM32_ALARM_THREAD, RADON_PORT_NEVER);
}
