/*
 * Two levels in one thread: the network task runs in a signal handler, nested on the stack of the thread
 * level exactly as PendSV is on a board. The ceiling is the signal mask.
 */
#include "posix.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

/* What runs the network task: something to read or write, a request for it, its time has come. */
#define SIGNAL_LINK SIGIO
#define SIGNAL_PEND SIGUSR1
#define SIGNAL_WAKE SIGALRM

static sigset_t network_signals;
static timer_t wake_timer;
static volatile sig_atomic_t thread_woken;

/*
 * A wire has a speed, a socket has not: whoever floods it could keep the network level busy for ever. After
 * so much processor time without a pause the thread level has its turn for as long.
 */
#define SHARE_US 50000U

static uint64_t spent_us; /**< by the network level, less what the thread level had since */
static uint64_t ended_us;
static uint64_t rest_until_us;

static bool rests(uint64_t now_us)
{
    uint64_t paused_us = now_us - ended_us;
    spent_us = spent_us > paused_us ? spent_us - paused_us : 0;
    return now_us < rest_until_us;
}

static void charge(uint64_t cpu_us)
{
    ended_us = radon_port_now_us();
    spent_us += cpu_us;
    if (spent_us > SHARE_US) {
        rest_until_us = ended_us + SHARE_US;
        radon_port_network_wake_at(rest_until_us);
    }
}

static void run_network_task(int signal)
{
    (void)signal;
    uint64_t start_us = radon_posix_cpu_us();
    if (rests(radon_port_now_us())) {
        return;
    }
    radon_posix_serial_poll();
    radon_network_task();
    uint64_t took_us = radon_posix_cpu_us() - start_us;
    charge(took_us);
    radon_posix_guard_excuse(took_us);
}

static void handle(int signal)
{
    struct sigaction action = {
        .sa_handler = run_network_task, .sa_mask = network_signals, .sa_flags = SA_RESTART};
    if (sigaction(signal, &action, NULL) != 0) {
        radon_posix_fail("signals");
    }
}

void radon_posix_levels_init(void)
{
    sigemptyset(&network_signals);
    sigaddset(&network_signals, SIGNAL_LINK);
    sigaddset(&network_signals, SIGNAL_PEND);
    sigaddset(&network_signals, SIGNAL_WAKE);
    sigaddset(&network_signals, SIGVTALRM); /* the deadline only ever interrupts the thread level */
    handle(SIGNAL_LINK);
    handle(SIGNAL_PEND);
    handle(SIGNAL_WAKE);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGNAL_WAKE};
    if (timer_create(CLOCK_MONOTONIC, &event, &wake_timer) != 0) {
        radon_posix_fail("timer");
    }
    /* A restart keeps the mask of whoever asked for it. */
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

radon_ceiling_t radon_port_ceiling_raise(void)
{
    sigset_t before;
    (void)pthread_sigmask(SIG_BLOCK, &network_signals, &before);
    return sigismember(&before, SIGNAL_PEND) == 1 ? 1 : 0;
}

void radon_port_ceiling_restore(radon_ceiling_t before)
{
    if (before == 0) {
        (void)pthread_sigmask(SIG_UNBLOCK, &network_signals, NULL);
    }
}

void radon_port_network_pend(void)
{
    (void)raise(SIGNAL_PEND);
}

void radon_port_network_wake_at(uint64_t at_us)
{
    uint64_t now = radon_port_now_us();
    uint64_t delay_us = at_us > now ? at_us - now : 1;
    struct itimerspec time = {0};
    if (at_us != RADON_PORT_NEVER) {
        time.it_value.tv_sec = (time_t)(delay_us / 1000000U);
        time.it_value.tv_nsec = (long)(delay_us % 1000000U) * 1000L;
    }
    (void)timer_settime(wake_timer, 0, &time, NULL);
}

void radon_port_thread_wake(void)
{
    thread_woken = 1;
}

/** ppoll() unblocks the signals and sleeps in one step: a wake between look and sleep is not lost. */
void radon_port_idle(uint64_t until_us)
{
    sigset_t before;
    (void)pthread_sigmask(SIG_BLOCK, &network_signals, &before);
    for (uint64_t now = radon_port_now_us(); thread_woken == 0 && now < until_us; now = radon_port_now_us()) {
        uint64_t left_us = until_us - now;
        struct timespec left = {.tv_sec = (time_t)(left_us / 1000000U),
                                .tv_nsec = (long)(left_us % 1000000U) * 1000L};
        (void)ppoll(NULL, 0, until_us == RADON_PORT_NEVER ? NULL : &left, &before);
    }
    thread_woken = 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}
