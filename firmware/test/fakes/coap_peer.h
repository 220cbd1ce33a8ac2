/** A CoAP server with a few resources on two links, and the peer that talks to it by hand, datagram by
 * datagram. */
#ifndef RADON_FAKE_COAP_PEER_H
#define RADON_FAKE_COAP_PEER_H

#include "radon/coap/client.h"

enum { PEER_LINK_SERIAL, PEER_LINK_UDP, PEER_LINKS };

/** An option of a request: a number, or bytes when `bytes` is set. */
typedef struct {
    uint16_t number; /**< 0 ends the list */
    uint32_t value;
    const char *bytes;
    size_t len;
} peer_option_t;

typedef struct {
    radon_coap_type_t type;
    uint8_t method;
    uint16_t id;
    const char *token;
    const char *path; /**< "a/b" */
    peer_option_t options[6];
    const char *payload;
    size_t payload_len; /**< 0: up to the NUL */
} peer_ask_t;

typedef struct {
    radon_endpoint_t to;
    uint8_t bytes[RADON_COAP_MESSAGE_MAX];
    size_t len;
    radon_coap_message_t message; /**< views into `bytes` */
} peer_sent_t;

extern radon_coap_server_t peer_server;
extern radon_coap_client_t peer_client;
extern const radon_endpoint_t peer_serial; /**< trusted */
extern const radon_endpoint_t peer_udp;    /**< not trusted */
extern const radon_endpoint_t peer_udp_other;
extern uint64_t peer_now_ms;
extern bool peer_link_full; /**< the link takes nothing */

/* What the resources saw. */
extern unsigned peer_posts;                    /**< POST /fast: how often it was executed */
extern unsigned peer_gets;                     /**< GET /value and /slow */
extern radon_coap_exchange_t peer_waiting[16]; /**< /slow: exchanges that wait, in order */
extern size_t peer_waiting_count;
extern radon_coap_exchange_t peer_expired;
extern char peer_value[32];        /**< representation of /value */
extern bool peer_prefers_json;     /**< format of /value without Accept */
extern size_t peer_long_len;       /**< bytes of /long */
extern unsigned peer_long_version; /**< changes its content */
extern uint8_t peer_upload[128];   /**< body of /upload */
extern size_t peer_upload_len;

void peer_reset(void);

/** Encodes a request; options may be given in any order. */
size_t peer_build(const peer_ask_t *ask, uint8_t *out, size_t cap);
void peer_ask(const radon_endpoint_t *from, const peer_ask_t *ask);
void peer_receive(const radon_endpoint_t *from, const void *bytes, size_t len);

/** Lets time pass up to `now_ms`, polling whenever the server asks for it. */
void peer_advance(uint64_t now_ms);

/** The next datagram the server sent, or NULL. */
const peer_sent_t *peer_next(void);
size_t peer_unread(void);

/** Value of an option of a reply, or `absent`. */
uint32_t peer_option(const peer_sent_t *sent, uint16_t number, uint32_t absent);
bool peer_has_option(const peer_sent_t *sent, uint16_t number);
bool peer_payload_is(const peer_sent_t *sent, const char *text);

/** Empty message from the peer. */
void peer_empty(const radon_endpoint_t *from, radon_coap_type_t type, uint16_t id);

/** Answers the oldest exchange of /slow; an empty text is 4.04. */
radon_err_t peer_answer(const char *text);

/** Byte `i` of version `version` of /long. */
uint8_t peer_long_byte(unsigned version, size_t i);

#endif
