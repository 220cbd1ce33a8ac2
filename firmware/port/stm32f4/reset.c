/* Why the node started, safe mode, faults and the watchdog. */
#include "port.h"
#include "registers.h"
#include "semihosting.h"

#include <string.h>

#define MAGIC 0x52444E32U /* "RDN2" */
#define RESTART_WINDOW_US 60000000U
#define RESTARTS_TO_SAFE_MODE 3U
/* LSI is 17 to 47 kHz: the fastest still waits as long as promised, and 4,095 counts are the most. */
#define WATCHDOG_HZ (47000U / 256U)
_Static_assert(RADON_PORT_WATCHDOG_MS *WATCHDOG_HZ / 1000U <= 4095U, "the reload register has 12 bits");

/** In memory that start-up does not clear. After power-on it holds anything, so a magic number stands in
 * front. */
typedef struct {
    uint32_t magic;
    uint32_t reason;    /**< radon_reset_t asked for before the reset, or RADON_RESET_PIN when nobody did */
    uint32_t restarts;  /**< without a command, in the window */
    uint32_t window_us; /**< since the first of them */
    uint32_t crashed;
    radon_crash_t crash;
    bool noted; /**< `note` is for the next start */
    char note[RADON_PORT_NOTE_BYTES];
} record_t;

__attribute__((section(".noinit"))) static record_t record;
static radon_boot_t boot;
static volatile uint32_t progress;

/** What the hardware says (RM0090 7.3.21); QEMU says nothing. */
static radon_reset_t hardware_reason(void)
{
    uint32_t flags = RCC->csr;
    RCC->csr = RCC_CSR_RMVF | RCC_CSR_LSION;
    if ((flags & RCC_CSR_PORRSTF) != 0) {
        return RADON_RESET_POWER;
    }
    return (flags & RCC_CSR_IWDGRSTF) != 0 ? RADON_RESET_WATCHDOG : RADON_RESET_PIN;
}

static void watchdog_start(void)
{
    IWDG->kr = IWDG_UNLOCK;
    IWDG->pr = IWDG_DIVIDE_256;
    IWDG->rlr = RADON_PORT_WATCHDOG_MS * WATCHDOG_HZ / 1000U;
    IWDG->kr = IWDG_START;
}

void radon_stm32_reset_init(void)
{
    radon_reset_t hardware = hardware_reason();
    if (record.magic != MAGIC || hardware == RADON_RESET_POWER) {
        record = (record_t){.magic = MAGIC, .reason = RADON_RESET_POWER};
    } else if (record.reason == RADON_RESET_PIN) {
        record.reason = (uint32_t)hardware;
    }
    boot.reason = (radon_reset_t)record.reason;
    if (boot.reason != RADON_RESET_POWER && boot.reason != RADON_RESET_COMMAND) {
        record.restarts++;
    }
    boot.safe_mode = record.restarts >= RESTARTS_TO_SAFE_MODE;
    boot.crashed = record.crashed != 0;
    boot.crash = record.crash;
    boot.note = record.noted ? record.note : "";
    record.noted = false;
    record.reason = RADON_RESET_PIN;
    watchdog_start();
}

const radon_boot_t *radon_port_boot(void)
{
    return &boot;
}

void radon_stm32_reset_tick(uint32_t elapsed_us)
{
    if (record.restarts == 0) {
        return;
    }
    record.window_us += elapsed_us;
    if (record.window_us >= RESTART_WINDOW_US) {
        record.restarts = 0;
        record.window_us = 0;
    }
}

void radon_port_note(const char *text)
{
    size_t length = strlen(text);
    length = length < sizeof record.note ? length : sizeof record.note - 1;
    memcpy(record.note, text, length);
    record.note[length] = 0;
    record.noted = true;
}

void radon_port_reset(radon_reset_t reason)
{
    (void)interrupts_disable();
    record.reason = (uint32_t)reason;
    __asm volatile("dsb");
    SCB->aircr = SCB_AIRCR_RESET;
    for (;;) {
    }
}

void radon_stm32_watchdog_feed(void)
{
    IWDG->kr = IWDG_FEED;
}

void radon_port_progress(radon_progress_t level)
{
    uint32_t before = interrupts_disable();
    progress |= (uint32_t)level;
    if (progress == (RADON_PROGRESS_NETWORK | RADON_PROGRESS_THREAD)) {
        progress = 0;
        radon_stm32_watchdog_feed();
    }
    interrupts_restore(before);
}

void radon_port_diagnostic(const char *text)
{
    if (radon_stm32_is_emulated()) {
        radon_semihosting_print(text);
        radon_semihosting_print("\n");
    }
}

/* Words of an exception frame (ARMv7-M B1.5.6). */
#define FRAME_LR 5
#define FRAME_PC 6
#define FRAME_XPSR 7
#define EXC_RETURN_THREAD (1U << 3)

__attribute__((noreturn, used)) static void record_fault(const uint32_t *frame, uint32_t exc_return,
                                                         radon_fault_t fault)
{
    bool readable = frame >= radon_stack_bottom && frame + FRAME_XPSR < radon_stack_top;
    radon_crash_t crash = {.fault = readable ? fault : RADON_FAULT_STACK};
    crash.thread = (exc_return & EXC_RETURN_THREAD) != 0;
    if (readable) {
        crash.pc = frame[FRAME_PC];
        crash.lr = frame[FRAME_LR];
        crash.psr = frame[FRAME_XPSR];
    }
    if ((SCB->cfsr & SCB_CFSR_STACKING) != 0) {
        crash.fault = RADON_FAULT_STACK;
    }
    record.crash = crash;
    record.crashed = 1;
    radon_port_reset(RADON_RESET_FAULT);
}

/** Bytes the recording of a fault needs on the stack, with room to spare. */
#define FAULT_STACK_BYTES 512

/**
 * A fault may come from a stack that is used up or has left RAM. The handler then starts a new one at the
 * top, which nobody will miss: there is no way back.
 */
#define FAULT_HANDLER(name, fault) \
    void name(void); \
    __attribute__((naked)) void name(void) \
    { \
        __asm volatile("mrs r0, msp\n" \
                       "mov r1, lr\n" \
                       "movs r2, %0\n" \
                       "ldr r3, =radon_stack_bottom + %c1\n" \
                       "cmp r0, r3\n" \
                       "bhs 1f\n" \
                       "ldr r3, =radon_stack_top\n" \
                       "msr msp, r3\n" \
                       "1: b record_fault\n" \
                       ".ltorg" ::"i"(fault), \
                       "i"(FAULT_STACK_BYTES)); \
    }

FAULT_HANDLER(radon_stm32_fault_nmi, RADON_FAULT_NMI)
FAULT_HANDLER(radon_stm32_fault_hard, RADON_FAULT_HARD)
FAULT_HANDLER(radon_stm32_fault_memory, RADON_FAULT_MEMORY)
FAULT_HANDLER(radon_stm32_fault_bus, RADON_FAULT_BUS)
FAULT_HANDLER(radon_stm32_fault_usage, RADON_FAULT_USAGE)
