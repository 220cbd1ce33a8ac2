/** /log and /time. */
#include "radon/app/resources.h"

/** `timeMs LEVEL source message`, with a newline behind. */
static void write_text(radon_sink_t *sink, const radon_logbook_record_t *record)
{
    radon_bytes_t source = radon_logbook_source(record);
    radon_bytes_t line = radon_logbook_line(record);
    radon_sink_u64(sink, record->time_ms);
    radon_sink_put(sink, ' ');
    radon_sink_text(sink, radon_logbook_level_name((radon_log_level_t)record->level));
    radon_sink_put(sink, ' ');
    radon_sink_write(sink, source.data, source.len);
    radon_sink_put(sink, ' ');
    radon_sink_write(sink, line.data, line.len);
    radon_sink_put(sink, '\n');
}

static void write_record(radon_document_t *doc, const radon_logbook_record_t *record)
{
    radon_document_map(doc, 4);
    radon_document_field_text(doc, RADON_FIELD_NAME, radon_logbook_source(record));
    radon_document_field_text(doc, RADON_FIELD_LEVEL,
                              radon_bytes_text(radon_logbook_level_name((radon_log_level_t)record->level)));
    radon_document_field_text(doc, RADON_FIELD_LINE, radon_logbook_line(record));
    radon_document_field_uint(doc, RADON_FIELD_TIME_MS, record->time_ms);
    radon_document_end(doc);
}

/** The first line the request wants: all but a notification, which has those since the last one. Or NULL. */
static const radon_logbook_record_t *first_wanted(const radon_logbook_t *logbook,
                                                  const radon_coap_request_t *request)
{
    const radon_logbook_record_t *record = radon_logbook_next(logbook, NULL);
    while (record != NULL && request->notification && (int32_t)(record->number - request->since) <= 0) {
        record = radon_logbook_next(logbook, record);
    }
    return record;
}

static void write_lines(radon_document_t *doc, const radon_logbook_t *logbook,
                        const radon_logbook_record_t *first)
{
    size_t count = first == NULL ? 0 : logbook->number - first->number + 1;
    radon_document_array(doc, count);
    for (const radon_logbook_record_t *record = first; record != NULL;
         record = radon_logbook_next(logbook, record)) {
        write_record(doc, record);
    }
    radon_document_end(doc);
}

RADON_RESOURCE_HANDLER(log)
{
    (void)context;
    const radon_logbook_t *logbook = &radon_node.runtime.logbook;
    const radon_logbook_record_t *first = first_wanted(logbook, request);
    radon_document_t doc;
    response->mark = logbook->number;
    if (request->accept == RADON_FORMAT_CBOR || request->accept == RADON_FORMAT_JSON) {
        if (radon_coap_response_document(response, &doc)) {
            write_lines(&doc, logbook, first);
        }
    } else if (radon_coap_response_format(response, RADON_FORMAT_TEXT)) {
        for (; first != NULL; first = radon_logbook_next(logbook, first)) {
            write_text(&response->body, first);
        }
    }
    return RADON_COAP_DONE;
}

RADON_RESOURCE_HANDLER(time)
{
    (void)context;
    uint64_t utc_ms;
    if (request->method == RADON_METHOD_GET) {
        if (radon_coap_response_format(response, RADON_FORMAT_TEXT)) {
            radon_sink_u64(&response->body, radon_runtime_utc_us(&radon_node.runtime) / 1000U);
        }
        return RADON_COAP_DONE;
    }
    uint64_t now_us = radon_port_now_us();
    if (!radon_input_ms(request->payload, &utc_ms) || utc_ms * 1000U <= now_us) {
        return radon_resource_problem(response, RADON_PROBLEM_BAD_CONTENT, RADON_FIELD_DETAIL,
                                      radon_bytes_text("milliseconds since 1970 are wanted"));
    }
    radon_node.runtime.clock_base_us = utc_ms * 1000U - now_us;
    return RADON_COAP_DONE;
}
