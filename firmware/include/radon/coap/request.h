/** A request with its options decoded: what a handler sees. */
#ifndef RADON_COAP_REQUEST_H
#define RADON_COAP_REQUEST_H

#include "radon/coap/block.h"
#include "radon/coap/endpoint.h"
#include "radon/coap/message.h"

/** An option that is absent. */
#define RADON_COAP_NO_FORMAT (-1)

/** Name of a request that waits for its answer: index and generation; 0 is none. */
typedef uint32_t radon_coap_exchange_t;

/** Response classes that the client does not want (RFC 7967), as in the option. */
enum { RADON_COAP_NO_2XX = 2, RADON_COAP_NO_4XX = 8, RADON_COAP_NO_5XX = 16 };

/** Every view is borrowed for the time of the handler's call. */
typedef struct {
    const radon_coap_message_t *message; /**< for options without a member here (ETag, If-Match) */
    const radon_endpoint_t *endpoint;
    uint64_t now_ms;
    uint8_t method; /**< radon_method_t */
    uint8_t path_count;
    bool path_too_long; /**< more than RADON_COAP_PATH_SEGMENTS: names no resource */
    bool notification;  /**< fetched by the server for observers: no client waits */
    uint32_t since;     /**< of a notification: `mark` of the response these observers got last */
    bool observe_present;
    bool if_none_match;
    bool if_match_present;
    uint8_t no_response;
    uint8_t hop_limit;                            /**< RFC 8768; 0: without */
    radon_bytes_t path[RADON_COAP_PATH_SEGMENTS]; /**< UTF-8, decoded, may contain any character */
    int32_t accept;                               /**< content-format or RADON_COAP_NO_FORMAT */
    int32_t content_format;
    uint32_t observe;
    radon_coap_block_t block1;
    radon_coap_block_t block2;
    bool size1_present;
    uint32_t size1;
    radon_bytes_t request_tag;      /**< of the first such option */
    radon_bytes_t payload;          /**< of this block */
    uint32_t key;                   /**< CRC-32 of method, path, query, Accept and FETCH payload */
    radon_coap_exchange_t exchange; /**< set where the method may answer later */
} radon_coap_request_t;

/**
 * Fills the view from a message whose code is a method; `endpoint`, `now_ms` and `exchange` are the caller's.
 * Returns 0, or the response code that answers it: 4.02 for a critical option that is unknown, repeated, of a
 * wrong length or not UTF-8; 4.00 for a reserved block size; 5.05 for Proxy-Uri and Proxy-Scheme.
 */
uint8_t radon_coap_request_parse(radon_coap_request_t *request, const radon_coap_message_t *message);

/** The next Uri-Query option; start with `*options = radon_coap_options(request->message)`. */
bool radon_coap_request_next_query(radon_coap_options_t *options, radon_bytes_t *query);

/** Whether one of the ETag (or If-Match) options has this value. */
bool radon_coap_request_has_etag(const radon_coap_request_t *request, uint16_t option, radon_bytes_t etag);

/** Path as "a/rain/level" into `out`; returns its full length, cut at `cap`. */
size_t radon_coap_request_path(const radon_coap_request_t *request, char *out, size_t cap);

/** Bytes of the body before this block. */
size_t radon_coap_request_offset(const radon_coap_request_t *request);

/** Whether this block is the last (or only) one. */
static inline bool radon_coap_request_is_last(const radon_coap_request_t *request)
{
    return !request->block1.present || !request->block1.more;
}

#endif
