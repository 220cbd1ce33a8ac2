/**
 * Requests on resources of atoms, as the network level sees them: accepted into an inbox, given up, answered.
 * Network level only.
 */
#ifndef RADON_RUNTIME_REQUESTS_H
#define RADON_RUNTIME_REQUESTS_H

#include "radon/runtime/runtime.h"

typedef struct {
    uint32_t exchange;
    uint32_t sender;
    uint32_t number; /**< of the instance it is for; 0: the policy decides */
    uint8_t resource;
    uint8_t method;
    uint8_t hops;    /**< that requests made while it is handled may go */
    uint16_t format; /**< or RADON_FORMAT_NONE */
    uint16_t accept; /**< or RADON_FORMAT_NONE */
    radon_bytes_t query;
    radon_bytes_t payload;
} radon_request_event_t;

/** Makes a request an event of the atom. RADON_E_TOO_BIG: never fits. RADON_E_FULL: does not fit now.
 * RADON_E_NOT_FOUND: no such instance. */
radon_err_t radon_requests_accept(radon_atom_t *atom, const radon_request_event_t *request, uint64_t now_us);

/** Bytes that a request takes of inbox.bytes. */
size_t radon_requests_size(const radon_atom_t *atom, const radon_request_event_t *request);

/** One block of a request body. */
typedef struct {
    uint32_t key; /**< equal for the blocks of one request */
    uint32_t sender;
    size_t offset;
    radon_bytes_t bytes;
    bool last;
} radon_request_block_t;

/**
 * Puts a block with its predecessors. RADON_OK with `*body` empty: go on; with the whole body (until the next
 * call) after the last block. RADON_E_FULL: no place is free. RADON_E_TOO_BIG: more than `body` bytes.
 * RADON_E_STATE: a block is missing.
 */
radon_err_t radon_requests_receive(radon_atom_t *atom, const radon_request_block_t *block, uint64_t now_us,
                                   radon_bytes_t *body);

/** Refuses what waited too long; returns the time at which to look again. */
uint64_t radon_requests_expire(radon_runtime_t *runtime, uint64_t now_us);

/** An answer that waits to be sent: of which atom, and the place it is in. */
typedef struct {
    radon_atom_t *atom;
    radon_open_t *open;
} radon_request_answer_t;

/** The next answer, or false. Free it with radon_requests_sent(). */
bool radon_requests_next_answer(radon_runtime_t *runtime, radon_request_answer_t *answer);
void radon_requests_sent(const radon_request_answer_t *answer);

#endif
