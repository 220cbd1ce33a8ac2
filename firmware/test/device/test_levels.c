/* Two levels on one stack: the network task runs in between, the ceiling keeps it out, sleep ends when it
 * must. */
#include "check.h"

static volatile uint32_t runs;
static volatile uint64_t last_run_us;
static volatile bool wakes_thread;

void radon_network_task(void)
{
    runs++;
    last_run_us = radon_port_now_us();
    if (wakes_thread) {
        radon_port_thread_wake();
    }
}

static void spin_until(uint64_t time_us)
{
    while (radon_port_now_us() < time_us) {
    }
}

static void test_time(void)
{
    uint64_t last = radon_port_now_us();
    uint64_t end = last + 300000; /* six ticks */
    uint64_t largest_step = 0;
    while (last < end) {
        uint64_t now = radon_port_now_us();
        EXPECT(now >= last);
        largest_step = now - last > largest_step ? now - last : largest_step;
        last = now;
    }
    EXPECT(largest_step < 100);
}

static void test_network_interrupts_thread(void)
{
    uint32_t before = runs;
    radon_port_network_pend();
    EXPECT(runs == before + 1);
}

static void test_ceiling(void)
{
    uint32_t before = runs;
    radon_ceiling_t outer = radon_port_ceiling_raise();
    radon_port_network_pend();
    radon_ceiling_t inner = radon_port_ceiling_raise();
    radon_port_ceiling_restore(inner);
    EXPECT(runs == before);
    radon_port_ceiling_restore(outer);
    EXPECT(runs == before + 1);
}

static void test_wake_at(void)
{
    uint32_t before = runs;
    uint64_t due = radon_port_now_us() + 20000;
    radon_port_network_wake_at(due);
    spin_until(due - 1000);
    EXPECT(runs == before);
    spin_until(due + 1000);
    EXPECT(runs == before + 1);
    EXPECT(last_run_us >= due && last_run_us < due + 200);
    spin_until(due + 30000);
    EXPECT(runs == before + 1);
    radon_port_network_wake_at(radon_port_now_us() + 5000000); /* longer than the timer counts at once */
    radon_port_network_wake_at(0);                             /* long past: at once */
    spin_until(radon_port_now_us() + 100);
    EXPECT(runs == before + 2);
    radon_port_network_wake_at(radon_port_now_us() + 1000);
    radon_port_network_wake_at(RADON_PORT_NEVER);
    spin_until(radon_port_now_us() + 3000);
    EXPECT(runs == before + 2);
}

static void test_idle(void)
{
    uint64_t start = radon_port_now_us();
    radon_port_idle(start + 30000);
    uint64_t slept = radon_port_now_us() - start;
    EXPECT(slept >= 30000 && slept < 31000);
    radon_port_thread_wake();
    start = radon_port_now_us();
    radon_port_idle(start + 30000);
    EXPECT(radon_port_now_us() - start < 1000);
    wakes_thread = true;
    start = radon_port_now_us();
    radon_port_network_wake_at(start + 10000);
    radon_port_idle(RADON_PORT_NEVER);
    slept = radon_port_now_us() - start;
    EXPECT(slept >= 10000 && slept < 11000);
}

static void test_long_sleep(void)
{
    uint64_t start = radon_port_now_us();
    radon_port_idle(start + 5000000);
    uint64_t slept = radon_port_now_us() - start;
    EXPECT(slept >= 5000000 && slept < 5001000);
}

static void test_memory(void)
{
    radon_region_t pool = radon_port_pool();
    test_note("pool bytes", (uint32_t)pool.size);
    test_note("stack high water", (uint32_t)radon_port_stack_high_water());
    EXPECT(pool.base + pool.size == (uint8_t *)0x20020000);
    EXPECT((uintptr_t)pool.base % 8 == 0);
    EXPECT(radon_port_stack_high_water() > 100 && radon_port_stack_high_water() < radon_port_stack_total());
}

static void test_entropy(void)
{
    uint8_t random[32] = {0};
    EXPECT(radon_port_entropy(random, sizeof random) == RADON_OK);
    uint32_t zeros = 0;
    for (size_t i = 0; i < sizeof random; i++) {
        zeros += random[i] == 0 ? 1 : 0;
    }
    EXPECT(zeros < 8);
}

static void test_channels(void)
{
    size_t count;
    const radon_channel_t *channels = radon_port_channels(&count);
    double value = -1;
    EXPECT(count == 4 && channels[0].simulated && channels[3].output);
    EXPECT(radon_port_channel_read(0, &value) == RADON_OK && value >= 0 && value <= 0);
    EXPECT(radon_port_channel_readings() == 0);
    EXPECT(radon_port_channel_simulate(0, 1.5) == RADON_OK);
    EXPECT(radon_port_channel_readings() == 1 && radon_port_channel_readings() == 0);
    EXPECT(radon_port_channel_read(0, &value) == RADON_OK && value > 1.4 && value < 1.6);
    EXPECT(radon_port_channel_write(0, 1) == RADON_E_DENIED);
    EXPECT(radon_port_channel_simulate(3, 1) == RADON_E_DENIED);
    EXPECT(radon_port_channel_write(3, 1) == RADON_OK);
    EXPECT(radon_port_channel_read(4, &value) == RADON_E_NOT_FOUND);
}

void radon_main(void)
{
    EXPECT(radon_port_boot()->reason == RADON_RESET_POWER);
    test_time();
    test_network_interrupts_thread();
    test_ceiling();
    test_wake_at();
    test_idle();
    test_long_sleep();
    test_memory();
    test_entropy();
    test_channels();
    test_end();
}
