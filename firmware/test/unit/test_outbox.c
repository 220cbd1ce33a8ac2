#include "radon/runtime/outbox.h"

#include "check.h"

static radon_outbox_t outbox;
static uint64_t now_us;

static void reset(void)
{
    now_us = 1000000;
    radon_outbox_init(&outbox, 0xABCD);
}

static radon_err_t add_bytes(uint8_t definition, const char *to, uint32_t id, uint8_t flags, size_t size)
{
    static uint8_t payload[RADON_MAX_MESSAGE_BYTES];
    memset(payload, (int)id, sizeof payload);
    const radon_outbox_message_t message = {
        .to = radon_bytes_text(to),
        .envelope = {.from = radon_bytes_text("n/a"), .id = id, .payload = radon_bytes(payload, size)},
        .flags = flags,
        .definition = definition};
    return radon_outbox_add(&outbox, &message, now_us);
}

static radon_err_t add(uint8_t definition, const char *to, uint32_t id, uint8_t flags)
{
    return add_bytes(definition, to, id, flags, 1);
}

/** Id of the message that goes next, 0 for none. */
static uint32_t next(void)
{
    const radon_outbox_entry_t *entry = radon_outbox_next(&outbox, now_us);
    return entry == NULL ? 0 : entry->id;
}

static radon_outbox_entry_t *entry_of(uint32_t id)
{
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        if (outbox.entries[i].state != RADON_OUTBOX_FREE && outbox.entries[i].id == id) {
            return &outbox.entries[i];
        }
    }
    return NULL;
}

TEST(messages_to_different_receivers_go_at_once_oldest_first)
{
    reset();
    CHECK_EQ(add(0, "b", 1, 0), RADON_OK);
    CHECK_EQ(add(0, "c", 2, 0), RADON_OK);
    CHECK_EQ(add(1, "b", 3, 0), RADON_OK);
    CHECK_EQ(next(), 1);
    CHECK_EQ(next(), 2);
    CHECK_EQ(next(), 3);
    CHECK_EQ(next(), 0);
}

TEST(messages_of_a_pair_go_one_after_another)
{
    reset();
    CHECK_EQ(add(0, "b", 1, 0), RADON_OK);
    CHECK_EQ(add(0, "b", 2, 0), RADON_OK);
    CHECK_EQ(add(0, "b", 3, RADON_SEND_UNORDERED), RADON_OK);
    CHECK_EQ(next(), 1);
    CHECK_EQ(next(), 3);
    CHECK_EQ(next(), 0);
    radon_outbox_remove(&outbox, entry_of(1));
    CHECK_EQ(next(), 2);
}

TEST(what_an_atom_left_behind_goes_on_as_an_orphan)
{
    reset();
    CHECK_EQ(add(0, "b", 1, 0), RADON_OK);
    CHECK_EQ(add(1, "b", 2, 0), RADON_OK);
    radon_outbox_orphan(&outbox, 0);
    CHECK(entry_of(1)->orphan && !entry_of(2)->orphan);
    CHECK_EQ(next(), 1);
    radon_outbox_remove(&outbox, entry_of(1));
    CHECK_EQ(add(0, "b", 3, 0), RADON_OK);
    CHECK(!entry_of(3)->orphan);
}

TEST(a_message_that_was_not_taken_keeps_its_turn_and_its_number)
{
    reset();
    CHECK_EQ(add(0, "b", 1, 0), RADON_OK);
    CHECK_EQ(add(0, "b", 2, 0), RADON_OK);
    CHECK_EQ(add(0, "c", 3, 0), RADON_OK);
    CHECK_EQ(next(), 1);
    uint32_t seq = entry_of(1)->seq;
    radon_outbox_retry(entry_of(1), RADON_E_FULL, now_us);
    CHECK_EQ(next(), 3);
    CHECK_EQ(next(), 0);
    CHECK_EQ(radon_outbox_due_us(&outbox), now_us + RADON_OUTBOX_RETRY_US);
    now_us += RADON_OUTBOX_RETRY_US;
    CHECK_EQ(next(), 1);
    CHECK_EQ(entry_of(1)->seq, seq);
}

TEST(what_is_not_taken_for_ten_seconds_is_overdue)
{
    reset();
    CHECK_EQ(add(0, "b", 1, 0), RADON_OK);
    uint64_t limit_us = now_us + 10000000U;
    now_us = limit_us - 1;
    CHECK(radon_outbox_overdue(&outbox, now_us) == NULL);
    now_us = limit_us;
    CHECK(radon_outbox_overdue(&outbox, now_us) == entry_of(1));
    CHECK_EQ(entry_of(1)->error, RADON_E_NO_ROUTE);
    CHECK_EQ(next(), 1);
    CHECK(radon_outbox_overdue(&outbox, now_us) == NULL);
}

TEST(a_message_does_not_fall_behind_what_its_receiver_remembers)
{
    reset();
    CHECK_EQ(add(0, "b", 1, 0), RADON_OK);
    for (uint32_t id = 2; id <= RADON_OUTBOX_WINDOW; id++) {
        CHECK_EQ(add(1, "c", id, 0), RADON_OK);
        radon_outbox_remove(&outbox, entry_of(id));
        CHECK(radon_outbox_overdue(&outbox, now_us) == NULL);
    }
    CHECK_EQ(add(1, "c", 99, 0), RADON_OK);
    CHECK(radon_outbox_overdue(&outbox, now_us) == entry_of(1));
}

TEST(one_that_names_its_node_is_numbered_anew_instead)
{
    char detail[RADON_ENVELOPE_DETAIL_BYTES];
    radon_envelope_t envelope;
    reset();
    CHECK_EQ(add(0, "roof/b", 1, 0), RADON_OK);
    CHECK_EQ(add(0, "roof/b", 2, 0), RADON_OK);
    CHECK_EQ(next(), 1);
    radon_outbox_retry(entry_of(1), RADON_E_FULL, now_us);
    for (uint32_t id = 3; id <= 40; id++) {
        CHECK_EQ(add(1, "c", id, 0), RADON_OK);
        radon_outbox_remove(&outbox, entry_of(id));
    }
    CHECK_EQ(add(1, "c", 99, 0), RADON_OK);
    now_us += RADON_OUTBOX_RETRY_US;
    CHECK(radon_outbox_overdue(&outbox, now_us) == NULL);
    CHECK_EQ(next(), 1);
    CHECK_EQ(entry_of(1)->seq, 42);
    REQUIRE(radon_envelope_parse(&envelope, radon_outbox_envelope(&outbox, entry_of(1)), detail));
    CHECK_EQ(envelope.seq, 42);
    radon_outbox_remove(&outbox, entry_of(1));
    CHECK_EQ(next(), 2);
    CHECK_EQ(entry_of(2)->seq, 43);
    REQUIRE(radon_envelope_parse(&envelope, radon_outbox_envelope(&outbox, entry_of(2)), detail));
    CHECK_EQ(envelope.id, 2);
    REQUIRE(radon_envelope_parse(&envelope, radon_outbox_envelope(&outbox, entry_of(99)), detail));
    CHECK_EQ(envelope.seq, 41);
}

TEST(what_another_one_s_new_number_leaves_behind_is_not_sent)
{
    reset();
    CHECK_EQ(add(0, "roof/b", 1, 0), RADON_OK);
    CHECK_EQ(add(0, "crowd", 2, 0), RADON_OK);
    for (uint32_t id = 3; id <= RADON_OUTBOX_WINDOW + 1; id++) {
        CHECK_EQ(add(1, "c", id, 0), RADON_OK);
        radon_outbox_remove(&outbox, entry_of(id));
    }
    CHECK(radon_outbox_overdue(&outbox, now_us) == NULL);
    CHECK_EQ(next(), 1);
    CHECK_EQ(next(), 0);
    CHECK(radon_outbox_due_us(&outbox) <= now_us);
    CHECK(radon_outbox_overdue(&outbox, now_us) == entry_of(2));
}

TEST(an_atom_has_four_and_the_node_eight)
{
    reset();
    for (uint32_t id = 1; id <= 4; id++) {
        CHECK_EQ(add(0, "b", id, 0), RADON_OK);
    }
    CHECK_EQ(add(0, "c", 5, 0), RADON_E_FULL);
    for (uint32_t id = 5; id <= 8; id++) {
        CHECK_EQ(add(1, "b", id, 0), RADON_OK);
    }
    CHECK_EQ(add(2, "b", 9, 0), RADON_E_FULL);
    radon_outbox_remove(&outbox, entry_of(3));
    CHECK_EQ(add(2, "b", 9, 0), RADON_OK);
}

TEST(the_bytes_of_all_are_bounded)
{
    reset();
    CHECK_EQ(add_bytes(0, "b", 1, 0, 512), RADON_OK);
    CHECK_EQ(add_bytes(0, "b", 2, 0, 512), RADON_OK);
    CHECK_EQ(add_bytes(0, "b", 3, 0, 512), RADON_OK);
    CHECK_EQ(add_bytes(0, "b", 4, 0, 512 - 3 * 4 - 3), RADON_E_FULL);
    CHECK_EQ(add_bytes(0, "b", 4, 0, 512 - 4 * 4), RADON_OK);
    CHECK_EQ(outbox.counted, RADON_MAX_OUTBOX_BYTES);
    CHECK_EQ(add_bytes(1, "b", 5, 0, 0), RADON_E_FULL);
}

TEST(bytes_stay_with_their_message)
{
    reset();
    CHECK_EQ(add_bytes(0, "b", 1, 0, 100), RADON_OK);
    CHECK_EQ(add_bytes(0, "long-name", 2, 0, 200), RADON_OK);
    CHECK_EQ(add_bytes(0, "c", 3, 0, 300), RADON_OK);
    radon_outbox_remove(&outbox, entry_of(1));
    CHECK_EQ(add_bytes(0, "roof/d", 4, 0, 50), RADON_OK);
    radon_outbox_remove(&outbox, entry_of(3));
    static const struct {
        uint32_t id;
        const char *to;
        size_t size;
    } left[] = {{2, "long-name", 200}, {4, "roof/d", 50}};
    for (size_t i = 0; i < 2; i++) {
        char detail[RADON_ENVELOPE_DETAIL_BYTES];
        radon_envelope_t envelope;
        const radon_outbox_entry_t *entry = entry_of(left[i].id);
        CHECK(radon_bytes_equal_text(radon_outbox_to(&outbox, entry), left[i].to));
        REQUIRE(radon_envelope_parse(&envelope, radon_outbox_envelope(&outbox, entry), detail));
        CHECK_EQ(envelope.id, left[i].id);
        CHECK_EQ(envelope.seq, left[i].id);
        CHECK_EQ(envelope.incarnation, 0xABCD);
        CHECK_EQ(envelope.hops, RADON_ENVELOPE_HOPS);
        CHECK_EQ(envelope.payload.len, left[i].size);
        CHECK_EQ(envelope.payload.data[left[i].size - 1], left[i].id);
    }
}

int main(void)
{
    RUN(messages_to_different_receivers_go_at_once_oldest_first);
    RUN(messages_of_a_pair_go_one_after_another);
    RUN(what_an_atom_left_behind_goes_on_as_an_orphan);
    RUN(a_message_that_was_not_taken_keeps_its_turn_and_its_number);
    RUN(what_is_not_taken_for_ten_seconds_is_overdue);
    RUN(a_message_does_not_fall_behind_what_its_receiver_remembers);
    RUN(one_that_names_its_node_is_numbered_anew_instead);
    RUN(what_another_one_s_new_number_leaves_behind_is_not_sent);
    RUN(an_atom_has_four_and_the_node_eight);
    RUN(the_bytes_of_all_are_bounded);
    RUN(bytes_stay_with_their_message);
    return check_summary();
}
