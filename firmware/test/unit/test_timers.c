#include "check.h"

#include "radon/runtime/timers.h"

#define MS 1000U

static radon_timers_t timers;
static uint32_t place;

static void reset(uint8_t limit)
{
    radon_timers_init(&timers, limit);
    place = 0;
}

/** Lets time come; returns whether timer `id` waits, and takes its event. */
static bool fires(int id, uint64_t now_us)
{
    radon_timers_expire(&timers, now_us, &place);
    radon_signal_t *signal = &timers.timers[id].signal;
    bool waits = radon_signal_eligible(signal);
    signal->marks = 0;
    return waits;
}

TEST(a_one_shot_timer_fires_once_at_its_time)
{
    reset(2);
    CHECK_EQ(radon_timers_set(&timers, 0, 10, 0, 5 * MS), RADON_OK);
    CHECK_EQ(radon_timers_next_due(&timers), 15 * MS);
    CHECK(!fires(0, 15 * MS - 1));
    CHECK(fires(0, 15 * MS));
    CHECK(!fires(0, 100 * MS));
    CHECK_EQ(radon_timers_next_due(&timers), UINT64_MAX);
}

TEST(a_periodic_timer_keeps_its_grid_and_skips_what_passed)
{
    reset(1);
    CHECK_EQ(radon_timers_set(&timers, 0, 10, 20, 0), RADON_OK);
    CHECK(fires(0, 12 * MS));
    CHECK_EQ(radon_timers_next_due(&timers), 30 * MS);
    CHECK(fires(0, 95 * MS));
    CHECK_EQ(radon_timers_next_due(&timers), 110 * MS);
}

TEST(no_delay_fires_at_the_next_look)
{
    reset(1);
    CHECK_EQ(radon_timers_set(&timers, 0, 0, 0, 7 * MS), RADON_OK);
    CHECK(fires(0, 7 * MS));
}

TEST(timers_due_together_get_places_in_order_of_time_then_id)
{
    reset(3);
    (void)radon_timers_set(&timers, 0, 5, 0, 0);
    (void)radon_timers_set(&timers, 1, 3, 0, 0);
    (void)radon_timers_set(&timers, 2, 5, 0, 0);
    radon_timers_expire(&timers, 9 * MS, &place);
    CHECK_EQ(timers.timers[1].signal.place, 0);
    CHECK_EQ(timers.timers[0].signal.place, 1);
    CHECK_EQ(timers.timers[2].signal.place, 2);
}

TEST(a_timer_that_falls_due_again_while_it_waits_is_one_event)
{
    reset(1);
    (void)radon_timers_set(&timers, 0, 1, 1, 0);
    radon_timers_expire(&timers, 1 * MS, &place);
    radon_timers_expire(&timers, 2 * MS, &place);
    CHECK_EQ(place, 1);
}

TEST(setting_or_cancelling_forgets_an_event_that_waits)
{
    reset(1);
    (void)radon_timers_set(&timers, 0, 0, 0, 0);
    radon_timers_expire(&timers, 0, &place);
    CHECK_EQ(radon_timers_set(&timers, 0, 50, 0, 0), RADON_OK);
    CHECK(!fires(0, 10 * MS));
    (void)radon_timers_set(&timers, 0, 0, 0, 0);
    radon_timers_expire(&timers, 0, &place);
    CHECK_EQ(radon_timers_cancel(&timers, 0), RADON_OK);
    CHECK(!fires(0, 90 * MS));
    CHECK_EQ(radon_timers_cancel(&timers, 0), RADON_E_NOT_FOUND);
}

TEST(arguments_are_checked_in_order)
{
    reset(2);
    CHECK_EQ(radon_timers_set(&timers, -1, 0, 0, 0), RADON_E_ARG);
    CHECK_EQ(radon_timers_set(&timers, 5, -1, 0, 0), RADON_E_ARG);
    CHECK_EQ(radon_timers_set(&timers, 5, 0, -1, 0), RADON_E_ARG);
    CHECK_EQ(radon_timers_set(&timers, 2, 0, 0, 0), RADON_E_QUOTA);
    CHECK_EQ(radon_timers_cancel(&timers, 2), RADON_E_NOT_FOUND);
    CHECK_EQ(radon_timers_cancel(&timers, -1), RADON_E_NOT_FOUND);
}

int main(void)
{
    RUN(a_one_shot_timer_fires_once_at_its_time);
    RUN(a_periodic_timer_keeps_its_grid_and_skips_what_passed);
    RUN(no_delay_fires_at_the_next_look);
    RUN(timers_due_together_get_places_in_order_of_time_then_id);
    RUN(a_timer_that_falls_due_again_while_it_waits_is_one_event);
    RUN(setting_or_cancelling_forgets_an_event_that_waits);
    RUN(arguments_are_checked_in_order);
    return check_summary();
}
