#include "radon/coap/dedup.h"

#include "check.h"

static radon_coap_dedup_t dedup;
static radon_coap_retained_t retained;
static const radon_endpoint_t peer = {.address_len = 1, .address = {1}};
static const radon_endpoint_t other = {.address_len = 1, .address = {2}};
static const radon_coap_link_t udp = {.exchange_lifetime_ms = 1000, .nstart = 1};
static const radon_coap_link_t serial = {.exchange_lifetime_ms = 1000, .nstart = 1, .in_order = true};

static void reset(void)
{
    radon_coap_dedup_init(&dedup);
    radon_coap_retained_init(&retained);
}

static radon_coap_dedup_name_t enter(const radon_coap_link_t *link, const radon_endpoint_t *from, uint16_t id,
                                     uint64_t now_ms)
{
    return radon_coap_dedup_enter(&dedup, &retained, link, from, id, id * 7u, now_ms);
}

static bool finds(const radon_endpoint_t *from, uint16_t id, uint32_t hash, uint64_t now_ms)
{
    return radon_coap_dedup_find(&dedup, from, id, hash, now_ms) != NULL;
}

TEST(same_bytes_from_the_same_endpoint_are_a_repeat)
{
    reset();
    CHECK(enter(&udp, &peer, 5, 0) != 0);
    CHECK(finds(&peer, 5, 35, 999));
    CHECK(!finds(&peer, 5, 36, 0));
    CHECK(!finds(&peer, 6, 35, 0));
    CHECK(!finds(&other, 5, 35, 0));
}

TEST(an_entry_lives_for_exactly_the_exchange_lifetime)
{
    reset();
    enter(&udp, &peer, 5, 100);
    CHECK(finds(&peer, 5, 35, 1099));
    CHECK(!finds(&peer, 5, 35, 1100));
}

TEST(live_entries_are_never_evicted)
{
    reset();
    for (uint16_t i = 0; i < RADON_COAP_DEDUP_ENTRIES; i++) {
        CHECK(enter(&udp, &peer, i, i) != 0);
    }
    CHECK_EQ(enter(&udp, &peer, 99, 500), 0);
    CHECK_EQ(enter(&udp, &other, 99, 500), 0);
    CHECK_EQ(radon_coap_dedup_wait_s(&dedup, 500), 1);
    CHECK_EQ(radon_coap_dedup_wait_s(&dedup, 0), 1);
    CHECK(finds(&peer, 0, 0, 500));
    CHECK(enter(&udp, &peer, 99, 1000) != 0);
    CHECK(finds(&peer, 1, 7, 1000));
}

TEST(on_a_link_in_order_the_last_nstart_plus_one_are_enough)
{
    reset();
    for (uint16_t i = 0; i < 100; i++) {
        CHECK(enter(&serial, &peer, i, 0) != 0);
    }
    CHECK(finds(&peer, 99, 99 * 7, 0));
    CHECK(finds(&peer, 98, 98 * 7, 0));
    CHECK(!finds(&peer, 97, 97 * 7, 0));
}

TEST(requests_of_one_endpoint_do_not_age_those_of_another)
{
    reset();
    enter(&serial, &other, 7, 0);
    for (uint16_t i = 0; i < 10; i++) {
        enter(&serial, &peer, i, 0);
    }
    CHECK(finds(&other, 7, 49, 0));
}

TEST(name_of_an_overtaken_entry_is_dead)
{
    reset();
    radon_coap_dedup_name_t first = enter(&serial, &peer, 1, 0);
    CHECK(radon_coap_dedup_get(&dedup, first) != NULL);
    enter(&serial, &peer, 2, 0);
    enter(&serial, &peer, 3, 0);
    CHECK(radon_coap_dedup_get(&dedup, first) == NULL);
    CHECK(radon_coap_dedup_get(&dedup, 0) == NULL);
}

TEST(replies_go_with_their_entries)
{
    reset();
    radon_coap_dedup_name_t first = enter(&serial, &peer, 1, 0);
    radon_coap_dedup_get(&dedup, first)->reply =
        radon_coap_retained_keep(&retained, RADON_COAP_RETAINED_REPLY, radon_bytes("x", 1));
    CHECK_EQ(retained.used, 1);
    enter(&serial, &peer, 2, 0);
    enter(&serial, &peer, 3, 0);
    CHECK_EQ(retained.used, 0);
}

int main(void)
{
    RUN(same_bytes_from_the_same_endpoint_are_a_repeat);
    RUN(an_entry_lives_for_exactly_the_exchange_lifetime);
    RUN(live_entries_are_never_evicted);
    RUN(on_a_link_in_order_the_last_nstart_plus_one_are_enough);
    RUN(requests_of_one_endpoint_do_not_age_those_of_another);
    RUN(name_of_an_overtaken_entry_is_dead);
    RUN(replies_go_with_their_entries);
    return check_summary();
}
