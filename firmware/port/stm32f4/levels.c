/* Network level, thread level, ceiling and sleep. */
#include "port.h"
#include "registers.h"

static volatile uint64_t network_due = RADON_PORT_NEVER;
static volatile uint64_t thread_due = RADON_PORT_NEVER;
static volatile bool thread_woken;

void radon_stm32_levels_init(void)
{
    SCB->shpr[SHPR_PENDSV] = PRIORITY_NETWORK;
    interrupt_enable(IRQ_TIM2, PRIORITY_SERIAL);
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

/** Sets TIM2 to the earlier of the two times. Interrupts are off. */
static void set_wake(void)
{
    uint64_t due = network_due < thread_due ? network_due : thread_due;
    uint64_t now = radon_port_now_us();
    if (due == RADON_PORT_NEVER) {
        radon_stm32_timer_stop(TIM2);
    } else {
        radon_stm32_timer_start(TIM2, due > now ? due - now : 0);
    }
}

void radon_stm32_wake_interrupt(void)
{
    radon_stm32_timer_stop(TIM2);
    uint32_t before = interrupts_disable();
    uint64_t now = radon_port_now_us();
    if (now >= network_due) {
        network_due = RADON_PORT_NEVER;
        radon_port_network_pend();
    }
    if (now >= thread_due) {
        thread_due = RADON_PORT_NEVER;
        thread_woken = true;
    }
    set_wake();
    interrupts_restore(before);
}

void radon_port_network_wake_at(uint64_t at_us)
{
    uint32_t before = interrupts_disable();
    network_due = at_us;
    set_wake();
    interrupts_restore(before);
}

void radon_port_thread_wake(void)
{
    thread_woken = true;
}

/** With interrupts off, WFI still returns for one that is pending: a wake between look and sleep is not lost.
 */
void radon_port_idle(uint64_t until_us)
{
    uint32_t before = interrupts_disable();
    thread_due = until_us;
    set_wake();
    while (!thread_woken) {
        __asm volatile("dsb\n wfi" ::: "memory");
        interrupts_restore(before);
        __asm volatile("isb");
        (void)interrupts_disable();
    }
    thread_woken = false;
    thread_due = RADON_PORT_NEVER;
    interrupts_restore(before);
}
