/* Any stream of bytes; then the last message found goes out and has to come back. */
#include <stdlib.h>

#include "radon/link/slipmux.h"

static uint8_t ring_bytes[RADON_SLIPMUX_ENCODED_MAX + 1];

static void check_round_trip(radon_bytes_t message)
{
    radon_slipmux_t slipmux;
    radon_ring_t ring;
    radon_bytes_t back = {0};
    uint8_t byte;
    bool complete = false;
    radon_slipmux_init(&slipmux);
    radon_ring_init(&ring, ring_bytes, sizeof ring_bytes);
    if (radon_slipmux_send(&slipmux, &ring, message) != RADON_OK) {
        abort();
    }
    while (radon_ring_get(&ring, &byte)) {
        complete = radon_slipmux_receive(&slipmux, byte, &back) || complete;
    }
    if (!complete || !radon_bytes_equal(back, message)) {
        abort();
    }
}

static void check_diagnostic(radon_bytes_t text)
{
    radon_slipmux_t slipmux;
    radon_ring_t ring;
    uint8_t byte;
    radon_slipmux_init(&slipmux);
    radon_ring_init(&ring, ring_bytes, sizeof ring_bytes);
    if (radon_slipmux_send_diagnostic(&slipmux, &ring, text) != RADON_OK) {
        return;
    }
    while (radon_ring_get(&ring, &byte)) {
        if (byte < 0x20 && byte != '\n' && byte != '\t') {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static radon_slipmux_t slipmux;
    radon_slipmux_init(&slipmux);
    for (size_t i = 0; i < size; i++) {
        radon_bytes_t message;
        if (radon_slipmux_receive(&slipmux, data[i], &message)) {
            check_round_trip(message);
        }
    }
    check_round_trip(radon_bytes(data, size < RADON_COAP_MESSAGE_MAX ? size : RADON_COAP_MESSAGE_MAX));
    check_diagnostic(radon_bytes(data, size));
    return 0;
}
