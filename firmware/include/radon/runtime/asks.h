/**
 * Requests that atoms of this node made: what the network level has to know of them. The place with the
 * buffer is one of the atom's `pending` (radon/runtime/open.h, OWN).
 *
 * The thread level adds, under the priority ceiling; the network level sends, answers and removes. A request
 * whose place is another's by now was cancelled.
 */
#ifndef RADON_RUNTIME_ASKS_H
#define RADON_RUNTIME_ASKS_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"

/** Own requests and observations of all atoms at once. */
#define RADON_ASKS_MAX 8U

typedef enum {
    RADON_ASK_FREE = 0,
    RADON_ASK_NEW,  /**< to be sent */
    RADON_ASK_SENT, /**< an answer is awaited, or an observation goes on */
} radon_ask_state_t;

typedef struct {
    uint8_t state;      /**< radon_ask_state_t */
    uint8_t definition; /**< index of the atom */
    uint8_t place;      /**< index of its place */
    uint8_t method;
    uint8_t hops;
    bool observe;
    bool replaces;   /**< the answer that comes in takes the turn of one that waited: `turn` */
    uint16_t format; /**< or RADON_FORMAT_NONE */
    uint16_t length; /**< of the body, which lies in the place's buffer until an answer comes */
    uint8_t uri_length;
    uint8_t uri[RADON_MAX_URI_BYTES];
    uint32_t serial; /**< `exchange` of the place; grows with every request */
    uint32_t turn;
} radon_ask_t;

typedef struct {
    uint32_t serial;
    radon_ask_t asks[RADON_ASKS_MAX];
} radon_asks_t;

/** A free one with a serial of its own, or NULL. It is taken when its state is set. */
radon_ask_t *radon_asks_reserve(radon_asks_t *asks);

#endif
