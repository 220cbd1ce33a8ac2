/** The table of atoms: what a node knows of each, with or without memory for it. */
#ifndef RADON_RUNTIME_DEFINITION_H
#define RADON_RUNTIME_DEFINITION_H

#include "radon/runtime/atom.h"
#include "radon/runtime/pool.h"

/** Most atoms of a node. */
#define RADON_MAX_ATOMS 16U

_Static_assert(RADON_MAX_ATOMS + RADON_MODULES_MAX <= RADON_POOL_BLOCKS,
               "every atom and module may have a block");
_Static_assert(RADON_MAX_ATOMS <= RADON_MODULES_MAX, "every atom may run a payload of its own");

/** A version to start: addresses in flash, and what its manifest says. */
typedef struct {
    const radon_configuration_t *configuration; /**< copied */
    radon_bytes_t version;
    radon_bytes_t manifest;
    radon_bytes_t code;
    const uint8_t *digest; /**< of the code */
    uint32_t sequence;
    uint32_t generation;
    uint8_t slot;
} radon_version_t;

/** What is going on with an atom; the phase is that of its instances where there are any. */
typedef enum {
    RADON_LIFE_WAITING, /**< bytes of its payload are missing, and no older version runs */
    RADON_LIFE_STOPPED, /**< no memory: by a stop command, or in safe mode */
    RADON_LIFE_IDLE,    /**< reactive, with memory, without instance */
    RADON_LIFE_LIVE,    /**< has instances, or restarts to come; their phases tell more */
    RADON_LIFE_FAILED,  /**< failed and gave its memory back: phase ERROR */
    RADON_LIFE_ENDED,   /**< called exit and gave its memory back: phase TERMINATED */
} radon_life_t;

/** The last failure, as shown in the state. */
typedef struct {
    radon_trap_t kind; /**< RADON_TRAP_NONE: there was none */
    radon_event_kind_t event;
    bool located;
    uint32_t function;
    uint32_t offset;
    char name[RADON_MAX_NAME_BYTES + 1];
} radon_trap_report_t;

/** Room for a sentence that says why an atom does not run. */
#define RADON_REASON_BYTES 80U

typedef struct radon_definition {
    bool used;
    uint8_t name_length;
    char name[RADON_MAX_NAME_BYTES + 1];
    uint8_t slot; /**< 0 (a) or 1 (b): of the version below */
    volatile radon_life_t life;
    bool reactive;
    radon_policy_t policy;
    radon_recovery_t recovery;
    uint32_t sequence;
    radon_bytes_t version;  /**< text, in flash */
    radon_bytes_t manifest; /**< the signed manifest, in flash */
    radon_bytes_t code;     /**< the payload, in flash */
    uint32_t generation;    /**< of the image log when these addresses were taken */
    uint32_t storage_total;
    uint32_t storage_used;
    uint32_t need_load;
    uint32_t need_run;
    radon_atom_t *atom;  /**< NULL without memory */
    uint32_t block_size; /**< bytes of its block */
    uint32_t done;
    uint32_t dropped;
    uint32_t restarts;
    uint32_t sent;         /**< messages that send or reply took */
    uint32_t undelivered;  /**< messages reported NOT_DELIVERED or UNKNOWN */
    uint32_t refused;      /**< calls that a limit refused */
    uint32_t next_message; /**< where the ids of the next start begin: no two starts share one */
    bool exited;
    int32_t exit_code;
    radon_trap_report_t trap;
    char reason[RADON_REASON_BYTES];
} radon_definition_t;

static inline radon_bytes_t radon_definition_name(const radon_definition_t *definition)
{
    return radon_bytes(definition->name, definition->name_length);
}

/** Upper-case name of a trap kind, of an event kind. */
const char *radon_trap_name(radon_trap_t trap);
const char *radon_event_kind_name(radon_event_kind_t kind);

/** Keeps a sentence (cut to its room) that says why the atom is as it is. Thread level. */
void radon_definition_set_reason(radon_definition_t *definition, const char *text);

/** Whether its inbox is open: it has memory and is not about to lose it. */
static inline bool radon_definition_serves(const radon_definition_t *definition)
{
    return definition->atom != NULL &&
           (definition->life == RADON_LIFE_IDLE || definition->life == RADON_LIFE_LIVE);
}

/** "WAITING", "STOPPED", "IDLE" or the name of the phase: RUNNING when an instance runs, else that of the one
 * with the lowest number. Any level. */
const char *radon_definition_phase(const radon_definition_t *definition);

#endif
