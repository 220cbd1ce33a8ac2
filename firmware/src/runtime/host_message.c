/** Messages, own requests, names and instances: send, request, request_cancel, alias_add, alias_remove,
 * names, spawn. */
#include "radon/runtime/host.h"

#define X(name) \
    void radon_host_##name(radon_guest_t *guest, uint64_t *slots) \
    { \
        (void)guest; \
        radon_slot_set_i32(slots, RADON_E_UNSUPPORTED); \
    }
X(send)
X(request)
X(request_cancel)
X(alias_add)
X(alias_remove)
X(names)
X(spawn)
#undef X
