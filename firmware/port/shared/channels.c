/* The board's channels: simulated inputs and digital outputs. */
#include "channels.h"

#include "radon/port.h"

#include "board.h"

static const radon_channel_t channels[] = {
#define X(name, unit, output, simulated, port, pin) {name, unit, output, simulated},
    RADON_BOARD_CHANNELS(X)
#undef X
};
#define CHANNEL_COUNT (sizeof channels / sizeof channels[0])

static double values[CHANNEL_COUNT];
static uint32_t readings;

const char *radon_port_board(void)
{
    return RADON_BOARD_NAME;
}

const radon_channel_t *radon_port_channels(size_t *count)
{
    *count = CHANNEL_COUNT;
    return channels;
}

radon_err_t radon_port_channel_read(size_t index, double *value)
{
    if (index >= CHANNEL_COUNT) {
        return RADON_E_NOT_FOUND;
    }
    *value = values[index];
    return RADON_OK;
}

radon_err_t radon_port_channel_write(size_t index, double value)
{
    if (index >= CHANNEL_COUNT || !channels[index].output) {
        return RADON_E_DENIED;
    }
    values[index] = value;
    radon_channel_drive(index, value > 0 || value < 0);
    return RADON_OK;
}

radon_err_t radon_port_channel_simulate(size_t index, double value)
{
    if (index >= CHANNEL_COUNT || !channels[index].simulated) {
        return RADON_E_DENIED;
    }
    values[index] = value;
    readings |= 1U << index;
    radon_port_thread_wake();
    return RADON_OK;
}

uint32_t radon_port_channel_readings(void)
{
    uint32_t taken = readings;
    readings = 0;
    return taken;
}
