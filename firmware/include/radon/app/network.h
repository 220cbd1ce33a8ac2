/** The network task: links, CoAP server, answers of jobs and atoms on their way out. Network level. */
#ifndef RADON_APP_NETWORK_H
#define RADON_APP_NETWORK_H

#include "radon/app/node.h"
#include "radon/link/slipmux.h"

/** Prepares links and server; radon_network_task() serves once radon_node.links_open is set. Thread level. */
void radon_network_init(uint32_t seed);

/** Where the bridge is: at the other end of the serial line. NULL on a node without one. */
const radon_endpoint_t *radon_network_bridge(void);

/** Counters of the serial link. */
const radon_slipmux_counters_t *radon_network_frames(void);

/** Sends a line of diagnostic text over the serial link, when it has room, and to whoever watches the board.
 */
void radon_network_diagnostic(const char *text);

/** Sends the results of finished jobs, refusals, and answers of atoms. */
void radon_answers_send(uint64_t now_ms);

#endif
