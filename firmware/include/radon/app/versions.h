/**
 * Which version of an atom runs: from the slots of the image log to the table of atoms, the switch to a new
 * version and back. Thread level.
 */
#ifndef RADON_APP_VERSIONS_H
#define RADON_APP_VERSIONS_H

#include "radon/app/node.h"
#include "radon/runtime/lifecycle.h"

/** Fills the table of atoms from flash and starts what was active, unless in safe mode. */
void radon_versions_boot(bool safe_mode);

/** The entry of an atom in the table, a new one where there is none; NULL when the table is full. */
radon_definition_t *radon_versions_entry(radon_bytes_t name);

/** Notes the addresses and figures of an atom's slots in the table of atoms. */
void radon_versions_refresh(radon_definition_t *definition);

/** The slot whose version an atom shows: the active one, else the pending one; -1 when both are empty. */
int radon_versions_shown_slot(const radon_atom_record_t *record);

/** Starts the version an atom without memory shows; `result` only tells of a failure. */
bool radon_versions_start_shown(radon_definition_t *definition, radon_job_result_t *result);

/** The commands of POST /atoms/{name}. */
void radon_versions_start(radon_definition_t *definition, radon_job_result_t *result);
void radon_versions_stop(radon_definition_t *definition, radon_job_result_t *result);
void radon_versions_restart(radon_definition_t *definition, radon_job_result_t *result);

/** Makes a frozen instance of a snapshot of the shown version. */
void radon_versions_restore(radon_definition_t *definition, radon_bytes_t document,
                            radon_job_result_t *result);

/**
 * The pending version has all its bytes: checks the module, stops the old version, starts the new one, makes
 * it the active one; or goes back. `result` only tells of a failure.
 */
void radon_versions_switch(radon_definition_t *definition, radon_job_result_t *result);

#endif
