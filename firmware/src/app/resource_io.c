/** /io and /io/{channel}: readings of the board's channels, and setting them. */
#include "radon/app/resources.h"
#include "radon/base/senml.h"

RADON_RESOURCE_HANDLER(channels)
{
    (void)context;
    (void)request;
    const radon_channels_t *channels = &radon_node.runtime.channels;
    radon_document_t doc;
    if (!radon_coap_response_document(response, &doc)) {
        return RADON_COAP_DONE;
    }
    radon_document_array(&doc, channels->count);
    for (size_t i = 0; i < channels->count; i++) {
        const radon_channel_t *channel = &channels->table[i];
        radon_document_map(&doc, 5);
        radon_document_field_text(&doc, RADON_FIELD_NAME, radon_bytes_text(channel->name));
        radon_document_field_number(&doc, RADON_FIELD_VALUE, radon_channels_value(channels, i));
        radon_document_field_text(&doc, RADON_FIELD_UNIT, radon_bytes_text(channel->unit));
        radon_document_field_text(&doc, RADON_FIELD_DIRECTION,
                                  radon_bytes_text(channel->output ? "out" : "in"));
        radon_document_field_bool(&doc, RADON_FIELD_SIMULATED, channel->simulated);
        radon_document_end(&doc);
    }
    radon_document_end(&doc);
    return RADON_COAP_DONE;
}

void radon_resource_list_channels(void *context, radon_link_writer_t *links)
{
    static const uint16_t formats[] = {RADON_FORMAT_SENML_CBOR, RADON_FORMAT_SENML_JSON, RADON_FORMAT_TEXT};
    (void)context;
    const radon_channels_t *channels = &radon_node.runtime.channels;
    for (size_t i = 0; i < channels->count; i++) {
        uint8_t path[3 + RADON_MAX_NAME_BYTES];
        radon_sink_t sink;
        radon_sink_init(&sink, path, sizeof path, 0);
        radon_sink_text(&sink, "io/");
        radon_sink_text(&sink, channels->table[i].name);
        const radon_link_attributes_t attributes = {
            .rt = radon_bytes_text("radon.channel"),
            .iface = radon_bytes_text(channels->table[i].output ? "core.a" : "core.s"),
            .ct = formats,
            .ct_count = 3,
            .obs = true,
        };
        radon_link_write(links, radon_sink_window(&sink), &attributes);
    }
}

static radon_coap_handled_t get(size_t index, radon_coap_response_t *response)
{
    const radon_channels_t *channels = &radon_node.runtime.channels;
    double value = radon_channels_value(channels, index);
    radon_document_t doc;
    bool as_text = false;
    if (!radon_coap_response_senml(response, &doc, &as_text)) {
        return RADON_COAP_DONE;
    }
    if (as_text) {
        radon_sink_double(&response->body, value);
    } else {
        radon_senml_write(&doc, radon_bytes_text(channels->table[index].name),
                          radon_bytes_text(channels->table[index].unit), value);
    }
    return RADON_COAP_DONE;
}

/** The value in the body, as text (also without Content-Format) or SenML CBOR. */
static bool parse_body(const radon_coap_request_t *request, double *value)
{
    if (request->content_format == RADON_FORMAT_SENML_CBOR) {
        return radon_senml_read_cbor(request->payload, value) == RADON_OK && *value - *value == 0;
    }
    return radon_input_number(request->payload, value);
}

static radon_coap_handled_t put(size_t index, const radon_coap_request_t *request,
                                radon_coap_response_t *response)
{
    const radon_channel_t *channel = &radon_node.runtime.channels.table[index];
    double value;
    if (!channel->output && !channel->simulated) {
        return radon_resource_problem(response, RADON_PROBLEM_READ_ONLY, RADON_FIELD_NAME, request->path[1]);
    }
    int32_t format = request->content_format;
    if (format != RADON_COAP_NO_FORMAT && format != RADON_FORMAT_TEXT && format != RADON_FORMAT_SENML_CBOR) {
        radon_coap_response_code(response, RADON_COAP_UNSUPPORTED_CONTENT_FORMAT);
        return RADON_COAP_DONE;
    }
    if (!parse_body(request, &value)) {
        return radon_resource_problem(response, RADON_PROBLEM_BAD_CONTENT, RADON_FIELD_DETAIL,
                                      radon_bytes_text("a finite number is wanted"));
    }
    radon_job_t *job = radon_jobs_reserve(&radon_node.jobs, RADON_JOB_CHANNEL, false);
    if (job == NULL) {
        return radon_resource_busy(response);
    }
    job->channel = (uint8_t)index;
    job->value = value;
    job->exchange = request->exchange;
    radon_jobs_queue(&radon_node.jobs, job);
    return RADON_COAP_LATER;
}

RADON_RESOURCE_HANDLER(channel)
{
    (void)context;
    int index = radon_channels_find(&radon_node.runtime.channels, request->path[1]);
    if (index < 0) {
        return radon_resource_problem(response, RADON_PROBLEM_NOT_A_CHANNEL, RADON_FIELD_NAME,
                                      request->path[1]);
    }
    return request->method == RADON_METHOD_PUT ? put((size_t)index, request, response)
                                               : get((size_t)index, response);
}
