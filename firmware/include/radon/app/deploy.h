/**
 * Takes new versions of atoms: manifests into slots, payloads into flash; and deletes atoms. Thread level, as
 * system jobs; see docs/reference/wire.md, "Push".
 */
#ifndef RADON_APP_DEPLOY_H
#define RADON_APP_DEPLOY_H

#include "radon/app/node.h"

/** PUT /atoms/{name}: checks, stores, and starts at once when the payload is there already. */
void radon_deploy_manifest(radon_bytes_t name, radon_bytes_t file, radon_job_result_t *result);

/** PUT /images/{digest}: stores a block; after the last one checks, switches and starts. */
void radon_deploy_block(const radon_job_t *job, radon_bytes_t bytes, radon_job_result_t *result);

/** DELETE /atoms/{name}. */
void radon_deploy_delete(radon_definition_t *definition, radon_job_result_t *result);

#endif
