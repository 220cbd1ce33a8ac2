/** What the files of the client share, and what the server calls of it. Included by src/coap only. */
#ifndef RADON_COAP_CLIENT_INTERNAL_H
#define RADON_COAP_CLIENT_INTERNAL_H

#include "radon/coap/client.h"

#include "server_internal.h"

/** Bytes of a token: the call, and whether it is for a block after the first. */
#define RADON_COAP_CLIENT_TOKEN 3U

/* client.c: for the server. `client` may be NULL -----------------------------------------------------------
 */

/** Does what is due; returns when to be called again. */
uint64_t radon_coap_client_poll(radon_coap_client_t *client, uint64_t now_ms);

/** Requests to this endpoint that are neither acknowledged nor answered. */
size_t radon_coap_client_outstanding(const radon_coap_client_t *client, const radon_endpoint_t *endpoint);

/* client_receive.c -----------------------------------------------------------------------------------------
 */

/** Takes an ACK, a RST or a response. False when it belongs to no call. */
bool radon_coap_client_receive(radon_coap_client_t *client, const radon_endpoint_t *from,
                               const radon_coap_message_t *message, uint64_t now_ms);

/* client.c -------------------------------------------------------------------------------------------------
 */

void radon_coap_client_token(const radon_coap_call_t *call, bool later,
                             uint8_t token[RADON_COAP_CLIENT_TOKEN]);

/** Waits for its turn to be sent. */
void radon_coap_client_queue(radon_coap_call_t *call, uint64_t now_ms);

/** Takes a call that is over out of the list. */
void radon_coap_client_remove(radon_coap_client_t *client, radon_coap_call_t *call);

/** Ends a call without an answer. */
void radon_coap_client_fail(radon_coap_client_t *client, radon_coap_call_t *call, radon_err_t err);

#endif
