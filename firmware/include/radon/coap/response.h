/** What a handler answers. */
#ifndef RADON_COAP_RESPONSE_H
#define RADON_COAP_RESPONSE_H

#include "radon/base/document.h"
#include "radon/base/problem.h"
#include "radon/coap/request.h"

/**
 * The server fills in ETag, Block1, Block2, Size2, Observe and leaves out Max-Age where it would be the
 * default. A body longer than a block is written whole each time; the sink keeps the block that was asked
 * for.
 */
typedef struct {
    uint8_t code;       /**< starts as 2.05 for GET and FETCH, else 2.04 */
    int32_t format;     /**< content-format of the body; starts as RADON_COAP_NO_FORMAT */
    uint32_t max_age_s; /**< starts as 0 */
    uint32_t size1;     /**< Size1 of a 4.13: the limit; 0 is left out */
    bool observable;    /**< starts as true; false: Observe in this request is ignored after all */
    uint32_t mark;      /**< a position of the resource's own, for `since` of the next notification */
    int32_t accept;     /**< of the request */
    radon_sink_t body;
} radon_coap_response_t;

/** Answers with the error and its problem details; what was written to the body before is dropped. */
void radon_coap_response_problem(radon_coap_response_t *response, const radon_problem_report_t *report);

/** Answers with a code and no body. */
void radon_coap_response_code(radon_coap_response_t *response, uint8_t code);

/**
 * Starts a document of state in the format the request accepts (CBOR when it does not say, JSON or text).
 * False when none fits; the response is then 4.06.
 */
bool radon_coap_response_document(radon_coap_response_t *response, radon_document_t *doc);

/** Starts a SenML pack: CBOR by default, JSON, or `*as_text` when text was asked for (write the value alone).
 */
bool radon_coap_response_senml(radon_coap_response_t *response, radon_document_t *doc, bool *as_text);

/** Takes `format` as the body's when the request accepts it; else 4.06 and false. */
bool radon_coap_response_format(radon_coap_response_t *response, uint16_t format);

#endif
