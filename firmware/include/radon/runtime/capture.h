/** Writes the snapshot of a FROZEN instance (docs/reference/wire.md, "Snapshot"). Thread level. */
#ifndef RADON_RUNTIME_CAPTURE_H
#define RADON_RUNTIME_CAPTURE_H

#include "radon/runtime/runtime.h"

/**
 * Writes the document, whole each time: the sink keeps the block that is asked for. What waits in the inbox
 * so far goes with it. `actor` is FROZEN.
 */
void radon_capture(radon_actor_t *actor, radon_sink_t *sink);

#endif
