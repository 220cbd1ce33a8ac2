/*
 * The deadline of guarded calls: an alarm whose interrupt has the lowest priority, so that it only ever
 * interrupts the thread level. Where it finds guest code past its deadline, it makes the interrupted code
 * return to guard_call.S.
 */
#include "port.h"
#include "registers.h"

/* Words of an exception frame (ARMv7-M B1.5.6). */
#define FRAME_PC 6
#define FRAME_XPSR 7

/** IT and ICI bits: a new program counter must not go on in the middle of an interrupted block or multiple
 * load. */
#define XPSR_IT_ICI 0x0600FC00U

/** ARMv7-M table B1-8: the interrupt returns to thread mode. */
#define EXC_RETURN_THREAD (1U << 3)

/** Guest code runs and may be killed. */
static volatile bool guest;

static volatile uint64_t deadline;      /**< moves by what is not the guest's own time */
static volatile uint64_t wall_deadline; /**< does not */
static uint64_t paused_at;
static volatile bool expired_in_host;

int radon_stm32_guard_enter(void (*function)(void *context), void *context);
void radon_stm32_guard_killed(void);
void radon_stm32_guard_expire(uint32_t *frame, uint32_t exc_return);

void radon_stm32_guard_init(void)
{
    interrupt_enable(IRQ_DEADLINE, PRIORITY_DEADLINE);
}

/** Read whole: the network level may be moving it. */
static uint64_t first_deadline(void)
{
    uint32_t before = interrupts_disable();
    uint64_t first = deadline < wall_deadline ? deadline : wall_deadline;
    interrupts_restore(before);
    return first;
}

typedef struct {
    void (*function)(void *context);
    void *context;
} call_t;

/** A call begins as if a host function ended: a deadline that passed before the guest ran is not forgotten.
 */
static void run_guest(void *context)
{
    const call_t *call = context;
    radon_port_guard_resume();
    call->function(call->context);
    guest = false;
}

radon_guard_result_t radon_port_guard_call(void (*function)(void *context), void *context, uint32_t budget_us,
                                           uint32_t wall_us)
{
    call_t call = {function, context};
    uint64_t now = radon_port_now_us();
    paused_at = now;
    deadline = now + budget_us;
    wall_deadline = now + wall_us;
    expired_in_host = false;
    radon_stm32_alarm_set(RADON_STM32_ALARM_DEADLINE, first_deadline());
    int killed = radon_stm32_guard_enter(run_guest, &call);
    radon_stm32_alarm_set(RADON_STM32_ALARM_DEADLINE, RADON_PORT_NEVER);
    return killed != 0 ? RADON_GUARD_KILLED : RADON_GUARD_DONE;
}

void radon_port_guard_pause(void)
{
    guest = false;
    paused_at = radon_port_now_us();
}

void radon_port_guard_resume(void)
{
    deadline += radon_port_now_us() - paused_at;
    guest = true;
    if (expired_in_host) {
        expired_in_host = false;
        interrupt_pend(IRQ_DEADLINE); /* looks again: kills, or waits for the deadline as it is now */
    }
}

/** The whole pause is added at its end, the network level within it included. */
void radon_stm32_guard_excuse(uint32_t elapsed_us)
{
    if (guest) {
        deadline += elapsed_us;
    }
}

void radon_stm32_guard_expire(uint32_t *frame, uint32_t exc_return)
{
    if (!guest || (exc_return & EXC_RETURN_THREAD) == 0) {
        expired_in_host = true;
        return;
    }
    uint64_t due = first_deadline();
    if (radon_port_now_us() < due) {
        radon_stm32_alarm_set(RADON_STM32_ALARM_DEADLINE, due);
        return;
    }
    guest = false;
    frame[FRAME_PC] = (uint32_t)(uintptr_t)radon_stm32_guard_killed & ~1U;
    frame[FRAME_XPSR] &= ~XPSR_IT_ICI;
}
