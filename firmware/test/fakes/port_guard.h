/** Guard of the host tests, see port_guard.c. */
#ifndef RADON_FAKE_PORT_GUARD_H
#define RADON_FAKE_PORT_GUARD_H

#include <stdbool.h>

/** 1 while a host function runs, else 0. */
extern int radon_fake_guard_paused;

/** The next guarded calls are killed. */
extern bool radon_fake_guard_kills;

#endif
