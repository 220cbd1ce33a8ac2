#include "port_fake.h"

#include <string.h>

port_fake_t port_fake;

static const radon_channel_t channels[PORT_FAKE_CHANNELS] = {
    {.name = "rain0", .unit = "mm", .simulated = true},
    {.name = "led0", .unit = "", .output = true},
    {.name = "adc0", .unit = "V"},
};

void port_fake_reset(void)
{
    memset(&port_fake, 0, sizeof port_fake);
    port_fake.now_us = 1000000;
}

uint64_t radon_port_now_us(void)
{
    return port_fake.now_us;
}

radon_err_t radon_port_entropy(uint8_t *out, size_t length)
{
    memset(out, 0xA5, length);
    return port_fake.no_entropy ? RADON_E_IO : RADON_OK;
}

radon_ceiling_t radon_port_ceiling_raise(void)
{
    return (radon_ceiling_t)port_fake.ceiling++;
}

void radon_port_ceiling_restore(radon_ceiling_t before)
{
    port_fake.ceiling = (int)before;
}

void radon_port_network_pend(void)
{
    port_fake.network_pends++;
}

void radon_port_thread_wake(void)
{
    port_fake.thread_wakes++;
}

const radon_channel_t *radon_port_channels(size_t *count)
{
    *count = PORT_FAKE_CHANNELS;
    return channels;
}

radon_err_t radon_port_channel_read(size_t index, double *value)
{
    *value = port_fake.values[index];
    return RADON_OK;
}

radon_err_t radon_port_channel_write(size_t index, double value)
{
    if (!channels[index].output) {
        return RADON_E_DENIED;
    }
    port_fake.values[index] = value;
    return RADON_OK;
}

radon_err_t radon_port_channel_simulate(size_t index, double value)
{
    if (!channels[index].simulated) {
        return RADON_E_DENIED;
    }
    port_fake.values[index] = value;
    port_fake.readings |= 1U << index;
    return RADON_OK;
}

uint32_t radon_port_channel_readings(void)
{
    uint32_t readings = port_fake.readings;
    port_fake.readings = 0;
    return readings;
}

void radon_port_progress(radon_progress_t level)
{
    port_fake.progress += level == RADON_PROGRESS_THREAD ? 1 : 0;
}

void radon_port_note(const char *text)
{
    strncpy(port_fake.note, text, sizeof port_fake.note - 1);
}

void radon_port_reset(radon_reset_t reason)
{
    port_fake.reset = reason;
    longjmp(port_fake.after_reset, 1);
}
