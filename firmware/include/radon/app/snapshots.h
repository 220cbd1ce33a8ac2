/** Takes and restores snapshots of atoms (docs/reference/wire.md, "Snapshot"). Thread level, as system jobs.
 */
#ifndef RADON_APP_SNAPSHOTS_H
#define RADON_APP_SNAPSHOTS_H

#include "radon/app/node.h"

/** Longest document that is taken in: an atom with the largest limits needs less. */
#define RADON_SNAPSHOT_BYTES_MAX 131072U

/** The commands freeze and thaw. */
void radon_snapshots_freeze(radon_definition_t *definition, radon_job_result_t *result);
void radon_snapshots_thaw(radon_definition_t *definition, radon_job_result_t *result);

/** GET /atoms/{name}/snapshot: writes the block at `job->offset` into the buffer of the job. */
void radon_snapshots_take(radon_definition_t *definition, radon_job_t *job);

/** PUT /atoms/{name}/snapshot: gathers the blocks; after the last one restores. */
void radon_snapshots_put(radon_definition_t *definition, radon_job_t *job);

/** Gives the room for a document back whose next block did not come. */
void radon_snapshots_expire(uint64_t now_us);

#endif
