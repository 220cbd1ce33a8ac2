/**
 * CoAP client over the message layer of a server: confirmable requests one at a time for each endpoint
 * (NSTART), retransmission, separate responses, Observe (RFC 7641), long answers in blocks (RFC 7959).
 *
 * A call is one request with all that comes back. Its memory belongs to the caller: bytes of requests are
 * asked for whenever they are sent, bytes of answers are given away as they come. Calls to
 * RADON_COAP_LINK_LOCAL go to the resources of the server itself, without a datagram.
 *
 * Who may call: as for the server. Handlers run inside radon_coap_server_receive and radon_coap_server_poll
 * on the network level, and may start and cancel calls.
 */
#ifndef RADON_COAP_CLIENT_H
#define RADON_COAP_CLIENT_H

#include "radon/coap/server.h"

/** An observation that was silent for this long is made anew (a live server says something in 300 s). */
#ifndef RADON_COAP_REFRESH_MS
#define RADON_COAP_REFRESH_MS 360000
#endif

/** A request to be written; views are borrowed until it was. */
typedef struct {
    uint8_t method;
    uint8_t hops;        /**< Hop-Limit (RFC 8768); 0: none */
    bool observe;        /**< GET only */
    radon_bytes_t first; /**< first segment of the path; empty for none */
    radon_bytes_t second;
    radon_bytes_t path;      /**< more segments separated by `/`, percent-encoded */
    radon_bytes_t query;     /**< items separated by `&`, percent-encoded */
    radon_bytes_t proxy_uri; /**< instead of path and query */
    int32_t format;          /**< of the payload, or RADON_COAP_NO_FORMAT */
    radon_bytes_t payload;
} radon_coap_ask_t;

/** What became of a call. */
typedef struct {
    /** RADON_OK; or no answer came: RADON_E_TIMEOUT, RADON_E_NO_ROUTE (the endpoint is no server),
     * RADON_E_TOO_BIG (`take` said so) */
    radon_err_t err;
    uint8_t code;
    int32_t format; /**< or RADON_COAP_NO_FORMAT */
    size_t length;  /**< bytes that `take` got */
    bool goes_on;   /**< an observation: another answer may follow */
} radon_coap_answered_t;

typedef struct radon_coap_call radon_coap_call_t;

typedef struct {
    /** Describes the request; `*ask` is zero but for the formats. Called for every transmission. */
    void (*ask)(const radon_coap_call_t *call, radon_coap_ask_t *ask);
    /**
     * Keeps bytes of the body at `offset`; what was there before is out of date. RADON_E_TOO_BIG ends the
     * call; RADON_E_BUSY (of an observation) asks for the representation again after radon_coap_client_again.
     */
    radon_err_t (*take)(radon_coap_call_t *call, size_t offset, radon_bytes_t bytes);
    /** Tells of an answer, or that there will be none. Unless it goes on, the call is over. */
    void (*answered)(radon_coap_call_t *call, const radon_coap_answered_t *answered);
} radon_coap_caller_t;

typedef enum {
    RADON_COAP_CALL_OVER = 0,  /**< not started, or over */
    RADON_COAP_CALL_QUEUED,    /**< waits for its turn */
    RADON_COAP_CALL_SENT,      /**< neither acknowledged nor answered */
    RADON_COAP_CALL_TAKEN,     /**< acknowledged; the answer comes separately */
    RADON_COAP_CALL_OBSERVING, /**< answered; more may follow */
} radon_coap_call_state_t;

/** Zero before its first use. */
struct radon_coap_call {
    radon_coap_call_t *next;
    const radon_coap_caller_t *caller;
    radon_endpoint_t endpoint;
    uint8_t state;        /**< radon_coap_call_state_t */
    uint8_t attempts;     /**< retransmissions */
    uint8_t szx;          /**< of the block that is asked for */
    bool observing;       /**< the server keeps an observation */
    bool missed;          /**< a newer representation was not taken */
    bool tagged;          /**< the first block had an ETag: `etag` */
    uint16_t id;          /**< message ID of the last transmission */
    uint16_t token;       /**< names the call in tokens */
    uint16_t received;    /**< bytes of the blocks before the one that is asked for */
    uint32_t etag;        /**< CRC-32 */
    uint32_t sequence;    /**< Observe of the newest notification */
    uint32_t timeout_ms;  /**< until the next retransmission */
    uint32_t patience_ms; /**< until it is given up, from its start or the first block */
    uint64_t due_ms;      /**< of the next transmission */
    uint64_t deadline_ms; /**< no answer comes after this */
    uint64_t heard_ms;    /**< last notification */
};

typedef struct radon_coap_client {
    radon_coap_server_t *server;
    radon_coap_call_t *first; /**< in order of their start */
    uint16_t last_token;
    uint16_t last_separate; /**< message ID of the last confirmable response, which may come again */
    bool has_separate;
    radon_endpoint_t separate_from;
} radon_coap_client_t;

/** Keeps `server`, whose configuration must name this client. */
void radon_coap_client_init(radon_coap_client_t *client, radon_coap_server_t *server);

/**
 * Starts a call, which is over now; the next poll sends it. `caller` is kept. Without an answer it ends
 * `timeout_ms` from now.
 */
void radon_coap_client_start(radon_coap_client_t *client, radon_coap_call_t *call,
                             const radon_coap_caller_t *caller, const radon_endpoint_t *to,
                             uint32_t timeout_ms, uint64_t now_ms);

/** Ends a call without telling its caller; also one that is over. Observations end where they are kept. */
void radon_coap_client_cancel(radon_coap_client_t *client, radon_coap_call_t *call);

/** The caller of an observation has room again: what it did not take is asked for. */
void radon_coap_client_again(radon_coap_client_t *client, radon_coap_call_t *call, uint64_t now_ms);

#endif
