/**
 * Snapshots of instances as documents (docs/reference/wire.md, "Snapshot"; reasons in docs/decisions/0005).
 *
 * Reading checks every field against the place in which the snapshot is restored; what was accepted is then
 * read a second time, list by list, to fill that place:
 *
 *     if (radon_snapshot_read(&snapshot, document, &limits, detail, sizeof detail)) {
 *         radon_snapshot_items(&items, snapshot.timers, &limits);
 *         while (radon_snapshot_next_timer(&items, &timer)) ...
 *     }
 *
 * All views borrow from the document.
 */
#ifndef RADON_RUNTIME_SNAPSHOT_H
#define RADON_RUNTIME_SNAPSHOT_H

#include "radon/base/fields.h"
#include "radon/runtime/configuration.h"

#define RADON_SNAPSHOT_VERSION 1U

/** Longest SENDER: `<node>/<instance>`. */
#define RADON_SNAPSHOT_SENDER_BYTES (2U * RADON_MAX_NAME_BYTES + 12U)

/** What the place has in which a snapshot is restored. */
typedef struct {
    radon_bytes_t name;    /**< of the atom */
    const uint8_t *digest; /**< of its code, 32 bytes */
    const radon_configuration_t *configuration;
    uint32_t memory;             /**< exact bytes */
    const uint8_t *global_sizes; /**< bytes of each exported mutable global */
    uint32_t global_count;
} radon_snapshot_limits_t;

typedef struct {
    uint32_t done;
    uint32_t dropped;
    uint32_t restarts;
    uint32_t activations;
    uint32_t sent;
    uint32_t undelivered;
    uint32_t refused;
} radon_snapshot_counters_t;

typedef struct {
    radon_bytes_t memory; /**< without the zero bytes at its end */
    uint64_t uptime_ms;
    radon_snapshot_counters_t counters;
    uint32_t incarnation;
    uint32_t next_event;
    uint32_t next_message;
    uint32_t actor;
    /* Lists, as encoded: for radon_snapshot_items(). */
    radon_bytes_t aliases;
    radon_bytes_t storage;
    radon_bytes_t timers;
    radon_bytes_t inbox;
    radon_bytes_t globals;
    radon_bytes_t watches;
    radon_bytes_t publications;
    radon_bytes_t requests;
} radon_snapshot_t;

/** Reads and checks all of `document`. False with the sentence that fills BAD_SNAPSHOT in `detail`. */
bool radon_snapshot_read(radon_snapshot_t *snapshot, radon_bytes_t document,
                         const radon_snapshot_limits_t *limits, char *detail, size_t detail_size);

/* ---- Lists ---- */

/** A list under way. */
typedef struct {
    radon_fields_t fields;
    radon_fields_list_t list;
    const radon_snapshot_limits_t *limits; /**< kept */
    char detail[RADON_FIELDS_PATH_BYTES];
} radon_snapshot_items_t;

/** Starts at the first item of a list that radon_snapshot_read() accepted; each next is false at the end. */
void radon_snapshot_items(radon_snapshot_items_t *items, radon_bytes_t list,
                          const radon_snapshot_limits_t *limits);

typedef struct {
    radon_bytes_t key;
    radon_bytes_t value;
} radon_snapshot_pair_t;

typedef struct {
    uint32_t handle;
    uint32_t due_ms; /**< from thaw */
    uint32_t period_ms;
} radon_snapshot_timer_t;

/** Flags of a waiting event. */
enum {
    RADON_SNAPSHOT_UNORDERED = 1,
    RADON_SNAPSHOT_KEPT = 2, /**< answered with LATER */
    RADON_SNAPSHOT_RETRIED = 4,
};

/** Members that a kind of event does not have are 0, empty or none. */
typedef struct {
    radon_event_kind_t kind;
    uint32_t id;    /**< what the sender calls a message */
    uint32_t event; /**< event id, 0 until it was offered */
    uint32_t age_ms;
    uint32_t correlation;
    int32_t reason;
    int32_t handle;
    int32_t format; /**< -1 for none */
    uint8_t code;
    uint8_t flags;
    radon_bytes_t payload;
    radon_bytes_t sender;
} radon_snapshot_event_t;

typedef struct {
    uint32_t handle;
    uint32_t edges;
} radon_snapshot_watch_t;

typedef struct {
    uint32_t format;
    uint32_t resource; /**< index in the configuration */
    radon_bytes_t path;
    radon_bytes_t payload;
    bool limited; /**< max_age_ms is what is left */
    uint64_t max_age_ms;
} radon_snapshot_publication_t;

typedef struct {
    uint32_t id;
    uint32_t method;
    uint32_t hops;
    bool observe;
    radon_bytes_t uri;
} radon_snapshot_request_t;

bool radon_snapshot_next_alias(radon_snapshot_items_t *items, radon_bytes_t *alias);
bool radon_snapshot_next_pair(radon_snapshot_items_t *items, radon_snapshot_pair_t *pair);
bool radon_snapshot_next_timer(radon_snapshot_items_t *items, radon_snapshot_timer_t *timer);
bool radon_snapshot_next_event(radon_snapshot_items_t *items, radon_snapshot_event_t *event);
/** Little endian, as many bytes as the global has. */
bool radon_snapshot_next_global(radon_snapshot_items_t *items, uint64_t *bits);
bool radon_snapshot_next_watch(radon_snapshot_items_t *items, radon_snapshot_watch_t *watch);
bool radon_snapshot_next_publication(radon_snapshot_items_t *items,
                                     radon_snapshot_publication_t *publication);
bool radon_snapshot_next_request(radon_snapshot_items_t *items, radon_snapshot_request_t *request);

#endif
