#include "check.h"
#include "port_fake.h"

#include "radon/runtime/logbook.h"

static radon_logbook_t logbook;

static void write_line(const char *line)
{
    radon_logbook_write(&logbook, 5000, RADON_LOG_INFO, radon_bytes_text("rain"), radon_bytes_text(line));
}

static void check_first(const char *expected)
{
    const radon_logbook_record_t *record = radon_logbook_next(&logbook, NULL);
    REQUIRE(record != NULL);
    radon_bytes_t line = radon_logbook_line(record);
    CHECK_BYTES(line.data, line.len, expected, strlen(expected));
}

static void reset(void)
{
    port_fake_reset();
    radon_logbook_init(&logbook);
}

TEST(lines_come_back_in_order_with_time_level_and_source)
{
    reset();
    write_line("one");
    write_line("two");
    const radon_logbook_record_t *record = radon_logbook_next(&logbook, NULL);
    REQUIRE(record != NULL);
    CHECK_EQ(record->time_ms, 5);
    CHECK_EQ(record->level, RADON_LOG_INFO);
    CHECK_EQ(record->number, 1);
    CHECK(radon_bytes_equal_text(radon_logbook_source(record), "rain"));
    record = radon_logbook_next(&logbook, record);
    REQUIRE(record != NULL);
    CHECK(radon_bytes_equal_text(radon_logbook_line(record), "two"));
    CHECK(radon_logbook_next(&logbook, record) == NULL);
}

TEST(what_a_terminal_could_act_on_is_made_harmless)
{
    reset();
    write_line("\x1b[2J\x7f caf\xc3\xa9 \xc2\x9b \xff");
    check_first(".[2J. caf\xc3\xa9 . ?");
}

TEST(a_long_line_is_cut_between_characters)
{
    char line[130];
    char expected[121];
    reset();
    memset(line, 'a', 119);
    memcpy(line + 119, "\xc3\xa9", 3);
    memset(expected, 'a', 119);
    expected[119] = 0;
    write_line(line);
    check_first(expected);
}

TEST(the_oldest_lines_make_room_for_the_newest)
{
    reset();
    for (int i = 0; i < 500; i++) {
        write_line("a line of about forty bytes in the book");
    }
    const radon_logbook_record_t *record = radon_logbook_next(&logbook, NULL);
    uint32_t number = 0;
    uint32_t count = 0;
    for (; record != NULL; record = radon_logbook_next(&logbook, record)) {
        CHECK(number == 0 || record->number == number + 1);
        number = record->number;
        count++;
    }
    CHECK_EQ(number, 500);
    CHECK(count > 20);
    CHECK_EQ(port_fake.ceiling, 0);
}

int main(void)
{
    RUN(lines_come_back_in_order_with_time_level_and_source);
    RUN(what_a_terminal_could_act_on_is_made_harmless);
    RUN(a_long_line_is_cut_between_characters);
    RUN(the_oldest_lines_make_room_for_the_newest);
    return check_summary();
}
