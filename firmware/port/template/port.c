/*
 * A port to start from: copy this folder, keep radon/port.h open beside it, and fill in one function after
 * the other. Until then every function stops the node, so nothing half-done goes unnoticed.
 *
 * An order that works, each step with a test that exists already (firmware/test/device/):
 *
 *   1. start-up, radon_port_diagnostic(), radon_port_now_us()                      test_levels: time
 *   2. the network level, the ceiling, radon_port_network_wake_at(), idle            test_levels: the rest
 *   3. serial or UDP                                                                test_serial
 *   4. flash (radon/store/flash.h)                                                  test_flash
 *   5. the guard                                                                    test_guard: thousands of
 * kills
 *   6. reset, crash record, watchdog                                                test_faults
 *
 * A chip without an interrupt that can rewrite where the thread level goes on has no guard of this kind;
 * instruction metering in the engine is then the way (it costs 16 to 50 %).
 */
#include "radon/port.h"

#include "radon/store/flash.h"

static _Noreturn void not_ported(void)
{
    for (;;) {
    }
}

/* ---- Time and entropy ---- */

/** A free-running counter: 64 bits of microseconds, right also while interrupts are off for long. */
uint64_t radon_port_now_us(void)
{
    not_ported();
}

/** A hardware generator with its health tests on; never a counter or a unique id. */
radon_err_t radon_port_entropy(uint8_t *out, size_t length)
{
    (void)out, (void)length;
    not_ported();
}

/* ---- Levels: a software interrupt for the network task, a priority mask for the ceiling ---- */

radon_ceiling_t radon_port_ceiling_raise(void)
{
    not_ported();
}

void radon_port_ceiling_restore(radon_ceiling_t before)
{
    (void)before;
    not_ported();
}

void radon_port_network_pend(void)
{
    not_ported();
}

void radon_port_network_wake_at(uint64_t at_us)
{
    (void)at_us;
    not_ported();
}

void radon_port_thread_wake(void)
{
    not_ported();
}

/** Look for the wake and fall asleep in one step: on Arm with interrupts masked, WFI still wakes. */
void radon_port_idle(uint64_t until_us)
{
    (void)until_us;
    not_ported();
}

/* ---- Guard: keep every callee-saved register, floats too; see stm32f4/guard_call.S ---- */

radon_guard_result_t radon_port_guard_call(void (*function)(void *context), void *context, uint32_t budget_us,
                                           uint32_t wall_us)
{
    (void)function, (void)context, (void)budget_us, (void)wall_us;
    not_ported();
}

void radon_port_guard_pause(void)
{
    not_ported();
}

void radon_port_guard_resume(void)
{
    not_ported();
}

/* ---- Links: rings that interrupts fill and drain ---- */

uint32_t radon_port_serial_baud(void)
{
    not_ported();
}

size_t radon_port_serial_read(uint8_t *out, size_t capacity)
{
    (void)out, (void)capacity;
    not_ported();
}

size_t radon_port_serial_write(const uint8_t *bytes, size_t length)
{
    (void)bytes, (void)length;
    not_ported();
}

uint32_t radon_port_serial_overruns(void)
{
    not_ported();
}

bool radon_port_udp_present(void)
{
    return false;
}

size_t radon_port_udp_receive(radon_port_address_t *from, uint8_t *out, size_t capacity)
{
    (void)from, (void)out, (void)capacity;
    return 0;
}

radon_err_t radon_port_udp_send(const radon_port_address_t *to, const uint8_t *bytes, size_t length)
{
    (void)to, (void)bytes, (void)length;
    return RADON_E_IO;
}

void radon_port_diagnostic(const char *text)
{
    (void)text;
}

/* ---- Restart: keep the record in memory that start-up does not clear, behind a magic number ---- */

const radon_boot_t *radon_port_boot(void)
{
    not_ported();
}

void radon_port_note(const char *text)
{
    (void)text;
    not_ported();
}

void radon_port_reset(radon_reset_t reason)
{
    (void)reason;
    not_ported();
}

void radon_port_progress(radon_progress_t level)
{
    (void)level;
    not_ported();
}

/* ---- Memory: the linker script knows what is left ---- */

radon_region_t radon_port_pool(void)
{
    not_ported();
}

size_t radon_port_stack_high_water(void)
{
    not_ported();
}

size_t radon_port_stack_total(void)
{
    not_ported();
}

/* ---- Flash: list the sectors of docs/reference/wire.md by index; program and erase return when it is
 * durable ---- */

const radon_flash_t *radon_port_flash(void)
{
    not_ported();
}

/* ---- Channels: port/shared/channels.c does all but the pins ---- */

const char *radon_port_board(void)
{
    not_ported();
}

const radon_channel_t *radon_port_channels(size_t *count)
{
    (void)count;
    not_ported();
}

radon_err_t radon_port_channel_read(size_t index, double *value)
{
    (void)index, (void)value;
    not_ported();
}

radon_err_t radon_port_channel_write(size_t index, double value)
{
    (void)index, (void)value;
    not_ported();
}

radon_err_t radon_port_channel_simulate(size_t index, double value)
{
    (void)index, (void)value;
    not_ported();
}

uint32_t radon_port_channel_readings(void)
{
    not_ported();
}

/** Called by the boot program or the vector table, with a stack and initialised data. */
void port_start(void);
void port_start(void)
{
    radon_main();
    not_ported();
}
