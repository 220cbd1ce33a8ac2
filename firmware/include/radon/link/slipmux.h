/**
 * Slipmux frames on a serial line (docs/reference/wire.md#slipmux): CoAP messages with a frame check sequence
 * and diagnostic text, in SLIP framing (RFC 1055).
 */
#ifndef RADON_LINK_SLIPMUX_H
#define RADON_LINK_SLIPMUX_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"
#include "radon/base/ring.h"
#include "radon/config.h"

/** Kind byte, message and FCS-16, before escaping. */
#define RADON_SLIPMUX_FRAME_MAX (1 + RADON_COAP_MESSAGE_MAX + 2)

/** The longest frame on the line: every byte escaped, END on both sides. A transmit ring holds at least this.
 */
#define RADON_SLIPMUX_ENCODED_MAX (2 * RADON_SLIPMUX_FRAME_MAX + 2)

typedef struct {
    uint32_t frames_in;  /**< CoAP messages with a good FCS */
    uint32_t frames_out; /**< frames of either kind put into the transmit ring */
    uint32_t frames_bad; /**< FCS, escape or length wrong */
} radon_slipmux_counters_t;

/** Receiving side. One frame at a time; a frame that goes wrong is dropped up to the next END. */
typedef struct {
    radon_slipmux_counters_t counters;
    uint16_t len; /**< bytes of the frame so far, unescaped */
    uint16_t fcs;
    bool escaped;
    bool dropping;
    uint8_t frame[RADON_SLIPMUX_FRAME_MAX];
} radon_slipmux_t;

void radon_slipmux_init(radon_slipmux_t *slipmux);

/**
 * Takes the next byte of the line. True when it completes a CoAP message: `message` then views it until the
 * next call. Frames of other kinds and empty frames are passed over.
 */
bool radon_slipmux_receive(radon_slipmux_t *slipmux, uint8_t byte, radon_bytes_t *message);

/** Puts a whole CoAP frame into the ring or, with RADON_E_FULL, nothing; RADON_E_TOO_BIG above the maximum.
 */
radon_err_t radon_slipmux_send(radon_slipmux_t *slipmux, radon_ring_t *ring, radon_bytes_t message);

/**
 * Puts a diagnostic frame into the ring, or nothing (RADON_E_FULL). Whatever a terminal could act on (control
 * characters but tab and newline, U+0080 to U+009F, malformed UTF-8) is shown as '?'.
 */
radon_err_t radon_slipmux_send_diagnostic(radon_slipmux_t *slipmux, radon_ring_t *ring, radon_bytes_t text);

#endif
