/** The timers of one atom. Thread level. */
#ifndef RADON_RUNTIME_TIMERS_H
#define RADON_RUNTIME_TIMERS_H

#include "radon/abi.generated.h"
#include "radon/runtime/signal.h"

#include <stdbool.h>
#include <stdint.h>

/** Highest value of the limit `timers`. */
#define RADON_TIMERS_MAX 8U

/** Due time of a timer that does not run. */
#define RADON_TIMER_STOPPED UINT64_MAX

typedef struct {
    uint64_t due_us;    /**< RADON_TIMER_STOPPED: does not run */
    uint32_t period_ms; /**< 0: once */
    radon_signal_t signal;
} radon_timer_t;

typedef struct {
    radon_timer_t timers[RADON_TIMERS_MAX];
    uint8_t limit;
} radon_timers_t;

/** No timer runs. */
void radon_timers_init(radon_timers_t *timers, uint8_t limit);

/** timer_set of the runtime interface. */
radon_err_t radon_timers_set(radon_timers_t *timers, int32_t id, int32_t delay_ms, int32_t period_ms,
                             uint64_t now_us);

/** timer_cancel of the runtime interface. */
radon_err_t radon_timers_cancel(radon_timers_t *timers, int32_t id);

/** Raises the signal of every timer that is due, in order of due time, then id. */
void radon_timers_expire(radon_timers_t *timers, uint64_t now_us, uint32_t *next_place);

/** Earliest due time of the running timers, or UINT64_MAX. */
uint64_t radon_timers_next_due(const radon_timers_t *timers);

#endif
