/** Between the sources of this port. */
#ifndef RADON_PORT_POSIX_POSIX_H
#define RADON_PORT_POSIX_POSIX_H

#include "radon/port.h"

/** What the command line says; NULL for what it does not. */
typedef struct {
    const char *flash;
    const char *serial;
    const char *udp; /**< "HOST:PORT", numeric; port 0 is any */
} radon_posix_options_t;

extern radon_posix_options_t radon_posix_options;

/** Arguments of main(), for the restart. */
extern char **radon_posix_arguments;

/* Called once by main(), in this order. Each ends the program with a sentence when it cannot do its part. */
void radon_posix_memory_init(void);
void radon_posix_clock_init(void);
void radon_posix_reset_init(void);
void radon_posix_flash_init(void);
void radon_posix_guard_init(void);
void radon_posix_levels_init(void);
void radon_posix_links_init(void);

/** Prints `what` and why (errno), ends the program with exit code 1. */
_Noreturn void radon_posix_fail(const char *what);

/** Own processor time of the program, µs. */
uint64_t radon_posix_cpu_us(void);

/** The network level ran for so long: guest code that it interrupted is not charged for it. */
void radon_posix_guard_excuse(uint64_t cpu_us);

/** Accepts whoever connects to the serial socket. Network level. */
void radon_posix_serial_poll(void);

/** Makes a descriptor raise the network level when something can be read or written. */
void radon_posix_watch(int descriptor);

/** Open descriptors that live on over a restart, or -1. */
typedef struct {
    int serial_listener;
    int serial;
    int udp;
} radon_posix_links_t;

extern radon_posix_links_t radon_posix_links;

/** "HOST:PORT" the UDP socket is bound to. */
void radon_posix_udp_name(char *out, size_t capacity);

#endif
