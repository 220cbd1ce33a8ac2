/** What a node has one of for messages and requests of its atoms. What is shared between the levels is
 * written in radon/runtime/runtime.h. */
#ifndef RADON_RUNTIME_MESSAGING_H
#define RADON_RUNTIME_MESSAGING_H

#include "radon/runtime/aliases.h"
#include "radon/runtime/asks.h"
#include "radon/runtime/origins.h"
#include "radon/runtime/outbox.h"

/** Reports that wait for room. */
#define RADON_REPORTS_MAX 8U

/** What became of a message. */
typedef struct {
    uint8_t definition; /**< index of the atom that hears it; of the one that had it when `away` */
    uint32_t number;    /**< of the instance */
    bool away;          /**< for a sender on another node: `to` */
    uint8_t outcome;    /**< radon_outcome_kind_t */
    int8_t error;       /**< radon_err_t */
    uint8_t text_length;
    uint32_t id;                    /**< of the message */
    char text[RADON_ADDRESS_BYTES]; /**< SENDER of the event; address of the sender when `away` */
} radon_report_t;

typedef struct {
    radon_bytes_t node; /**< name of this one; borrowed */
    bool bridge;        /**< there is a link to one */
    radon_outbox_t outbox;
    radon_aliases_t aliases;
    radon_origins_t origins;
    radon_asks_t asks;
    radon_report_t reports[RADON_REPORTS_MAX]; /**< oldest first */
    uint8_t report_count;
    uint32_t local;    /**< messages delivered here without a datagram */
    uint32_t remote;   /**< messages sent to the bridge */
    uint32_t repeated; /**< messages of other nodes that were seen before */
} radon_messaging_t;

#endif
