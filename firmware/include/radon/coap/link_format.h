/** Link format (RFC 6690): writes the links that a query selects. */
#ifndef RADON_COAP_LINK_FORMAT_H
#define RADON_COAP_LINK_FORMAT_H

#include "radon/base/sink.h"
#include "radon/coap/request.h"

/** Attributes of a link; empty or zero ones are left out. */
typedef struct {
    radon_bytes_t rt;    /**< resource types, separated by spaces */
    radon_bytes_t iface; /**< attribute "if" */
    radon_bytes_t title;
    const uint16_t *ct; /**< content-formats */
    uint8_t ct_count;
    bool obs;
    uint32_t sz;
} radon_link_attributes_t;

typedef struct {
    radon_sink_t *sink;                  /**< kept */
    const radon_coap_message_t *request; /**< kept; its Uri-Query options are the filters */
    bool first;
} radon_link_writer_t;

/** `request` NULL selects everything. */
void radon_link_writer_init(radon_link_writer_t *links, radon_sink_t *sink,
                            const radon_coap_message_t *request);

/** Adds the link `</path>;...` when every filter selects it. `path` is unescaped, without the leading slash.
 */
void radon_link_write(radon_link_writer_t *links, radon_bytes_t path,
                      const radon_link_attributes_t *attributes);

#endif
