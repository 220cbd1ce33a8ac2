/**
 * One instance of an atom: what it has of its own. An atom has `instances` places for them.
 *
 * The thread level changes it; the network level reads single words of it for the state of the atom.
 */
#ifndef RADON_RUNTIME_ACTOR_H
#define RADON_RUNTIME_ACTOR_H

#include "radon/base/bytes.h"
#include "radon/engine/engine.h"
#include "radon/runtime/clock.h"
#include "radon/runtime/timers.h"

struct radon_atom;

/** Longest name of an instance: a name, "~" and a number. */
#define RADON_ACTOR_NAME_BYTES (RADON_MAX_NAME_BYTES + 11U)

/** A watched channel (io_watch). */
typedef struct {
    double value; /**< of the newest matching reading */
    radon_signal_t signal;
    uint8_t edges; /**< set of radon_io_edges_t; 0: not watched */
    uint8_t edge;  /**< of the newest matching reading */
} radon_watch_t;

/** What is going on in a place. */
typedef enum {
    RADON_ACTOR_NONE = 0, /**< the place is free */
    RADON_ACTOR_RESERVED, /**< spawned: its START event waits */
    RADON_ACTOR_LIVE,     /**< has an instance; its phase tells more */
    RADON_ACTOR_BACKOFF,  /**< failed: phase ERROR, restarts at restart_at_us */
} radon_actor_state_t;

typedef struct radon_actor {
    struct radon_atom *atom;
    volatile radon_actor_state_t state;
    volatile radon_phase_t phase;
    radon_trap_t trap;     /**< what on_recover hears */
    uint8_t failures;      /**< of the series */
    uint32_t number;       /**< n of `<atom>~<n>`; 0: called like the atom */
    uint32_t activations;  /**< calls of handlers */
    uint32_t handled;      /**< events that were done */
    uint32_t memory_used;  /**< bytes of its arena, 0 without instance */
    uint64_t activated_us; /**< start of the activation under way, 0 for none */
    union {
        uint64_t free_since_us; /**< while LIVE and `free`: since when nothing needs it */
        uint64_t restart_at_us; /**< while BACKOFF */
    };
    uint64_t failures_since_us; /**< first failure of the series */
    bool free;
    bool spawned;
    bool exiting;
    int32_t exit_code;
    uint32_t identity;        /**< its number wherever it is, random */
    uint32_t incarnation;     /**< how often it was restored from a snapshot */
    int64_t uptime_offset_us; /**< what uptime_ms counts beside the time since the node started */
    uint64_t frozen_us;       /**< while FROZEN: since when */
    radon_arena_t arena;
    radon_instance_t instance;
    radon_timers_t timers;
    radon_watch_t watches[RADON_MAX_IO_CHANNELS];
} radon_actor_t;

/** The constant of the size formula for each place, shown in /node. */
#define RADON_INSTANCE_OVERHEAD ((uint32_t)((sizeof(radon_actor_t) + 7U) & ~(size_t)7U))

/** Its place, counted from 1 as in records of the inbox. */
uint8_t radon_actor_place(const radon_actor_t *actor);

/** Its name, as `self` gives it, in `out` (RADON_ACTOR_NAME_BYTES). Any level. */
radon_bytes_t radon_actor_name(const radon_actor_t *actor, uint8_t *out);

/** Takes a free place for instance `number`; what is left of the one before it goes. Not LIVE yet. */
void radon_actor_take(radon_actor_t *actor, uint32_t number);

/** Forgets timers and watches, but for the event that is offered again. */
void radon_actor_forget_signals(radon_actor_t *actor);

/** Lets signals that were answered with LATER run again. */
void radon_actor_release_held(radon_actor_t *actor);

#endif
