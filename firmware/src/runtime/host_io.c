/** Channels: io_open, io_read, io_write, io_watch. */
#include "radon/runtime/host.h"

/** Index of the channel behind a handle, or E_ARG (not in the list) or E_NOT_FOUND (the node lacks it). */
static int channel_of(const radon_atom_t *atom, uint64_t slot)
{
    uint32_t handle = (uint32_t)slot;
    if (handle >= atom->configuration.io_count) {
        return RADON_E_ARG;
    }
    int channel = atom->configuration.channels[handle];
    return channel < 0 ? RADON_E_NOT_FOUND : channel;
}

void radon_host_io_open(radon_guest_t *guest, uint64_t *slots)
{
    const radon_atom_t *atom = radon_host_atom(guest);
    radon_bytes_t name;
    if (!radon_host_range(guest, slots, 0, &name)) {
        return;
    }
    int handle = radon_configuration_io(&atom->configuration, name);
    if (handle < 0) {
        handle = RADON_E_DENIED;
    } else if (atom->configuration.channels[handle] < 0) {
        handle = RADON_E_NOT_FOUND;
    }
    radon_host_return(guest, slots, handle);
}

void radon_host_io_read(radon_guest_t *guest, uint64_t *slots)
{
    const radon_atom_t *atom = radon_host_atom(guest);
    double value = 0;
    uint8_t *out = radon_guest_range(guest, (uint32_t)slots[1], sizeof value);
    if (out == NULL) {
        return;
    }
    int result = channel_of(atom, slots[0]);
    if (result >= 0) {
        result = radon_channels_read(&atom->runtime->channels, (size_t)result, &value);
    }
    if (result == RADON_OK) {
        memcpy(out, &value, sizeof value);
    }
    radon_host_return(guest, slots, result);
}

/** Neither NaN nor infinite: differences of those are NaN. */
static bool is_finite(double value)
{
    return value - value == 0;
}

void radon_host_io_write(radon_guest_t *guest, uint64_t *slots)
{
    const radon_atom_t *atom = radon_host_atom(guest);
    double value = radon_slot_f64(slots[1]);
    int result = channel_of(atom, slots[0]);
    if (!is_finite(value)) {
        result = RADON_E_ARG;
    }
    if (result >= 0) {
        result = radon_channels_write(&atom->runtime->channels, (size_t)result, value);
    }
    radon_host_return(guest, slots, result);
}

void radon_host_io_watch(radon_guest_t *guest, uint64_t *slots)
{
    radon_actor_t *actor = radon_host_actor(guest);
    uint32_t edges = (uint32_t)slots[1];
    int result = channel_of(actor->atom, slots[0]);
    if (edges > RADON_IO_EDGES_EVERY) {
        result = RADON_E_ARG;
    }
    if (result >= 0) {
        radon_watch_t *watch = &actor->watches[(uint32_t)slots[0]];
        watch->edges = (uint8_t)edges;
        if (edges == RADON_IO_EDGES_OFF) {
            watch->signal.marks &= RADON_SIGNAL_ASSIGNED;
        }
        result = RADON_OK;
    }
    radon_host_return(guest, slots, result);
}
