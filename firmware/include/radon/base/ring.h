/**
 * Byte ring between one producer and one consumer that may interrupt each other (bytes of a UART). Holds at
 * most cap - 1 bytes. Each side moves only its own index; indices are loaded and stored with C11 atomics.
 */
#ifndef RADON_BASE_RING_H
#define RADON_BASE_RING_H

#include <stdatomic.h>

#include "radon/base/bytes.h"

typedef struct {
    uint8_t *buffer; /**< kept */
    uint32_t cap;
    _Atomic uint32_t head; /**< next byte the producer writes */
    _Atomic uint32_t tail; /**< next byte the consumer reads */
} radon_ring_t;

void radon_ring_init(radon_ring_t *ring, uint8_t *buffer, uint32_t cap);

/** Producer: room left. */
size_t radon_ring_space(const radon_ring_t *ring);
/** Producer: false when the ring is full. */
bool radon_ring_put(radon_ring_t *ring, uint8_t byte);

/** Consumer: bytes waiting. */
size_t radon_ring_used(const radon_ring_t *ring);
/** Consumer: false when the ring is empty. */
bool radon_ring_get(radon_ring_t *ring, uint8_t *byte);

#endif
