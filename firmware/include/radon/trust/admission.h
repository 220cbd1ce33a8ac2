/**
 * Whether a node takes a manifest: the checks of docs/reference/wire.md, "Push", step 1, in their order.
 *
 *     radon_admission_open()    form, key, signature, contents, rights and name: needs the keys only
 *     radon_admission_check()   sequence, interface version, board, engine, room: what the node is and has
 */
#ifndef RADON_TRUST_ADMISSION_H
#define RADON_TRUST_ADMISSION_H

#include "radon/base/problem.h"
#include "radon/trust/manifest.h"
#include "radon/trust/provisioning.h"

/** Why a manifest was refused. `report` points into `text` and into the arguments: do not copy, use while
 * they live. */
typedef struct {
    radon_problem_report_t report;
    char text[RADON_MANIFEST_DETAIL_BYTES];
} radon_rejection_t;

/**
 * Verifies a signed manifest (`file`, kept by `manifest`) that was put to the path of atom `name`. False:
 * BAD_MANIFEST, UNKNOWN_KEY, BAD_SIGNATURE, KEY_RIGHTS or NAME_MISMATCH. Takes tens of milliseconds on a
 * device.
 */
bool radon_admission_open(radon_bytes_t file, radon_bytes_t name, const radon_provisioning_t *provisioning,
                          radon_manifest_t *manifest, radon_rejection_t *rejection);

/** What the node knows when a verified manifest waits for its decision. */
typedef struct {
    uint32_t abi;
    radon_bytes_t board;
    radon_bytes_t engine;   /**< empty: any revision is taken */
    uint32_t sequence;      /**< highest accepted for this name, 0 for none */
    bool identical;         /**< the manifest with that sequence is there and byte for byte the same */
    bool full;              /**< a new name, and the table of atoms has no place */
    uint32_t atoms;         /**< in that table */
    uint64_t memory_need;   /**< bytes of the atom pool it takes */
    uint64_t memory_free;   /**< bytes it could have, once the old version is stopped */
    uint32_t flash_need;    /**< of radon_images_room() */
    uint32_t flash_free;    /**< of radon_images_room() */
} radon_node_facts_t;

/** False: OLD_SEQUENCE, WRONG_ABI, WRONG_BOARD, WRONG_ENGINE, TOO_MANY_ATOMS, DOES_NOT_FIT or
 * NO_ROOM_IN_FLASH. */
bool radon_admission_check(const radon_manifest_t *manifest, const radon_node_facts_t *facts,
                           radon_rejection_t *rejection);

#endif
