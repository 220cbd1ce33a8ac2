/**
 * The runtime of a node: its atoms, their memory, and what they share. One per node.
 *
 * Two levels touch it. What both do, and how long the thread level then keeps the network level out:
 *
 * - inbox of an atom: the network level appends and marks as closed, the thread level removes and marks
 *   (longest: a move of inbox.bytes)
 * - places of open requests: the network level gives up, sends and frees, the thread level opens and copies
 * an answer in (a copy of `body` bytes)
 * - publications: the network level reads, the thread level replaces (a move of `publish` bytes)
 * - table of atoms and of blocks of the pool: the network level reads, the thread level adds, removes and
 * sets `atom` (one record; a move of the table of blocks)
 * - life, phase, counters: the network level reads single words, which the thread level writes without the
 *   ceiling
 * - refusals: the network level takes, the thread level adds (one record)
 * - logbook: the network level reads, the thread level adds a line (a move of 2 KiB)
 * - values of channels: the network level reads, the thread level writes one (8 bytes)
 * - CoAP server: the network level owns it, the thread level notifies (a walk over the observers)
 * - outbox and reports: the thread level adds, the network level sends, hands over and removes (a move of 2
 * KiB)
 * - aliases: the network level reads, the thread level joins and leaves (one record)
 * - own requests: the thread level adds, the network level answers into their places and frees (a copy of
 *   `body` bytes)
 * - job queue (radon/app/jobs.h): the network level adds and takes results, the thread level the reverse (one
 *   record)
 *
 * Copies and moves are at most 16 KiB (inbox) or 8 KiB (others) where a configuration asks for as much: below
 * 30 µs at 168 MHz.
 */
#ifndef RADON_RUNTIME_RUNTIME_H
#define RADON_RUNTIME_RUNTIME_H

#include "radon/base/sink.h"
#include "radon/runtime/definition.h"
#include "radon/runtime/logbook.h"
#include "radon/runtime/messaging.h"
#include "radon/runtime/refusals.h"
#include "radon/store/kv.h"

/** Says that the representation behind a path ("a/rain/level") is another now. Thread level. */
typedef void (*radon_runtime_notify_t)(void *context, radon_bytes_t path);

typedef struct radon_runtime {
    radon_pool_t pool;
    radon_modules_t modules;
    radon_definition_t definitions[RADON_MAX_ATOMS];
    radon_logbook_t logbook;
    radon_channels_t channels;
    radon_refusals_t refusals;
    radon_messaging_t messaging;
    radon_kv_t *kv;
    radon_runtime_notify_t notify;
    void *notify_context;
    radon_event_t event;    /**< of the activation under way: there is one at a time */
    uint8_t turn;           /**< index of the atom that is looked at first */
    uint32_t deadlines;     /**< activations ended by their deadline */
    uint32_t traps;         /**< all activations that failed */
    uint32_t lost_reports;  /**< reports of messages that found no place */
    uint64_t clock_base_us; /**< UTC minus time since start, 0 where unknown */
} radon_runtime_t;

/** `kv` is kept. Starts the engine. The caller then sets `notify`. */
radon_err_t radon_runtime_init(radon_runtime_t *runtime, radon_kv_t *kv, radon_region_t pool);

/** Where an atom stands in the table. */
static inline uint8_t radon_runtime_index(const radon_runtime_t *runtime,
                                          const radon_definition_t *definition)
{
    return (uint8_t)(definition - runtime->definitions);
}

/** The atom called `name`, or NULL. Any level. */
radon_definition_t *radon_runtime_find(radon_runtime_t *runtime, radon_bytes_t name);

/** What a name on this node stands for. */
typedef struct {
    radon_definition_t *definition;
    uint32_t number; /**< n of `<atom>~<n>`; 0 for an atom's own name */
} radon_target_t;

/** Takes `<atom>` or `<atom>~<n>` apart; false when no atom here is called so, or no instance of one that
 * has memory. Any level. */
bool radon_runtime_resolve(radon_runtime_t *runtime, radon_bytes_t name, radon_target_t *target);

/** A new entry for `name` (which is not there yet), STOPPED; NULL when the table is full. Thread level. */
radon_definition_t *radon_runtime_add(radon_runtime_t *runtime, radon_bytes_t name);

/** Forgets a stopped atom and tells its observers. Thread level. */
void radon_runtime_remove(radon_runtime_t *runtime, radon_definition_t *definition);

/** One line of the node itself for /log: `text`, then ` ` and `detail` unless that is empty. */
void radon_runtime_log(radon_runtime_t *runtime, radon_log_level_t level, radon_bytes_t source,
                       const char *text, radon_bytes_t detail);

/** UTC in microseconds, 0 where unknown. Any level. */
uint64_t radon_runtime_utc_us(const radon_runtime_t *runtime);

#endif
