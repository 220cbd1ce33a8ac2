/** Channels of a board by the table of its board.h; for ports. */
#ifndef RADON_PORT_SHARED_CHANNELS_H
#define RADON_PORT_SHARED_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>

/** What a port adds: drives the pin behind an output, where there is one. */
void radon_channel_drive(size_t index, bool on);

#endif
