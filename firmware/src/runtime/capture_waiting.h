/** The part of a snapshot that waits: events for the instance, and own requests without their last answer. */
#ifndef RADON_RUNTIME_CAPTURE_WAITING_H
#define RADON_RUNTIME_CAPTURE_WAITING_H

#include "radon/base/document.h"
#include "radon/runtime/capture.h"

/** Member `inbox`: in the order of their places. Requests of others stay on the node. */
void radon_capture_inbox(radon_document_t *doc, const radon_actor_t *actor);

/** Member `requests`: ascending by id. */
void radon_capture_requests(radon_document_t *doc, const radon_actor_t *actor);

#endif
