/** What became of messages, on its way to their senders: here until an inbox or the outbox has room. */
#ifndef RADON_RUNTIME_REPORTS_H
#define RADON_RUNTIME_REPORTS_H

#include "radon/runtime/runtime.h"

/**
 * The message `id` of `sender` (SENDER, copied), which was in the inbox of `holder`, was not delivered because
 * of `error`. `number`: of the instance that had it, 0 for none or the one called like the atom. Nothing
 * happens for an empty sender or id 0. Any level, also under the ceiling.
 */
void radon_reports_add(radon_atom_t *holder, uint32_t number, radon_bytes_t sender, uint32_t id,
                       radon_err_t error);

#endif
