#include "radon/app/resources.h"

#include "radon/app/snapshots.h"
#include "radon/base/crc.h"

#define GET RADON_COAP_METHODS(GET)
#define PUT RADON_COAP_METHODS(PUT)
#define POST RADON_COAP_METHODS(POST)
#define DELETE RADON_COAP_METHODS(DELETE)
#define ALL 0xFEU

/** Bytes of a path in a problem: more than any path that names something. */
#define PATH_SHOWN_BYTES 128U

static const uint16_t document_formats[] = {RADON_FORMAT_CBOR, RADON_FORMAT_JSON, RADON_FORMAT_TEXT};
static const uint16_t text_format[] = {RADON_FORMAT_TEXT};
static const uint16_t link_format[] = {RADON_FORMAT_LINK_FORMAT};
static const uint16_t log_formats[] = {RADON_FORMAT_TEXT, RADON_FORMAT_CBOR, RADON_FORMAT_JSON};

#define TEXT(literal) \
    { \
        .data = (const uint8_t *)(literal), .len = sizeof(literal) - 1 \
    }
#define FORMATS(table) .ct = (table), .ct_count = sizeof(table) / sizeof(table)[0]

static const radon_coap_resource_t table[] = {
    {.path = ".well-known/core",
     .methods = GET,
     .handler = radon_coap_tree_discover,
     .context = (void *)(uintptr_t)&radon_resources,
     .link = {FORMATS(link_format)}},
    {.path = "node",
     .methods = GET | POST,
     .control = POST,
     .observable = true,
     .handler = radon_resource_node,
     .link = {.rt = TEXT("radon.node"), FORMATS(document_formats), .obs = true}},
    {.path = "atoms",
     .methods = GET,
     .observable = true,
     .handler = radon_resource_atoms,
     .link = {.rt = TEXT("radon.atoms"), FORMATS(document_formats), .obs = true}},
    {.path = "atoms/*",
     .methods = GET | PUT | POST | DELETE,
     .control = POST | DELETE,
     .deferred = PUT | POST | DELETE,
     .observable = true,
     .body_max = RADON_MAX_MANIFEST_BYTES,
     .handler = radon_resource_atom,
     .list = radon_resource_list_atoms},
    {.path = "atoms/*/snapshot",
     .methods = GET | PUT,
     .control = GET | PUT,
     .deferred = GET | PUT,
     .body_max = RADON_SNAPSHOT_BYTES_MAX,
     .handler = radon_resource_snapshot},
    {.path = "images/*",
     .methods = GET | PUT,
     .deferred = PUT,
     .body_max = RADON_MAX_MODULE_BYTES,
     .handler = radon_resource_image},
    {.path = "a/*/**",
     .methods = ALL,
     .atoms = ALL,
     .deferred = ALL,
     .observable = true,
     .body_max = UINT16_MAX,
     .handler = radon_resource_served,
     .list = radon_resource_list_served},
    {.path = "m/*", .methods = POST, .atoms = ALL, .handler = radon_resource_message},
    {.path = "names",
     .methods = GET,
     .observable = true,
     .handler = radon_resource_names,
     .link = {.rt = TEXT("radon.names"), FORMATS(document_formats), .obs = true}},
    {.path = "io",
     .methods = GET,
     .handler = radon_resource_channels,
     .link = {.rt = TEXT("radon.io"), FORMATS(document_formats)}},
    {.path = "io/*",
     .methods = GET | PUT,
     .control = PUT,
     .deferred = PUT,
     .observable = true,
     .handler = radon_resource_channel,
     .list = radon_resource_list_channels},
    {.path = "log",
     .methods = GET,
     .observable = true,
     .handler = radon_resource_log,
     .link = {.rt = TEXT("radon.log"), FORMATS(log_formats), .obs = true}},
    {.path = "time",
     .methods = GET | PUT,
     .control = PUT,
     .handler = radon_resource_time,
     .link = {.rt = TEXT("radon.time"), FORMATS(text_format)}},
    {.path = "lease",
     .methods = GET | PUT,
     .control = PUT,
     .handler = radon_resource_lease,
     .link = {.rt = TEXT("radon.lease"), FORMATS(document_formats)}},
};

const radon_coap_tree_t radon_resources = {.resources = table, .count = sizeof table / sizeof table[0]};

uint32_t radon_resource_sender(const radon_endpoint_t *endpoint)
{
    uint32_t state = radon_crc32_update(RADON_CRC32_START, &endpoint->link, sizeof endpoint->link);
    return radon_crc32_update(state, endpoint->address, endpoint->address_len);
}

radon_coap_handled_t radon_resource_problem(radon_coap_response_t *response, radon_problem_t problem,
                                            radon_field_t field, radon_bytes_t text)
{
    radon_problem_report_t report = radon_problem_report(problem);
    if (text.len > 0) {
        radon_problem_add_text(&report, field, text);
    }
    radon_coap_response_problem(response, &report);
    return RADON_COAP_DONE;
}

radon_coap_handled_t radon_resource_path_problem(const radon_coap_request_t *request,
                                                 radon_coap_response_t *response, radon_problem_t problem)
{
    char path[PATH_SHOWN_BYTES] = "/";
    size_t length = 1 + radon_coap_request_path(request, path + 1, sizeof path - 1);
    length = length < sizeof path ? length : sizeof path;
    while (!radon_bytes_is_utf8(radon_bytes(path, length))) {
        length--;
    }
    return radon_resource_problem(response, problem, RADON_FIELD_NAME, radon_bytes(path, length));
}

radon_coap_handled_t radon_resource_busy(radon_coap_response_t *response)
{
    (void)radon_resource_problem(response, RADON_PROBLEM_BUSY, RADON_FIELD_DETAIL,
                                 radon_bytes_text("other work"));
    response->max_age_s = 1;
    return RADON_COAP_DONE;
}

radon_coap_handled_t radon_resource_too_large(radon_coap_response_t *response, size_t have, size_t limit)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_TOO_LARGE);
    radon_problem_add_number(&report, RADON_FIELD_HAVE, (int64_t)have);
    radon_problem_add_number(&report, RADON_FIELD_LIMIT, (int64_t)limit);
    radon_coap_response_problem(response, &report);
    response->size1 = (uint32_t)limit;
    return RADON_COAP_DONE;
}

radon_bytes_t radon_resource_command(const radon_coap_request_t *request)
{
    return radon_input_command(request->payload, request->content_format == RADON_FORMAT_JSON);
}
