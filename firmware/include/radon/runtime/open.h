/**
 * Requests of an atom that take one of its `pending` places, each with a buffer for a body: those to it that
 * have begun, and those it made itself.
 *
 * The thread level opens and answers (under the priority ceiling), the network level gives up and sends.
 */
#ifndef RADON_RUNTIME_OPEN_H
#define RADON_RUNTIME_OPEN_H

#include "radon/base/bytes.h"
#include "radon/runtime/clock.h"
#include "radon/runtime/signal.h"

/** Bytes that wire.md counts for each place in the size of an atom's block. */
#define RADON_OPEN_RECORD_BYTES 40U

typedef enum {
    RADON_OPEN_FREE = 0,
    RADON_OPEN_RECEIVING, /**< blocks of a request body come in */
    RADON_OPEN_RUNNING,   /**< its event was offered; the atom has not answered */
    RADON_OPEN_ANSWERED,  /**< the answer waits to be sent */
    RADON_OPEN_OWN,       /**< the atom's own; its RESPONSE waits when `signal` does */
} radon_open_state_t;

typedef struct {
    uint32_t id;        /**< event id; while RECEIVING the key of the request; OWN: id of the request */
    uint32_t exchange;  /**< radon_coap_exchange_t */
    uint32_t sender;    /**< while RECEIVING */
    radon_tick_t since; /**< arrival of the request; while RECEIVING of the last block */
    uint16_t length;    /**< bytes in the buffer */
    uint16_t block;     /**< while RECEIVING: bytes before the last block */
    uint16_t format;    /**< or RADON_FORMAT_NONE */
    uint8_t code;
    uint8_t state;         /**< radon_open_state_t */
    uint8_t owner;         /**< RUNNING and OWN: place of the instance, from 1 */
    uint8_t hops;          /**< OWN: that are left for it */
    int8_t error;          /**< OWN: radon_err_t when no answer came */
    bool observes;         /**< OWN: an observation that goes on */
    radon_signal_t signal; /**< OWN: its RESPONSE event */
} radon_open_t;

_Static_assert(sizeof(radon_open_t) <= RADON_OPEN_RECORD_BYTES, "wire.md counts 40 bytes for a place");

typedef struct {
    radon_open_t *places;
    uint8_t *bodies; /**< `count` buffers of `body` bytes */
    uint16_t body;
    uint8_t count;
} radon_opens_t;

void radon_opens_init(radon_opens_t *opens, radon_open_t *places, uint8_t count, uint8_t *bodies,
                      uint16_t body);

/** A free place, or NULL. It is taken when its state is set. */
radon_open_t *radon_opens_reserve(radon_opens_t *opens);

/** The running request with this event id, or NULL. */
radon_open_t *radon_opens_running(radon_opens_t *opens, uint32_t id);

/** Forgets the own requests of the instance in a place. */
void radon_opens_forget_own(radon_opens_t *opens, uint8_t owner);

/** Buffer of a place. */
uint8_t *radon_opens_body(const radon_opens_t *opens, const radon_open_t *open);

#endif
