#include "radon/base/bytes.h"

#include "check.h"

static bool utf8(const char *text, size_t len)
{
    return radon_bytes_is_utf8(radon_bytes(text, len));
}

TEST(equality_and_prefix_compare_content)
{
    CHECK(radon_bytes_equal(radon_bytes("abc", 3), radon_bytes_text("abc")));
    CHECK(!radon_bytes_equal(radon_bytes("abc", 3), radon_bytes_text("abcd")));
    CHECK(radon_bytes_equal(radon_bytes(NULL, 0), radon_bytes_text("")));
    CHECK(radon_bytes_equal_text(radon_bytes("node", 4), "node"));
    CHECK(radon_bytes_start_with(radon_bytes_text("rainfall"), radon_bytes_text("rain")));
    CHECK(radon_bytes_start_with(radon_bytes_text("rain"), radon_bytes_text("")));
    CHECK(!radon_bytes_start_with(radon_bytes_text("rai"), radon_bytes_text("rain")));
    CHECK_EQ(radon_bytes_text(NULL).len, 0);
}

TEST(decimal_numbers_are_exact_and_bounded)
{
    uint32_t value;
    CHECK(radon_bytes_parse_u32(radon_bytes_text("0"), &value) && value == 0);
    CHECK(radon_bytes_parse_u32(radon_bytes_text("4294967295"), &value) && value == UINT32_MAX);
    CHECK(!radon_bytes_parse_u32(radon_bytes_text("4294967296"), &value));
    CHECK(!radon_bytes_parse_u32(radon_bytes_text("99999999999"), &value));
    CHECK(!radon_bytes_parse_u32(radon_bytes_text("007"), &value));
    CHECK(!radon_bytes_parse_u32(radon_bytes_text("-1"), &value));
    CHECK(!radon_bytes_parse_u32(radon_bytes_text("1 "), &value));
    CHECK(!radon_bytes_parse_u32(radon_bytes_text(""), &value));
}

TEST(hexadecimal_takes_exactly_its_length)
{
    uint8_t out[2];
    CHECK(radon_bytes_parse_hex(radon_bytes_text("c0DB"), out, 2));
    CHECK_BYTES(out, 2, "\xc0\xdb", 2);
    CHECK(!radon_bytes_parse_hex(radon_bytes_text("c0d"), out, 2));
    CHECK(!radon_bytes_parse_hex(radon_bytes_text("c0dbff"), out, 2));
    CHECK(!radon_bytes_parse_hex(radon_bytes_text("c0dg"), out, 2));
    CHECK(!radon_bytes_parse_hex(radon_bytes_text("c0d\x20"), out, 2));
}

TEST(utf8_accepts_the_bounds_of_each_length)
{
    CHECK(utf8("", 0));
    CHECK(utf8("\x00\x7f", 2));
    CHECK(utf8("\xc2\x80\xdf\xbf", 4));
    CHECK(utf8("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 12));
    CHECK(utf8("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8));
}

TEST(utf8_refuses_overlong_surrogate_cut_and_too_large)
{
    CHECK(!utf8("\xc0\xaf", 2));
    CHECK(!utf8("\xc1\xbf", 2));
    CHECK(!utf8("\xe0\x9f\xbf", 3));
    CHECK(!utf8("\xf0\x8f\xbf\xbf", 4));
    CHECK(!utf8("\xed\xa0\x80", 3));
    CHECK(!utf8("\xf4\x90\x80\x80", 4));
    CHECK(!utf8("\xf5\x80\x80\x80", 4));
    CHECK(!utf8("\x80", 1));
    CHECK(!utf8("a\xe2\x82", 3));
    CHECK(!utf8("\xc3\x28", 2));
}

int main(void)
{
    RUN(equality_and_prefix_compare_content);
    RUN(decimal_numbers_are_exact_and_bounded);
    RUN(hexadecimal_takes_exactly_its_length);
    RUN(utf8_accepts_the_bounds_of_each_length);
    RUN(utf8_refuses_overlong_surrogate_cut_and_too_large);
    return check_summary();
}
