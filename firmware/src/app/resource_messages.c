/** /m/{name} and /names: messages for atoms of this node, and whom it knows. */
#include "radon/app/resources.h"
#include "radon/runtime/messages.h"
#include "radon/runtime/names.h"
#include "radon/runtime/reports.h"

/* Answers --------------------------------------------------------------------------------------------------
 */

static radon_coap_handled_t refuse_not_running(const radon_definition_t *definition, radon_bytes_t name,
                                               radon_coap_response_t *response)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_NOT_RUNNING);
    radon_problem_add_text(&report, RADON_FIELD_NAME, name);
    radon_problem_add_text(&report, RADON_FIELD_PHASE, radon_bytes_text(radon_definition_phase(definition)));
    radon_coap_response_problem(response, &report);
    return RADON_COAP_DONE;
}

static radon_coap_handled_t answer(radon_err_t err, const radon_arrival_t *arrival,
                                   const radon_definition_t *definition, radon_coap_response_t *response)
{
    switch (err) {
    case RADON_OK:
        return RADON_COAP_DONE;
    case RADON_E_FULL:
        (void)radon_resource_problem(response, RADON_PROBLEM_INBOX_FULL, RADON_FIELD_NAME,
                                     radon_definition_name(definition));
        response->max_age_s = 1;
        return RADON_COAP_DONE;
    case RADON_E_TOO_BIG:
        return radon_resource_too_large(response, arrival->sender.len + arrival->payload.len,
                                        definition->atom->inbox.capacity);
    case RADON_E_STATE:
        return refuse_not_running(definition, arrival->to, response);
    default:
        return radon_resource_problem(response, RADON_PROBLEM_NO_SUCH_ATOM, RADON_FIELD_NAME, arrival->to);
    }
}

/* Messages -------------------------------------------------------------------------------------------------
 */

static radon_err_t deliver(const radon_arrival_t *arrival, radon_coap_response_t *response)
{
    const radon_definition_t *definition;
    radon_err_t err = radon_messages_arrive(&radon_node.runtime, arrival, radon_port_now_us(), &definition);
    (void)answer(err, arrival, definition, response);
    return err;
}

/** After a restart of the node another node may still tell of what was sent before. */
static bool was_sent(const radon_definition_t *definition, uint32_t id)
{
    return definition != NULL && definition->atom != NULL && id < definition->atom->next_message;
}

/** What another node tells the sender of a message; nobody may be left to hear it. */
static void take_report(radon_bytes_t to, const radon_envelope_t *envelope)
{
    radon_destination_t sender;
    if (!radon_destination_parse_name(&sender, to)) {
        return;
    }
    const radon_told_t told = {.definition = radon_runtime_find(&radon_node.runtime, sender.atom),
                               .number = sender.number,
                               .destination = envelope->from,
                               .id = envelope->correlation,
                               .outcome = RADON_OUTCOME_NOT_DELIVERED,
                               .error = (radon_err_t)envelope->outcome};
    if (was_sent(told.definition, told.id)) {
        radon_reports_tell(&radon_node.runtime, &told);
    }
}

static radon_err_t take_message(radon_bytes_t to, const radon_envelope_t *envelope,
                                radon_coap_response_t *response)
{
    const radon_arrival_t arrival = {.to = to,
                                     .sender = envelope->from,
                                     .payload = envelope->payload,
                                     .id = envelope->id,
                                     .correlation = envelope->correlation,
                                     .unordered = (envelope->flags & RADON_ENVELOPE_UNORDERED) != 0};
    return deliver(&arrival, response);
}

/** What was taken before is answered as it was then. */
static void take_once(radon_bytes_t to, const radon_envelope_t *envelope, radon_coap_response_t *response)
{
    radon_destination_t from;
    radon_messaging_t *messaging = &radon_node.runtime.messaging;
    (void)radon_destination_parse(&from, envelope->from);
    if (radon_origins_seen(&messaging->origins, from.node, envelope->incarnation, envelope->seq)) {
        messaging->repeated++;
        return;
    }
    radon_err_t err = RADON_OK;
    if (envelope->outcome != 0) {
        take_report(to, envelope);
    } else {
        err = take_message(to, envelope, response);
    }
    if (err == RADON_OK) {
        radon_origins_take(&messaging->origins, from.node, envelope->incarnation, envelope->seq);
    }
}

static radon_coap_handled_t receive_envelope(const radon_coap_request_t *request,
                                             radon_coap_response_t *response)
{
    radon_envelope_t envelope;
    char detail[RADON_ENVELOPE_DETAIL_BYTES];
    if (!request->endpoint->trusted) {
        return radon_resource_problem(response, RADON_PROBLEM_FORBIDDEN_HERE, RADON_FIELD_NAME,
                                      radon_bytes(NULL, 0));
    }
    if (!radon_envelope_parse(&envelope, request->payload, detail)) {
        return radon_resource_problem(response, RADON_PROBLEM_BAD_CONTENT, RADON_FIELD_DETAIL,
                                      radon_bytes_text(detail));
    }
    take_once(request->path[1], &envelope, response);
    return RADON_COAP_DONE;
}

RADON_RESOURCE_HANDLER(message)
{
    (void)context;
    if (request->content_format == RADON_FORMAT_RADON_MESSAGE) {
        return receive_envelope(request, response);
    }
    if (request->payload.len > RADON_MAX_MESSAGE_BYTES) {
        return radon_resource_too_large(response, request->payload.len, RADON_MAX_MESSAGE_BYTES);
    }
    const radon_arrival_t arrival = {.to = request->path[1], .payload = request->payload};
    (void)deliver(&arrival, response);
    return RADON_COAP_DONE;
}

/* Names ----------------------------------------------------------------------------------------------------
 */

static void write_names(radon_document_t *doc, radon_field_t field, unsigned kinds)
{
    radon_names_t names = {.kinds = kinds};
    size_t count = 0;
    while (radon_names_next(&radon_node.runtime, &names)) {
        count++;
    }
    radon_document_field(doc, field);
    radon_document_array(doc, count);
    while (radon_names_next(&radon_node.runtime, &names)) {
        radon_document_text(doc, radon_names_current(&names));
    }
    radon_document_end(doc);
}

RADON_RESOURCE_HANDLER(names)
{
    (void)context;
    (void)request;
    radon_document_t doc;
    if (radon_coap_response_document(response, &doc)) {
        radon_document_map(&doc, 2);
        write_names(&doc, RADON_FIELD_ALIASES, RADON_NAMES_ALIASES);
        write_names(&doc, RADON_FIELD_NAMES, RADON_NAMES_ATOMS);
        radon_document_end(&doc);
    }
    return RADON_COAP_DONE;
}
