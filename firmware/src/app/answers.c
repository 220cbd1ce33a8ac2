/** Deferred answers: what system jobs found out, what atoms replied, and why neither came about. */
#include "radon/app/network.h"
#include "radon/app/resources.h"
#include "radon/runtime/requests.h"

/** {missing: [{digest, size, have}]} or {missing: []}. */
static void write_missing(radon_coap_response_t *response, const radon_job_result_t *result)
{
    radon_document_t doc;
    response->code = result->code;
    if (!radon_coap_response_document(response, &doc)) {
        return;
    }
    radon_document_map(&doc, 1);
    radon_document_field(&doc, RADON_FIELD_MISSING);
    radon_document_array(&doc, result->size > 0 ? 1 : 0);
    if (result->size > 0) {
        radon_document_map(&doc, 3);
        radon_document_field_bytes(&doc, RADON_FIELD_DIGEST,
                                   radon_bytes(result->digest, sizeof result->digest));
        radon_document_field_uint(&doc, RADON_FIELD_SIZE, result->size);
        radon_document_field_uint(&doc, RADON_FIELD_HAVE, result->have);
        radon_document_end(&doc);
    }
    radon_document_end(&doc);
    radon_document_end(&doc);
}

static void write_body(radon_coap_response_t *response, const radon_sink_t *body)
{
    if (radon_coap_response_format(response, RADON_FORMAT_CBOR)) {
        radon_sink_adopt(&response->body, body);
    }
}

static void answer_job(void *context, radon_coap_response_t *response)
{
    const radon_job_result_t *result = context;
    if (result->kind == RADON_RESULT_BODY) {
        write_body(response, &result->body);
    } else if (result->kind == RADON_RESULT_MISSING) {
        write_missing(response, result);
    } else if (result->kind == RADON_RESULT_CODE) {
        radon_coap_response_code(response, result->code);
    } else {
        radon_problem_report_t report = radon_result_to_report(result);
        radon_coap_response_problem(response, &report);
    }
}

/** Which detail of the sentence the word of a refusal fills. */
static radon_field_t detail_field(radon_problem_t problem)
{
    switch (problem) {
    case RADON_PROBLEM_NOT_RUNNING:
        return RADON_FIELD_PHASE;
    case RADON_PROBLEM_METHOD_NOT_ALLOWED:
        return RADON_FIELD_METHOD;
    default:
        return RADON_FIELD_DETAIL;
    }
}

/** What the refusal is about: the atom or an instance, or one of its resources by its whole path. */
static radon_bytes_t refused_name(const radon_refusal_entry_t *entry, uint8_t *out, size_t cap)
{
    radon_sink_t sink;
    radon_sink_init(&sink, out, cap, 0);
    radon_sink_text(&sink, entry->path.len == 0 ? "" : "/a/");
    radon_sink_write(&sink, entry->name.data, entry->name.len);
    if (entry->number != 0) {
        radon_sink_put(&sink, '~');
        radon_sink_u64(&sink, entry->number);
    }
    if (entry->path.len > 0) {
        radon_sink_put(&sink, '/');
        radon_sink_write(&sink, entry->path.data, entry->path.len);
    }
    return radon_sink_window(&sink);
}

static void answer_refusal(void *context, radon_coap_response_t *response)
{
    const radon_refusal_entry_t *entry = context;
    uint8_t path[sizeof "/a//" + RADON_ACTOR_NAME_BYTES + RADON_MAX_PATH_BYTES];
    radon_problem_report_t report = radon_problem_report(entry->problem);
    radon_problem_add_text(&report, RADON_FIELD_NAME, refused_name(entry, path, sizeof path));
    if (entry->detail != NULL) {
        radon_problem_add_text(&report, detail_field(entry->problem), radon_bytes_text(entry->detail));
    }
    radon_coap_response_problem(response, &report);
}

static void answer_reply(void *context, radon_coap_response_t *response)
{
    const radon_request_answer_t *answer = context;
    radon_coap_response_code(response, answer->open->code);
    response->format =
        answer->open->format == RADON_FORMAT_NONE ? RADON_COAP_NO_FORMAT : answer->open->format;
    radon_sink_write(&response->body, radon_opens_body(&answer->atom->opens, answer->open),
                     answer->open->length);
}

void radon_answers_send(uint64_t now_ms)
{
    radon_coap_server_t *server = &radon_node.server;
    radon_refusal_entry_t refusal;
    radon_request_answer_t reply;
    for (radon_job_t *job = radon_jobs_next_done(&radon_node.jobs); job != NULL;
         job = radon_jobs_next_done(&radon_node.jobs)) {
        (void)radon_coap_server_respond(server, job->exchange, answer_job, &job->result, now_ms);
        radon_jobs_free(&radon_node.jobs, job);
    }
    while (radon_refusals_take(&radon_node.runtime.refusals, &refusal)) {
        (void)radon_coap_server_respond(server, refusal.exchange, answer_refusal, &refusal, now_ms);
    }
    while (radon_requests_next_answer(&radon_node.runtime, &reply)) {
        (void)radon_coap_server_respond(server, reply.open->exchange, answer_reply, &reply, now_ms);
        radon_requests_sent(&reply);
    }
}
