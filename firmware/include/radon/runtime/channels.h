/**
 * The channels of the board: their last readings, and who has to hear of a new one.
 *
 * Readings come in on the thread level (the port's channels belong to it); the last value of each channel can
 * be read on any level, so that GET /io never waits for an atom.
 */
#ifndef RADON_RUNTIME_CHANNELS_H
#define RADON_RUNTIME_CHANNELS_H

#include "radon/base/bytes.h"
#include "radon/port.h"

/** Most channels a board may have (radon_port_channels). */
#define RADON_CHANNELS_MAX 32U

typedef struct {
    uint32_t index;
    double value;
    radon_io_edges_t edge; /**< RISING, FALLING or SAME, against the reading before */
} radon_reading_t;

/** Hears of each new reading, on the thread level. */
typedef void (*radon_channels_listener_t)(void *context, const radon_reading_t *reading);

typedef struct {
    const radon_channel_t *table;
    size_t count;
    radon_channels_listener_t listener;
    void *context;
    double values[RADON_CHANNELS_MAX]; /**< changed under the priority ceiling */
} radon_channels_t;

/** Keeps `listener` and `context`; reads every channel once without telling it. */
void radon_channels_init(radon_channels_t *channels, radon_channels_listener_t listener, void *context);

/** Index of the channel called `name`, or -1. Any level. */
int radon_channels_find(const radon_channels_t *channels, radon_bytes_t name);

/** Last reading, or what was last written. Any level. */
double radon_channels_value(const radon_channels_t *channels, size_t index);

/** Takes in the readings the port has. Thread level. */
void radon_channels_poll(radon_channels_t *channels);

/** Reads an input now, without it being a reading for listeners. Thread level. */
radon_err_t radon_channels_read(radon_channels_t *channels, size_t index, double *value);

/** Sets an output, which is a reading too; RADON_E_DENIED on an input. Thread level. */
radon_err_t radon_channels_write(radon_channels_t *channels, size_t index, double value);

/** Sets an output or a simulated input, as PUT /io/{channel} does; RADON_E_DENIED on any other. Thread level.
 */
radon_err_t radon_channels_set(radon_channels_t *channels, size_t index, double value);

#endif
