/** Time inside the runtime: microseconds since start, and coarse ticks for limits that many records carry. */
#ifndef RADON_RUNTIME_CLOCK_H
#define RADON_RUNTIME_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/** 1,024 µs; wraps after 50 days, so it is only ever compared by radon_tick_passed(). */
typedef uint32_t radon_tick_t;

static inline radon_tick_t radon_tick_at(uint64_t now_us)
{
    return (radon_tick_t)(now_us >> 10);
}

/** Ticks in `ms` milliseconds, rounded up; at most 24 days may be asked for. */
static inline radon_tick_t radon_tick_from_ms(uint32_t ms)
{
    return (radon_tick_t)(((uint64_t)ms * 1000U + 1023U) >> 10);
}

/** True from the tick `limit` on. */
static inline bool radon_tick_passed(radon_tick_t now, radon_tick_t limit)
{
    return (int32_t)(now - limit) >= 0;
}

#endif
