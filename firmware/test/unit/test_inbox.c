#include "check.h"

#include "radon/runtime/inbox.h"

#define LIMIT 4
#define CAPACITY 64

static radon_inbox_event_t events[LIMIT];
static uint8_t bytes[CAPACITY];
static radon_inbox_t inbox;

static radon_err_t append(uint32_t sender, uint8_t path_length, const char *query, const char *payload)
{
    const radon_inbox_event_t event = {.kind = RADON_EVENT_REQUEST,
                                       .request = {.sender = sender, .path_length = path_length}};
    return radon_inbox_append(&inbox, &event, radon_bytes_text(query), radon_bytes_text(payload));
}

static void reset(void)
{
    radon_inbox_init(&inbox, events, LIMIT, bytes, CAPACITY);
}

/** Index of the first event that may be offered, or -1. */
static int first_eligible(void)
{
    for (uint8_t i = 0; i < inbox.count; i++) {
        if (radon_inbox_is_eligible(&inbox, i)) {
            return i;
        }
    }
    return -1;
}

static void check_payload(uint8_t index, const char *expected)
{
    radon_bytes_t payload = radon_inbox_payload(&inbox, &inbox.events[index]);
    CHECK_BYTES(payload.data, payload.len, expected, strlen(expected));
}

TEST(query_and_payload_are_kept_in_order_of_arrival)
{
    reset();
    CHECK_EQ(append(1, 5, "a=1", "first"), RADON_OK);
    CHECK_EQ(append(2, 5, "", "second"), RADON_OK);
    radon_bytes_t query = radon_inbox_head(&inbox, &inbox.events[0]);
    CHECK_BYTES(query.data, query.len, "a=1", 3);
    check_payload(0, "first");
    check_payload(1, "second");
    CHECK_EQ(radon_inbox_head(&inbox, &inbox.events[1]).len, 0);
}

TEST(path_query_and_payload_count_towards_the_bytes)
{
    reset();
    CHECK_EQ(append(1, 60, "ab", "cd"), RADON_OK);
    CHECK_EQ(append(1, 1, "", ""), RADON_E_FULL);
    radon_inbox_remove(&inbox, 0);
    CHECK_EQ(append(1, 60, "ab", "cd"), RADON_OK);
}

TEST(what_can_never_fit_is_told_from_what_does_not_fit_now)
{
    reset();
    CHECK_EQ(append(1, 61, "ab", "cd"), RADON_E_TOO_BIG);
    for (int i = 0; i < LIMIT; i++) {
        CHECK_EQ(append(1, 1, "", ""), RADON_OK);
    }
    CHECK_EQ(append(1, 1, "", ""), RADON_E_FULL);
}

TEST(a_removal_closes_the_gap)
{
    reset();
    (void)append(1, 0, "q", "one");
    (void)append(1, 0, "", "two");
    (void)append(1, 0, "r", "three");
    radon_inbox_remove(&inbox, 1);
    CHECK_EQ(inbox.count, 2);
    check_payload(0, "one");
    check_payload(1, "three");
    CHECK_EQ(inbox.used, 10);
    radon_inbox_remove(&inbox, 0);
    check_payload(0, "three");
    CHECK_EQ(append(1, 0, "", "four"), RADON_OK);
    check_payload(1, "four");
}

TEST(messages_of_a_sender_stay_behind_one_that_it_has_kept)
{
    reset();
    (void)append(7, 0, "", "kept");
    (void)append(7, 0, "", "behind");
    (void)append(8, 0, "", "other");
    events[0].marks = RADON_INBOX_KEPT | RADON_INBOX_HELD;
    CHECK_EQ(first_eligible(), 2);
    radon_inbox_release_held(&inbox);
    CHECK_EQ(first_eligible(), 0);
}

TEST(closed_messages_are_not_offered)
{
    reset();
    (void)append(1, 0, "", "late");
    events[0].marks = RADON_INBOX_CLOSED;
    CHECK_EQ(first_eligible(), -1);
    (void)append(1, 0, "", "next");
    CHECK_EQ(first_eligible(), 1);
}

int main(void)
{
    RUN(query_and_payload_are_kept_in_order_of_arrival);
    RUN(path_query_and_payload_count_towards_the_bytes);
    RUN(what_can_never_fit_is_told_from_what_does_not_fit_now);
    RUN(a_removal_closes_the_gap);
    RUN(messages_of_a_sender_stay_behind_one_that_it_has_kept);
    RUN(closed_messages_are_not_offered);
    return check_summary();
}
