/** The static table of resources. */
#ifndef RADON_COAP_RESOURCE_H
#define RADON_COAP_RESOURCE_H

#include "radon/coap/link_format.h"
#include "radon/coap/response.h"

typedef enum {
    RADON_COAP_DONE,  /**< `response` is the answer */
    RADON_COAP_LATER, /**< radon_coap_server_respond(request->exchange) follows */
} radon_coap_handled_t;

/**
 * Serves one method on one resource. Runs in the network task: it must be short, and may not call the server
 * but for radon_coap_server_notify. GET and FETCH may be called again for the same request.
 */
typedef radon_coap_handled_t (*radon_coap_handler_t)(void *context, const radon_coap_request_t *request,
                                                     radon_coap_response_t *response);

/** Writes the links of the resources behind a pattern. */
typedef void (*radon_coap_lister_t)(void *context, radon_link_writer_t *links);

/** Set of methods, as in RADON_COAP_METHODS(GET) | RADON_COAP_METHODS(PUT). */
#define RADON_COAP_METHODS(name) ((uint8_t)(1u << RADON_METHOD_##name))

typedef struct {
    const char *path; /**< "atoms/" + "*": a "*" stands for any one segment, a last "**" for one or more */
    uint8_t methods;  /**< what it takes; others are 4.05 */
    uint8_t control;  /**< of these, what needs a trusted endpoint; else 4.03 */
    uint8_t atoms;    /**< beside GET, what atoms of this node may ask for; else 4.03 */
    uint8_t deferred; /**< of these, what may answer RADON_COAP_LATER */
    bool observable;
    uint32_t body_max; /**< bytes of a block-wise request body; 0: one block only. More is 4.13 */
    radon_coap_handler_t handler;
    void *context;                /**< passed to handler and list */
    radon_link_attributes_t link; /**< shown in /.well-known/core when the path has no star */
    radon_coap_lister_t list;     /**< for a path with a star; NULL: not listed */
} radon_coap_resource_t;

typedef struct {
    const radon_coap_resource_t *resources;
    size_t count;
} radon_coap_tree_t;

/** The first resource whose pattern matches, or NULL. */
const radon_coap_resource_t *radon_coap_tree_find(const radon_coap_tree_t *tree,
                                                  const radon_coap_request_t *request);

/** Handler of /.well-known/core; its context is the radon_coap_tree_t it describes. */
radon_coap_handled_t radon_coap_tree_discover(void *context, const radon_coap_request_t *request,
                                              radon_coap_response_t *response);

#endif
