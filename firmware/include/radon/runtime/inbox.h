/**
 * The bounded inbox of an atom: requests that became events and are not done yet.
 *
 * Records stand in the order of arrival; their bytes (query, then payload) are packed in the same order in
 * one buffer. Removing a record closes the gap, so what fits depends only on what is inside.
 *
 * The network level appends and marks; the thread level reads, marks and removes. Whoever is on the thread
 * level raises the priority ceiling around every call that changes something. Views of the bytes stay valid
 * until a removal.
 */
#ifndef RADON_RUNTIME_INBOX_H
#define RADON_RUNTIME_INBOX_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"
#include "radon/runtime/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes that wire.md counts for each message in the size of an atom's block. */
#define RADON_INBOX_RECORD_BYTES 32U

/** No content-format given. */
#define RADON_FORMAT_NONE 0xFFFFU

/** Marks of a message. */
enum {
    RADON_MESSAGE_KEPT = 1,      /**< answered with LATER; messages of the same sender stay behind it */
    RADON_MESSAGE_HELD = 2,      /**< kept just now: not before another activation or 100 ms */
    RADON_MESSAGE_RETRIED = 4,   /**< offered again after a failure */
    RADON_MESSAGE_CLOSED = 8,    /**< waited too long and was answered; to be removed */
    RADON_MESSAGE_ASSIGNED = 16, /**< an activation handles it now */
};

typedef struct {
    uint32_t place;    /**< order among all events of the atom */
    uint32_t id;       /**< event id, 0 until it was offered */
    uint32_t sender;   /**< equal for messages of one sender */
    uint32_t exchange; /**< radon_coap_exchange_t that waits for the answer */
    radon_tick_t arrived;
    uint16_t payload_length;
    uint16_t format;     /**< or RADON_FORMAT_NONE */
    uint16_t accept;     /**< or RADON_FORMAT_NONE */
    uint8_t path_length; /**< counted only */
    uint8_t query_length;
    uint8_t resource; /**< index in the configuration */
    uint8_t method;
    uint8_t marks;
} radon_message_t;

_Static_assert(sizeof(radon_message_t) <= RADON_INBOX_RECORD_BYTES, "wire.md counts 32 bytes for a message");

typedef struct {
    radon_message_t *messages;
    uint8_t *bytes;
    uint16_t used;      /**< bytes in `bytes` */
    uint16_t accounted; /**< `used` and the path of each message */
    uint16_t capacity;
    uint8_t count;
    uint8_t limit;
} radon_inbox_t;

/** Keeps room for `limit` messages and `capacity` bytes. */
void radon_inbox_init(radon_inbox_t *inbox, radon_message_t *messages, uint8_t limit, uint8_t *bytes,
                      uint16_t capacity);

/**
 * Appends a message: everything in `message` but the lengths of query and payload is copied. RADON_E_TOO_BIG
 * when it could never fit, RADON_E_FULL when it does not fit now.
 */
radon_err_t radon_inbox_append(radon_inbox_t *inbox, const radon_message_t *message, radon_bytes_t query,
                               radon_bytes_t payload);

radon_bytes_t radon_inbox_query(const radon_inbox_t *inbox, const radon_message_t *message);
radon_bytes_t radon_inbox_payload(const radon_inbox_t *inbox, const radon_message_t *message);

/** Removes message `index`. */
void radon_inbox_remove(radon_inbox_t *inbox, uint8_t index);

/** Index of the first message that may run: neither held, closed nor behind a kept one of its sender; or -1.
 */
int radon_inbox_first_eligible(const radon_inbox_t *inbox);

/** Lets every held message run again. */
void radon_inbox_release_held(radon_inbox_t *inbox);

#endif
