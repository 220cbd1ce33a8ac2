/** An event that takes no place in the inbox: a timer that fell due, a channel with a new reading. Thread
 * level. */
#ifndef RADON_RUNTIME_SIGNAL_H
#define RADON_RUNTIME_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RADON_SIGNAL_WAITING = 1,  /**< raised and not handled yet */
    RADON_SIGNAL_HELD = 2,     /**< answered with LATER just now */
    RADON_SIGNAL_RETRIED = 4,  /**< offered again after a failure */
    RADON_SIGNAL_ASSIGNED = 8, /**< an activation handles it now */
};

typedef struct {
    uint32_t place; /**< order among all events of the atom */
    uint32_t id;    /**< event id, 0 until it was offered */
    uint8_t marks;
} radon_signal_t;

/** Makes the signal wait; it takes `(*next_place)++` unless it waits already. */
static inline void radon_signal_raise(radon_signal_t *signal, uint32_t *next_place)
{
    if ((signal->marks & RADON_SIGNAL_WAITING) == 0) {
        signal->marks |= RADON_SIGNAL_WAITING;
        signal->place = (*next_place)++;
        signal->id = 0;
    }
}

static inline bool radon_signal_eligible(const radon_signal_t *signal)
{
    return (signal->marks & (RADON_SIGNAL_WAITING | RADON_SIGNAL_HELD)) == RADON_SIGNAL_WAITING;
}

#endif
