#include "radon/runtime/origins.h"

#include <stdio.h>

#include "check.h"

static radon_origins_t origins;

static bool seen(const char *node, uint32_t incarnation, uint32_t seq)
{
    return radon_origins_seen(&origins, radon_bytes_text(node), incarnation, seq);
}

static void take(const char *node, uint32_t incarnation, uint32_t seq)
{
    radon_origins_take(&origins, radon_bytes_text(node), incarnation, seq);
}

TEST(what_was_taken_is_recognised_until_it_is_33_behind)
{
    radon_origins_init(&origins);
    CHECK(!seen("roof", 1, 5));
    take("roof", 1, 5);
    CHECK(seen("roof", 1, 5));
    CHECK(!seen("roof", 1, 4));
    CHECK(!seen("roof", 1, 6));
    take("roof", 1, 37);
    CHECK(seen("roof", 1, 5));
    CHECK(!seen("roof", 1, 6));
    CHECK(!seen("roof", 1, 36));
    CHECK(seen("roof", 1, 4));
    take("roof", 1, 36);
    CHECK(seen("roof", 1, 36));
    take("roof", 1, 38);
    CHECK(seen("roof", 1, 37));
    CHECK(seen("roof", 1, 36));
    CHECK(!seen("roof", 1, 35));
}

TEST(a_jump_forgets_what_was_before)
{
    radon_origins_init(&origins);
    take("roof", 1, 1);
    take("roof", 1, 1000000);
    CHECK(seen("roof", 1, 1));
    CHECK(!seen("roof", 1, 999999));
    CHECK(!seen("roof", 1, 999968));
    CHECK(seen("roof", 1, 999967));
}

TEST(messages_taken_late_are_recognised_too)
{
    radon_origins_init(&origins);
    take("roof", 1, 40);
    take("roof", 1, 8);
    take("roof", 1, 39);
    CHECK(seen("roof", 1, 8));
    CHECK(!seen("roof", 1, 9));
    CHECK(seen("roof", 1, 39));
}

TEST(a_node_that_started_again_begins_anew)
{
    radon_origins_init(&origins);
    take("roof", 1, 40);
    CHECK(!seen("roof", 2, 40));
    CHECK(!seen("roof", 2, 1));
    take("roof", 2, 1);
    CHECK(seen("roof", 2, 1));
    CHECK(!seen("roof", 2, 2));
    CHECK(!seen("roof", 1, 40));
}

TEST(the_node_not_heard_for_longest_is_forgotten)
{
    char name[8];
    radon_origins_init(&origins);
    for (unsigned i = 0; i < RADON_ORIGINS_MAX; i++) {
        snprintf(name, sizeof name, "n%u", i);
        take(name, 1, 1);
    }
    take("n0", 1, 2);
    take("new", 1, 1);
    CHECK(seen("n0", 1, 1));
    CHECK(!seen("n1", 1, 1));
    CHECK(seen("n2", 1, 1));
    CHECK(seen("new", 1, 1));
}

int main(void)
{
    RUN(what_was_taken_is_recognised_until_it_is_33_behind);
    RUN(a_jump_forgets_what_was_before);
    RUN(messages_taken_late_are_recognised_too);
    RUN(a_node_that_started_again_begins_anew);
    RUN(the_node_not_heard_for_longest_is_forgotten);
    return check_summary();
}
