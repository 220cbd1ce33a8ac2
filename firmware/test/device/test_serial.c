/* Echo over the serial link: the runner sends and compares; a line "end" ends the test. */
#include "check.h"

#include <string.h>

static char line[4];
static uint8_t waiting[256];
static size_t waiting_length;

/** Whatever did not fit into the transmit ring waits here, and reading waits with it. */
void radon_network_task(void)
{
    for (;;) {
        size_t sent = radon_port_serial_write(waiting, waiting_length);
        memmove(waiting, waiting + sent, waiting_length - sent);
        waiting_length -= sent;
        if (waiting_length > 0) {
            return;
        }
        waiting_length = radon_port_serial_read(waiting, sizeof waiting);
        if (waiting_length == 0) {
            return;
        }
        for (size_t i = 0; i < waiting_length; i++) {
            memmove(line, line + 1, sizeof line - 1);
            line[sizeof line - 1] = (char)waiting[i];
        }
        if (memcmp(line, "end\n", sizeof line) == 0) {
            radon_port_thread_wake();
        }
    }
}

/** Turns of a loop, longer than the line takes to fill the receive ring. */
#define BUSY_TURNS 5000000

/** What comes meanwhile has to wait; nothing may be lost, and nothing may stop. */
static void keep_network_level_out(void)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    for (volatile int turn = 0; turn < BUSY_TURNS; turn++) {
    }
    radon_port_ceiling_restore(ceiling);
}

void radon_main(void)
{
    radon_port_diagnostic("listening");
    for (int i = 0; i < 10; i++) {
        keep_network_level_out();
    }
    radon_port_idle(RADON_PORT_NEVER);
    EXPECT(radon_port_serial_overruns() == 0);
    test_end();
}
