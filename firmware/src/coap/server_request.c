#include "server_internal.h"

/** A request on its way through the checks to its handler. */
typedef struct {
    radon_coap_server_t *server;
    radon_coap_request_t request;
    radon_coap_response_t response;
    radon_coap_route_t route;
    const radon_coap_resource_t *resource;
} service_t;

#define PATH_SHOWN_MAX 64

radon_coap_handled_t radon_coap_server_call(radon_coap_server_t *server,
                                            const radon_coap_resource_t *resource,
                                            const radon_coap_request_t *request,
                                            radon_coap_response_t *response)
{
    server->handling = true;
    radon_coap_handled_t handled = resource->handler(resource->context, request, response);
    server->handling = false;
    return handled;
}

/* Refusals: each answers true when it has filled the response ----------------------------------------------
 */

static bool refuse_with_text(service_t *service, uint8_t code, const char *text)
{
    radon_coap_response_code(&service->response, code);
    radon_sink_text(&service->response.body, text);
    return true;
}

static bool refuse(service_t *service, const radon_problem_report_t *report)
{
    radon_coap_response_problem(&service->response, report);
    return true;
}

static bool refuse_busy(service_t *service, uint32_t retry_s)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_BUSY);
    radon_problem_add_text(&report, RADON_FIELD_DETAIL, radon_bytes_text("other requests"));
    service->response.max_age_s = retry_s;
    return refuse(service, &report);
}

/** A refusal that names the path, cut to PATH_SHOWN_MAX bytes between characters. */
static bool refuse_path(service_t *service, radon_problem_report_t *report)
{
    char path[PATH_SHOWN_MAX] = "/";
    size_t len = 1 + radon_coap_request_path(&service->request, path + 1, sizeof path - 1);
    len = len < sizeof path ? len : sizeof path;
    while (!radon_bytes_is_utf8(radon_bytes(path, len))) {
        len--;
    }
    radon_problem_add_text(report, RADON_FIELD_NAME, radon_bytes(path, len));
    return refuse(service, report);
}

static bool refuses_options(service_t *service, uint8_t code)
{
    switch (code) {
    case 0:
        return false;
    case RADON_COAP_BAD_OPTION:
        return refuse_with_text(service, code, "A critical option is unknown, repeated or malformed.");
    case RADON_COAP_BAD_REQUEST:
        return refuse_with_text(service, code, "A block option does not fit its block.");
    default:
        return refuse_with_text(service, code, "This node is no proxy.");
    }
}

static bool has_method(uint8_t methods, uint8_t method)
{
    return method < 8 && (methods >> method & 1) != 0;
}

static bool refuses_method(service_t *service)
{
    static const char *const names[] = {"", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"};
    uint8_t method = service->request.method;
    if (has_method(service->resource->methods, method)) {
        return false;
    }
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_METHOD_NOT_ALLOWED);
    if (method < sizeof names / sizeof names[0]) {
        radon_problem_add_text(&report, RADON_FIELD_METHOD, radon_bytes_text(names[method]));
    } else {
        radon_problem_add_number(&report, RADON_FIELD_METHOD, method);
    }
    return refuse_path(service, &report);
}

/** Atoms of this node may read everything, and more where the tree says so. */
static bool refuses_atom(service_t *service)
{
    const radon_coap_request_t *request = &service->request;
    bool allowed = !radon_endpoint_is_local(request->endpoint) || request->method == RADON_METHOD_GET ||
                   (service->resource != NULL && has_method(service->resource->atoms, request->method));
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_FORBIDDEN_HERE);
    return !allowed && refuse(service, &report);
}

static bool refuses_target(service_t *service)
{
    service->resource = radon_coap_tree_find(&service->server->config->tree, &service->request);
    if (refuses_atom(service)) {
        return true;
    }
    if (service->resource == NULL) {
        radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_NOT_FOUND);
        return refuse_path(service, &report);
    }
    if (refuses_method(service)) {
        return true;
    }
    if (has_method(service->resource->control, service->request.method) &&
        !service->request.endpoint->trusted) {
        radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_FORBIDDEN_HERE);
        return refuse(service, &report);
    }
    return false;
}

/** RFC 7959 2.9.3: 4.13 with the limit in Size1. */
static bool refuses_size(service_t *service)
{
    const radon_coap_request_t *request = &service->request;
    uint32_t limit = service->resource->body_max;
    size_t size = radon_coap_request_offset(request) + request->payload.len;
    bool blockwise = request->block1.present && (request->block1.more || request->block1.num > 0);
    if (request->size1_present && request->size1 > size) {
        size = request->size1;
    }
    if (limit == 0) {
        limit = RADON_COAP_BLOCK_MAX;
        size += blockwise ? limit : 0; /* more than one block, however small they are */
    }
    if (size <= limit) {
        return false;
    }
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_TOO_LARGE);
    radon_problem_add_number(&report, RADON_FIELD_HAVE, (int64_t)size);
    radon_problem_add_number(&report, RADON_FIELD_LIMIT, limit);
    service->response.size1 = limit;
    return refuse(service, &report);
}

/* Preconditions (RFC 7252 5.10.8) --------------------------------------------------------------------------
 */

/** ETag of the representation in one format; false when there is none. */
static bool fetch_etag(service_t *service, int32_t accept, uint8_t etag[4])
{
    radon_coap_request_t request = service->request;
    radon_coap_response_t response = {
        .code = RADON_COAP_CONTENT, .format = RADON_COAP_NO_FORMAT, .accept = accept};
    request.method = RADON_METHOD_GET;
    request.accept = accept;
    request.payload = radon_bytes(NULL, 0);
    request.block1 = request.block2 = (radon_coap_block_t){0};
    request.observe_present = false;
    radon_sink_init(&response.body, NULL, 0, 0);
    radon_coap_server_call(service->server, service->resource, &request, &response);
    radon_coap_etag_bytes(radon_sink_crc32(&response.body), etag);
    return response.code == RADON_COAP_CONTENT;
}

static bool matches_etag(service_t *service)
{
    static const int32_t formats[] = {RADON_COAP_NO_FORMAT, RADON_FORMAT_JSON, RADON_FORMAT_SENML_JSON,
                                      RADON_FORMAT_TEXT};
    const radon_coap_request_t *request = &service->request;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        uint8_t etag[4];
        if (!fetch_etag(service, formats[i], etag)) {
            continue;
        }
        if (radon_coap_request_has_etag(request, RADON_COAP_OPTION_IF_MATCH,
                                        radon_bytes(etag, sizeof etag)) ||
            radon_coap_request_has_etag(request, RADON_COAP_OPTION_IF_MATCH, radon_bytes(NULL, 0))) {
            return true;
        }
    }
    return false;
}

/** Evaluated where GET answers at once; elsewhere the options are refused as not understood. */
static bool refuses_precondition(service_t *service)
{
    const radon_coap_request_t *request = &service->request;
    uint8_t etag[4];
    if (!request->if_match_present && !request->if_none_match) {
        return false;
    }
    if (!has_method(service->resource->methods, RADON_METHOD_GET) ||
        has_method(service->resource->deferred, RADON_METHOD_GET)) {
        return refuse_with_text(service, RADON_COAP_BAD_OPTION, "This resource takes no preconditions.");
    }
    bool fails = (request->if_match_present && !matches_etag(service)) ||
                 (request->if_none_match && fetch_etag(service, RADON_COAP_NO_FORMAT, etag));
    return fails && refuse_with_text(service, RADON_COAP_PRECONDITION_FAILED, "");
}

/* Serving --------------------------------------------------------------------------------------------------
 */

static bool is_safe(uint8_t method)
{
    return method == RADON_METHOD_GET || method == RADON_METHOD_FETCH;
}

/** The rest of a long response to an unsafe request comes from its snapshot or not at all. */
static bool refuses_later_block(service_t *service)
{
    bool later = !is_safe(service->request.method) && service->request.block2.num > 0;
    return later &&
           refuse_with_text(service, RADON_COAP_REQUEST_ENTITY_INCOMPLETE, "The response is no longer kept.");
}

/** Places in the tables for a request that changes something or takes its time; nothing is taken on a
 * refusal. */
static bool refuses_for_room(service_t *service, uint32_t hash, radon_coap_waiting_t **waiting)
{
    radon_coap_server_t *server = service->server;
    const radon_coap_request_t *request = &service->request;
    if (has_method(service->resource->deferred, request->method)) {
        *waiting = radon_coap_exchanges_reserve(&server->exchanges);
        if (*waiting == NULL) {
            return refuse_busy(service, 1);
        }
        service->request.exchange = radon_coap_exchanges_name(&server->exchanges, *waiting);
        (*waiting)->hash = hash;
    }
    if (is_safe(request->method) || !radon_coap_request_is_last(request) ||
        radon_endpoint_is_local(request->endpoint)) {
        return false;
    }
    service->route.dedup = radon_coap_dedup_enter(
        &server->dedup, &server->retained, radon_coap_server_link(server, request->endpoint),
        request->endpoint, request->message->id, hash, request->now_ms);
    return service->route.dedup == 0 &&
           refuse_busy(service, radon_coap_dedup_wait_s(&server->dedup, request->now_ms));
}

/** Register with Observe 0, deregister with any other value (RFC 7641 section 2). */
static void observe(service_t *service)
{
    radon_coap_server_t *server = service->server;
    const radon_coap_request_t *request = &service->request;
    if (request->method != RADON_METHOD_GET || !request->observe_present) {
        return;
    }
    radon_coap_notify_forget(
        server, radon_coap_observers_find(&server->observers, request->endpoint, request->message->token));
    if (request->observe == 0 && service->resource->observable && request->block2.num == 0) {
        service->route.observer = radon_coap_observers_register(&server->observers, request);
    }
}

static void open_response(service_t *service)
{
    const radon_coap_request_t *request = &service->request;
    radon_coap_reply_open(service->server, &service->response, request->method, request->accept,
                          &request->block2);
}

static void run(service_t *service, radon_coap_waiting_t *waiting)
{
    radon_coap_server_t *server = service->server;
    const radon_coap_request_t *request = &service->request;
    if (request->block2.num == 0) {
        radon_coap_snapshots_forget(&server->snapshots, &server->retained, request->endpoint, request->key);
    }
    observe(service);
    open_response(service); /* again: the tables may have moved the work area */
    radon_coap_handled_t handled =
        radon_coap_server_call(server, service->resource, &service->request, &service->response);
    if (!service->response.observable) {
        radon_coap_notify_forget(server, service->route.observer);
        service->route.observer = -1;
    }
    if (handled == RADON_COAP_LATER && waiting != NULL) {
        waiting->used = true;
        waiting->notification = false;
        waiting->started_ms = service->request.now_ms;
        waiting->route = service->route;
        return;
    }
    if (handled == RADON_COAP_LATER) {
        refuse_with_text(service, RADON_COAP_INTERNAL_SERVER_ERROR, "The resource did not answer.");
    }
    radon_coap_reply_send(server, &service->route, &service->response, &service->request,
                          service->request.now_ms);
}

static void fill_route(service_t *service, const radon_endpoint_t *from, const radon_coap_message_t *message)
{
    const radon_coap_request_t *request = &service->request;
    service->route = (radon_coap_route_t){.endpoint = *from,
                                          .confirmable = message->type == RADON_COAP_CON,
                                          .method = message->code,
                                          .no_response = request->no_response,
                                          .token_len = (uint8_t)message->token.len,
                                          .id = message->id,
                                          .observer = -1,
                                          .accept = request->accept,
                                          .key = request->key,
                                          .block1 = request->block1,
                                          .block2 = request->block2};
    memcpy(service->route.token, message->token.data, message->token.len);
}

void radon_coap_server_serve(radon_coap_server_t *server, const radon_endpoint_t *from,
                             const radon_coap_message_t *message, uint32_t hash, uint64_t now_ms)
{
    service_t service = {.server = server};
    radon_coap_waiting_t *waiting = NULL;
    uint8_t code = radon_coap_request_parse(&service.request, message);
    service.request.endpoint = from;
    service.request.now_ms = now_ms;
    fill_route(&service, from, message);
    if (code == RADON_COAP_BAD_OPTION && message->type == RADON_COAP_NON) {
        return; /* RFC 7252 5.4.1 */
    }
    open_response(&service);
    bool refused = refuses_options(&service, code) || refuses_target(&service);
    if (!refused && service.request.block2.num > 0 &&
        radon_coap_reply_from_snapshot(server, &service.route, now_ms)) {
        return;
    }
    refused = refused || refuses_later_block(&service) || refuses_size(&service) ||
              refuses_precondition(&service) || refuses_for_room(&service, hash, &waiting);
    if (refused) {
        radon_coap_reply_send(server, &service.route, &service.response, &service.request, now_ms);
    } else {
        run(&service, waiting);
    }
}
