#include "radon/coap/request.h"

#include "check.h"

#define VECTORS_REQUESTS
#include "vectors.generated.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static radon_coap_message_t message;
static radon_coap_request_t request;

static uint8_t parse(const void *bytes, size_t len)
{
    REQUIRE(radon_coap_message_parse(&message, radon_bytes(bytes, len)) == RADON_OK);
    return radon_coap_request_parse(&request, &message);
}

#define PARSE(bytes) parse("" bytes, sizeof(bytes) - 1)

TEST(vectors_get_the_answer_their_options_demand)
{
    for (size_t i = 0; i < COUNT(vector_requests); i++) {
        const vector_request_t *vector = &vector_requests[i];
        uint8_t code = parse(vector->bytes.data, vector->bytes.len);
        if (code != vector->answer) {
            check_fail(__FILE__, __LINE__, "%s: %#x, expected %#x", vector->name, code, vector->answer);
        }
    }
}

TEST(options_are_decoded_into_the_view)
{
    radon_bytes_t query;
    CHECK_EQ(PARSE("\x40\x01\x00\x01\x60\x51\x61\x02\xc3\xa4\x41\x71\x21\x32\x61\x26"), 0);
    CHECK(request.observe_present && request.observe == 0);
    CHECK_EQ(request.path_count, 2);
    CHECK(radon_bytes_equal_text(request.path[0], "a"));
    CHECK(radon_bytes_equal_text(request.path[1], "\xc3\xa4"));
    CHECK_EQ(request.accept, 50);
    CHECK_EQ(request.content_format, RADON_COAP_NO_FORMAT);
    CHECK(request.block2.present && request.block2.num == 2 && request.block2.szx == 6);
    radon_coap_options_t options = radon_coap_options(&message);
    CHECK(radon_coap_request_next_query(&options, &query) && radon_bytes_equal_text(query, "q"));
    CHECK(!radon_coap_request_next_query(&options, &query));
}

TEST(path_is_joined_and_cut_at_the_buffer)
{
    char out[8];
    PARSE("\x40\x01\x00\x01\xb1\x61\x04rain\x05level");
    CHECK_EQ(radon_coap_request_path(&request, out, sizeof out), 12);
    CHECK_BYTES(out, 8, "a/rain/l", 8);
    PARSE("\x40\x01\x00\x01");
    CHECK_EQ(radon_coap_request_path(&request, out, sizeof out), 0);
}

TEST(too_many_segments_are_noted_not_stored)
{
    CHECK_EQ(PARSE("\x40\x01\x00\x01\xb1\x61\x01\x62\x01\x63\x01\x64\x01\x65\x01\x66\x01\x67\x01\x68"), 0);
    CHECK(!request.path_too_long);
    CHECK_EQ(
        PARSE("\x40\x01\x00\x01\xb1\x61\x01\x62\x01\x63\x01\x64\x01\x65\x01\x66\x01\x67\x01\x68\x01\x69"), 0);
    CHECK(request.path_too_long);
    CHECK_EQ(request.path_count, RADON_COAP_PATH_SEGMENTS);
}

TEST(key_depends_on_what_names_a_representation_and_nothing_else)
{
    PARSE("\x40\x01\x00\x01\xb1\x61\x41\x71");
    uint32_t key = request.key;
    PARSE("\x42\x01\x00\x09\x07\x08\x60\x51\x61\x41\x71\x81\x06");
    CHECK_EQ(request.key, key);
    PARSE("\x40\x01\x00\x01\xb1\x61\x41\x72");
    CHECK(request.key != key);
    PARSE("\x40\x01\x00\x01\xb1\x61\x41\x71\x21\x32");
    CHECK(request.key != key);
    PARSE("\x40\x02\x00\x01\xb1\x61\x41\x71");
    CHECK(request.key != key);
    PARSE("\x40\x01\x00\x01\xb2\x61\x71");
    CHECK(request.key != key);
}

TEST(payload_is_part_of_the_key_of_fetch_alone)
{
    PARSE("\x40\x05\x00\x01\xb1\x61\xff\x01");
    uint32_t key = request.key;
    PARSE("\x40\x05\x00\x01\xb1\x61\xff\x02");
    CHECK(request.key != key);
    PARSE("\x40\x02\x00\x01\xb1\x61\xff\x01");
    key = request.key;
    PARSE("\x40\x02\x00\x01\xb1\x61\xff\x02");
    CHECK_EQ(request.key, key);
}

TEST(offset_and_last_block_of_a_body)
{
    CHECK_EQ(PARSE("\x40\x03\x00\x01\xd1\x0e\x38\xff"
                   "0123456789abcdef"),
             0);
    CHECK_EQ(radon_coap_request_offset(&request), 48);
    CHECK(!radon_coap_request_is_last(&request));
    CHECK_EQ(PARSE("\x40\x03\x00\x01\xd1\x0e\x30\xff\x01"), 0);
    CHECK(radon_coap_request_is_last(&request));
    CHECK_EQ(PARSE("\x40\x03\x00\x01\xff\x01"), 0);
    CHECK_EQ(radon_coap_request_offset(&request), 0);
    CHECK(radon_coap_request_is_last(&request));
}

TEST(etags_are_found_by_value)
{
    PARSE("\x40\x01\x00\x01\x42\x01\x02\x01\x03");
    CHECK(radon_coap_request_has_etag(&request, RADON_COAP_OPTION_ETAG, radon_bytes("\x01\x02", 2)));
    CHECK(radon_coap_request_has_etag(&request, RADON_COAP_OPTION_ETAG, radon_bytes("\x03", 1)));
    CHECK(!radon_coap_request_has_etag(&request, RADON_COAP_OPTION_ETAG, radon_bytes("\x01", 1)));
    CHECK(!radon_coap_request_has_etag(&request, RADON_COAP_OPTION_IF_MATCH, radon_bytes("\x03", 1)));
}

int main(void)
{
    RUN(vectors_get_the_answer_their_options_demand);
    RUN(options_are_decoded_into_the_view);
    RUN(path_is_joined_and_cut_at_the_buffer);
    RUN(too_many_segments_are_noted_not_stored);
    RUN(key_depends_on_what_names_a_representation_and_nothing_else);
    RUN(payload_is_part_of_the_key_of_fetch_alone);
    RUN(offset_and_last_block_of_a_body);
    RUN(etags_are_found_by_value);
    return check_summary();
}
