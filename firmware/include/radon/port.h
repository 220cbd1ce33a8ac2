/**
 * What a port owes the firmware: everything that touches registers, interrupts or the operating system.
 *
 * A port (firmware/port/<name>/) implements every function below; nothing outside it reads a register. Start
 * a new one from firmware/port/template/. Two priorities share one stack:
 *
 *   network level   radon_network_task(), run to completion by a software interrupt (PendSV, a signal on
 * POSIX) thread level    radon_main(): atom activations and system jobs
 *
 * The network level interrupts the thread level, never the other way round. Data that both touch is guarded
 * by the priority ceiling. Each function says from which level it may be called; "any" includes interrupts of
 * the port.
 */
#ifndef RADON_PORT_H
#define RADON_PORT_H

#include "radon/abi.generated.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- What the firmware gives to the port ---- */

/** Entry of the firmware, called once by the port on the thread level when clocks, memory and interrupts
 * work. */
void radon_main(void);

/**
 * The network task: the port calls it on the network level after radon_port_network_pend(), after received
 * bytes or datagrams, after room appeared in a full transmit ring and when the time of
 * radon_port_network_wake_at() has come. Calls never nest. Several reasons may be served by one call.
 */
void radon_network_task(void);

/* ---- Time ---- */

/** A time that never comes, for radon_port_network_wake_at() and radon_port_idle(). */
#define RADON_PORT_NEVER UINT64_MAX

/** Microseconds since start. Free-running: counts while flash is erased and while interrupts are off. Any
 * level. */
uint64_t radon_port_now_us(void);

/* ---- Entropy ---- */

/**
 * Fills `out` with `length` bytes from a hardware generator or the operating system. Thread level.
 * RADON_E_IO when there is no entropy: the node then must not start.
 */
radon_err_t radon_port_entropy(uint8_t *out, size_t length);

/* ---- Two levels ---- */

/** What radon_port_ceiling_raise() found, to be handed back to radon_port_ceiling_restore(). */
typedef uint32_t radon_ceiling_t;

/**
 * Keeps the network level out until radon_port_ceiling_restore(). Sections nest, stay under 50 µs and never
 * wait. On the network level both are legal and change nothing. Bytes keep arriving in the rings meanwhile.
 */
radon_ceiling_t radon_port_ceiling_raise(void);
void radon_port_ceiling_restore(radon_ceiling_t before);

/** Asks for one run of radon_network_task() as soon as the ceiling allows. Any level. */
void radon_port_network_pend(void);

/** Sets the one time at which radon_network_task() runs next without other reason; replaces the last. Any
 * level. */
void radon_port_network_wake_at(uint64_t at_us);

/** Lets the next (or the current) radon_port_idle() return: the thread level has work. Any level. */
void radon_port_thread_wake(void);

/**
 * Sleeps (WFI, sigsuspend) until radon_port_thread_wake() was called since the last return, or until
 * `until_us`. A wake between the caller's last look for work and this call is not lost. Thread level.
 */
void radon_port_idle(uint64_t until_us);

/* ---- Guard: calls that end at a deadline ---- */

typedef enum {
    RADON_GUARD_DONE,   /**< the function returned */
    RADON_GUARD_KILLED, /**< its time was over; everything it owned is in an unknown state */
} radon_guard_result_t;

/**
 * Runs `function(context)` and leaves it by force when it ran longer than `budget_us` of its own time, or
 * longer than `wall_us` in all. Own time excludes the network level and sections between
 * radon_port_guard_pause() and radon_port_guard_resume(). Costs nothing while the deadline does not fire.
 * Never nests. Thread level.
 */
radon_guard_result_t radon_port_guard_call(void (*function)(void *context), void *context, uint32_t budget_us,
                                           uint32_t wall_us);

/** Within a guarded call: host code begins, which is never left by force and whose time does not count. */
void radon_port_guard_pause(void);

/** Within a guarded call: host code ends; a deadline that passed meanwhile takes effect soon after. */
void radon_port_guard_resume(void);

/* ---- Links ---- */

/** Bits per second of the serial link, or 0 when the board has none. Any level. */
uint32_t radon_port_serial_baud(void);

/** Takes at most `capacity` received bytes; returns how many. Network level. */
size_t radon_port_serial_read(uint8_t *out, size_t capacity);

/** Queues at most `length` bytes and returns how many; when fewer, the network task runs again once there is
 * room. */
size_t radon_port_serial_write(const uint8_t *bytes, size_t length);

/** Bytes lost because the receive ring was full or the UART overran, since start. Any level. */
uint32_t radon_port_serial_overruns(void);

/** Source or destination of a datagram: IPv6 or IPv4-mapped (::ffff:a.b.c.d) address, port in host order. */
typedef struct {
    uint8_t ip[16];
    uint16_t port;
} radon_port_address_t;

/** True when the port has a UDP socket. Any level. */
bool radon_port_udp_present(void);

/**
 * Takes one datagram. Returns its length, 0 when none waits. A datagram longer than `capacity` is cut to
 * `capacity` and its length returned as capacity + 1, so that the caller can tell. Network level.
 */
size_t radon_port_udp_receive(radon_port_address_t *from, uint8_t *out, size_t capacity);

/** Sends one datagram. RADON_E_BUSY when the system has no room, RADON_E_IO when it refuses. Network level.
 */
radon_err_t radon_port_udp_send(const radon_port_address_t *to, const uint8_t *bytes, size_t length);

/** Text for whoever watches the board itself (debugger, stderr); not a link. Newline is added. Any level. */
void radon_port_diagnostic(const char *text);

/* ---- Restart ---- */

/** Why the node started. The names are shown in /node. */
#define RADON_RESETS(X) \
    X(POWER, "power") \
    X(PIN, "pin") \
    X(COMMAND, "command") \
    X(ESCALATE, "escalate") \
    X(FAULT, "fault") \
    X(WATCHDOG, "watchdog")

typedef enum {
#define X(name, text) RADON_RESET_##name,
    RADON_RESETS(X)
#undef X
} radon_reset_t;

/** The faults a crash record names. */
#define RADON_FAULTS(X) \
    X(HARD, "hard") \
    X(MEMORY, "memory") \
    X(BUS, "bus") \
    X(USAGE, "usage") \
    X(STACK, "stack") \
    X(NMI, "nmi")

typedef enum {
#define X(name, text) RADON_FAULT_##name,
    RADON_FAULTS(X)
#undef X
} radon_fault_t;

/** Registers at the last fault, kept over the reset in memory that start-up does not clear. */
typedef struct {
    radon_fault_t fault;
    uint32_t pc;
    uint32_t lr;
    uint32_t psr;
    bool thread; /**< true: on the thread level, false: in the network task or an interrupt */
} radon_crash_t;

/** What is known about this start. */
typedef struct {
    radon_reset_t reason;
    bool safe_mode; /**< third restart without a command within 60 s: run no atoms */
    bool crashed;   /**< `crash` is filled; stays until the next power-on */
    radon_crash_t crash;
    const char *note; /**< what radon_port_note() was given before this start; "" for nothing */
} radon_boot_t;

/** The same for the whole run. Any level. */
const radon_boot_t *radon_port_boot(void);

/** Keeps a line (cut to fit) for the next start alone, over radon_port_reset(). Any level. */
void radon_port_note(const char *text);
#define RADON_PORT_NOTE_BYTES 128U

/** Restarts the node; `reason` is what the next start reports. Any level. */
_Noreturn void radon_port_reset(radon_reset_t reason);

typedef enum {
    RADON_PROGRESS_NETWORK = 1,
    RADON_PROGRESS_THREAD = 2,
} radon_progress_t;

/**
 * Says that a level made progress. The watchdog is fed once both levels did since it was last fed; without
 * that for RADON_PORT_WATCHDOG_MS the node restarts. Each level reports at least every
 * RADON_PORT_PROGRESS_MS, also when idle.
 */
void radon_port_progress(radon_progress_t level);
#define RADON_PORT_PROGRESS_MS 2000
#define RADON_PORT_WATCHDOG_MS 16000

/* ---- Memory ---- */

/** A stretch of memory, aligned to 8 bytes. */
typedef struct {
    uint8_t *base;
    size_t size;
} radon_region_t;

/** The atom pool: all RAM left when static data and the stack have theirs. The same for the whole run. */
radon_region_t radon_port_pool(void);

/** Most bytes of stack ever in use since start, and how many there are; both levels share them. Thread level.
 */
size_t radon_port_stack_high_water(void);
size_t radon_port_stack_total(void);

/* ---- Flash: radon_port_flash() is declared by radon/store/flash.h ---- */

/* ---- Channels of the board (boards/<board>/board.h) ---- */

typedef struct {
    const char *name; /**< as in /io/{name} */
    const char *unit; /**< SenML unit (RFC 8428, section 12.1) or "" */
    bool output;
    bool simulated; /**< an input whose value comes from radon_port_channel_simulate() */
} radon_channel_t;

/** Name of the board, as manifests name it. */
const char *radon_port_board(void);

/** The table of channels; `*count` is at most 32. Any level. */
const radon_channel_t *radon_port_channels(size_t *count);

/** Value of a channel: the input now, or what was last written to an output. `index` < count. Thread level.
 */
radon_err_t radon_port_channel_read(size_t index, double *value);

/** Sets an output; RADON_E_DENIED on an input. Digital outputs are on for values other than 0. Thread level.
 */
radon_err_t radon_port_channel_write(size_t index, double value);

/** Sets the value a simulated input reads; RADON_E_DENIED on any other channel. Thread level. */
radon_err_t radon_port_channel_simulate(size_t index, double value);

/**
 * Bit per input with a new reading (the same value or another) since the last call; a new reading also wakes
 * the thread level. Thread level.
 */
uint32_t radon_port_channel_readings(void);

#endif
