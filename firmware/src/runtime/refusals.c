#include "radon/runtime/refusals.h"

#include "radon/port.h"

void radon_refusals_add(radon_refusals_t *refusals, const radon_refusal_entry_t *entry)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    if (refusals->count < RADON_REFUSALS_MAX) {
        refusals->entries[refusals->count++] = *entry;
    }
    radon_port_ceiling_restore(ceiling);
    radon_port_network_pend();
}

bool radon_refusals_take(radon_refusals_t *refusals, radon_refusal_entry_t *entry)
{
    if (refusals->count == 0) {
        return false;
    }
    *entry = refusals->entries[--refusals->count];
    return true;
}
