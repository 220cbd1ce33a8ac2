#include "check.h"

#include "radon/runtime/pool.h"

static _Alignas(8) uint8_t memory[1024];
static radon_pool_t pool;

TEST(sizes_are_rounded_to_eight)
{
    radon_pool_init(&pool, memory, 1023);
    CHECK_EQ(pool.size, 1016);
    CHECK(radon_pool_alloc(&pool, 13) == memory);
    CHECK_EQ(radon_pool_used(&pool), 16);
    CHECK_EQ(radon_pool_largest(&pool), 1000);
}

TEST(the_smallest_gap_that_fits_is_taken)
{
    radon_pool_init(&pool, memory, sizeof memory);
    void *a = radon_pool_alloc(&pool, 200);
    (void)radon_pool_alloc(&pool, 8);
    void *c = radon_pool_alloc(&pool, 104);
    (void)radon_pool_alloc(&pool, 8);
    radon_pool_free(&pool, a);
    radon_pool_free(&pool, c);
    CHECK(radon_pool_alloc(&pool, 100) == c);
    CHECK(radon_pool_alloc(&pool, 100) == a);
    CHECK_EQ(radon_pool_used(&pool), 104 + 104 + 8 + 8);
}

TEST(what_does_not_fit_is_refused_and_changes_nothing)
{
    radon_pool_init(&pool, memory, sizeof memory);
    CHECK(radon_pool_alloc(&pool, 1024) == memory);
    CHECK(radon_pool_alloc(&pool, 1) == NULL);
    CHECK(radon_pool_alloc(&pool, 0) == NULL);
    CHECK_EQ(radon_pool_used(&pool), 1024);
    CHECK_EQ(radon_pool_largest(&pool), 0);
}

TEST(sizes_near_the_end_of_the_number_range_are_refused)
{
    radon_pool_init(&pool, memory, sizeof memory);
    CHECK(radon_pool_alloc(&pool, UINT32_MAX) == NULL);
    CHECK(radon_pool_alloc(&pool, UINT32_MAX - 7) == NULL);
}

TEST(the_largest_gap_may_lie_anywhere)
{
    radon_pool_init(&pool, memory, sizeof memory);
    (void)radon_pool_alloc(&pool, 256);
    const void *b = radon_pool_alloc(&pool, 400);
    (void)radon_pool_alloc(&pool, 256);
    CHECK_EQ(radon_pool_largest(&pool), 112);
    radon_pool_free(&pool, b);
    CHECK_EQ(radon_pool_largest(&pool), 400);
    radon_pool_free(&pool, memory);
    CHECK_EQ(radon_pool_largest(&pool), 656);
}

TEST(there_are_thirty_two_blocks)
{
    radon_pool_init(&pool, memory, sizeof memory);
    for (int i = 0; i < 32; i++) {
        CHECK(radon_pool_alloc(&pool, 8) != NULL);
    }
    CHECK(radon_pool_alloc(&pool, 8) == NULL);
    radon_pool_free(&pool, memory + 24);
    CHECK(radon_pool_alloc(&pool, 8) == memory + 24);
}

TEST(freeing_what_is_no_block_does_nothing)
{
    radon_pool_init(&pool, memory, sizeof memory);
    (void)radon_pool_alloc(&pool, 64);
    radon_pool_free(&pool, NULL);
    radon_pool_free(&pool, memory + 8);
    CHECK_EQ(radon_pool_used(&pool), 64);
}

int main(void)
{
    RUN(sizes_are_rounded_to_eight);
    RUN(the_smallest_gap_that_fits_is_taken);
    RUN(what_does_not_fit_is_refused_and_changes_nothing);
    RUN(sizes_near_the_end_of_the_number_range_are_refused);
    RUN(the_largest_gap_may_lie_anywhere);
    RUN(there_are_thirty_two_blocks);
    RUN(freeing_what_is_no_block_does_nothing);
    return check_summary();
}
