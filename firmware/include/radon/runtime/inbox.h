/**
 * The bounded inbox of an atom: requests, messages, reports and spawned starts that are not done yet.
 *
 * Records stand in the order of arrival; their bytes (query or SENDER, then payload) are packed in the same
 * order in one buffer. Removing a record closes the gap, so what fits depends only on what is inside.
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

/** Bytes that wire.md counts for each record in the size of an atom's block. */
#define RADON_INBOX_RECORD_BYTES 40U

/** No content-format given. */
#define RADON_FORMAT_NONE 0xFFFFU

/** Marks of a record. */
enum {
    RADON_INBOX_KEPT = 1,      /**< answered with LATER; those of the same sender stay behind it */
    RADON_INBOX_HELD = 2,      /**< kept just now: not before another activation or 100 ms */
    RADON_INBOX_RETRIED = 4,   /**< offered again after a failure */
    RADON_INBOX_CLOSED = 8,    /**< waited too long; to be removed. A request was answered */
    RADON_INBOX_ASSIGNED = 16, /**< an activation handles it now */
    RADON_INBOX_STARTED = 32,  /**< the instance in `keeper` was made for it */
    RADON_INBOX_REJECTED = 64, /**< an instance rejected it: the policy does not choose any more */
    RADON_INBOX_RENEWED = 128, /**< an instance was made for it after a rejection */
};

typedef struct {
    uint32_t sender;   /**< equal for requests of one client */
    uint32_t exchange; /**< radon_coap_exchange_t that waits for the answer */
    uint16_t format;   /**< or RADON_FORMAT_NONE */
    uint16_t accept;   /**< or RADON_FORMAT_NONE */
    uint8_t resource;  /**< index in the configuration */
    uint8_t method;
    uint8_t path_length; /**< counted only */
    uint8_t hops;        /**< that requests made while it is handled may still go */
} radon_inbox_request_t;

typedef struct {
    uint32_t id;          /**< the sender's own, for reports; 0: nobody wants one */
    uint32_t correlation; /**< id of the message it answers, or 0 */
    bool unordered;
} radon_inbox_message_t;

typedef struct {
    uint32_t id;     /**< of the message it is about */
    uint8_t outcome; /**< radon_outcome_kind_t */
    int8_t error;    /**< radon_err_t, RADON_OK with DELIVERED */
} radon_inbox_report_t;

/** An event in the inbox. Places of instances are counted from 1 here, 0 is none. */
typedef struct {
    uint32_t place;  /**< order among all events of the atom */
    uint32_t id;     /**< event id, 0 until it was offered */
    uint32_t number; /**< of the instance it was sent to; 0: the policy decides */
    radon_tick_t arrived;
    uint16_t payload_length;
    uint8_t head_length; /**< of the query of a request, of SENDER of others */
    uint8_t kind;        /**< radon_event_kind_t: REQUEST, MESSAGE, UNDELIVERED or START */
    uint8_t marks;
    uint8_t turn;     /**< round-robin: place it belongs to */
    uint8_t keeper;   /**< place of the instance that kept it with LATER or was made for it */
    uint8_t rejected; /**< instances that rejected it and still live: bit per place, from bit 0 */
    union {
        radon_inbox_request_t request;
        radon_inbox_message_t message;
        radon_inbox_report_t report;
    };
} radon_inbox_event_t;

_Static_assert(sizeof(radon_inbox_event_t) <= RADON_INBOX_RECORD_BYTES,
               "wire.md counts 40 bytes for a record");

typedef struct {
    radon_inbox_event_t *events;
    uint8_t *bytes;
    uint16_t used;      /**< bytes in `bytes` */
    uint16_t accounted; /**< `used` and the path of each request */
    uint16_t capacity;
    uint8_t count;
    uint8_t limit;
} radon_inbox_t;

/** Keeps room for `limit` records and `capacity` bytes. */
void radon_inbox_init(radon_inbox_t *inbox, radon_inbox_event_t *events, uint8_t limit, uint8_t *bytes,
                      uint16_t capacity);

/**
 * Appends a record: everything in `event` but its lengths is copied. RADON_E_TOO_BIG when it could never fit,
 * RADON_E_FULL when it does not fit now.
 */
radon_err_t radon_inbox_append(radon_inbox_t *inbox, const radon_inbox_event_t *event, radon_bytes_t head,
                               radon_bytes_t payload);

/** Query of a request, SENDER of others. */
radon_bytes_t radon_inbox_head(const radon_inbox_t *inbox, const radon_inbox_event_t *event);
radon_bytes_t radon_inbox_payload(const radon_inbox_t *inbox, const radon_inbox_event_t *event);

/** Removes record `index`. */
void radon_inbox_remove(radon_inbox_t *inbox, uint8_t index);

/** Whether record `index` may be offered: neither held, closed nor behind a kept one of its sender. */
bool radon_inbox_is_eligible(const radon_inbox_t *inbox, uint8_t index);

/** Lets every held record run again. */
void radon_inbox_release_held(radon_inbox_t *inbox);

#endif
