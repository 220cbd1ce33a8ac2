/** A port in virtual time, for tests of the runtime: no levels, no links; channels and entropy are variables.
 */
#ifndef RADON_TEST_PORT_FAKE_H
#define RADON_TEST_PORT_FAKE_H

#include "radon/port.h"

#include <setjmp.h>

#define PORT_FAKE_CHANNELS 3

/** "rain0" (simulated input), "led0" (output), "adc0" (input). */
typedef struct {
    uint64_t now_us;
    int ceiling; /**< depth of raised ceilings; 0 between calls */
    int network_pends;
    int progress; /**< of the thread level */
    int thread_wakes;
    bool no_entropy;
    double values[PORT_FAKE_CHANNELS];
    uint32_t readings;
    char note[RADON_PORT_NOTE_BYTES];
    radon_reset_t reset;
    jmp_buf after_reset; /**< where radon_port_reset() goes, once set */
} port_fake_t;

extern port_fake_t port_fake;

void port_fake_reset(void);

#endif
