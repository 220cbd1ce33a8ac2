/** URIs of requests (docs/reference/runtime-interface.md, "Own requests"), and their parts as options. */
#ifndef RADON_COAP_URI_H
#define RADON_COAP_URI_H

#include "radon/coap/message.h"

typedef enum {
    RADON_URI_PATH, /**< `/path?query`: on this node */
    RADON_URI_NODE, /**< `//<node>/path?query` */
    RADON_URI_COAP, /**< `coap://host[:port]/path?query` */
} radon_uri_kind_t;

/** Views are borrowed and percent-encoded. */
typedef struct {
    radon_uri_kind_t kind;
    radon_bytes_t whole;
    radon_bytes_t host;  /**< the node's name, or host and port; empty for PATH */
    radon_bytes_t path;  /**< segments separated by `/`, without the first one */
    radon_bytes_t query; /**< items separated by `&` */
} radon_uri_t;

/** False for a text that is none. */
bool radon_uri_parse(radon_uri_t *uri, radon_bytes_t text);

/** One option of this number for each part of `text` between separators, decoded; none for an empty text. */
void radon_uri_write_options(radon_coap_writer_t *writer, uint16_t number, radon_bytes_t text,
                             uint8_t separator);

#endif
