#include "radon/runtime/channels.h"

static void store(radon_channels_t *channels, size_t index, double value)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    channels->values[index] = value;
    radon_port_ceiling_restore(ceiling);
}

void radon_channels_init(radon_channels_t *channels, radon_channels_listener_t listener, void *context)
{
    memset(channels, 0, sizeof *channels);
    channels->table = radon_port_channels(&channels->count);
    channels->listener = listener;
    channels->context = context;
    (void)radon_port_channel_readings();
    for (size_t i = 0; i < channels->count; i++) {
        double value = 0;
        (void)radon_channels_read(channels, i, &value);
    }
}

int radon_channels_find(const radon_channels_t *channels, radon_bytes_t name)
{
    for (size_t i = 0; i < channels->count; i++) {
        if (radon_bytes_equal_text(name, channels->table[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

double radon_channels_value(const radon_channels_t *channels, size_t index)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    double value = channels->values[index];
    radon_port_ceiling_restore(ceiling);
    return value;
}

static void announce(radon_channels_t *channels, size_t index, double value)
{
    double before = channels->values[index];
    radon_reading_t reading = {.index = (uint32_t)index, .value = value, .edge = RADON_IO_EDGES_SAME};
    if (value > before) {
        reading.edge = RADON_IO_EDGES_RISING;
    } else if (value < before) {
        reading.edge = RADON_IO_EDGES_FALLING;
    }
    store(channels, index, value);
    channels->listener(channels->context, &reading);
}

void radon_channels_poll(radon_channels_t *channels)
{
    uint32_t fresh = radon_port_channel_readings();
    for (size_t i = 0; fresh != 0 && i < channels->count; i++, fresh >>= 1) {
        double value;
        if ((fresh & 1U) != 0 && radon_port_channel_read(i, &value) == RADON_OK) {
            announce(channels, i, value);
        }
    }
}

radon_err_t radon_channels_read(radon_channels_t *channels, size_t index, double *value)
{
    radon_err_t err = radon_port_channel_read(index, value);
    if (err == RADON_OK) {
        store(channels, index, *value);
    }
    return err;
}

radon_err_t radon_channels_write(radon_channels_t *channels, size_t index, double value)
{
    if (!channels->table[index].output) {
        return RADON_E_DENIED;
    }
    radon_err_t err = radon_port_channel_write(index, value);
    if (err == RADON_OK) {
        announce(channels, index, value);
    }
    return err;
}

radon_err_t radon_channels_set(radon_channels_t *channels, size_t index, double value)
{
    if (channels->table[index].output) {
        return radon_channels_write(channels, index, value);
    }
    if (!channels->table[index].simulated) {
        return RADON_E_DENIED;
    }
    radon_channels_poll(channels);
    radon_err_t err = radon_port_channel_simulate(index, value);
    if (err == RADON_OK) {
        radon_channels_poll(channels);
    }
    return err;
}
