/** /a/{name}/{path}: what atoms serve, from their publications or by asking them. */
#include "radon/app/configure.h"
#include "radon/app/resources.h"
#include "radon/base/crc.h"
#include "radon/runtime/requests.h"

/** The segments behind /a/{name}, joined by slashes; empty when they are longer than any declared path. */
static radon_bytes_t declared_path(const radon_coap_request_t *request, uint8_t *out)
{
    radon_sink_t sink;
    radon_sink_init(&sink, out, RADON_MAX_PATH_BYTES, 0);
    for (uint8_t i = 2; i < request->path_count; i++) {
        if (i > 2) {
            radon_sink_put(&sink, '/');
        }
        radon_sink_write(&sink, request->path[i].data, request->path[i].len);
    }
    return radon_sink_fits(&sink) ? radon_sink_window(&sink) : radon_bytes(NULL, 0);
}

/** Uri-Query options joined by "&"; `*length` is the full length. */
static radon_bytes_t joined_query(const radon_coap_request_t *request, uint8_t *out, size_t *length)
{
    radon_coap_options_t options = radon_coap_options(request->message);
    radon_bytes_t query;
    radon_sink_t sink;
    radon_sink_init(&sink, out, RADON_MAX_QUERY_BYTES, 0);
    for (bool first = true; radon_coap_request_next_query(&options, &query); first = false) {
        if (!first) {
            radon_sink_put(&sink, '&');
        }
        radon_sink_write(&sink, query.data, query.len);
    }
    *length = sink.total;
    return radon_sink_window(&sink);
}

static uint16_t format_of(int32_t format)
{
    return format == RADON_COAP_NO_FORMAT ? RADON_FORMAT_NONE : (uint16_t)format;
}

/* ---- Publications ---- */

static uint32_t seconds_left(const radon_publication_t *publication, uint64_t now_us)
{
    return publication->expires_us == RADON_PUBLICATION_NO_EXPIRY
               ? 0
               : (uint32_t)((publication->expires_us - now_us) / 1000000U);
}

/** Answers a GET from a publication; false when the resource has none. */
static bool serve_published(const radon_atom_t *atom, uint8_t resource, const radon_coap_request_t *request,
                            radon_coap_response_t *response)
{
    bool any;
    uint64_t now_us = radon_port_now_us();
    const radon_publication_t *publication =
        radon_publications_find(&atom->publications, resource, format_of(request->accept), now_us, &any);
    if (publication != NULL) {
        response->format = publication->format;
        response->max_age_s = seconds_left(publication, now_us);
        radon_sink_write(&response->body, atom->publications.bytes + publication->offset,
                         publication->length);
    } else if (any) {
        (void)radon_resource_path_problem(request, response, RADON_PROBLEM_NOT_ACCEPTABLE);
    }
    return any;
}

/* ---- Events ---- */

/** Gathers a body that comes in blocks. True when `*body` is whole; else `response` is the answer to this
 * block. */
static bool gather(radon_atom_t *atom, const radon_coap_request_t *request, radon_coap_response_t *response,
                   radon_bytes_t *body)
{
    radon_request_block_t block = {
        .key = radon_crc32_update(request->key, request->request_tag.data, request->request_tag.len),
        .sender = radon_resource_sender(request->endpoint),
        .offset = radon_coap_request_offset(request),
        .bytes = request->payload,
        .last = radon_coap_request_is_last(request),
    };
    switch (radon_requests_receive(atom, &block, radon_port_now_us(), body)) {
    case RADON_OK:
        radon_coap_response_code(response, RADON_COAP_CONTINUE);
        return block.last;
    case RADON_E_TOO_BIG:
        (void)radon_resource_too_large(response, block.offset + block.bytes.len, atom->opens.body);
        return false;
    case RADON_E_FULL:
        (void)radon_resource_problem(response, RADON_PROBLEM_INBOX_FULL, RADON_FIELD_NAME,
                                     radon_definition_name(atom->definition));
        response->max_age_s = 1;
        return false;
    default:
        radon_coap_response_code(response, RADON_COAP_REQUEST_ENTITY_INCOMPLETE);
        return false;
    }
}

static radon_coap_handled_t accept(radon_atom_t *atom, const radon_request_event_t *event,
                                   radon_coap_response_t *response)
{
    size_t size = radon_requests_size(atom, event);
    if (event->payload.len > atom->opens.body) {
        return radon_resource_too_large(response, event->payload.len, atom->opens.body);
    }
    switch (radon_requests_accept(atom, event, radon_port_now_us())) {
    case RADON_OK:
        return RADON_COAP_LATER;
    case RADON_E_TOO_BIG:
        return radon_resource_too_large(response, size, atom->inbox.capacity);
    default:
        (void)radon_resource_problem(response, RADON_PROBLEM_INBOX_FULL, RADON_FIELD_NAME,
                                     radon_definition_name(atom->definition));
        response->max_age_s = 1;
        return RADON_COAP_DONE;
    }
}

/** Hops that a request of the atom carries while it handles this one. */
static uint8_t hops_left(const radon_coap_request_t *request)
{
    if (request->hop_limit == 0 || request->hop_limit > RADON_MAX_HOPS) {
        return RADON_MAX_HOPS;
    }
    return (uint8_t)(request->hop_limit - 1);
}

static radon_coap_handled_t ask_atom(const radon_target_t *target, uint8_t resource,
                                     const radon_coap_request_t *request, radon_coap_response_t *response)
{
    radon_atom_t *atom = target->definition->atom;
    uint8_t query[RADON_MAX_QUERY_BYTES];
    size_t query_length;
    radon_bytes_t body = request->payload;
    radon_request_event_t event = {
        .exchange = request->exchange,
        .sender = radon_resource_sender(request->endpoint),
        .number = target->number,
        .resource = resource,
        .method = request->method,
        .hops = hops_left(request),
        .format = format_of(request->content_format),
        .accept = format_of(request->accept),
        .query = joined_query(request, query, &query_length),
    };
    if (query_length > RADON_MAX_QUERY_BYTES) {
        return radon_resource_too_large(response, query_length, RADON_MAX_QUERY_BYTES);
    }
    if (request->block1.present && !gather(atom, request, response, &body)) {
        return RADON_COAP_DONE;
    }
    event.payload = body;
    return accept(atom, &event, response);
}

static radon_coap_handled_t not_running(const radon_definition_t *definition, radon_coap_response_t *response)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_NOT_RUNNING);
    radon_problem_add_text(&report, RADON_FIELD_NAME, radon_definition_name(definition));
    radon_problem_add_text(&report, RADON_FIELD_PHASE, radon_bytes_text(radon_definition_phase(definition)));
    radon_coap_response_problem(response, &report);
    return RADON_COAP_DONE;
}

RADON_RESOURCE_HANDLER(served)
{
    (void)context;
    uint8_t path[RADON_MAX_PATH_BYTES];
    radon_target_t target;
    if (!radon_runtime_resolve(&radon_node.runtime, request->path[1], &target)) {
        return radon_resource_problem(response, RADON_PROBLEM_NO_SUCH_ATOM, RADON_FIELD_NAME,
                                      request->path[1]);
    }
    if (!radon_definition_serves(target.definition)) {
        return not_running(target.definition, response);
    }
    radon_atom_t *atom = target.definition->atom;
    radon_bytes_t wanted = declared_path(request, path);
    int resource = radon_configuration_resource(&atom->configuration, wanted);
    if (resource < 0) {
        return radon_resource_path_problem(request, response, RADON_PROBLEM_NOT_FOUND);
    }
    response->observable = target.number == 0 && (atom->configuration.observable >> resource & 1U) != 0;
    if (request->method == RADON_METHOD_GET && serve_published(atom, (uint8_t)resource, request, response)) {
        return RADON_COAP_DONE;
    }
    return ask_atom(&target, (uint8_t)resource, request, response);
}

/* ---- Links ---- */

static void list_resource(const radon_definition_t *definition, const radon_manifest_resource_t *resource,
                          radon_link_writer_t *links)
{
    uint8_t path[2 + RADON_MAX_NAME_BYTES + 1 + RADON_MAX_PATH_BYTES];
    radon_sink_t sink;
    radon_sink_init(&sink, path, sizeof path, 0);
    radon_sink_text(&sink, "a/");
    radon_sink_write(&sink, definition->name, definition->name_length);
    radon_sink_put(&sink, '/');
    radon_sink_write(&sink, resource->path.data, resource->path.len);
    const radon_link_attributes_t attributes = {
        .rt = resource->rt,
        .iface = resource->interface,
        .title = resource->title,
        .ct = resource->ct,
        .ct_count = resource->ct_count,
        .obs = resource->observable,
    };
    radon_link_write(links, radon_sink_window(&sink), &attributes);
}

void radon_resource_list_served(void *context, radon_link_writer_t *links)
{
    (void)context;
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        const radon_definition_t *definition = &radon_node.runtime.definitions[i];
        radon_manifest_t manifest;
        radon_manifest_list_t list;
        radon_manifest_resource_t resource;
        if (!definition->used || !radon_configure_open(definition->manifest, &manifest)) {
            continue;
        }
        radon_manifest_list(&list, &manifest.resources);
        while (radon_manifest_next_resource(&list, &resource)) {
            list_resource(definition, &resource, links);
        }
    }
}
