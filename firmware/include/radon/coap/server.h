/**
 * CoAP server: message layer (RFC 7252 section 4), resources, Observe (RFC 7641), block-wise transfer (RFC
 * 7959), No-Response (RFC 7967). No memory but its struct, no clock, no I/O of its own.
 *
 * Who may call: the network task calls receive and poll. Thread mode calls respond and notify under the
 * priority ceiling that keeps the network task out, and then wakes the network task, which polls.
 */
#ifndef RADON_COAP_SERVER_H
#define RADON_COAP_SERVER_H

#include "radon/coap/dedup.h"
#include "radon/coap/exchange.h"
#include "radon/coap/observe.h"
#include "radon/coap/outgoing.h"
#include "radon/coap/resource.h"
#include "radon/coap/retained.h"
#include "radon/coap/snapshot.h"

/** No deadline. */
#define RADON_COAP_NEVER UINT64_MAX

/** Hands a datagram to the link. Anything but RADON_OK means that it was not sent (the ring is full). */
typedef radon_err_t (*radon_coap_send_t)(void *context, const radon_endpoint_t *to, radon_bytes_t datagram);

/** Told of an exchange that ended without radon_coap_server_respond: its handle is worth nothing any more. */
typedef void (*radon_coap_expired_t)(void *context, radon_coap_exchange_t exchange);

/** Writes the answer to an exchange; as a handler, but it may not defer again. */
typedef void (*radon_coap_answer_t)(void *context, radon_coap_response_t *response);

typedef struct {
    const radon_coap_link_t *links;
    size_t link_count;
    radon_coap_tree_t tree;
    radon_coap_send_t send;
    struct radon_coap_client *client; /**< requests of our own; may be NULL */
    radon_coap_expired_t expired;     /**< may be NULL */
    void *context;                    /**< passed to send and expired */
} radon_coap_server_config_t;

/** Counters of /node. */
typedef struct {
    uint32_t messages_in;
    uint32_t messages_out;
    uint32_t malformed;
    uint32_t duplicates;
    uint32_t retransmissions;
    uint32_t timeouts;
    uint32_t resets;
    uint32_t refused; /**< datagrams the link did not take */
} radon_coap_counters_t;

typedef struct {
    const radon_coap_server_config_t *config;
    radon_coap_counters_t counters;
    uint32_t random_state;
    uint16_t next_id;
    uint32_t observe_sequence;
    bool handling;   /**< a handler runs: respond is refused */
    uint64_t now_ms; /**< of the call that was made last */
    radon_coap_dedup_t dedup;
    radon_coap_exchanges_t exchanges;
    radon_coap_observers_t observers;
    radon_coap_outgoing_t outgoing;
    radon_coap_snapshots_t snapshots;
    radon_coap_retained_t retained;
} radon_coap_server_t;

/** `config` is kept. `seed`: any random number; message IDs and jitter start from it. */
void radon_coap_server_init(radon_coap_server_t *server, const radon_coap_server_config_t *config,
                            uint32_t seed);

/** Takes one datagram; answers go out through `send` before it returns, or later. Poll afterwards. */
void radon_coap_server_receive(radon_coap_server_t *server, const radon_endpoint_t *from,
                               radon_bytes_t datagram, uint64_t now_ms);

/** Does what is due; returns when to be called again at the latest (RADON_COAP_NEVER: nothing is due). */
uint64_t radon_coap_server_poll(radon_coap_server_t *server, uint64_t now_ms);

/**
 * Answers a deferred request. RADON_E_NOT_FOUND when the exchange is over, RADON_E_STATE inside a handler.
 * `answer` is called at most once, before this returns.
 */
radon_err_t radon_coap_server_respond(radon_coap_server_t *server, radon_coap_exchange_t exchange,
                                      radon_coap_answer_t answer, void *context, uint64_t now_ms);

/**
 * The representation behind a path ("a/rain/level", no leading slash) changed or is gone: the next poll gets
 * it again through its handler and sends it to its observers. Only the latest state is sent.
 */
void radon_coap_server_notify(radon_coap_server_t *server, radon_bytes_t path);

/** Open exchanges and observers, for reports. */
size_t radon_coap_server_pending(const radon_coap_server_t *server);
size_t radon_coap_server_observing(const radon_coap_server_t *server);

#endif
