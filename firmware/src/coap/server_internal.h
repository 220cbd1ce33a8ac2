/** What the files of the server share, and what the client uses of it. Included by src/coap only. */
#ifndef RADON_COAP_SERVER_INTERNAL_H
#define RADON_COAP_SERVER_INTERNAL_H

#include "radon/coap/server.h"

/** After the link refused a datagram, or a table was full, it is tried again after this. */
#define RADON_COAP_RETRY_MS 10

/* server.c -------------------------------------------------------------------------------------------------
 */

static inline const radon_coap_link_t *radon_coap_server_link(const radon_coap_server_t *server,
                                                              const radon_endpoint_t *endpoint)
{
    return &server->config->links[endpoint->link];
}

uint16_t radon_coap_server_next_id(radon_coap_server_t *server);
/** xorshift32: spreads retransmissions, nothing more. */
uint32_t radon_coap_server_random(radon_coap_server_t *server);
/** Sends and counts. */
radon_err_t radon_coap_server_send(radon_coap_server_t *server, const radon_endpoint_t *to,
                                   radon_bytes_t datagram);
radon_err_t radon_coap_server_send_empty(radon_coap_server_t *server, const radon_endpoint_t *to,
                                         radon_coap_type_t type, uint16_t id);

/* server_request.c -----------------------------------------------------------------------------------------
 */

/** Serves a request that is no duplicate. */
void radon_coap_server_serve(radon_coap_server_t *server, const radon_endpoint_t *from,
                             const radon_coap_message_t *message, uint32_t hash, uint64_t now_ms);

/** Calls a handler while respond is refused. */
radon_coap_handled_t radon_coap_server_call(radon_coap_server_t *server,
                                            const radon_coap_resource_t *resource,
                                            const radon_coap_request_t *request,
                                            radon_coap_response_t *response);

/* server_reply.c -------------------------------------------------------------------------------------------
 */

/** ETag of a representation: its CRC-32. */
void radon_coap_etag_bytes(uint32_t crc, uint8_t etag[4]);

/** Prepares a response whose body goes to the work area: the whole, or from the block that is asked for. */
void radon_coap_reply_open(radon_coap_server_t *server, radon_coap_response_t *response, uint8_t method,
                           int32_t accept, const radon_coap_block_t *block2);

/** Sends the response to a request: piggybacked, confirmable or non-confirmable. `request` may be NULL. */
void radon_coap_reply_send(radon_coap_server_t *server, radon_coap_route_t *route,
                           radon_coap_response_t *response, const radon_coap_request_t *request,
                           uint64_t now_ms);

/** Sends the empty ACK of a CON whose response will take longer, unless it was sent. */
void radon_coap_reply_acknowledge(radon_coap_server_t *server, radon_coap_route_t *route);

/** Answers with a block of a snapshot; false when there is none. */
bool radon_coap_reply_from_snapshot(radon_coap_server_t *server, radon_coap_route_t *route, uint64_t now_ms);

/** What goes before the payload of a response. */
typedef struct {
    radon_coap_type_t type;
    uint16_t id;
    radon_bytes_t token;
    bool has_observe;
    uint32_t observe;
    radon_coap_block_t block1; /**< of the request */
    radon_coap_block_t block2; /**< of the request */
} radon_coap_head_t;

/**
 * Writes head and options directly before the body and returns the message, the body cut to the block asked
 * for. May be called again for another head: the body stays where it is.
 */
radon_bytes_t radon_coap_reply_build(const radon_coap_head_t *head, const radon_coap_response_t *response);

/** Keeps a body that takes more than one block for the blocks that follow. */
void radon_coap_reply_keep_snapshot(radon_coap_server_t *server, const radon_coap_route_t *route,
                                    radon_coap_response_t *response, uint64_t now_ms);

/** Queues a confirmable message for transmission; NULL when there is no room. The body is lost. */
radon_coap_pending_t *radon_coap_reply_queue(radon_coap_server_t *server, const radon_endpoint_t *to,
                                             uint16_t id, radon_bytes_t message);

/* server_notify.c ------------------------------------------------------------------------------------------
 */

/** Ends a registration. */
void radon_coap_notify_forget(radon_coap_server_t *server, int8_t observer);

/** Fetches and sends what observers are owed; returns when to be called again. */
uint64_t radon_coap_notify_poll(radon_coap_server_t *server, uint64_t now_ms);

/** Sends a fetched representation to the observers that wait for it. */
void radon_coap_notify_deliver(radon_coap_server_t *server, radon_coap_exchange_t exchange,
                               radon_coap_response_t *response, uint64_t now_ms);

/** A confirmable notification was acknowledged. */
void radon_coap_notify_confirmed(radon_coap_server_t *server, int8_t observer, uint64_t now_ms);

/* server_poll.c --------------------------------------------------------------------------------------------
 */

/** Transmits what is queued and may go now. */
void radon_coap_server_start_queued(radon_coap_server_t *server, uint64_t now_ms);

#endif
