/**
 * Deploys versions of atoms: manifests into slots, payloads into flash, the switch to a new version and back.
 * Thread level, as system jobs; see docs/reference/wire.md, "Push".
 */
#ifndef RADON_APP_DEPLOY_H
#define RADON_APP_DEPLOY_H

#include "radon/app/node.h"
#include "radon/runtime/lifecycle.h"

/** Fills the table of atoms from flash and starts what was active, unless in safe mode. */
void radon_deploy_boot(bool safe_mode);

/** PUT /atoms/{name}: checks, stores, and starts at once when the payload is there already. */
void radon_deploy_manifest(radon_bytes_t name, radon_bytes_t file, radon_job_result_t *result);

/** PUT /images/{digest}: stores a block; after the last one checks, switches and starts. */
void radon_deploy_block(const radon_job_t *job, radon_bytes_t bytes, radon_job_result_t *result);

/** POST /atoms/{name}. */
void radon_deploy_start(radon_definition_t *definition, radon_job_result_t *result);
void radon_deploy_stop(radon_definition_t *definition, radon_job_result_t *result);
void radon_deploy_restart(radon_definition_t *definition, radon_job_result_t *result);

/** DELETE /atoms/{name}. */
void radon_deploy_delete(radon_definition_t *definition, radon_job_result_t *result);

/** Notes the addresses and figures of an atom's slots in the table of atoms. */
void radon_deploy_refresh(radon_definition_t *definition);

#endif
