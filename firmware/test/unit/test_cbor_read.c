#include "radon/base/cbor_read.h"

#include "check.h"

static radon_cbor_reader_t reader;

static void open_bytes(const char *bytes, size_t len)
{
    radon_cbor_reader_init(&reader, radon_bytes(bytes, len));
}

#define OPEN(bytes) open_bytes("" bytes, sizeof(bytes) - 1)

/** Whether the bytes are exactly one item that the reader accepts. */
static bool accepts(const char *bytes, size_t len)
{
    open_bytes(bytes, len);
    radon_cbor_skip(&reader, NULL);
    return radon_cbor_read_end(&reader) == RADON_OK;
}

#define ACCEPTS(bytes) CHECK(accepts("" bytes, sizeof(bytes) - 1))
#define REFUSES(bytes) CHECK(!accepts("" bytes, sizeof(bytes) - 1))

TEST(scalars_come_back)
{
    uint64_t u;
    int64_t i;
    uint32_t small;
    bool truth;
    radon_bytes_t view;
    OPEN("\x1b\xff\xff\xff\xff\xff\xff\xff\xff");
    CHECK(radon_cbor_read_uint(&reader, &u) && u == UINT64_MAX);
    OPEN("\x38\x63");
    CHECK(radon_cbor_read_int(&reader, &i) && i == -100);
    OPEN("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff");
    CHECK(radon_cbor_read_int(&reader, &i) && i == INT64_MIN);
    OPEN("\xf5");
    CHECK(radon_cbor_read_bool(&reader, &truth) && truth);
    OPEN("\xf6");
    CHECK(radon_cbor_read_null(&reader));
    OPEN("\x64IETF");
    CHECK(radon_cbor_read_text(&reader, &view) && radon_bytes_equal_text(view, "IETF"));
    OPEN("\x42\x00\xff");
    CHECK(radon_cbor_read_bytes(&reader, &view) && view.len == 2);
    OPEN("\x19\x01\x00");
    CHECK(radon_cbor_read_u32(&reader, &small, 256) && small == 256);
    CHECK_EQ(radon_cbor_read_end(&reader), RADON_OK);
}

TEST(value_above_the_callers_bound_is_an_error)
{
    uint32_t small = 7;
    int64_t i;
    OPEN("\x19\x01\x00");
    CHECK(!radon_cbor_read_u32(&reader, &small, 255));
    CHECK_EQ(small, 0);
    CHECK_EQ(radon_cbor_read_end(&reader), RADON_E_ARG);
    OPEN("\x1b\x80\x00\x00\x00\x00\x00\x00\x00");
    CHECK(!radon_cbor_read_int(&reader, &i));
}

TEST(numbers_of_every_precision)
{
    double v;
    OPEN("\xf9\x3e\x00");
    CHECK(radon_cbor_read_number(&reader, &v) && v == 1.5);
    OPEN("\xf9\x00\x01");
    CHECK(radon_cbor_read_number(&reader, &v) && v == 5.960464477539063e-8);
    OPEN("\xf9\xfc\x00");
    CHECK(radon_cbor_read_number(&reader, &v) && v == -__builtin_inf());
    OPEN("\xfa\x47\xc3\x50\x01");
    CHECK(radon_cbor_read_number(&reader, &v) && v == 100000.0078125);
    OPEN("\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a");
    CHECK(radon_cbor_read_number(&reader, &v) && v == 1.1);
    OPEN("\x24");
    CHECK(radon_cbor_read_number(&reader, &v) && v == -5);
    OPEN("\x61\x35");
    CHECK(!radon_cbor_read_number(&reader, &v));
}

TEST(nested_document_is_walked_by_type)
{
    uint32_t count;
    uint64_t key;
    radon_bytes_t text;
    uint64_t tag;
    OPEN("\xd2\xa2\x00\x82\x61\x61\x61\x62\x18\x32\xf6");
    CHECK(radon_cbor_read_tag(&reader, &tag) && tag == 18);
    CHECK(radon_cbor_enter_map(&reader, &count) && count == 2);
    CHECK(radon_cbor_read_uint(&reader, &key) && key == 0);
    CHECK_EQ(radon_cbor_peek(&reader), RADON_CBOR_ARRAY);
    CHECK(radon_cbor_enter_array(&reader, &count) && count == 2);
    while (radon_cbor_has_next(&reader)) {
        CHECK(radon_cbor_read_text(&reader, &text) && text.len == 1);
    }
    CHECK_EQ(radon_cbor_peek(&reader), RADON_CBOR_NONE);
    CHECK(radon_cbor_leave(&reader));
    CHECK(radon_cbor_read_uint(&reader, &key) && key == 50);
    CHECK(radon_cbor_read_null(&reader));
    CHECK(radon_cbor_leave(&reader));
    CHECK_EQ(radon_cbor_read_end(&reader), RADON_OK);
}

TEST(skip_gives_the_encoded_item)
{
    uint32_t count;
    radon_bytes_t item;
    OPEN("\x82\xa1\x01\x82\x02\x03\x04");
    radon_cbor_enter_array(&reader, &count);
    CHECK(radon_cbor_skip(&reader, &item));
    CHECK_BYTES(item.data, item.len, "\xa1\x01\x82\x02\x03", 5);
    CHECK(radon_cbor_skip(&reader, &item));
    CHECK_BYTES(item.data, item.len, "\x04", 1);
    CHECK(radon_cbor_leave(&reader));
    CHECK_EQ(radon_cbor_read_end(&reader), RADON_OK);
}

TEST(integers_lengths_and_floats_must_be_shortest)
{
    REFUSES("\x18\x17");
    REFUSES("\x19\x00\xff");
    REFUSES("\x1a\x00\x00\xff\xff");
    REFUSES("\x1b\x00\x00\x00\x00\xff\xff\xff\xff");
    REFUSES("\x38\x00");
    REFUSES("\x58\x01\x00");
    REFUSES("\x78\x01\x61");
    REFUSES("\x98\x00");
    REFUSES("\xb8\x00");
    REFUSES("\xd8\x12\x00");
    REFUSES("\xfa\x3f\xc0\x00\x00");
    REFUSES("\xfa\x33\x80\x00\x00");
    REFUSES("\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00");
    REFUSES("\xfa\x7f\x80\x00\x00");
    REFUSES("\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00");
    REFUSES("\xfa\x00\x00\x00\x00");
    REFUSES("\xf9\x7e\x01");
    ACCEPTS("\xfa\x33\x00\x00\x00");
    ACCEPTS("\xf9\x7e\x00");
    ACCEPTS("\xfb\x7e\x37\xe4\x3c\x88\x00\x75\x9c");
    ACCEPTS("\x1b\xff\xff\xff\xff\xff\xff\xff\xff");
}

TEST(indefinite_lengths_and_reserved_values_are_refused)
{
    REFUSES("\x5f\x41\x00\xff");
    REFUSES("\x7f\x61\x61\xff");
    REFUSES("\x9f\x00\xff");
    REFUSES("\xbf\x00\x00\xff");
    REFUSES("\xff");
    REFUSES("\x1c");
    REFUSES("\xf7");
    REFUSES("\xf8\x20");
    REFUSES("\xe0");
}

TEST(map_keys_must_ascend_and_be_integers_or_text)
{
    ACCEPTS("\xa0");
    ACCEPTS("\xa3\x00\x00\x17\x00\x18\x18\x00");
    ACCEPTS("\xa3\x0a\x00\x20\x00\x61\x61\x00");
    ACCEPTS("\xa2\x61\x7a\x00\x62\x61\x61\x00");
    REFUSES("\xa2\x01\x00\x00\x00");
    REFUSES("\xa2\x01\x00\x01\x00");
    REFUSES("\xa2\x20\x00\x01\x00");
    REFUSES("\xa2\x62\x61\x61\x00\x61\x7a\x00");
    REFUSES("\xa1\x41\x00\x00");
    REFUSES("\xa1\x80\x00");
    REFUSES("\xa1\xf5\x00");
    REFUSES("\xa1\xc0\x00\x00");
}

TEST(order_of_keys_starts_anew_in_each_map)
{
    ACCEPTS("\x82\xa1\x05\x00\xa1\x01\x00");
    ACCEPTS("\xa2\x05\xa1\x01\x00\x06\xa1\x01\x00");
    REFUSES("\xa2\x05\xa1\x09\x00\x04\x00");
}

TEST(text_must_be_utf8)
{
    ACCEPTS("\x62\xc3\xbc");
    REFUSES("\x61\xc3");
    REFUSES("\x62\xc0\x80");
}

TEST(cut_or_trailing_bytes_are_refused)
{
    REFUSES("");
    REFUSES("\x18");
    REFUSES("\x1b\x00\x00\x00\x01\x00\x00\x00");
    REFUSES("\x43\x00\x00");
    REFUSES("\x5b\xff\xff\xff\xff\xff\xff\xff\xff");
    REFUSES("\x82\x00");
    REFUSES("\xa1\x00");
    REFUSES("\xc1");
    REFUSES("\x00\x00");
    REFUSES("\x9a\xff\xff\xff\xff");
    REFUSES("\x9b\x00\x00\x00\x01\x00\x00\x00\x01\x00");
    REFUSES("\xbb\x80\x00\x00\x00\x00\x00\x00\x01\x00\x00");
    REFUSES("\xbb\x80\x00\x00\x00\x00\x00\x00\x01");
}

TEST(depth_is_bounded)
{
    ACCEPTS("\x81\x81\x81\x81\x81\x81\x81\x81\x00");
    REFUSES("\x81\x81\x81\x81\x81\x81\x81\x81\x81\x00");
    REFUSES("\x81\x81\x81\x81\x81\x81\x81\x81\x80");
}

TEST(first_error_sticks)
{
    uint64_t value = 9;
    bool truth;
    uint32_t count;
    OPEN("\x82\x01\x02");
    radon_cbor_enter_array(&reader, &count);
    CHECK(!radon_cbor_read_bool(&reader, &truth));
    CHECK(!radon_cbor_read_uint(&reader, &value));
    CHECK_EQ(value, 0);
    CHECK(!radon_cbor_has_next(&reader));
    CHECK(!radon_cbor_leave(&reader));
    CHECK_EQ(radon_cbor_read_end(&reader), RADON_E_ARG);
}

TEST(leaving_early_or_reading_past_the_end_is_an_error)
{
    uint32_t count;
    uint64_t value;
    OPEN("\x82\x01\x02");
    radon_cbor_enter_array(&reader, &count);
    radon_cbor_read_uint(&reader, &value);
    CHECK(!radon_cbor_leave(&reader));
    OPEN("\x81\x01");
    radon_cbor_enter_array(&reader, &count);
    radon_cbor_read_uint(&reader, &value);
    CHECK(!radon_cbor_read_uint(&reader, &value));
    OPEN("\x81\x01");
    radon_cbor_enter_array(&reader, &count);
    CHECK_EQ(radon_cbor_read_end(&reader), RADON_E_ARG);
}

int main(void)
{
    RUN(scalars_come_back);
    RUN(value_above_the_callers_bound_is_an_error);
    RUN(numbers_of_every_precision);
    RUN(nested_document_is_walked_by_type);
    RUN(skip_gives_the_encoded_item);
    RUN(integers_lengths_and_floats_must_be_shortest);
    RUN(indefinite_lengths_and_reserved_values_are_refused);
    RUN(map_keys_must_ascend_and_be_integers_or_text);
    RUN(order_of_keys_starts_anew_in_each_map);
    RUN(text_must_be_utf8);
    RUN(cut_or_trailing_bytes_are_refused);
    RUN(depth_is_bounded);
    RUN(first_error_sticks);
    RUN(leaving_early_or_reading_past_the_end_is_an_error);
    return check_summary();
}
