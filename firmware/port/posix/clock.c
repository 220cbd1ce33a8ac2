/* Time and entropy. */
#include "posix.h"

#include <sys/random.h>
#include <time.h>

static uint64_t start_us;

static uint64_t read_us(clockid_t clock)
{
    struct timespec time;
    (void)clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000U + (uint64_t)time.tv_nsec / 1000U;
}

void radon_posix_clock_init(void)
{
    start_us = read_us(CLOCK_MONOTONIC);
}

uint64_t radon_port_now_us(void)
{
    return read_us(CLOCK_MONOTONIC) - start_us;
}

uint64_t radon_posix_cpu_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

radon_err_t radon_port_entropy(uint8_t *out, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t got = getrandom(out + done, length - done, 0);
        if (got <= 0) {
            return RADON_E_IO;
        }
        done += (size_t)got;
    }
    return RADON_OK;
}
