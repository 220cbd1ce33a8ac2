/** Messages and reports between nodes as CBOR (docs/reference/wire.md, "Messages"). */
#ifndef RADON_RUNTIME_ENVELOPE_H
#define RADON_RUNTIME_ENVELOPE_H

#include "radon/base/sink.h"
#include "radon/runtime/destination.h"

/** Bytes of an envelope beside sender and payload: head of the map, keys, numbers. */
#define RADON_ENVELOPE_BYTES 44U

/** `hops` where a message begins. */
#define RADON_ENVELOPE_HOPS 4U

/** Bits of `flags`. */
enum {
    RADON_ENVELOPE_UNORDERED = 1,
    RADON_ENVELOPE_ALIAS_TAKEN = 4, /**< members of the alias on the sending node took it */
};

/** Room for the sentence that says what is wrong with one. */
#define RADON_ENVELOPE_DETAIL_BYTES 80U

/** A message, or a report when `outcome` is not 0. Views are borrowed. */
typedef struct {
    radon_bytes_t from; /**< `<node>/<instance>` */
    uint32_t incarnation;
    uint32_t seq;
    uint32_t id;          /**< 0 in a report */
    uint32_t correlation; /**< 0 for none */
    uint32_t flags;
    uint32_t hops;
    radon_bytes_t payload;
    int32_t outcome; /**< radon_err_t */
} radon_envelope_t;

/** False: `detail` says what is wrong. */
bool radon_envelope_parse(radon_envelope_t *envelope, radon_bytes_t encoded,
                          char detail[RADON_ENVELOPE_DETAIL_BYTES]);

void radon_envelope_write(radon_sink_t *sink, const radon_envelope_t *envelope);

#endif
