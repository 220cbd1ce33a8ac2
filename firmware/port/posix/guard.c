/*
 * The deadline of guarded calls: a timer signal that leaves guest code by siglongjmp(), which is allowed
 * because guest code is never inside the C library. Budgets are processor time, so a busy machine kills no
 * healthy atom.
 */
#include "posix.h"

#include <setjmp.h>
#include <signal.h>
#include <time.h>

/** A deadline is looked at again no sooner than this. */
#define SHORTEST_US 100U

static timer_t deadline_timer;
static sigjmp_buf start;
static volatile bool guest;
static volatile bool expired_in_host;
static volatile uint64_t cpu_deadline; /**< moves by what is not the guest's own time */
static volatile uint64_t wall_deadline;
static uint64_t paused_at;

static void set_timer(uint64_t delay_us)
{
    struct itimerspec time = {.it_value = {.tv_sec = (time_t)(delay_us / 1000000U),
                                           .tv_nsec = (long)(delay_us % 1000000U) * 1000L}};
    (void)timer_settime(deadline_timer, 0, &time, NULL);
}

/** Leaves the call, or waits for what is left of its time. */
static void expire(int signal)
{
    (void)signal;
    if (!guest) {
        expired_in_host = true;
        return;
    }
    uint64_t cpu = radon_posix_cpu_us();
    uint64_t wall = radon_port_now_us();
    if (cpu < cpu_deadline && wall < wall_deadline) {
        uint64_t left = cpu_deadline - cpu < wall_deadline - wall ? cpu_deadline - cpu : wall_deadline - wall;
        set_timer(left > SHORTEST_US ? left : SHORTEST_US);
        return;
    }
    guest = false;
    siglongjmp(start, 1);
}

void radon_posix_guard_init(void)
{
    struct sigaction action = {.sa_handler = expire, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};
    if (sigaction(SIGVTALRM, &action, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &event, &deadline_timer) != 0) {
        radon_posix_fail("timer");
    }
}

radon_guard_result_t radon_port_guard_call(void (*function)(void *context), void *context, uint32_t budget_us,
                                           uint32_t wall_us)
{
    paused_at = radon_posix_cpu_us();
    cpu_deadline = paused_at + budget_us;
    wall_deadline = radon_port_now_us() + wall_us;
    expired_in_host = false;
    if (sigsetjmp(start, 1) != 0) {
        return RADON_GUARD_KILLED;
    }
    set_timer(budget_us > SHORTEST_US ? budget_us : SHORTEST_US);
    radon_port_guard_resume(); /* a deadline that passed before the guest ran is not forgotten */
    function(context);
    guest = false;
    set_timer(0);
    return RADON_GUARD_DONE;
}

void radon_port_guard_pause(void)
{
    guest = false;
    paused_at = radon_posix_cpu_us();
}

void radon_port_guard_resume(void)
{
    cpu_deadline += radon_posix_cpu_us() - paused_at;
    guest = true;
    if (expired_in_host) {
        expired_in_host = false;
        (void)raise(SIGVTALRM);
    }
}

/** The whole pause is added at its end, the network level within it included. */
void radon_posix_guard_excuse(uint64_t cpu_us)
{
    if (guest) {
        cpu_deadline += cpu_us;
    }
}
