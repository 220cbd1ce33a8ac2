#include "radon/coap/retained.h"

#include "check.h"

static radon_coap_retained_t retained;
static uint8_t data[RADON_COAP_RETAINED_BYTES + 1];

static radon_coap_record_t keep(radon_coap_retained_kind_t kind, uint8_t fill, size_t len)
{
    memset(data, fill, len);
    return radon_coap_retained_keep(&retained, kind, radon_bytes(data, len));
}

static bool holds(radon_coap_record_t record, uint8_t fill, size_t len)
{
    radon_bytes_t kept = radon_coap_retained_get(&retained, record);
    for (size_t i = 0; i < kept.len; i++) {
        if (kept.data[i] != fill) {
            return false;
        }
    }
    return kept.len == len;
}

static void reset(void)
{
    radon_coap_retained_init(&retained);
}

TEST(records_survive_the_release_of_others)
{
    reset();
    radon_coap_record_t a = keep(RADON_COAP_RETAINED_REPLY, 1, 100);
    radon_coap_record_t b = keep(RADON_COAP_RETAINED_MESSAGE, 2, 200);
    radon_coap_record_t c = keep(RADON_COAP_RETAINED_SNAPSHOT, 3, 300);
    radon_coap_retained_release(&retained, b);
    CHECK(holds(a, 1, 100));
    CHECK(holds(b, 0, 0));
    CHECK(holds(c, 3, 300));
    radon_coap_retained_release(&retained, a);
    CHECK(holds(c, 3, 300));
    CHECK_EQ(retained.used, 300);
}

TEST(name_of_a_released_record_stays_dead)
{
    reset();
    radon_coap_record_t a = keep(RADON_COAP_RETAINED_REPLY, 1, 10);
    radon_coap_retained_release(&retained, a);
    radon_coap_record_t b = keep(RADON_COAP_RETAINED_REPLY, 2, 10);
    CHECK(a != b);
    CHECK(holds(a, 0, 0));
    radon_coap_retained_release(&retained, a);
    CHECK(holds(b, 2, 10));
    radon_coap_retained_release(&retained, 0);
    CHECK(holds(b, 2, 10));
}

TEST(snapshots_give_way_first_then_the_oldest_replies)
{
    reset();
    size_t third = RADON_COAP_RETAINED_BYTES / 3;
    radon_coap_record_t old_reply = keep(RADON_COAP_RETAINED_REPLY, 1, third);
    radon_coap_record_t snapshot = keep(RADON_COAP_RETAINED_SNAPSHOT, 2, third);
    radon_coap_record_t new_reply = keep(RADON_COAP_RETAINED_REPLY, 3, third);
    radon_coap_record_t next = keep(RADON_COAP_RETAINED_REPLY, 4, third);
    CHECK(holds(snapshot, 0, 0));
    CHECK(holds(old_reply, 1, third));
    radon_coap_record_t last = keep(RADON_COAP_RETAINED_REPLY, 5, third);
    CHECK(holds(old_reply, 0, 0));
    CHECK(holds(new_reply, 3, third));
    CHECK(holds(next, 4, third));
    CHECK(holds(last, 5, third));
}

TEST(unacknowledged_messages_never_give_way)
{
    reset();
    size_t half = RADON_COAP_RETAINED_BYTES / 2;
    radon_coap_record_t a = keep(RADON_COAP_RETAINED_MESSAGE, 1, half);
    radon_coap_record_t b = keep(RADON_COAP_RETAINED_MESSAGE, 2, half);
    CHECK_EQ(keep(RADON_COAP_RETAINED_MESSAGE, 3, half), 0);
    CHECK_EQ(keep(RADON_COAP_RETAINED_REPLY, 4, 10), 0);
    CHECK(holds(a, 1, half));
    CHECK(holds(b, 2, half));
}

TEST(replies_do_not_give_way_to_snapshots)
{
    reset();
    radon_coap_record_t reply = keep(RADON_COAP_RETAINED_REPLY, 1, RADON_COAP_RETAINED_BYTES - 10);
    CHECK_EQ(keep(RADON_COAP_RETAINED_SNAPSHOT, 2, 20), 0);
    CHECK(holds(reply, 1, RADON_COAP_RETAINED_BYTES - 10));
}

TEST(what_can_never_fit_evicts_nothing)
{
    reset();
    radon_coap_record_t reply = keep(RADON_COAP_RETAINED_REPLY, 1, 100);
    CHECK_EQ(keep(RADON_COAP_RETAINED_REPLY, 2, sizeof data), 0);
    CHECK_EQ(keep(RADON_COAP_RETAINED_REPLY, 2, 0), 0);
    CHECK(holds(reply, 1, 100));
}

TEST(work_area_is_there_however_much_is_kept_and_can_be_kept_itself)
{
    reset();
    size_t cap;
    keep(RADON_COAP_RETAINED_SNAPSHOT, 1, 700);
    keep(RADON_COAP_RETAINED_REPLY, 2, RADON_COAP_RETAINED_BYTES - 700);
    uint8_t *work = radon_coap_retained_work(&retained, &cap);
    CHECK(cap >= RADON_COAP_WORK_MIN);
    memset(work + 7, 9, 1000);
    radon_coap_record_t record =
        radon_coap_retained_keep(&retained, RADON_COAP_RETAINED_MESSAGE, radon_bytes(work + 7, 1000));
    CHECK(holds(record, 9, 1000));
    radon_coap_retained_work(&retained, &cap);
    CHECK(cap >= RADON_COAP_WORK_MIN);
}

TEST(as_many_records_as_there_are_owners)
{
    reset();
    for (size_t i = 0; i < RADON_COAP_RECORDS; i++) {
        CHECK(keep(RADON_COAP_RETAINED_MESSAGE, (uint8_t)i, 4) != 0);
    }
    CHECK_EQ(keep(RADON_COAP_RETAINED_MESSAGE, 99, 4), 0);
}

TEST(names_stay_apart_from_none_when_the_clock_wraps)
{
    reset();
    retained.clock = UINT32_MAX >> 8;
    for (uint8_t i = 0; i < 3; i++) {
        radon_coap_record_t record = keep(RADON_COAP_RETAINED_REPLY, i, 100);
        CHECK(record != 0 && holds(record, i, 100));
        radon_coap_retained_release(&retained, record);
    }
    CHECK_EQ(retained.used, 0);
}

int main(void)
{
    RUN(records_survive_the_release_of_others);
    RUN(name_of_a_released_record_stays_dead);
    RUN(snapshots_give_way_first_then_the_oldest_replies);
    RUN(unacknowledged_messages_never_give_way);
    RUN(replies_do_not_give_way_to_snapshots);
    RUN(what_can_never_fit_evicts_nothing);
    RUN(work_area_is_there_however_much_is_kept_and_can_be_kept_itself);
    RUN(as_many_records_as_there_are_owners);
    RUN(names_stay_apart_from_none_when_the_clock_wraps);
    return check_summary();
}
