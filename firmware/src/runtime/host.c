#include "radon/runtime/host.h"

/** Functions that are not available have no entry: the engine refuses modules that import them. */
#define ENTRY_0(name) NULL
#define ENTRY_1(name) radon_host_##name
#define X(number, name, signature, available) [number] = ENTRY_##available(name),
const radon_host_function_t radon_host_functions[RADON_ABI_FUNCTION_COUNT] = {RADON_ABI_FUNCTIONS(X)};
#undef X

bool radon_host_out(radon_guest_t *guest, const uint64_t *slots, unsigned index, radon_host_out_t *out)
{
    uint32_t length = (uint32_t)slots[index + 1];
    out->cap = length;
    out->data = NULL;
    if (length == 0) {
        return true;
    }
    out->data = radon_guest_range(guest, (uint32_t)slots[index], length);
    return out->data != NULL;
}

bool radon_host_range(radon_guest_t *guest, const uint64_t *slots, unsigned index, radon_bytes_t *range)
{
    radon_host_out_t out;
    bool inside = radon_host_out(guest, slots, index, &out);
    *range = radon_bytes(out.data, out.cap);
    return inside;
}

void radon_host_give(uint64_t *slots, radon_host_out_t out, radon_bytes_t bytes)
{
    if (bytes.len > 0 && bytes.len <= out.cap) {
        memcpy(out.data, bytes.data, bytes.len);
    }
    radon_slot_set_i32(slots, (int32_t)bytes.len);
}

void radon_host_return(radon_guest_t *guest, uint64_t *slots, int32_t result)
{
    radon_definition_t *definition = radon_host_atom(guest)->definition;
    definition->refused += result == RADON_E_DENIED || result == RADON_E_FULL || result == RADON_E_QUOTA ||
                           result == RADON_E_TOO_BIG;
    radon_slot_set_i32(slots, result);
}
