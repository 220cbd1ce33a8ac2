/** Own requests of atoms. Included by src/app/messenger*.c only. */
#ifndef RADON_APP_MESSENGER_ASKS_H
#define RADON_APP_MESSENGER_ASKS_H

#include "radon/app/messenger.h"

/** Starts what atoms asked for, cancels what nobody waits for any more. `bridge` may be NULL. */
void radon_messenger_poll_asks(const radon_endpoint_t *bridge, uint64_t now_us);

/** Whether an answer could not be put down because the one before it is being handled. */
bool radon_messenger_asks_wait(void);

#endif
