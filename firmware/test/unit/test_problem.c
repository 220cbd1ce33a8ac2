#include "radon/base/problem.h"

#include "check.h"

static uint8_t buffer[512];
static radon_sink_t sink;

static const char *sentence(const radon_problem_report_t *report)
{
    radon_sink_init(&sink, buffer, sizeof buffer - 1, 0);
    radon_problem_write_sentence(&sink, report);
    buffer[sink.total] = '\0';
    return (const char *)buffer;
}

TEST(sentence_is_filled_from_the_details)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_DOES_NOT_FIT);
    radon_problem_add_number(&report, RADON_FIELD_NEED, 9000);
    radon_problem_add_number(&report, RADON_FIELD_FREE, 812);
    CHECK_STR(sentence(&report), "Needs 9000 bytes, 812 are free.");
}

TEST(text_details_are_borrowed_views)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_NOT_RUNNING);
    radon_problem_add_text(&report, RADON_FIELD_PHASE, radon_bytes_text("ERROR"));
    radon_problem_add_text(&report, RADON_FIELD_NAME, radon_bytes("rainfall", 4));
    CHECK_STR(sentence(&report), "rain is not running (ERROR).");
}

TEST(brace_without_a_detail_stays)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_NOT_FOUND);
    CHECK_STR(sentence(&report), "There is nothing at {name}.");
}

TEST(document_is_problem_details_with_sorted_keys)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_WRONG_OFFSET);
    radon_problem_add_number(&report, RADON_FIELD_HAVE, 512);
    radon_problem_add_text(&report, RADON_FIELD_NAME, radon_bytes_text("x"));
    radon_sink_init(&sink, buffer, sizeof buffer, 0);
    radon_problem_write(&sink, &report);
    static const char expected[] =
        "\xa3\x20\x6cWRONG_OFFSET\x21\x78\x1eThe next byte expected is 512.\x6dradon:problem"
        "\xa2\x00\x61x\x18\x58\x19\x02\x00";
    CHECK_BYTES(buffer, sink.total, expected, sizeof expected - 1);
}

TEST(document_without_details_has_no_map_for_them)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_BAD_SIGNATURE);
    radon_sink_init(&sink, buffer, sizeof buffer, 0);
    radon_problem_write(&sink, &report);
    static const char expected[] = "\xa2\x20\x6d"
                                   "BAD_SIGNATURE\x21\x78\x1dThe signature does not match.";
    CHECK_BYTES(buffer, sink.total, expected, sizeof expected - 1);
}

TEST(codes_and_names_come_from_the_table)
{
    CHECK_EQ(radon_problem_code(RADON_PROBLEM_DOES_NOT_FIT), 0x96);
    CHECK_EQ(radon_problem_code(RADON_PROBLEM_START_FAILED), 0xa0);
    CHECK_STR(radon_problem_name(RADON_PROBLEM_OLD_SEQUENCE), "OLD_SEQUENCE");
}

TEST(details_beyond_the_bound_are_dropped)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_BUSY);
    for (int i = 0; i < RADON_PROBLEM_DETAILS_MAX + 2; i++) {
        radon_problem_add_number(&report, RADON_FIELD_SIZE, i);
    }
    CHECK_EQ(report.count, RADON_PROBLEM_DETAILS_MAX);
}

int main(void)
{
    RUN(sentence_is_filled_from_the_details);
    RUN(text_details_are_borrowed_views);
    RUN(brace_without_a_detail_stays);
    RUN(document_is_problem_details_with_sorted_keys);
    RUN(document_without_details_has_no_map_for_them);
    RUN(codes_and_names_come_from_the_table);
    RUN(details_beyond_the_bound_are_dropped);
    return check_summary();
}
