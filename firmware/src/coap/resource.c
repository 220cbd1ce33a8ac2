#include "radon/coap/resource.h"

/** Cuts the first segment off a pattern of segments separated by slashes. */
static radon_bytes_t next_segment(radon_bytes_t *pattern)
{
    const uint8_t *slash = memchr(pattern->data, '/', pattern->len);
    size_t len = slash == NULL ? pattern->len : (size_t)(slash - pattern->data);
    size_t step = slash == NULL ? len : len + 1;
    radon_bytes_t segment = radon_bytes(pattern->data, len);
    *pattern = radon_bytes(pattern->data + step, pattern->len - step);
    return segment;
}

static bool matches(const char *path, const radon_coap_request_t *request)
{
    radon_bytes_t pattern = radon_bytes_text(path);
    uint8_t at = 0;
    while (pattern.len > 0) {
        radon_bytes_t segment = next_segment(&pattern);
        if (at == request->path_count) {
            return false;
        }
        if (radon_bytes_equal_text(segment, "**")) {
            return true;
        }
        if (!radon_bytes_equal_text(segment, "*") && !radon_bytes_equal(segment, request->path[at])) {
            return false;
        }
        at++;
    }
    return at == request->path_count;
}

const radon_coap_resource_t *radon_coap_tree_find(const radon_coap_tree_t *tree,
                                                  const radon_coap_request_t *request)
{
    for (size_t i = 0; i < tree->count && !request->path_too_long; i++) {
        if (matches(tree->resources[i].path, request)) {
            return &tree->resources[i];
        }
    }
    return NULL;
}

radon_coap_handled_t radon_coap_tree_discover(void *context, const radon_coap_request_t *request,
                                              radon_coap_response_t *response)
{
    const radon_coap_tree_t *tree = context;
    radon_link_writer_t links;
    if (!radon_coap_response_format(response, RADON_FORMAT_LINK_FORMAT)) {
        return RADON_COAP_DONE;
    }
    radon_link_writer_init(&links, &response->body, request->message);
    for (size_t i = 0; i < tree->count; i++) {
        const radon_coap_resource_t *resource = &tree->resources[i];
        if (strchr(resource->path, '*') == NULL) {
            radon_link_write(&links, radon_bytes_text(resource->path), &resource->link);
        } else if (resource->list != NULL) {
            resource->list(resource->context, &links);
        }
    }
    return RADON_COAP_DONE;
}
