/* What the load generators share: time, latencies, arguments. Included once by each program. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Latencies in steps of 1 us up to 100 ms; the last step holds what took longer. */
enum { LATENCY_STEPS = 100001 };

static uint32_t latencies[LATENCY_STEPS];

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void count_latency(uint64_t ns)
{
    uint64_t step = ns / 1000;
    latencies[step < LATENCY_STEPS ? step : LATENCY_STEPS - 1]++;
}

/* Microseconds below which the share of all `counted` answers came. */
static uint32_t percentile(uint64_t counted, double share)
{
    uint64_t wanted = (uint64_t)((double)counted * share);
    uint64_t seen = 0;
    for (uint32_t step = 0; step < LATENCY_STEPS; step++) {
        seen += latencies[step];
        if (seen > wanted) {
            return step;
        }
    }
    return LATENCY_STEPS - 1;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int argument(char *const *arguments, int at, int least, int most)
{
    int value = atoi(arguments[at]);
    if (value < least || value > most) {
        fprintf(stderr, "argument %d must be %d to %d\n", at, least, most);
        exit(2);
    }
    return value;
}

#endif
