#include "radon/base/pattern.h"

#include "check.h"

#define VECTORS_PATTERNS
#include "vectors.generated.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static radon_bytes_t view(vector_bytes_t bytes)
{
    return radon_bytes(bytes.data, bytes.len);
}

static void expect(const radon_pattern_t *pattern, const char *name, radon_bytes_t text, bool matches)
{
    if (radon_pattern_matches(pattern, text) != matches) {
        check_fail(__FILE__, __LINE__, "%s: \"%.*s\" %s", name, (int)text.len, (const char *)text.data,
                   matches ? "does not match" : "matches");
    }
}

TEST(valid_patterns_match_what_the_vectors_say)
{
    for (size_t i = 0; i < COUNT(vector_patterns); i++) {
        const vector_pattern_t *vector = &vector_patterns[i];
        radon_pattern_t pattern;
        if (radon_pattern_parse(&pattern, view(vector->pattern)) != RADON_OK) {
            check_fail(__FILE__, __LINE__, "%s: refused", vector->name);
            continue;
        }
        for (size_t k = 0; k < vector->match_count; k++) {
            expect(&pattern, vector->name, view(vector->matches[k]), true);
        }
        for (size_t k = 0; k < vector->fail_count; k++) {
            expect(&pattern, vector->name, view(vector->fails[k]), false);
        }
    }
}

TEST(invalid_patterns_are_refused)
{
    for (size_t i = 0; i < COUNT(vector_no_patterns); i++) {
        radon_pattern_t pattern;
        if (radon_pattern_parse(&pattern, view(vector_no_patterns[i].pattern)) != RADON_E_ARG) {
            check_fail(__FILE__, __LINE__, "%s: accepted", vector_no_patterns[i].name);
        }
    }
}

TEST(bytes_that_are_no_text_match_as_bytes)
{
    radon_pattern_t pattern;
    REQUIRE(radon_pattern_parse(&pattern, radon_bytes("\xff[\x80-\xfe]", 6)) == RADON_OK);
    CHECK(radon_pattern_matches(&pattern, radon_bytes("\xff\x80", 2)));
    CHECK(radon_pattern_matches(&pattern, radon_bytes("\xff\xfe", 2)));
    CHECK(!radon_pattern_matches(&pattern, radon_bytes("\xff\xff", 2)));
    CHECK(!radon_pattern_matches(&pattern, radon_bytes("\xff\x7f", 2)));
}

TEST(a_pattern_cut_anywhere_is_read_within_its_bytes)
{
    static const char text[] = "(a[]x-z]|\\.b*)+[^-a]?$";
    for (size_t len = 0; len < sizeof text; len++) {
        uint8_t copy[sizeof text];
        radon_pattern_t pattern;
        memcpy(copy + sizeof text - len, text, len);
        (void)radon_pattern_parse(&pattern, radon_bytes(copy + sizeof text - len, len));
    }
}

int main(void)
{
    RUN(valid_patterns_match_what_the_vectors_say);
    RUN(invalid_patterns_are_refused);
    RUN(bytes_that_are_no_text_match_as_bytes);
    RUN(a_pattern_cut_anywhere_is_read_within_its_bytes);
    return check_summary();
}
