#include "radon/runtime/aliases.h"

#include "check.h"

static radon_aliases_t aliases;

static radon_err_t join(const char *alias, uint8_t definition, uint32_t number)
{
    return radon_aliases_join(&aliases, radon_bytes_text(alias), definition, number);
}

static radon_err_t leave(const char *alias, uint8_t definition, uint32_t number)
{
    return radon_aliases_leave(&aliases, radon_bytes_text(alias), definition, number);
}

static size_t count(void)
{
    size_t index = 0;
    size_t members = 0;
    while (radon_aliases_next(&aliases, &index) != NULL) {
        members++;
    }
    return members;
}

TEST(joining_twice_is_joining_once)
{
    memset(&aliases, 0, sizeof aliases);
    CHECK_EQ(join("gauges", 1, 0), RADON_OK);
    CHECK_EQ(join("gauges", 1, 0), RADON_OK);
    CHECK_EQ(count(), 1);
    CHECK_EQ(join("gauges", 1, 2), RADON_OK);
    CHECK_EQ(join("gauges", 2, 0), RADON_OK);
    CHECK_EQ(count(), 3);
}

TEST(an_instance_joins_four)
{
    memset(&aliases, 0, sizeof aliases);
    CHECK_EQ(join("a", 1, 1), RADON_OK);
    CHECK_EQ(join("b", 1, 1), RADON_OK);
    CHECK_EQ(join("c", 1, 1), RADON_OK);
    CHECK_EQ(join("d", 1, 1), RADON_OK);
    CHECK_EQ(join("e", 1, 1), RADON_E_QUOTA);
    CHECK_EQ(join("a", 1, 1), RADON_OK);
    CHECK_EQ(join("e", 1, 2), RADON_OK);
    CHECK_EQ(leave("a", 1, 1), RADON_OK);
    CHECK_EQ(join("e", 1, 1), RADON_OK);
}

TEST(a_node_has_a_bounded_number_of_members)
{
    memset(&aliases, 0, sizeof aliases);
    for (uint32_t i = 0; i < RADON_ALIAS_MEMBERS; i++) {
        CHECK_EQ(join("a", 1, i), RADON_OK);
    }
    CHECK_EQ(join("a", 2, 0), RADON_E_QUOTA);
    CHECK_EQ(join("a", 1, 0), RADON_OK);
}

TEST(only_members_leave)
{
    memset(&aliases, 0, sizeof aliases);
    CHECK_EQ(join("a", 1, 1), RADON_OK);
    CHECK_EQ(leave("a", 1, 2), RADON_E_NOT_FOUND);
    CHECK_EQ(leave("b", 1, 1), RADON_E_NOT_FOUND);
    CHECK_EQ(leave("a", 1, 1), RADON_OK);
    CHECK_EQ(leave("a", 1, 1), RADON_E_NOT_FOUND);
}

TEST(an_instance_that_ended_is_member_of_nothing)
{
    memset(&aliases, 0, sizeof aliases);
    CHECK_EQ(join("a", 1, 1), RADON_OK);
    CHECK_EQ(join("b", 1, 1), RADON_OK);
    CHECK_EQ(join("a", 1, 2), RADON_OK);
    CHECK(radon_aliases_forget(&aliases, 1, 1));
    CHECK(!radon_aliases_forget(&aliases, 1, 1));
    CHECK_EQ(count(), 1);
}

int main(void)
{
    RUN(joining_twice_is_joining_once);
    RUN(an_instance_joins_four);
    RUN(a_node_has_a_bounded_number_of_members);
    RUN(only_members_leave);
    RUN(an_instance_that_ended_is_member_of_nothing);
    return check_summary();
}
