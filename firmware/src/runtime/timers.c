#include "radon/runtime/timers.h"

#include <string.h>

void radon_timers_init(radon_timers_t *timers, uint8_t limit)
{
    memset(timers, 0, sizeof *timers);
    timers->limit = limit;
    for (uint8_t i = 0; i < RADON_TIMERS_MAX; i++) {
        timers->timers[i].due_us = RADON_TIMER_STOPPED;
    }
}

radon_err_t radon_timers_set(radon_timers_t *timers, int32_t id, int32_t delay_ms, int32_t period_ms,
                             uint64_t now_us)
{
    if (id < 0 || delay_ms < 0 || period_ms < 0) {
        return RADON_E_ARG;
    }
    if (id >= timers->limit) {
        return RADON_E_QUOTA;
    }
    radon_timer_t *timer = &timers->timers[id];
    timer->due_us = now_us + (uint64_t)delay_ms * 1000U;
    timer->period_ms = (uint32_t)period_ms;
    timer->signal.marks &= RADON_SIGNAL_ASSIGNED;
    return RADON_OK;
}

radon_err_t radon_timers_cancel(radon_timers_t *timers, int32_t id)
{
    if (id < 0 || id >= timers->limit) {
        return RADON_E_NOT_FOUND;
    }
    radon_timer_t *timer = &timers->timers[id];
    if (timer->due_us == RADON_TIMER_STOPPED && (timer->signal.marks & RADON_SIGNAL_WAITING) == 0) {
        return RADON_E_NOT_FOUND;
    }
    timer->due_us = RADON_TIMER_STOPPED;
    timer->signal.marks &= RADON_SIGNAL_ASSIGNED;
    return RADON_OK;
}

/** The timer with the lowest due time; of several, the lowest id. */
static radon_timer_t *earliest(radon_timers_t *timers)
{
    radon_timer_t *found = &timers->timers[0];
    for (uint8_t i = 1; i < timers->limit; i++) {
        if (timers->timers[i].due_us < found->due_us) {
            found = &timers->timers[i];
        }
    }
    return found;
}

/** Due times up to now are one event; the next is the first after now. */
static void advance(radon_timer_t *timer, uint64_t now_us)
{
    uint64_t period_us = (uint64_t)timer->period_ms * 1000U;
    if (period_us == 0) {
        timer->due_us = RADON_TIMER_STOPPED;
        return;
    }
    timer->due_us += period_us;
    if (timer->due_us <= now_us) {
        timer->due_us += ((now_us - timer->due_us) / period_us + 1) * period_us;
    }
}

void radon_timers_expire(radon_timers_t *timers, uint64_t now_us, uint32_t *next_place)
{
    radon_timer_t *timer = earliest(timers);
    while (timer->due_us <= now_us) {
        radon_signal_raise(&timer->signal, next_place);
        advance(timer, now_us);
        timer = earliest(timers);
    }
}

uint64_t radon_timers_next_due(const radon_timers_t *timers)
{
    uint64_t due = RADON_TIMER_STOPPED;
    for (uint8_t i = 0; i < timers->limit; i++) {
        due = timers->timers[i].due_us < due ? timers->timers[i].due_us : due;
    }
    return due;
}
