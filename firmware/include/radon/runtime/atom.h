/**
 * An atom that has its block of the pool: control block, instances with their arenas, inbox, places of
 * requests, buffers.
 *
 *     control block | instances | records of the inbox | places | arenas | inbox bytes | publications |
 * bodies
 *
 * The size of the block is the formula of docs/reference/wire.md (Manifest), so a push can be refused with
 * the numbers before a byte of code is transferred.
 */
#ifndef RADON_RUNTIME_ATOM_H
#define RADON_RUNTIME_ATOM_H

#include "radon/runtime/actor.h"
#include "radon/runtime/configuration.h"
#include "radon/runtime/inbox.h"
#include "radon/runtime/modules.h"
#include "radon/runtime/open.h"
#include "radon/runtime/publications.h"

struct radon_definition;
struct radon_runtime;

/** What the current event was made from. */
typedef enum {
    RADON_SOURCE_NONE, /**< START, STOP, RECOVER */
    RADON_SOURCE_INBOX,
    RADON_SOURCE_TIMER,
    RADON_SOURCE_WATCH,
    RADON_SOURCE_RESPONSE, /**< an own request */
} radon_source_t;

/** Number of fields of event_get. */
#define RADON_EVENT_SCALARS (RADON_EVENT_FIELD_ACCEPT + 1)
/** Number of fields of event_read; the first is SENDER. */
#define RADON_EVENT_BYTES (RADON_EVENT_FIELD_PAYLOAD - RADON_EVENT_FIELD_SENDER + 1)

/** The event an activation handles. Thread level. */
typedef struct {
    bool current; /**< false between activations, in _initialize and in collect */
    radon_source_t source;
    uint8_t index; /**< of the record in the inbox, timer, watch or place of the own request */
    bool answered; /**< reply took an answer */
    uint8_t hops;  /**< that requests made while it is handled may go */
    int32_t scalars[RADON_EVENT_SCALARS];
    radon_bytes_t bytes[RADON_EVENT_BYTES];
    double reading; /**< PAYLOAD of an IO event points here */
} radon_event_t;

typedef struct radon_atom {
    struct radon_runtime *runtime;
    struct radon_definition *definition;
    radon_configuration_t configuration;

    radon_shared_module_t *module; /**< its payload, shared with atoms that run the same one */
    radon_actor_t *actors;         /**< `configuration.instances` places */
    uint16_t exports;              /**< of the module, once loaded: bit per radon_export_t */
    uint8_t *arenas;               /**< of the places, in their order */
    uint32_t arena_size;           /**< of one */

    radon_inbox_t inbox;
    radon_opens_t opens;
    radon_publications_t publications;

    uint32_t next_place;
    uint32_t next_event_id;
    uint32_t first_message; /**< id where this start began: those before are of earlier ones */
    uint32_t next_message;  /**< id of the next message or own request */
    uint32_t next_number;   /**< of the next instance */
    uint64_t held_until_us; /**< when what was answered with LATER may run again */
    uint8_t next_turn;      /**< round-robin: index of the place that takes the next event */
    uint8_t published;      /**< resources with a new representation: bit per index */
    uint8_t notified;       /**< resources whose observers want a new answer: bit per index */
    bool taken;             /**< while FROZEN: its snapshot was given, */
    uint32_t taken_place;   /**< with what waits before this place */
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

/** The instance with this number (0: the one called like the atom), reserved ones included; or NULL. */
radon_actor_t *radon_atom_actor(const radon_atom_t *atom, uint32_t number);

/** The place with the lowest number of those in use that is above `after` (-1: the first); or NULL. */
radon_actor_t *radon_atom_next_actor(const radon_atom_t *atom, int64_t after);

/** Id of a message or own request: counted per atom over its starts, above 0 as an i32 of the guest. Thread
 * level. */
uint32_t radon_atom_take_message_id(radon_atom_t *atom);

/** Bytes of the arenas that instances take. */
uint32_t radon_atom_memory_used(const radon_atom_t *atom);

#endif
