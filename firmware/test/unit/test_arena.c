#include "check.h"

#include "radon/engine/arena.h"

#include <stdlib.h>

static _Alignas(8) uint8_t block[1024];
static radon_arena_t arena;

static void start(size_t size)
{
    memset(block, 0xA5, sizeof block);
    radon_arena_init(&arena, block, size);
}

TEST(allocations_are_aligned_and_apart)
{
    start(sizeof block);
    uint8_t *first = radon_arena_alloc(&arena, 1);
    uint8_t *second = radon_arena_alloc(&arena, 12);
    uint8_t *third = radon_arena_alloc(&arena, 13);
    REQUIRE(first != NULL && second != NULL && third != NULL);
    CHECK_EQ((uintptr_t)first % 8, 0);
    CHECK_EQ(first - block, 8);
    CHECK_EQ(second - first, 8);
    CHECK_EQ(third - second, 16);
    CHECK_EQ(arena.used, 8 + 16 + 24);
    CHECK_EQ(arena.high_water, 8 + 8 + 16 + 24);
}

TEST(the_high_water_is_a_block_that_is_enough_and_nothing_less_is)
{
    start(sizeof block);
    REQUIRE(radon_arena_alloc(&arena, 100) != NULL && radon_arena_alloc(&arena, 20) != NULL);
    uint32_t need = arena.high_water;
    start(need);
    CHECK(radon_arena_alloc(&arena, 100) != NULL && radon_arena_alloc(&arena, 20) != NULL);
    start(need - 8);
    CHECK(radon_arena_alloc(&arena, 100) != NULL && radon_arena_alloc(&arena, 20) == NULL);
    CHECK_EQ(arena.refused, need);
}

TEST(freed_neighbours_join)
{
    start(sizeof block);
    void *a = radon_arena_alloc(&arena, 60);
    void *b = radon_arena_alloc(&arena, 60);
    void *c = radon_arena_alloc(&arena, 60);
    REQUIRE(radon_arena_alloc(&arena, 60) != NULL);
    radon_arena_free(&arena, a);
    radon_arena_free(&arena, c);
    radon_arena_free(&arena, b);
    CHECK(radon_arena_alloc(&arena, 188) == a);
}

TEST(growing_stays_in_place_where_it_can)
{
    start(sizeof block);
    uint8_t *a = radon_arena_alloc(&arena, 20);
    REQUIRE(a != NULL);
    memset(a, 7, 20);
    CHECK(radon_arena_resize(&arena, a, 100) == a);
    void *b = radon_arena_alloc(&arena, 4);
    uint8_t *moved = radon_arena_resize(&arena, a, 200);
    REQUIRE(b != NULL && moved != NULL);
    CHECK(moved != a);
    CHECK_EQ(moved[19], 7);
    CHECK(radon_arena_resize(&arena, moved, 8) == moved);
    CHECK(radon_arena_alloc(&arena, 100) == a);
}

TEST(growing_without_room_changes_nothing)
{
    start(256);
    uint8_t *a = radon_arena_alloc(&arena, 20);
    REQUIRE(a != NULL);
    uint32_t used = arena.used;
    CHECK(radon_arena_resize(&arena, a, 400) == NULL);
    CHECK_EQ(arena.used, used);
    radon_arena_free(&arena, a);
    CHECK_EQ(arena.used, 0);
}

TEST(pointers_of_others_are_ignored)
{
    start(sizeof block);
    uint8_t *a = radon_arena_alloc(&arena, 20);
    REQUIRE(a != NULL);
    int other;
    radon_arena_free(&arena, NULL);
    radon_arena_free(&arena, &other);
    radon_arena_free(&arena, a + 8);
    CHECK_EQ(arena.used, 24);
    radon_arena_free(&arena, a);
    radon_arena_free(&arena, a);
    CHECK_EQ(arena.used, 0);
    CHECK(radon_arena_resize(&arena, a, 8) == NULL);
}

TEST(sizes_that_cannot_be_are_refused)
{
    start(sizeof block);
    CHECK(radon_arena_alloc(&arena, UINT32_MAX) == NULL);
    CHECK(radon_arena_alloc(&arena, UINT32_MAX - 3) == NULL);
    CHECK(radon_arena_alloc(&arena, sizeof block) == NULL);
    for (size_t size = 0; size < 24; size++) {
        start(size);
        void *only = radon_arena_alloc(&arena, 0);
        CHECK((only != NULL) == (size >= 16));
    }
}

TEST(a_mark_takes_the_high_water_back_to_what_is_in_use)
{
    start(sizeof block);
    void *a = radon_arena_alloc(&arena, 12);
    void *b = radon_arena_alloc(&arena, 500);
    REQUIRE(a != NULL && b != NULL);
    radon_arena_free(&arena, b);
    radon_arena_mark(&arena);
    CHECK_EQ(arena.high_water, 8 + 16);
}

/** A thousand random steps: contents stay, nothing leaves the block, and the same steps end at the same
 * places. */
TEST(random_steps_keep_contents_and_repeat_exactly)
{
    uint8_t *kept[16] = {0};
    uint32_t sizes[16] = {0};
    uint32_t first_high_water = 0;
    for (int round = 0; round < 2; round++) {
        start(sizeof block);
        srand(42);
        memset(kept, 0, sizeof kept);
        for (int step = 0; step < 1000; step++) {
            size_t i = (size_t)rand() % 16;
            for (uint32_t at = 0; kept[i] != NULL && at < sizes[i]; at++) {
                REQUIRE(kept[i][at] == (uint8_t)i);
            }
            radon_arena_free(&arena, kept[i]);
            sizes[i] = (uint32_t)rand() % 90;
            kept[i] = radon_arena_alloc(&arena, sizes[i]);
            if (kept[i] != NULL) {
                REQUIRE(kept[i] + sizes[i] <= block + sizeof block);
                memset(kept[i], (int)i, sizes[i]);
            }
        }
        CHECK(round == 0 || arena.high_water == first_high_water);
        first_high_water = arena.high_water;
    }
    for (size_t i = 0; i < 16; i++) {
        radon_arena_free(&arena, kept[i]);
    }
    CHECK_EQ(arena.used, 0);
    CHECK(radon_arena_alloc(&arena, sizeof block - 16) != NULL);
}

int main(void)
{
    RUN(allocations_are_aligned_and_apart);
    RUN(the_high_water_is_a_block_that_is_enough_and_nothing_less_is);
    RUN(freed_neighbours_join);
    RUN(growing_stays_in_place_where_it_can);
    RUN(growing_without_room_changes_nothing);
    RUN(pointers_of_others_are_ignored);
    RUN(sizes_that_cannot_be_are_refused);
    RUN(a_mark_takes_the_high_water_back_to_what_is_in_use);
    RUN(random_steps_keep_contents_and_repeat_exactly);
    return check_summary();
}
