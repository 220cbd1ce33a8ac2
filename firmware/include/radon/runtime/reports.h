/** Reports of messages that were dropped after they had been in an inbox, on their way to the sender. */
#ifndef RADON_RUNTIME_REPORTS_H
#define RADON_RUNTIME_REPORTS_H

#include "radon/runtime/runtime.h"

/**
 * The message `id` of `sender` (SENDER, copied) was not delivered because of `error`. Nothing happens for an
 * empty sender or id 0. Thread level, also under the ceiling.
 */
void radon_reports_add(radon_runtime_t *runtime, radon_bytes_t sender, uint32_t id, radon_err_t error);

#endif
