/** The resources of a node (docs/reference/wire.md, "Resources of a node"). Network level. */
#ifndef RADON_APP_RESOURCES_H
#define RADON_APP_RESOURCES_H

#include "radon/app/input.h"
#include "radon/app/node.h"

/** All of them, for the server and for /.well-known/core. */
extern const radon_coap_tree_t radon_resources;

/** A handler of the tree: radon_resource_<what>(). */
#define RADON_RESOURCE_HANDLER(name) \
    radon_coap_handled_t radon_resource_##name(void *context, const radon_coap_request_t *request, \
                                               radon_coap_response_t *response)

RADON_RESOURCE_HANDLER(node);
RADON_RESOURCE_HANDLER(atoms);
RADON_RESOURCE_HANDLER(atom);
RADON_RESOURCE_HANDLER(snapshot);
RADON_RESOURCE_HANDLER(image);
RADON_RESOURCE_HANDLER(served);
RADON_RESOURCE_HANDLER(channels);
RADON_RESOURCE_HANDLER(channel);
RADON_RESOURCE_HANDLER(message);
RADON_RESOURCE_HANDLER(names);
RADON_RESOURCE_HANDLER(log);
RADON_RESOURCE_HANDLER(time);
RADON_RESOURCE_HANDLER(lease);

/** Links of what stands behind a star. */
void radon_resource_list_atoms(void *context, radon_link_writer_t *links);
void radon_resource_list_served(void *context, radon_link_writer_t *links);
void radon_resource_list_channels(void *context, radon_link_writer_t *links);

/* ---- Common to several ---- */

/** A number that tells endpoints apart. */
uint32_t radon_resource_sender(const radon_endpoint_t *endpoint);

/** Answers with a problem that has one text for its sentence, or none (`text` empty). */
radon_coap_handled_t radon_resource_problem(radon_coap_response_t *response, radon_problem_t problem,
                                            radon_field_t field, radon_bytes_t text);

/** Answers with a problem whose {name} is the whole path as the client knows it ("/a/rain/level"), cut
 * between characters where it is longer than any that names something. */
radon_coap_handled_t radon_resource_path_problem(const radon_coap_request_t *request,
                                                 radon_coap_response_t *response, radon_problem_t problem);

/** 5.03 BUSY, to be asked again after a second. */
radon_coap_handled_t radon_resource_busy(radon_coap_response_t *response);

/** 4.13 with both numbers. */
radon_coap_handled_t radon_resource_too_large(radon_coap_response_t *response, size_t have, size_t limit);

/** Name of the bridge that the node belongs to; empty for none. */
radon_bytes_t radon_lease_owner(uint64_t now_us);

/** The command in the body of a POST; empty when there is none. */
radon_bytes_t radon_resource_command(const radon_coap_request_t *request);

#endif
