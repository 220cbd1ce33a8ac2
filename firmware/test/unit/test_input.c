#include "check.h"

#include "radon/app/input.h"

static double value;

static bool parses(const char *text)
{
    return radon_input_number(radon_bytes_text(text), &value);
}

static void check_command(const char *body, bool json, const char *expected)
{
    radon_bytes_t word = radon_input_command(radon_bytes_text(body), json);
    CHECK_BYTES(word.data, word.len, expected, strlen(expected));
}

TEST(numbers_are_read_exactly)
{
    CHECK(parses("0") && value == 0);
    CHECK(parses("10.9") && value == 10.9);
    CHECK(parses("-0.1") && value == -0.1);
    CHECK(parses("1e3") && value == 1000);
    CHECK(parses("25E-4") && value == 0.0025);
    CHECK(parses("123456789012345") && value == 123456789012345.0);
    CHECK(parses("1000000000000000000000") && value == 1e21);
    CHECK(parses("0.000001") && value == 0.000001);
}

TEST(what_is_no_finite_number_is_refused)
{
    static const char *const bad[] = {"",   "-",  "+1",  ".5",  "1.",  "1e",    "1e+",   "e5",  "0x10",
                                      "1 ", " 1", "1,5", "NaN", "inf", "1e400", "1e999", "--1", "1.2.3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parses(bad[i])) {
            CHECK_STR(bad[i], "refused");
        }
    }
}

TEST(a_command_is_one_member_of_a_map)
{
    check_command("{\"command\":\"stop\"}", true, "stop");
    check_command("{ \"command\" :\r\n\t\"restart\" }\n", true, "restart");
    check_command("\xa1\x18\x59\x64stop", false, "stop");
}

TEST(anything_else_is_no_command)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "{\"command\"",
                                      "{\"command\":",
                                      "{\"command\":\"stop",
                                      "{\"order\":\"stop\"}",
                                      "\"stop\"",
                                      "{\"command\":\"stop\"",
                                      "{\"command\":\"stop\",",
                                      "{\"command\":\"stop \"}",
                                      "{\"command\":\"stop\"}}",
                                      "{\"command\":\"stop\",\"other\":1}",
                                      "{\"command\":5}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_command(bad[i], true, "");
        check_command(bad[i], false, "");
    }
    check_command("\xa1\x18\x59\x64sto", false, "");
    check_command("\xa1\x18\x58\x64stop", false, "");
    CHECK_EQ(radon_input_command(radon_bytes("\xa1\x18\x59\x64stop\x00", 9), false).len, 0);
    check_command("\xa2\x18\x59\x64stop", false, "");
}

TEST(milliseconds_are_digits_within_bounds)
{
    uint64_t ms;
    CHECK(radon_input_ms(radon_bytes_text("1763753332000"), &ms));
    CHECK_EQ(ms, 1763753332000);
    CHECK(!radon_input_ms(radon_bytes_text(""), &ms));
    CHECK(!radon_input_ms(radon_bytes_text("-1"), &ms));
    CHECK(!radon_input_ms(radon_bytes_text("12a"), &ms));
    CHECK(!radon_input_ms(radon_bytes_text("99999999999999999999999"), &ms));
}

int main(void)
{
    RUN(numbers_are_read_exactly);
    RUN(what_is_no_finite_number_is_refused);
    RUN(a_command_is_one_member_of_a_map);
    RUN(anything_else_is_no_command);
    RUN(milliseconds_are_digits_within_bounds);
    return check_summary();
}
