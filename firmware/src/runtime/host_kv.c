/** Storage: kv_get, kv_set, kv_delete, kv_list. */
#include "radon/runtime/host.h"

#include "radon/base/sink.h"

static radon_bytes_t owner(const radon_guest_t *guest)
{
    return radon_definition_name(radon_host_atom(guest)->definition);
}

static void count_storage(radon_guest_t *guest)
{
    radon_definition_t *definition = radon_host_atom(guest)->definition;
    definition->storage_used = radon_kv_used(radon_host_atom(guest)->runtime->kv, owner(guest));
}

void radon_host_kv_get(radon_guest_t *guest, uint64_t *slots)
{
    radon_bytes_t key;
    radon_bytes_t value;
    radon_host_out_t out;
    if (!radon_host_range(guest, slots, 0, &key) || !radon_host_out(guest, slots, 2, &out)) {
        return;
    }
    radon_err_t err = radon_kv_get(radon_host_atom(guest)->runtime->kv, owner(guest), key, &value);
    if (err != RADON_OK) {
        radon_host_return(guest, slots, err);
        return;
    }
    radon_host_give(slots, out, value);
}

void radon_host_kv_set(radon_guest_t *guest, uint64_t *slots)
{
    const radon_atom_t *atom = radon_host_atom(guest);
    radon_bytes_t key;
    radon_bytes_t value;
    if (!radon_host_range(guest, slots, 0, &key) || !radon_host_range(guest, slots, 2, &value)) {
        return;
    }
    radon_err_t err = radon_kv_set(atom->runtime->kv, owner(guest), key, value, atom->configuration.storage);
    count_storage(guest);
    radon_host_return(guest, slots, err);
}

void radon_host_kv_delete(radon_guest_t *guest, uint64_t *slots)
{
    radon_bytes_t key;
    if (!radon_host_range(guest, slots, 0, &key)) {
        return;
    }
    radon_err_t err = radon_kv_delete(radon_host_atom(guest)->runtime->kv, owner(guest), key);
    count_storage(guest);
    radon_host_return(guest, slots, err);
}

/** Writes every key that starts with `prefix` and a newline; returns the bytes, stored or not. */
static size_t list(const radon_guest_t *guest, radon_bytes_t prefix, radon_host_out_t out)
{
    uint32_t cursor = 0;
    radon_bytes_t key;
    radon_sink_t sink;
    radon_sink_init(&sink, out.data, out.cap, 0);
    while (radon_kv_list(radon_host_atom(guest)->runtime->kv, owner(guest), prefix, &cursor, &key)) {
        radon_sink_write(&sink, key.data, key.len);
        radon_sink_put(&sink, '\n');
    }
    return sink.total;
}

void radon_host_kv_list(radon_guest_t *guest, uint64_t *slots)
{
    radon_bytes_t prefix;
    radon_host_out_t out;
    if (!radon_host_range(guest, slots, 0, &prefix) || !radon_host_out(guest, slots, 2, &out)) {
        return;
    }
    if (prefix.len > RADON_MAX_KV_KEY_BYTES) {
        radon_host_return(guest, slots, RADON_E_TOO_BIG);
        return;
    }
    size_t length = list(guest, prefix, (radon_host_out_t){0});
    if (length <= out.cap) {
        (void)list(guest, prefix, out);
    }
    radon_slot_set_i32(slots, (int32_t)length);
}
