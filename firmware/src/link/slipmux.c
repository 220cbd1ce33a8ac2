#include "radon/link/slipmux.h"

#include "radon/base/crc.h"

enum { END = 0xc0, ESC = 0xdb, ESC_END = 0xdc, ESC_ESC = 0xdd };
enum { KIND_COAP = 0xa9, KIND_DIAGNOSTIC = 0x0a };

/** Kind byte and FCS. */
#define OVERHEAD 3

void radon_slipmux_init(radon_slipmux_t *slipmux)
{
    *slipmux = (radon_slipmux_t){.fcs = RADON_CRC16_START};
}

/* Receiving ------------------------------------------------------------------------------------------------
 */

static void start_frame(radon_slipmux_t *slipmux)
{
    slipmux->len = 0;
    slipmux->fcs = RADON_CRC16_START;
    slipmux->escaped = false;
    slipmux->dropping = false;
}

/** Gives the frame up to the next END. */
static void drop(radon_slipmux_t *slipmux)
{
    slipmux->counters.frames_bad++;
    slipmux->dropping = true;
}

static void take(radon_slipmux_t *slipmux, uint8_t byte)
{
    if (slipmux->len == RADON_SLIPMUX_FRAME_MAX) {
        drop(slipmux);
        return;
    }
    if (slipmux->len == 0 && byte != KIND_COAP) {
        slipmux->dropping = true; /* another kind: not for us, not bad */
        return;
    }
    slipmux->frame[slipmux->len++] = byte;
    slipmux->fcs = radon_crc16_step(slipmux->fcs, byte);
}

/** Ends a frame; true when it was a CoAP message with a good FCS. No frame below OVERHEAD leaves the residue.
 */
static bool finish(radon_slipmux_t *slipmux, radon_bytes_t *message)
{
    bool whole = slipmux->len > 0 && !slipmux->dropping && !slipmux->escaped;
    bool good = whole && slipmux->fcs == RADON_CRC16_RESIDUE;
    if (good) {
        slipmux->counters.frames_in++;
        *message = radon_bytes(slipmux->frame + 1, slipmux->len - (size_t)OVERHEAD);
    } else if (whole || slipmux->escaped) {
        slipmux->counters.frames_bad++;
    }
    start_frame(slipmux);
    return good;
}

bool radon_slipmux_receive(radon_slipmux_t *slipmux, uint8_t byte, radon_bytes_t *message)
{
    if (byte == END) {
        return finish(slipmux, message);
    }
    if (slipmux->dropping) {
        return false;
    }
    if (slipmux->escaped) {
        slipmux->escaped = false;
        if (byte == ESC_END || byte == ESC_ESC) {
            take(slipmux, byte == ESC_END ? END : ESC);
        } else {
            drop(slipmux);
        }
    } else if (byte == ESC) {
        slipmux->escaped = true;
    } else {
        take(slipmux, byte);
    }
    return false;
}

/* Sending --------------------------------------------------------------------------------------------------
 */

static size_t escaped_size(uint8_t byte)
{
    return byte == END || byte == ESC ? 2 : 1;
}

static size_t escaped_sizes(radon_bytes_t bytes)
{
    size_t size = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        size += escaped_size(bytes.data[i]);
    }
    return size;
}

/** The ring has room: the caller has counted. */
static void put_escaped(radon_ring_t *ring, uint8_t byte)
{
    if (byte == END || byte == ESC) {
        radon_ring_put(ring, ESC);
        byte = byte == END ? ESC_END : ESC_ESC;
    }
    radon_ring_put(ring, byte);
}

radon_err_t radon_slipmux_send(radon_slipmux_t *slipmux, radon_ring_t *ring, radon_bytes_t message)
{
    if (message.len > RADON_COAP_MESSAGE_MAX) {
        return RADON_E_TOO_BIG;
    }
    uint16_t state = radon_crc16_step(RADON_CRC16_START, KIND_COAP);
    state = radon_crc16_update(state, message.data, message.len);
    uint8_t low = (uint8_t)(~state & 0xff);
    uint8_t high = (uint8_t)(~state >> 8 & 0xff);
    size_t size = 3 + escaped_sizes(message) + escaped_size(low) + escaped_size(high);
    if (radon_ring_space(ring) < size) {
        return RADON_E_FULL;
    }
    radon_ring_put(ring, END);
    radon_ring_put(ring, KIND_COAP);
    for (size_t i = 0; i < message.len; i++) {
        put_escaped(ring, message.data[i]);
    }
    put_escaped(ring, low);
    put_escaped(ring, high);
    radon_ring_put(ring, END);
    slipmux->counters.frames_out++;
    return RADON_OK;
}

/** Whether a terminal may act on the UTF-8 sequence (ECMA-48: C0 without tab and newline, DEL, C1). */
static bool is_control(radon_bytes_t sequence)
{
    uint8_t first = sequence.data[0];
    if (first < 0x20) {
        return first != '\n' && first != '\t';
    }
    return first == 0x7f || (first == 0xc2 && sequence.data[1] < 0xa0);
}

/** The next piece of diagnostic text as it may be shown. */
static radon_bytes_t next_harmless(radon_bytes_t *text)
{
    size_t len = radon_bytes_utf8_length(*text);
    size_t step = len > 0 ? len : 1;
    radon_bytes_t piece = radon_bytes(text->data, step);
    *text = radon_bytes(text->data + step, text->len - step);
    return len == 0 || is_control(piece) ? radon_bytes("?", 1) : piece;
}

radon_err_t radon_slipmux_send_diagnostic(radon_slipmux_t *slipmux, radon_ring_t *ring, radon_bytes_t text)
{
    size_t size = 3;
    for (radon_bytes_t rest = text; rest.len > 0;) {
        size += escaped_sizes(next_harmless(&rest));
    }
    if (radon_ring_space(ring) < size) {
        return RADON_E_FULL;
    }
    radon_ring_put(ring, END);
    radon_ring_put(ring, KIND_DIAGNOSTIC);
    while (text.len > 0) {
        radon_bytes_t piece = next_harmless(&text);
        for (size_t i = 0; i < piece.len; i++) {
            put_escaped(ring, piece.data[i]); /* DB begins some letters */
        }
    }
    radon_ring_put(ring, END);
    slipmux->counters.frames_out++;
    return RADON_OK;
}
