/**
 * Messages and reports of this node on their way to the bridge, oldest first.
 *
 * The thread level adds, the network level sends and removes, both under the priority ceiling. What a message
 * counts is docs/reference/runtime-interface.md, "Messages".
 */
#ifndef RADON_RUNTIME_OUTBOX_H
#define RADON_RUNTIME_OUTBOX_H

#include "radon/runtime/envelope.h"

/** Until a message that was not taken is tried again. */
#define RADON_OUTBOX_RETRY_US 100000U

/** How far behind the newest number a message may be: its receiver tells 32 apart. */
#define RADON_OUTBOX_WINDOW 32U

typedef enum {
    RADON_OUTBOX_FREE = 0,
    RADON_OUTBOX_WAITING, /**< for its turn, or to be tried again */
    RADON_OUTBOX_SENDING, /**< the network level waits for the answer */
} radon_outbox_state_t;

typedef struct {
    uint8_t state;      /**< radon_outbox_state_t */
    uint8_t definition; /**< index of the atom that sent it */
    uint8_t flags;      /**< set of radon_send_flags_t */
    uint8_t to_length;
    bool report;        /**< a report: nobody hears what became of it */
    bool orphan;        /**< the atom that sent it has ended: the same */
    int8_t error;       /**< why it was not taken the last time; radon_err_t */
    uint16_t offset;    /**< of its bytes: destination, then envelope, then room for the longest number */
    uint16_t length;    /**< without that room */
    uint16_t number_at; /**< where `seq` stands in them: last */
    uint16_t counted;   /**< bytes of destination, sender and payload */
    uint32_t number;    /**< of the instance that sent it, 0 for the one called like the atom */
    uint32_t id;
    uint32_t seq;
    uint32_t order;
    uint64_t since_us; /**< when `send` took it */
    uint64_t retry_us; /**< not before */
} radon_outbox_entry_t;

typedef struct {
    uint32_t incarnation;
    uint32_t seq; /**< last number given */
    uint32_t order;
    uint16_t used;    /**< bytes in `bytes` */
    uint16_t counted; /**< of all entries */
    radon_outbox_entry_t entries[RADON_MAX_OUTBOX_MESSAGES];
    uint8_t bytes[RADON_MAX_OUTBOX_BYTES + RADON_MAX_OUTBOX_MESSAGES * RADON_ENVELOPE_BYTES];
} radon_outbox_t;

/** What is sent: `from`, `id`, `correlation`, `flags`, `payload` and `outcome` of the envelope are the
 * caller's. */
typedef struct {
    radon_bytes_t to; /**< `<name>` or `<node>/<name>` */
    radon_envelope_t envelope;
    uint8_t flags; /**< set of radon_send_flags_t */
    uint8_t definition;
    uint32_t number;
} radon_outbox_message_t;

/** `incarnation`: random, another one after every start of the node. */
void radon_outbox_init(radon_outbox_t *outbox, uint32_t incarnation);

/** Copies a message in. RADON_E_FULL: too many or too much, of the node or of this atom. */
radon_err_t radon_outbox_add(radon_outbox_t *outbox, const radon_outbox_message_t *message, uint64_t now_us);

/**
 * The oldest message that may be sent now, or NULL: an ordered one waits for those that its sender sent to
 * the same destination before. It is SENDING from here on. One that fell behind what its receiver tells apart
 * has another number, see radon_outbox_overdue.
 */
radon_outbox_entry_t *radon_outbox_next(radon_outbox_t *outbox, uint64_t now_us);

/**
 * The oldest message that waited too long to be taken, or NULL. Its `error` says why it was not. Too long is
 * also while RADON_OUTBOX_WINDOW others were numbered, unless it names its node: one that did not take it has
 * nothing of it, but some members of an alias may, and would not recognise it under another number.
 */
radon_outbox_entry_t *radon_outbox_overdue(radon_outbox_t *outbox, uint64_t now_us);

/** When the next message is to be sent or is overdue; UINT64_MAX for never. */
uint64_t radon_outbox_due_us(const radon_outbox_t *outbox);

/** It was not taken, because of `error`: waits to be tried again. */
void radon_outbox_retry(radon_outbox_entry_t *entry, radon_err_t error, uint64_t now_us);

/** The atom has ended: what it sent goes on, and nobody hears what becomes of it. */
void radon_outbox_orphan(radon_outbox_t *outbox, uint8_t definition);

/** Forgets a message; views of the bytes of others are void. */
void radon_outbox_remove(radon_outbox_t *outbox, radon_outbox_entry_t *entry);

radon_bytes_t radon_outbox_to(const radon_outbox_t *outbox, const radon_outbox_entry_t *entry);
radon_bytes_t radon_outbox_envelope(const radon_outbox_t *outbox, const radon_outbox_entry_t *entry);

#endif
