/** /atoms/{name}/snapshot: the state of a frozen atom as one document. */
#include "radon/app/resources.h"
#include "radon/app/snapshots.h"

static radon_job_t *reserve(const radon_coap_request_t *request, radon_job_kind_t kind)
{
    radon_job_t *job = radon_jobs_reserve(&radon_node.jobs, kind, true);
    if (job != NULL) {
        job->name_length = (uint8_t)request->path[1].len;
        memcpy(job->name, request->path[1].data, request->path[1].len);
        job->sender = radon_resource_sender(request->endpoint);
        job->exchange = request->exchange;
    }
    return job;
}

static radon_coap_handled_t get(const radon_coap_request_t *request, radon_coap_response_t *response)
{
    radon_job_t *job = reserve(request, RADON_JOB_TAKE);
    if (job == NULL) {
        return radon_resource_busy(response);
    }
    job->offset = (uint32_t)response->body.from;
    radon_jobs_queue(&radon_node.jobs, job);
    return RADON_COAP_LATER;
}

static radon_coap_handled_t put(const radon_coap_request_t *request, radon_coap_response_t *response)
{
    if (request->content_format != RADON_FORMAT_CBOR) {
        radon_coap_response_code(response, RADON_COAP_UNSUPPORTED_CONTENT_FORMAT);
        return RADON_COAP_DONE;
    }
    if (request->payload.len > RADON_JOB_BUFFER_BYTES) {
        return radon_resource_too_large(response, request->payload.len, RADON_JOB_BUFFER_BYTES);
    }
    radon_job_t *job = reserve(request, RADON_JOB_RESTORE);
    if (job == NULL) {
        return radon_resource_busy(response);
    }
    if (request->payload.len > 0) {
        memcpy(radon_job_buffer(&radon_node.jobs, job), request->payload.data, request->payload.len);
    }
    job->length = (uint16_t)request->payload.len;
    job->offset = (uint32_t)radon_coap_request_offset(request);
    job->last = radon_coap_request_is_last(request);
    job->total = request->size1_present ? request->size1 : 0;
    radon_jobs_queue(&radon_node.jobs, job);
    return RADON_COAP_LATER;
}

RADON_RESOURCE_HANDLER(snapshot)
{
    (void)context;
    radon_bytes_t name = request->path[1];
    if (radon_runtime_find(&radon_node.runtime, name) == NULL) {
        return radon_resource_problem(response, RADON_PROBLEM_NO_SUCH_ATOM, RADON_FIELD_NAME, name);
    }
    return request->method == RADON_METHOD_PUT ? put(request, response) : get(request, response);
}
