/** Brings messages and requests of atoms to the bridge and to this node's own resources. Network level. */
#ifndef RADON_APP_MESSENGER_H
#define RADON_APP_MESSENGER_H

#include "radon/app/node.h"

/** `bridge`: where it is, or NULL on a node without a link to one; kept. */
void radon_messenger_init(const radon_endpoint_t *bridge);

/** Starts what may be sent, gives up what waited too long, hands reports over; the server is polled after it.
 */
void radon_messenger_poll(uint64_t now_us);

/** When radon_messenger_poll() has something to do without anything arriving. */
uint64_t radon_messenger_due_us(uint64_t now_us);

#endif
