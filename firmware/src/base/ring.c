#include "radon/base/ring.h"

void radon_ring_init(radon_ring_t *ring, uint8_t *buffer, uint32_t cap)
{
    ring->buffer = buffer;
    ring->cap = cap;
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
}

static uint32_t used(const radon_ring_t *ring, uint32_t head, uint32_t tail)
{
    return head >= tail ? head - tail : ring->cap - tail + head;
}

static uint32_t after(const radon_ring_t *ring, uint32_t index)
{
    return index + 1 == ring->cap ? 0 : index + 1;
}

size_t radon_ring_space(const radon_ring_t *ring)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    return ring->cap - 1 - used(ring, head, tail);
}

bool radon_ring_put(radon_ring_t *ring, uint8_t byte)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint32_t next = after(ring, head);
    if (next == atomic_load_explicit(&ring->tail, memory_order_acquire)) {
        return false;
    }
    ring->buffer[head] = byte;
    atomic_store_explicit(&ring->head, next, memory_order_release);
    return true;
}

size_t radon_ring_used(const radon_ring_t *ring)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    return used(ring, atomic_load_explicit(&ring->head, memory_order_acquire), tail);
}

bool radon_ring_get(radon_ring_t *ring, uint8_t *byte)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (tail == atomic_load_explicit(&ring->head, memory_order_acquire)) {
        return false;
    }
    *byte = ring->buffer[tail];
    atomic_store_explicit(&ring->tail, after(ring, tail), memory_order_release);
    return true;
}
