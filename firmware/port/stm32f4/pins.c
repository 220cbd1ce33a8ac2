/* The pins behind the board's outputs (board.h). */
#include "../shared/channels.h"
#include "port.h"
#include "registers.h"

#include "board.h"

#define NO_PORT '-'

static const struct {
    char port;
    uint8_t pin;
} pins[] = {
#define X(name, unit, output, simulated, port, pin) {port, pin},
    RADON_BOARD_CHANNELS(X)
#undef X
};

void radon_channel_drive(size_t index, bool on)
{
    if (pins[index].port != NO_PORT) {
        GPIO(pins[index].port)->bsrr = 1U << (pins[index].pin + (on ? 0U : 16U));
    }
}

void radon_stm32_pins_init(void)
{
    for (size_t i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        if (pins[i].port == NO_PORT) {
            continue;
        }
        RCC->ahb1enr |= 1U << (pins[i].port - 'A');
        volatile gpio_t *port = GPIO(pins[i].port);
        radon_channel_drive(i, false);
        port->moder = (port->moder & ~(3U << (2U * pins[i].pin))) | GPIO_MODE_OUTPUT << (2U * pins[i].pin);
    }
}
