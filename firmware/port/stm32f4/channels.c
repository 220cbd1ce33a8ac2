/* The board's channels (board.h): simulated inputs and digital outputs. */
#include "port.h"
#include "registers.h"

#include "board.h"

#define NO_PORT '-'

static const radon_channel_t channels[] = {
#define X(name, unit, output, simulated, port, pin) {name, unit, output, simulated},
    RADON_BOARD_CHANNELS(X)
#undef X
};
#define CHANNEL_COUNT (sizeof channels / sizeof channels[0])

static const struct {
    char port;
    uint8_t pin;
} pins[CHANNEL_COUNT] = {
#define X(name, unit, output, simulated, port, pin) {port, pin},
    RADON_BOARD_CHANNELS(X)
#undef X
};

static double values[CHANNEL_COUNT];
static uint32_t readings;

static void write_pin(size_t index, bool on)
{
    volatile gpio_t *port = GPIO(pins[index].port);
    port->bsrr = 1U << (pins[index].pin + (on ? 0U : 16U));
}

void radon_stm32_channels_init(void)
{
    for (size_t i = 0; i < CHANNEL_COUNT; i++) {
        if (pins[i].port == NO_PORT) {
            continue;
        }
        RCC->ahb1enr |= 1U << (pins[i].port - 'A');
        volatile gpio_t *port = GPIO(pins[i].port);
        write_pin(i, false);
        port->moder = (port->moder & ~(3U << (2U * pins[i].pin))) | GPIO_MODE_OUTPUT << (2U * pins[i].pin);
    }
}

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
    if (pins[index].port != NO_PORT) {
        write_pin(index, value > 0 || value < 0);
    }
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
