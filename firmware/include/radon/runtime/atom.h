/**
 * An atom that has its block of the pool: control block, inbox, places of open requests, arena, buffers.
 *
 *     control block | messages | places | arena | inbox bytes | publications | bodies
 *
 * The size of the block is the formula of docs/reference/wire.md (Manifest), so a push can be refused with
 * the numbers before a byte of code is transferred.
 */
#ifndef RADON_RUNTIME_ATOM_H
#define RADON_RUNTIME_ATOM_H

#include "radon/runtime/configuration.h"
#include "radon/runtime/inbox.h"
#include "radon/runtime/modules.h"
#include "radon/runtime/open.h"
#include "radon/runtime/publications.h"
#include "radon/runtime/timers.h"

struct radon_definition;
struct radon_runtime;

/** A watched channel (io_watch). Thread level. */
typedef struct {
    double value; /**< of the newest matching reading */
    radon_signal_t signal;
    uint8_t edges; /**< set of radon_io_edges_t; 0: not watched */
    uint8_t edge;  /**< of the newest matching reading */
} radon_watch_t;

/** What the current event was made from. */
typedef enum {
    RADON_SOURCE_NONE, /**< START and STOP */
    RADON_SOURCE_MESSAGE,
    RADON_SOURCE_TIMER,
    RADON_SOURCE_WATCH,
} radon_source_t;

/** Number of fields of event_get. */
#define RADON_EVENT_SCALARS (RADON_EVENT_FIELD_ACCEPT + 1)
/** Number of fields of event_read; the first is SENDER. */
#define RADON_EVENT_BYTES (RADON_EVENT_FIELD_PAYLOAD - RADON_EVENT_FIELD_SENDER + 1)

/** The event an activation handles. Thread level. */
typedef struct {
    bool current; /**< false between activations, in _initialize and in collect */
    radon_source_t source;
    uint8_t index; /**< of the message, timer or watch */
    bool answered; /**< a REQUEST: reply took an answer */
    int32_t scalars[RADON_EVENT_SCALARS];
    radon_bytes_t bytes[RADON_EVENT_BYTES];
    double reading; /**< PAYLOAD of an IO event points here */
} radon_event_t;

typedef struct radon_atom {
    struct radon_runtime *runtime;
    struct radon_definition *definition;
    radon_configuration_t configuration;

    radon_shared_module_t *module; /**< its payload, shared with atoms that run the same one */
    radon_arena_t arena;           /**< of the instance */
    uint8_t *arena_base;
    uint32_t arena_size;
    radon_instance_t instance;

    radon_inbox_t inbox;
    radon_opens_t opens;
    radon_publications_t publications;
    radon_timers_t timers;
    radon_watch_t watches[RADON_MAX_IO_CHANNELS];

    radon_event_t event;
    uint32_t next_place;
    uint32_t next_event_id;
    uint64_t held_until_us;     /**< when what was answered with LATER may run again */
    uint64_t restart_at_us;     /**< while a restart is to come */
    uint64_t failures_since_us; /**< first failure of the series */
    uint8_t failures;           /**< of the series */
    uint8_t published;          /**< resources with a new representation: bit per index */
    uint8_t notified;           /**< resources whose observers want a new answer: bit per index */
    bool exiting;
    int32_t exit_code;
} radon_atom_t;

/** The constant of the size formula, shown in /node. */
#define RADON_ATOM_OVERHEAD ((uint32_t)((sizeof(radon_atom_t) + 7U) & ~(size_t)7U))

/** Bytes of the block an atom with this configuration takes, without its module; UINT32_MAX when that is not
 * a 32-bit number. */
uint32_t radon_atom_block_size(const radon_configuration_t *configuration);

/**
 * Lays an atom out in `block` (radon_atom_block_size() bytes, aligned to 8): empty inbox, nothing published,
 * no instance. `configuration` is copied.
 */
radon_atom_t *radon_atom_init(void *block, const radon_configuration_t *configuration);

#endif
