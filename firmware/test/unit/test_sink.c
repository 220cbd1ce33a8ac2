#include "radon/base/sink.h"

#include "radon/base/crc.h"

#include "check.h"

static uint8_t buffer[64];

#define CHECK_SINK(sink, text) \
    CHECK_BYTES(radon_sink_window(&(sink)).data, radon_sink_window(&(sink)).len, text, strlen(text))

static const char *show(double value)
{
    static char text[40];
    radon_sink_t sink;
    radon_sink_init(&sink, (uint8_t *)text, sizeof text - 1, 0);
    radon_sink_double(&sink, value);
    text[radon_sink_window(&sink).len] = '\0';
    return text;
}

TEST(keeps_everything_that_fits)
{
    radon_sink_t sink;
    radon_sink_init(&sink, buffer, 8, 0);
    radon_sink_text(&sink, "1234");
    radon_sink_write(&sink, "5678", 4);
    CHECK_SINK(sink, "12345678");
    CHECK(radon_sink_fits(&sink));
    radon_sink_put(&sink, '9');
    CHECK_SINK(sink, "12345678");
    CHECK(!radon_sink_fits(&sink));
    CHECK_EQ(sink.total, 9);
}

TEST(every_window_of_a_long_text_is_the_same_cut_and_the_crc_is_of_the_whole)
{
    static const char text[] = "The quick brown fox jumps over the lazy dog";
    size_t len = sizeof text - 1;
    for (size_t from = 0; from < len + 4; from++) {
        for (size_t step = 1; step < 20; step += 6) {
            radon_sink_t sink;
            radon_sink_init(&sink, buffer, 16, from);
            for (size_t at = 0; at < len; at += step) {
                radon_sink_write(&sink, text + at, at + step < len ? step : len - at);
            }
            size_t expected = from >= len ? 0 : len - from < 16 ? len - from : 16;
            CHECK_BYTES(radon_sink_window(&sink).data, radon_sink_window(&sink).len,
                        text + (from < len ? from : 0), expected);
            CHECK_EQ(sink.total, len);
            CHECK_EQ(radon_sink_crc32(&sink), radon_crc32(text, len));
        }
    }
}

TEST(measures_without_memory)
{
    radon_sink_t sink;
    radon_sink_init(&sink, NULL, 0, 0);
    radon_sink_text(&sink, "abc");
    CHECK_EQ(sink.total, 3);
    CHECK_EQ(radon_sink_window(&sink).len, 0);
}

TEST(integers_over_their_whole_range)
{
    radon_sink_t sink;
    radon_sink_init(&sink, buffer, sizeof buffer, 0);
    radon_sink_u64(&sink, 0);
    radon_sink_put(&sink, ' ');
    radon_sink_u64(&sink, UINT64_MAX);
    radon_sink_put(&sink, ' ');
    radon_sink_i64(&sink, INT64_MIN);
    radon_sink_put(&sink, ' ');
    radon_sink_i64(&sink, 42);
    CHECK_SINK(sink, "0 18446744073709551615 -9223372036854775808 42");
}

TEST(hexadecimal_is_lower_case)
{
    radon_sink_t sink;
    radon_sink_init(&sink, buffer, sizeof buffer, 0);
    radon_sink_hex(&sink, radon_bytes("\x00\xc0\xFF", 3));
    CHECK_SINK(sink, "00c0ff");
}

TEST(numbers_read_as_people_write_them)
{
    CHECK_STR(show(0), "0");
    CHECK_STR(show(12.7), "12.7");
    CHECK_STR(show(-0.1), "-0.1");
    CHECK_STR(show(3), "3");
    CHECK_STR(show(1e15), "1000000000000000");
    CHECK_STR(show(0.000123), "0.000123");
    CHECK_STR(show(1.000000001), "1.000000001");
    CHECK_STR(show(0.9999999999), "1");
    CHECK_STR(show(2.05), "2.05");
}

TEST(very_large_and_small_numbers_have_an_exponent)
{
    CHECK_STR(show(1e16), "1e16");
    CHECK_STR(show(-2.5e300), "-2.5e300");
    CHECK_STR(show(1.5e-7), "1.5e-7");
    CHECK_STR(show(9.9999999999e-7), "1e-6");
    CHECK_STR(show(5e-324), "4.940656458e-324");
}

TEST(what_json_cannot_say_is_null)
{
    double zero = 0;
    CHECK_STR(show(1.0 / __builtin_inf()), "0");
    CHECK_STR(show(__builtin_inf()), "null");
    CHECK_STR(show(-__builtin_inf()), "null");
    CHECK_STR(show(zero * __builtin_inf()), "null");
}

TEST(what_another_sink_wrote_is_taken_over_with_its_length_and_crc)
{
    uint8_t here[16] = {0};
    uint8_t there[4];
    radon_sink_t whole;
    radon_sink_t block;
    radon_sink_init(&block, there, sizeof there, 2);
    radon_sink_text(&block, "0123456789");
    radon_sink_init(&whole, here, sizeof here, 2);
    radon_sink_adopt(&whole, &block);
    CHECK_BYTES(radon_sink_window(&whole).data, radon_sink_window(&whole).len, "2345", 4);
    CHECK_EQ(whole.total, 10);
    CHECK(!radon_sink_fits(&whole));
    CHECK_EQ(radon_sink_crc32(&whole), radon_sink_crc32(&block));
}

int main(void)
{
    RUN(keeps_everything_that_fits);
    RUN(every_window_of_a_long_text_is_the_same_cut_and_the_crc_is_of_the_whole);
    RUN(measures_without_memory);
    RUN(integers_over_their_whole_range);
    RUN(hexadecimal_is_lower_case);
    RUN(numbers_read_as_people_write_them);
    RUN(very_large_and_small_numbers_have_an_exponent);
    RUN(what_json_cannot_say_is_null);
    RUN(what_another_sink_wrote_is_taken_over_with_its_length_and_crc);
    return check_summary();
}
