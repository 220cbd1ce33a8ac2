/** /images/{digest}: how much of a payload is there; its bytes. */
#include "radon/app/resources.h"

/** A payload that the table of atoms knows, looked for among the pending and then the active versions; or
 * NULL. */
static const radon_node_upload_t *find(const radon_node_upload_t *table, const uint8_t *digest)
{
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        bool used = radon_node.runtime.definitions[i].used && table[i].digest != NULL;
        if (used && memcmp(table[i].digest, digest, RADON_IMAGES_DIGEST) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static const radon_node_upload_t *find_payload(const uint8_t *digest)
{
    const radon_node_upload_t *found = find(radon_node.uploads, digest);
    return found != NULL ? found : find(radon_node.active, digest);
}

static radon_coap_handled_t get(const radon_node_upload_t *payload, radon_coap_response_t *response)
{
    radon_document_t doc;
    if (radon_coap_response_document(response, &doc)) {
        radon_document_map(&doc, 3);
        radon_document_field_bytes(&doc, RADON_FIELD_DIGEST,
                                   radon_bytes(payload->digest, RADON_IMAGES_DIGEST));
        radon_document_field_uint(&doc, RADON_FIELD_SIZE, payload->size);
        radon_document_field_uint(&doc, RADON_FIELD_HAVE, payload->have);
        radon_document_end(&doc);
    }
    return RADON_COAP_DONE;
}

static radon_coap_handled_t put(const radon_coap_request_t *request, radon_coap_response_t *response,
                                const uint8_t *digest)
{
    if (request->payload.len > RADON_JOB_BUFFER_BYTES) {
        return radon_resource_too_large(response, request->payload.len, RADON_JOB_BUFFER_BYTES);
    }
    radon_job_t *job = radon_jobs_reserve(&radon_node.jobs, RADON_JOB_BLOCK, true);
    if (job == NULL) {
        return radon_resource_busy(response);
    }
    memcpy(job->digest, digest, RADON_IMAGES_DIGEST);
    if (request->payload.len > 0) {
        memcpy(radon_job_buffer(&radon_node.jobs, job), request->payload.data, request->payload.len);
    }
    job->length = (uint16_t)request->payload.len;
    job->offset = (uint32_t)radon_coap_request_offset(request);
    job->last = radon_coap_request_is_last(request);
    job->exchange = request->exchange;
    radon_jobs_queue(&radon_node.jobs, job);
    return RADON_COAP_LATER;
}

RADON_RESOURCE_HANDLER(image)
{
    (void)context;
    uint8_t digest[RADON_IMAGES_DIGEST];
    bool named = radon_bytes_parse_hex(request->path[1], digest, sizeof digest);
    const radon_node_upload_t *payload = named ? find_payload(digest) : NULL;
    if (request->method == RADON_METHOD_PUT) {
        return payload != NULL ? put(request, response, digest)
                               : radon_resource_problem(response, RADON_PROBLEM_NOT_WANTED, RADON_FIELD_NAME,
                                                        radon_bytes(NULL, 0));
    }
    return payload != NULL ? get(payload, response)
                           : radon_resource_path_problem(request, response, RADON_PROBLEM_NOT_FOUND);
}
