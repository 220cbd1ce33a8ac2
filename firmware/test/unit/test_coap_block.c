#include "coap_peer.h"

#include "check.h"

#define GET RADON_METHOD_GET
#define POST RADON_METHOD_POST
#define PUT RADON_METHOD_PUT

static const peer_sent_t *only(void)
{
    REQUIRE(peer_unread() == 1);
    const peer_sent_t *sent = peer_next();
    CHECK(peer_next() == NULL);
    return sent;
}

static uint16_t next_id;

/** GET (or POST) of one block of /long. */
static const peer_sent_t *fetch(const radon_endpoint_t *from, uint8_t method, uint32_t num, uint8_t szx)
{
    peer_ask(from, &(peer_ask_t){.method = method,
                                 .id = next_id++,
                                 .path = "long",
                                 .options = {{.number = RADON_COAP_OPTION_BLOCK2, .value = num << 4 | szx}}});
    return only();
}

static bool is_block_of(const peer_sent_t *sent, unsigned version, size_t offset)
{
    for (size_t i = 0; i < sent->message.payload.len; i++) {
        if (sent->message.payload.data[i] != peer_long_byte(version, offset + i)) {
            return false;
        }
    }
    return true;
}

/** Fetches all blocks, changing the resource's content before each; false when a block is not of version 0.
 */
static bool fetch_all(const radon_endpoint_t *from, uint8_t method, size_t len, uint8_t szx,
                      bool volatile_content)
{
    uint32_t etag = 0;
    size_t size = (size_t)16 << szx;
    peer_long_len = len;
    peer_long_version = 0;
    for (uint32_t num = 0; num * size < len; num++) {
        const peer_sent_t *sent = fetch(from, method, num, szx);
        size_t left = len - num * size;
        bool last = left <= size;
        uint32_t expected = num << 4 | (last ? 0u : 8u) | szx;
        if (RADON_COAP_CLASS(sent->message.code) != 2 || !is_block_of(sent, 0, num * size) ||
            sent->message.payload.len != (last ? left : size) ||
            peer_option(sent, RADON_COAP_OPTION_BLOCK2, 0) != expected) {
            return false;
        }
        if (num > 0 && method == GET && peer_option(sent, RADON_COAP_OPTION_ETAG, 1) != etag) {
            return false;
        }
        etag = peer_option(sent, RADON_COAP_OPTION_ETAG, 0);
        peer_long_version += volatile_content ? 1 : 0;
    }
    return true;
}

TEST(short_body_has_no_block_option_unless_asked_for)
{
    peer_reset();
    peer_long_len = 1024;
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET, .path = "long"});
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.payload.len, 1024);
    CHECK(!peer_has_option(sent, RADON_COAP_OPTION_BLOCK2));
    sent = fetch(&peer_udp, GET, 0, 6);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_BLOCK2, 99), 6);
}

TEST(long_body_starts_with_the_largest_block_and_tells_its_size)
{
    peer_reset();
    peer_long_len = 1025;
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET, .path = "long"});
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.payload.len, 1024);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_BLOCK2, 0), 8 | 6);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_SIZE2, 0), 1025);
    CHECK(peer_has_option(sent, RADON_COAP_OPTION_ETAG));
}

TEST(every_block_size_transfers_the_whole_body)
{
    static const size_t lengths[] = {1, 15, 16, 17, 1000, 1024, 1500};
    for (uint8_t szx = 0; szx <= RADON_COAP_SZX_MAX; szx++) {
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            peer_reset();
            CHECK(fetch_all(&peer_udp, GET, lengths[i], szx, false));
        }
    }
}

TEST(changing_resource_is_transferred_consistently_from_a_snapshot)
{
    peer_reset();
    CHECK(fetch_all(&peer_udp, GET, RADON_COAP_RETAINED_BYTES, 4, true));
}

TEST(a_transfer_that_starts_again_gets_the_newest_representation_as_a_whole)
{
    peer_reset();
    peer_long_len = RADON_COAP_RETAINED_BYTES - 100;
    CHECK(is_block_of(fetch(&peer_udp, GET, 0, 6), 0, 0));
    peer_long_version = 1;
    const peer_sent_t *sent = fetch(&peer_udp, GET, 0, 6);
    uint32_t etag = peer_option(sent, RADON_COAP_OPTION_ETAG, 0);
    CHECK(is_block_of(sent, 1, 0));
    peer_long_version = 2;
    sent = fetch(&peer_udp, GET, 1, 6);
    CHECK(is_block_of(sent, 1, 1024));
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_ETAG, 0), etag);
}

TEST(two_clients_transfer_a_changing_resource_at_once)
{
    peer_reset();
    peer_long_len = 600;
    const peer_sent_t *sent = fetch(&peer_udp, GET, 0, 4);
    uint32_t etag = peer_option(sent, RADON_COAP_OPTION_ETAG, 0);
    peer_long_version = 1;
    sent = fetch(&peer_udp_other, GET, 0, 4);
    CHECK(is_block_of(sent, 1, 0));
    sent = fetch(&peer_udp, GET, 1, 4);
    CHECK(is_block_of(sent, 0, 256));
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_ETAG, 0), etag);
    CHECK(is_block_of(fetch(&peer_udp_other, GET, 1, 4), 1, 256));
}

TEST(body_too_long_to_keep_is_generated_again_and_its_change_shows_in_the_etag)
{
    peer_reset();
    CHECK(fetch_all(&peer_udp, GET, 5000, 6, false));
    const peer_sent_t *sent = fetch(&peer_udp, GET, 0, 6);
    uint32_t etag = peer_option(sent, RADON_COAP_OPTION_ETAG, 0);
    peer_long_version = 1;
    sent = fetch(&peer_udp, GET, 1, 6);
    CHECK(is_block_of(sent, 1, 1024));
    CHECK(peer_option(sent, RADON_COAP_OPTION_ETAG, 0) != etag);
}

TEST(snapshot_is_dropped_when_nobody_fetches)
{
    peer_reset();
    peer_long_len = 600;
    fetch(&peer_udp, GET, 0, 4);
    peer_long_version = 1;
    peer_advance(peer_now_ms + RADON_COAP_SNAPSHOT_MS);
    radon_coap_server_poll(&peer_server, peer_now_ms);
    CHECK_EQ(peer_server.retained.used, 0);
    CHECK(is_block_of(fetch(&peer_udp, GET, 1, 4), 1, 256));
}

TEST(every_block_renews_the_life_of_a_snapshot)
{
    peer_reset();
    peer_long_len = 600;
    fetch(&peer_udp, GET, 0, 3);
    peer_long_version = 1;
    for (uint32_t num = 1; num < 4; num++) {
        peer_advance(peer_now_ms + RADON_COAP_SNAPSHOT_MS - 1);
        CHECK(is_block_of(fetch(&peer_udp, GET, num, 3), 0, num * 128));
    }
}

TEST(new_transfer_replaces_the_clients_old_snapshot)
{
    peer_reset();
    peer_long_len = 600;
    fetch(&peer_udp, GET, 0, 4);
    peer_long_version = 1;
    fetch(&peer_udp, GET, 0, 4);
    CHECK(is_block_of(fetch(&peer_udp, GET, 1, 4), 1, 256));
    CHECK_EQ(peer_server.retained.used, 600);
}

TEST(validation_of_a_long_body_keeps_no_snapshot)
{
    peer_reset();
    peer_long_len = 600;
    uint32_t etag = peer_option(fetch(&peer_udp, GET, 0, 4), RADON_COAP_OPTION_ETAG, 0);
    peer_advance(peer_now_ms + RADON_COAP_SNAPSHOT_MS);
    peer_ask(&peer_udp, &(peer_ask_t){.method = GET,
                                      .path = "long",
                                      .options = {{.number = 4, .value = etag}, {.number = 23, .value = 4}}});
    CHECK_EQ(only()->message.code, RADON_COAP_VALID);
    CHECK_EQ(fetch(&peer_udp, GET, 1, 4)->message.code, RADON_COAP_CONTENT);
}

TEST(block_behind_the_end_is_a_bad_request)
{
    peer_reset();
    peer_long_len = 600;
    CHECK_EQ(fetch(&peer_udp, GET, 3, 4)->message.code, RADON_COAP_BAD_REQUEST);
    fetch(&peer_udp, GET, 0, 4);
    CHECK_EQ(fetch(&peer_udp, GET, 3, 4)->message.code, RADON_COAP_BAD_REQUEST);
    CHECK_EQ(fetch(&peer_udp, GET, 0xfffff, 6)->message.code, RADON_COAP_BAD_REQUEST);
}

TEST(error_in_a_later_block_is_whole)
{
    peer_reset();
    peer_value[0] = '\0';
    peer_ask(&peer_udp,
             &(peer_ask_t){.method = GET, .path = "value", .options = {{.number = 23, .value = 0x20}}});
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.code, RADON_COAP_NOT_FOUND);
    CHECK(sent->message.payload.len > 16);
    CHECK(!peer_has_option(sent, RADON_COAP_OPTION_BLOCK2));
}

TEST(long_response_to_a_post_is_executed_once_and_its_rest_comes_from_the_snapshot)
{
    peer_reset();
    CHECK(fetch_all(&peer_udp, POST, 700, 4, true));
    CHECK_EQ(peer_posts, 1);
    peer_advance(peer_now_ms + RADON_COAP_SNAPSHOT_MS);
    radon_coap_server_poll(&peer_server, peer_now_ms);
    CHECK_EQ(fetch(&peer_udp, POST, 1, 4)->message.code, RADON_COAP_REQUEST_ENTITY_INCOMPLETE);
    CHECK_EQ(peer_posts, 1);
}

TEST(deferred_answer_is_cut_to_the_block_asked_for)
{
    static char text[301];
    memset(text, 'q', 300);
    peer_reset();
    peer_ask(&peer_udp,
             &(peer_ask_t){.method = GET, .path = "slow", .options = {{.number = 23, .value = 2}}});
    peer_answer(text);
    const peer_sent_t *sent = only();
    CHECK_EQ(sent->message.payload.len, 64);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_BLOCK2, 0), 8 | 2);
    peer_ask(
        &peer_udp,
        &(peer_ask_t){.method = GET, .id = 1, .path = "slow", .options = {{.number = 23, .value = 0x42}}});
    CHECK_EQ(peer_waiting_count, 0);
    CHECK_EQ(only()->message.payload.len, 300 - 4 * 64);
}

/* Block1 ---------------------------------------------------------------------------------------------------
 */

static const peer_sent_t *upload(uint32_t num, bool more, const char *payload)
{
    peer_ask(&peer_serial, &(peer_ask_t){.method = PUT,
                                         .id = next_id++,
                                         .path = "upload",
                                         .options = {{.number = 27, .value = num << 4 | (more ? 8u : 0u)}},
                                         .payload = payload});
    return only();
}

TEST(blocks_are_handed_over_one_by_one_with_their_offsets)
{
    peer_reset();
    const peer_sent_t *sent = upload(0, true, "0123456789abcdef");
    CHECK_EQ(sent->message.code, RADON_COAP_CONTINUE);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_BLOCK1, 0), 8);
    sent = upload(1, true, "ghijklmnopqrstuv");
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_BLOCK1, 0), 0x18);
    sent = upload(2, false, "end");
    CHECK_EQ(sent->message.code, RADON_COAP_CHANGED);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_BLOCK1, 0), 0x20);
    CHECK_BYTES(peer_upload, peer_upload_len, "0123456789abcdefghijklmnopqrstuvend", 35);
}

TEST(blocks_with_more_to_follow_take_no_place_in_the_table_of_repeats)
{
    peer_reset();
    for (int i = 0; i < 100; i++) {
        peer_ask(&peer_udp, &(peer_ask_t){.method = PUT,
                                          .id = next_id++,
                                          .path = "upload",
                                          .options = {{.number = 27, .value = 8}},
                                          .payload = "0123456789abcdef"});
        CHECK_EQ(only()->message.code, RADON_COAP_CONTINUE);
    }
}

TEST(body_above_the_limit_is_4_13_with_the_limit)
{
    peer_reset();
    const peer_sent_t *sent = upload(6, false, "12345");
    CHECK_EQ(sent->message.code, RADON_COAP_REQUEST_ENTITY_TOO_LARGE);
    CHECK_EQ(peer_option(sent, RADON_COAP_OPTION_SIZE1, 0), 100);
    CHECK_EQ(upload(6, false, "1234")->message.code, RADON_COAP_CHANGED);
    CHECK_EQ(upload(0xfffff, false, "1")->message.code, RADON_COAP_REQUEST_ENTITY_TOO_LARGE);
}

TEST(announced_size_above_the_limit_is_refused_with_the_first_block)
{
    peer_reset();
    peer_ask(&peer_serial,
             &(peer_ask_t){.method = PUT,
                           .path = "upload",
                           .options = {{.number = 27, .value = 8}, {.number = 60, .value = 101}},
                           .payload = "0123456789abcdef"});
    CHECK_EQ(only()->message.code, RADON_COAP_REQUEST_ENTITY_TOO_LARGE);
    CHECK_EQ(peer_upload_len, 0);
}

TEST(resource_without_block_wise_bodies_takes_a_single_block_only)
{
    peer_reset();
    peer_ask_t ask = {.method = PUT,
                      .path = "value",
                      .options = {{.number = 27, .value = 0}},
                      .payload = "0123456789abcdef"};
    peer_ask(&peer_serial, &ask);
    CHECK_EQ(only()->message.code, RADON_COAP_CHANGED);
    ask.options[0].value = 8;
    peer_ask(&peer_serial, &ask);
    CHECK_EQ(only()->message.code, RADON_COAP_REQUEST_ENTITY_TOO_LARGE);
    ask.options[0].value = 0x10;
    peer_ask(&peer_serial, &ask);
    CHECK_EQ(only()->message.code, RADON_COAP_REQUEST_ENTITY_TOO_LARGE);
    CHECK_STR(peer_value, "0123456789abcdef");
}

int main(void)
{
    RUN(short_body_has_no_block_option_unless_asked_for);
    RUN(long_body_starts_with_the_largest_block_and_tells_its_size);
    RUN(every_block_size_transfers_the_whole_body);
    RUN(changing_resource_is_transferred_consistently_from_a_snapshot);
    RUN(a_transfer_that_starts_again_gets_the_newest_representation_as_a_whole);
    RUN(two_clients_transfer_a_changing_resource_at_once);
    RUN(body_too_long_to_keep_is_generated_again_and_its_change_shows_in_the_etag);
    RUN(snapshot_is_dropped_when_nobody_fetches);
    RUN(every_block_renews_the_life_of_a_snapshot);
    RUN(new_transfer_replaces_the_clients_old_snapshot);
    RUN(validation_of_a_long_body_keeps_no_snapshot);
    RUN(block_behind_the_end_is_a_bad_request);
    RUN(error_in_a_later_block_is_whole);
    RUN(long_response_to_a_post_is_executed_once_and_its_rest_comes_from_the_snapshot);
    RUN(deferred_answer_is_cut_to_the_block_asked_for);
    RUN(blocks_are_handed_over_one_by_one_with_their_offsets);
    RUN(blocks_with_more_to_follow_take_no_place_in_the_table_of_repeats);
    RUN(body_above_the_limit_is_4_13_with_the_limit);
    RUN(announced_size_above_the_limit_is_refused_with_the_first_block);
    RUN(resource_without_block_wise_bodies_takes_a_single_block_only);
    return check_summary();
}
