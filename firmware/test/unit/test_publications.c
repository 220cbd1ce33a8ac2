#include "check.h"

#include "radon/runtime/inbox.h"
#include "radon/runtime/publications.h"

#define CAPACITY 32

static uint8_t bytes[CAPACITY];
static radon_publications_t publications;

static radon_err_t put(uint8_t resource, uint16_t format, const char *text, uint64_t expires_us,
                       uint64_t now_us)
{
    radon_publication_t publication = {.resource = resource, .format = format, .expires_us = expires_us};
    return radon_publications_put(&publications, &publication, (const uint8_t *)text, strlen(text), now_us);
}

static radon_err_t keep(uint8_t resource, uint16_t format, const char *text)
{
    return put(resource, format, text, RADON_PUBLICATION_NO_EXPIRY, 0);
}

static void check_found(uint8_t resource, uint16_t format, const char *expected)
{
    bool any;
    const radon_publication_t *found = radon_publications_find(&publications, resource, format, 1, &any);
    REQUIRE(found != NULL);
    CHECK_BYTES(bytes + found->offset, found->length, expected, strlen(expected));
}

static void reset(void)
{
    radon_publications_init(&publications, bytes, CAPACITY);
}

TEST(each_resource_and_format_has_one_representation)
{
    reset();
    CHECK_EQ(keep(0, RADON_FORMAT_TEXT, "text"), RADON_OK);
    CHECK_EQ(keep(0, RADON_FORMAT_CBOR, "cbor"), RADON_OK);
    CHECK_EQ(keep(1, RADON_FORMAT_TEXT, "other"), RADON_OK);
    CHECK_EQ(keep(0, RADON_FORMAT_TEXT, "longer text"), RADON_OK);
    check_found(0, RADON_FORMAT_TEXT, "longer text");
    check_found(0, RADON_FORMAT_CBOR, "cbor");
    check_found(1, RADON_FORMAT_TEXT, "other");
    check_found(0, RADON_FORMAT_NONE, "longer text");
    CHECK_EQ(publications.count, 3);
}

TEST(the_quota_counts_payloads_only_and_a_refusal_changes_nothing)
{
    reset();
    CHECK_EQ(keep(0, 0, "0123456789012345678901234567890"), RADON_OK);
    CHECK_EQ(keep(1, 0, "ab"), RADON_E_QUOTA);
    CHECK_EQ(keep(1, 0, "a"), RADON_OK);
    CHECK_EQ(keep(0, 0, "01234567890123456789012345678901"), RADON_E_QUOTA);
    check_found(0, 0, "0123456789012345678901234567890");
    check_found(1, 0, "a");
    CHECK_EQ(keep(0, 0, ""), RADON_OK);
    CHECK_EQ(publications.used, 1);
}

TEST(there_are_eight_at_most)
{
    reset();
    for (uint8_t i = 0; i < RADON_PUBLICATIONS_MAX; i++) {
        CHECK_EQ(keep(i, 0, "x"), RADON_OK);
    }
    CHECK_EQ(keep(0, 60, "x"), RADON_E_QUOTA);
    CHECK_EQ(keep(3, 0, "y"), RADON_OK);
}

TEST(what_expired_is_not_served_and_makes_room)
{
    bool any;
    reset();
    CHECK_EQ(put(0, 0, "0123456789012345678901234567", 100, 0), RADON_OK);
    CHECK(radon_publications_find(&publications, 0, RADON_FORMAT_NONE, 99, &any) != NULL);
    CHECK(radon_publications_find(&publications, 0, RADON_FORMAT_NONE, 100, &any) == NULL);
    CHECK(!any);
    CHECK_EQ(put(1, 0, "01234567890123456789", RADON_PUBLICATION_NO_EXPIRY, 100), RADON_OK);
    CHECK_EQ(publications.count, 1);
}

TEST(another_format_is_told_from_nothing)
{
    bool any;
    reset();
    (void)keep(0, RADON_FORMAT_TEXT, "text");
    CHECK(radon_publications_find(&publications, 0, RADON_FORMAT_JSON, 1, &any) == NULL);
    CHECK(any);
    CHECK(radon_publications_find(&publications, 1, RADON_FORMAT_NONE, 1, &any) == NULL);
    CHECK(!any);
}

int main(void)
{
    RUN(each_resource_and_format_has_one_representation);
    RUN(the_quota_counts_payloads_only_and_a_refusal_changes_nothing);
    RUN(there_are_eight_at_most);
    RUN(what_expired_is_not_served_and_makes_room);
    RUN(another_format_is_told_from_nothing);
    return check_summary();
}
