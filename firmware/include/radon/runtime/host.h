/**
 * The functions an atom may import, by their fixed numbers (docs/atom-abi.json). What each does, in which
 * order it checks, is written in docs/reference/runtime-interface.md. Thread level, inside an activation.
 */
#ifndef RADON_RUNTIME_HOST_H
#define RADON_RUNTIME_HOST_H

#include "radon/runtime/runtime.h"

/** RADON_ABI_FUNCTION_COUNT entries. */
extern const radon_host_function_t radon_host_functions[];

#define X(number, name, signature) void radon_host_##name(radon_guest_t *guest, uint64_t *slots);
RADON_ABI_FUNCTIONS(X)
#undef X

/** The instance that calls. */
static inline radon_actor_t *radon_host_actor(const radon_guest_t *guest)
{
    return radon_guest_context(guest);
}

/** Its atom. */
static inline radon_atom_t *radon_host_atom(const radon_guest_t *guest)
{
    return radon_host_actor(guest)->atom;
}

/** The event it handles. */
static inline radon_event_t *radon_host_event(const radon_guest_t *guest)
{
    return &radon_host_atom(guest)->runtime->event;
}

/**
 * The range of arguments `index` (pointer) and `index + 1` (length). False when it is outside memory: the
 * guest then traps and the function returns at once. Zero length is never outside.
 */
bool radon_host_range(radon_guest_t *guest, const uint64_t *slots, unsigned index, radon_bytes_t *range);

/** The same, to be written. */
typedef struct {
    uint8_t *data;
    size_t cap;
} radon_host_out_t;

bool radon_host_out(radon_guest_t *guest, const uint64_t *slots, unsigned index, radon_host_out_t *out);

/** Result of a function with `out, cap`: the full length; the bytes are written when they fit. */
void radon_host_give(uint64_t *slots, radon_host_out_t out, radon_bytes_t bytes);

/** Whether one of the patterns of a configuration (a CBOR array, empty for none) matches `text`. */
bool radon_host_allows(radon_bytes_t patterns, radon_bytes_t text);

/** `reply` to the MESSAGE that is handled now. */
radon_err_t radon_host_reply_to_message(radon_guest_t *guest, radon_bytes_t payload);

/** An i32 result; errors that a limit of the atom gave are counted (`refused`). */
void radon_host_return(radon_guest_t *guest, uint64_t *slots, int32_t result);

#endif
