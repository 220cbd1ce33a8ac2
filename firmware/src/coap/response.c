#include "radon/coap/response.h"

void radon_coap_response_code(radon_coap_response_t *response, uint8_t code)
{
    radon_sink_init(&response->body, response->body.buffer, response->body.cap, 0);
    response->format = RADON_COAP_NO_FORMAT;
    response->code = code;
}

void radon_coap_response_problem(radon_coap_response_t *response, const radon_problem_report_t *report)
{
    radon_coap_response_code(response, radon_problem_code(report->problem));
    response->format = RADON_FORMAT_PROBLEM_DETAILS;
    radon_problem_write(&response->body, report);
}

bool radon_coap_response_format(radon_coap_response_t *response, uint16_t format)
{
    if (response->accept != RADON_COAP_NO_FORMAT && response->accept != format) {
        radon_coap_response_code(response, RADON_COAP_NOT_ACCEPTABLE);
        return false;
    }
    response->format = format;
    return true;
}

/** Picks CBOR (`cbor`, also the default), JSON (`json`) or text by Accept. */
static bool negotiate(radon_coap_response_t *response, uint16_t cbor, uint16_t json,
                      radon_document_format_t *format)
{
    if (response->accept == RADON_FORMAT_TEXT) {
        *format = RADON_DOCUMENT_TEXT;
        return radon_coap_response_format(response, RADON_FORMAT_TEXT);
    }
    *format = response->accept == json ? RADON_DOCUMENT_JSON : RADON_DOCUMENT_CBOR;
    return radon_coap_response_format(response, response->accept == json ? json : cbor);
}

bool radon_coap_response_document(radon_coap_response_t *response, radon_document_t *doc)
{
    radon_document_format_t format;
    if (!negotiate(response, RADON_FORMAT_CBOR, RADON_FORMAT_JSON, &format)) {
        return false;
    }
    radon_document_init(doc, format, &response->body);
    return true;
}

bool radon_coap_response_senml(radon_coap_response_t *response, radon_document_t *doc, bool *as_text)
{
    radon_document_format_t format;
    if (!negotiate(response, RADON_FORMAT_SENML_CBOR, RADON_FORMAT_SENML_JSON, &format)) {
        return false;
    }
    *as_text = format == RADON_DOCUMENT_TEXT;
    radon_document_init(doc, format, &response->body);
    return true;
}
