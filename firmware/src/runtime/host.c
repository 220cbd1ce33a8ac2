#include "radon/runtime/host.h"

#include "radon/base/cbor_read.h"
#include "radon/base/pattern.h"

#define X(number, name, signature) [number] = radon_host_##name,
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

bool radon_host_allows(radon_bytes_t patterns, radon_bytes_t text)
{
    radon_cbor_reader_t list;
    radon_pattern_t pattern;
    radon_bytes_t next;
    uint32_t count;
    if (patterns.len == 0) {
        return false;
    }
    radon_cbor_reader_init(&list, patterns);
    (void)radon_cbor_enter_array(&list, &count);
    while (radon_cbor_has_next(&list) && radon_cbor_read_text(&list, &next)) {
        if (radon_pattern_parse(&pattern, next) == RADON_OK && radon_pattern_matches(&pattern, text)) {
            return true;
        }
    }
    return false;
}
