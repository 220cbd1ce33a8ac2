/** Observers of resources (RFC 7641). */
#ifndef RADON_COAP_OBSERVE_H
#define RADON_COAP_OBSERVE_H

#include "radon/coap/exchange.h"
#include "radon/coap/request.h"

typedef struct {
    bool used;
    bool confirmed;   /**< the first response was a success */
    bool dirty;       /**< a newer representation waits to be sent */
    bool outstanding; /**< a confirmable notification is not acknowledged yet */
    uint8_t token_len;
    uint8_t token[RADON_COAP_TOKEN_MAX];
    uint8_t since_con; /**< notifications since the last confirmable one */
    uint8_t attempts;  /**< transmissions of the CON that newer state takes over (RFC 7641 4.5.2), or 0 ... */
    uint32_t timeout_ms; /**< ... and the interval it has come to */
    uint32_t mark;       /**< of the last representation that went out or, if confirmable, arrived */
    uint32_t sending;    /**< of the confirmable one that is outstanding */
    bool notified;
    uint16_t last_id; /**< of the last notification, for a RST */
    int32_t format;   /**< of the first response: later ones keep it */
    radon_endpoint_t endpoint;
    radon_coap_exchange_t exchange; /**< fetch under way, or 0 */
    uint64_t checked_ms;            /**< last sign of life */
    uint8_t szx;                    /**< block size asked for */
    uint8_t options_len;
    uint8_t options[RADON_COAP_OBSERVED_OPTIONS]; /**< Uri-Path, Uri-Query, Accept, as encoded in a message */
} radon_coap_observer_t;

typedef struct {
    radon_coap_observer_t observers[RADON_COAP_OBSERVERS];
} radon_coap_observers_t;

void radon_coap_observers_init(radon_coap_observers_t *observers);

/**
 * Enters or renews the registration of a GET with Observe 0; unconfirmed until its response. -1 when the
 * table is full or the options do not fit: the GET is then answered without being observed.
 */
int8_t radon_coap_observers_register(radon_coap_observers_t *observers, const radon_coap_request_t *request);

/** The registration of this endpoint and token, or -1. */
int8_t radon_coap_observers_find(const radon_coap_observers_t *observers, const radon_endpoint_t *endpoint,
                                 radon_bytes_t token);

/** The registration whose last notification had this message ID, or -1. */
int8_t radon_coap_observers_find_id(const radon_coap_observers_t *observers, const radon_endpoint_t *endpoint,
                                    uint16_t id);

/** Marks the observers of a path ("a/b") as owing a notification. */
void radon_coap_observers_touch(radon_coap_observers_t *observers, radon_bytes_t path);

/** The GET that fetches the representation for an observer, as a parsed message over its stored options. */
void radon_coap_observer_request(const radon_coap_observer_t *observer, radon_coap_message_t *message);

/** Whether one fetched representation serves both. */
bool radon_coap_observer_same(const radon_coap_observer_t *a, const radon_coap_observer_t *b);

#endif
