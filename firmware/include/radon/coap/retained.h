/**
 * Bytes kept for a while: replies for duplicates, unacknowledged messages, snapshots. Records lie packed in
 * one buffer; releasing one moves the later ones down, so space never fragments. Behind them there is always
 * room for the message being written (the *work area*), which moves with them.
 */
#ifndef RADON_COAP_RETAINED_H
#define RADON_COAP_RETAINED_H

#include "radon/base/bytes.h"
#include "radon/coap/block.h"
#include "radon/config.h"

/** Room before the payload of a message being written: header, token and the options of a response. */
#define RADON_COAP_HEAD_MAX 64

/** A request of ours may be a whole message, a response is a head and a block. */
#define RADON_COAP_WORK_MIN RADON_COAP_MESSAGE_MAX
_Static_assert(RADON_COAP_WORK_MIN >= RADON_COAP_HEAD_MAX + RADON_COAP_BLOCK_MAX, "a response fits");

#define RADON_COAP_RECORDS (RADON_COAP_DEDUP_ENTRIES + RADON_COAP_OUTGOING + RADON_COAP_SNAPSHOTS)

/** What a record is for, in the order of worth: a lower one never gives way to another. */
typedef enum {
    RADON_COAP_RETAINED_MESSAGE,  /**< must be retransmitted: never evicted */
    RADON_COAP_RETAINED_REPLY,    /**< evicted oldest first: a later duplicate then gets 5.00 */
    RADON_COAP_RETAINED_SNAPSHOT, /**< evicted first: a later block is generated again */
} radon_coap_retained_kind_t;

/** Names a record, also after it was evicted; 0 is none. */
typedef uint32_t radon_coap_record_t;

typedef struct {
    radon_coap_record_t name; /**< 0: free. Slot number below, order of keeping above */
    uint16_t offset;
    uint16_t len;
    uint8_t kind;
} radon_coap_slot_t;

typedef struct {
    uint16_t used;
    uint32_t clock;
    radon_coap_slot_t slots[RADON_COAP_RECORDS];
    uint8_t bytes[RADON_COAP_RETAINED_BYTES + RADON_COAP_WORK_MIN];
} radon_coap_retained_t;

void radon_coap_retained_init(radon_coap_retained_t *retained);

/**
 * Keeps a copy of `bytes` (which may lie in the work area), evicting records of lesser worth, or older
 * replies for a reply. Returns 0 when it does not fit. The work area is lost.
 */
radon_coap_record_t radon_coap_retained_keep(radon_coap_retained_t *retained, radon_coap_retained_kind_t kind,
                                             radon_bytes_t bytes);

/** Empty when the record was evicted or released. */
radon_bytes_t radon_coap_retained_get(const radon_coap_retained_t *retained, radon_coap_record_t record);

/** No effect on 0. The work area is lost. */
void radon_coap_retained_release(radon_coap_retained_t *retained, radon_coap_record_t record);

/** Start of the work area; `cap` gets its size, at least RADON_COAP_WORK_MIN. */
uint8_t *radon_coap_retained_work(radon_coap_retained_t *retained, size_t *cap);

#endif
