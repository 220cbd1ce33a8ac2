/* Restart: the program starts itself again. What a board keeps in memory over a reset travels in the
 * environment. */
#include "posix.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define RECORD "RADON_RECORD"
#define NOTE "RADON_NOTE"
#define RECORD_BYTES 160
#define RESTART_WINDOW_US 60000000U
#define RESTARTS_TO_SAFE_MODE 3U
#define CRASH_STACK_BYTES 16384

/** Numbers of the record, in the order in which they are written. */
typedef struct {
    unsigned reason;
    unsigned restarts;  /**< without a command, in the window */
    unsigned window_ms; /**< from the first of them to the last restart */
    unsigned crashed;
    unsigned fault, pc, lr, psr, thread;
} record_t;

static record_t record;
static radon_boot_t boot;
static char note[RADON_PORT_NOTE_BYTES];
static timer_t watchdog;
static volatile sig_atomic_t progress;
static uint8_t crash_stack[CRASH_STACK_BYTES];

static void read_record(void)
{
    const char *text = getenv(RECORD);
    record = (record_t){.reason = RADON_RESET_POWER};
    if (text == NULL) {
        return;
    }
    radon_posix_links_t *links = &radon_posix_links;
    if (sscanf(text, "%u %u %u %u %u %u %u %u %u %d %d %d", &record.reason, &record.restarts,
               &record.window_ms, &record.crashed, &record.fault, &record.pc, &record.lr, &record.psr,
               &record.thread, &links->serial_listener, &links->serial, &links->udp) != 12) {
        record = (record_t){.reason = RADON_RESET_POWER};
    }
}

/** It is for this start alone. */
static void read_note(void)
{
    const char *text = getenv(NOTE);
    (void)snprintf(note, sizeof note, "%s", text == NULL ? "" : text);
    (void)unsetenv(NOTE);
    boot.note = note;
}

static void feed_watchdog(void)
{
    struct itimerspec time = {.it_value = {.tv_sec = RADON_PORT_WATCHDOG_MS / 1000}};
    (void)timer_settime(watchdog, 0, &time, NULL);
}

static void bite(int signal)
{
    (void)signal;
    radon_port_reset(RADON_RESET_WATCHDOG);
}

static radon_fault_t fault_of(int signal)
{
    switch (signal) {
    case SIGSEGV:
        return RADON_FAULT_MEMORY;
    case SIGBUS:
        return RADON_FAULT_BUS;
    default:
        return RADON_FAULT_USAGE;
    }
}

static void crash(int signal, siginfo_t *info, void *context)
{
    (void)info;
    record.crashed = 1;
    record.fault = (unsigned)fault_of(signal);
#ifdef __i386__
    const ucontext_t *interrupted = context;
    record.pc = (unsigned)interrupted->uc_mcontext.gregs[REG_EIP];
    record.psr = (unsigned)interrupted->uc_mcontext.gregs[REG_EFL];
    record.thread = sigismember(&interrupted->uc_sigmask, SIGUSR1) == 1 ? 0 : 1;
#else
    (void)context;
#endif
    radon_port_reset(RADON_RESET_FAULT);
}

static void catch_faults(void)
{
    const stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof crash_stack};
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    struct sigaction action = {.sa_sigaction = crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    (void)sigaltstack(&stack, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        (void)sigaction(signals[i], &action, NULL);
    }
}

void radon_posix_reset_init(void)
{
    read_record();
    if (record.window_ms * 1000ULL >= RESTART_WINDOW_US) {
        record.restarts = 0;
        record.window_ms = 0;
    }
    if (record.reason != RADON_RESET_POWER && record.reason != RADON_RESET_COMMAND) {
        record.restarts++;
    }
    boot.reason = (radon_reset_t)record.reason;
    boot.safe_mode = record.restarts >= RESTARTS_TO_SAFE_MODE;
    boot.crashed = record.crashed != 0;
    boot.crash =
        (radon_crash_t){(radon_fault_t)record.fault, record.pc, record.lr, record.psr, record.thread != 0};
    read_note();
    catch_faults();
    struct sigaction action = {.sa_handler = bite, .sa_flags = SA_ONSTACK};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
    if (sigaction(SIGUSR2, &action, NULL) != 0 || timer_create(CLOCK_MONOTONIC, &event, &watchdog) != 0) {
        radon_posix_fail("watchdog");
    }
    feed_watchdog();
}

const radon_boot_t *radon_port_boot(void)
{
    return &boot;
}

void radon_port_note(const char *text)
{
    char kept[RADON_PORT_NOTE_BYTES];
    (void)snprintf(kept, sizeof kept, "%s", text);
    (void)setenv(NOTE, kept, 1);
}

void radon_port_reset(radon_reset_t reason)
{
    char text[RECORD_BYTES];
    const radon_posix_links_t *links = &radon_posix_links;
    record.reason = (unsigned)reason;
    record.window_ms += record.restarts > 0 ? (unsigned)(radon_port_now_us() / 1000U) : 0U;
    (void)snprintf(text, sizeof text, "%u %u %u %u %u %u %u %u %u %d %d %d", record.reason, record.restarts,
                   record.window_ms, record.crashed, record.fault, record.pc, record.lr, record.psr,
                   record.thread, links->serial_listener, links->serial, links->udp);
    (void)setenv(RECORD, text, 1);
    (void)execv("/proc/self/exe", radon_posix_arguments);
    radon_posix_fail("restart");
}

void radon_port_progress(radon_progress_t level)
{
    radon_ceiling_t before = radon_port_ceiling_raise();
    progress |= (sig_atomic_t)level;
    if (progress == (RADON_PROGRESS_NETWORK | RADON_PROGRESS_THREAD)) {
        progress = 0;
        feed_watchdog();
    }
    radon_port_ceiling_restore(before);
}

void radon_port_diagnostic(const char *text)
{
    fprintf(stderr, "%s\n", text);
}
