#include "check.h"
#include "flash_fake.h"
#include "radon/store/kv.h"

static const uint32_t sectors[2] = {0, 1};
static flash_fake_t fake;
static radon_kv_t kv;

enum { SECTOR = 16384 };

static radon_bytes_t text(const char *string)
{
    return radon_bytes_text(string);
}

static void open_kv(void)
{
    flash_fake_open(&fake, 2, SECTOR, 0xFF);
    CHECK_EQ(radon_kv_open(&kv, &fake.flash, sectors), RADON_OK);
}

static void reopen(void)
{
    CHECK_EQ(radon_kv_open(&kv, &fake.flash, sectors), RADON_OK);
}

static void close_kv(void)
{
    CHECK_EQ(fake.violations, 0);
    flash_fake_close(&fake);
}

static radon_err_t set(const char *owner, const char *key, const char *value)
{
    return radon_kv_set(&kv, text(owner), text(key), text(value), RADON_KV_UNLIMITED);
}

/** The value as a text, "-" without one. */
static const char *get(const char *owner, const char *key)
{
    static char value[RADON_MAX_KV_VALUE_BYTES + 1];
    radon_bytes_t bytes;
    if (radon_kv_get(&kv, text(owner), text(key), &bytes) != RADON_OK) {
        return "-";
    }
    memcpy(value, bytes.data, bytes.len);
    value[bytes.len] = 0;
    return value;
}

/** Keys with a comma behind each. */
static const char *list(const char *owner, const char *prefix)
{
    static char keys[256];
    size_t used = 0;
    radon_bytes_t key;
    for (uint32_t cursor = 0; radon_kv_list(&kv, text(owner), text(prefix), &cursor, &key);) {
        memcpy(keys + used, key.data, key.len);
        used += key.len;
        keys[used++] = ',';
    }
    keys[used] = 0;
    return keys;
}

TEST(keeps_pairs_over_a_restart)
{
    open_kv();
    CHECK_EQ(set("rain", "total", "12.5"), RADON_OK);
    CHECK_EQ(set("rain", "total", "13"), RADON_OK);
    CHECK_EQ(set("echo", "total", "other"), RADON_OK);
    CHECK_EQ(set("rain", "none", ""), RADON_OK);
    reopen();
    CHECK_STR(get("rain", "total"), "13");
    CHECK_STR(get("echo", "total"), "other");
    CHECK_STR(get("rain", "none"), "");
    CHECK_STR(get("rain", "tota"), "-");
    CHECK_STR(get("rai", "total"), "-");
    close_kv();
}

TEST(gives_values_where_they_lie_in_flash)
{
    open_kv();
    radon_bytes_t value;
    CHECK_EQ(set("rain", "k", "in place"), RADON_OK);
    REQUIRE(radon_kv_get(&kv, text("rain"), text("k"), &value) == RADON_OK);
    CHECK(value.data > fake.bytes && value.data < fake.bytes + fake.size);
    close_kv();
}

TEST(deletes_pairs)
{
    open_kv();
    CHECK_EQ(radon_kv_delete(&kv, text("rain"), text("k")), RADON_E_NOT_FOUND);
    CHECK_EQ(set("rain", "k", "v"), RADON_OK);
    CHECK_EQ(radon_kv_delete(&kv, text("rain"), text("k")), RADON_OK);
    CHECK_STR(get("rain", "k"), "-");
    reopen();
    CHECK_STR(get("rain", "k"), "-");
    CHECK_EQ(radon_kv_used(&kv, text("rain")), 0);
    close_kv();
}

TEST(drops_one_owner_and_no_other)
{
    open_kv();
    CHECK_EQ(set("rain", "a", "1"), RADON_OK);
    CHECK_EQ(set("rain", "b", "2"), RADON_OK);
    CHECK_EQ(set("rainy", "a", "3"), RADON_OK);
    CHECK_EQ(set(RADON_KV_NODE, "counter", "4"), RADON_OK);
    CHECK_EQ(radon_kv_drop(&kv, text("rain")), RADON_OK);
    const uint32_t writes = kv.writes;
    CHECK_EQ(radon_kv_drop(&kv, text("rain")), RADON_OK);
    CHECK_EQ(kv.writes, writes);
    reopen();
    CHECK_STR(list("rain", ""), "");
    CHECK_STR(get("rainy", "a"), "3");
    CHECK_STR(get(RADON_KV_NODE, "counter"), "4");
    close_kv();
}

TEST(lists_keys_by_prefix_in_order_of_bytes)
{
    open_kv();
    static const char *const keys[] = {"b", "a10", "a", "a2", "\xff", "ab", "aa\x01", "B"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        CHECK_EQ(set("rain", keys[i], "v"), RADON_OK);
    }
    CHECK_EQ(set("rai", "a9", "v"), RADON_OK);
    CHECK_EQ(set("rainx", "a9", "v"), RADON_OK);
    CHECK_STR(list("rain", ""), "B,a,a10,a2,aa\x01,ab,b,\xff,");
    CHECK_STR(list("rain", "a"), "a,a10,a2,aa\x01,ab,");
    CHECK_STR(list("rain", "a1"), "a10,");
    CHECK_STR(list("rain", "c"), "");
    CHECK_STR(list("other", ""), "");
    close_kv();
}

TEST(counts_keys_and_values_against_the_quota)
{
    open_kv();
    const radon_bytes_t rain = text("rain");
    CHECK_EQ(radon_kv_set(&kv, rain, text("key"), text("1234567"), 10), RADON_OK);
    CHECK_EQ(radon_kv_used(&kv, rain), 10);
    CHECK_EQ(radon_kv_set(&kv, rain, text("k"), text(""), 10), RADON_E_QUOTA);
    CHECK_EQ(radon_kv_set(&kv, rain, text("key"), text("12345678"), 10), RADON_E_QUOTA);
    CHECK_EQ(radon_kv_set(&kv, rain, text("key"), text("7654321"), 10), RADON_OK);
    CHECK_EQ(radon_kv_set(&kv, rain, text("key"), text("1"), 3), RADON_E_QUOTA);
    CHECK_EQ(radon_kv_set(&kv, text("echo"), text("key"), text("1234567"), 10), RADON_OK);
    CHECK_STR(get("rain", "key"), "7654321");
    close_kv();
}

TEST(refuses_bad_keys_and_values)
{
    static const char long_key[] = "123456789012345678901234567890123";
    static const uint8_t value[RADON_MAX_KV_VALUE_BYTES + 1];
    open_kv();
    radon_bytes_t out;
    CHECK_EQ(set("rain", "", "v"), RADON_E_ARG);
    CHECK_EQ(set("rain", "a\nb", "v"), RADON_E_ARG);
    CHECK_EQ(set("", "k", "v"), RADON_E_ARG);
    CHECK_EQ(set("rain", long_key, "v"), RADON_E_TOO_BIG);
    CHECK_EQ(set("rain", "123456789012345678901234567890123\n", "v"), RADON_E_ARG);
    CHECK_EQ(set("rain", long_key + 1, "v"), RADON_OK);
    CHECK_EQ(radon_kv_get(&kv, text("rain"), text(""), &out), RADON_E_ARG);
    CHECK_EQ(radon_kv_get(&kv, text("rain"), text(long_key), &out), RADON_E_TOO_BIG);
    CHECK_EQ(radon_kv_delete(&kv, text("rain"), text("")), RADON_E_ARG);
    CHECK_EQ(
        radon_kv_set(&kv, text("rain"), text("k"), radon_bytes(value, sizeof(value)), RADON_KV_UNLIMITED),
        RADON_E_TOO_BIG);
    CHECK_EQ(
        radon_kv_set(&kv, text("rain"), text("k"), radon_bytes(value, sizeof(value) - 1), RADON_KV_UNLIMITED),
        RADON_OK);
    close_kv();
}

TEST(writes_nothing_when_the_value_is_there_already)
{
    open_kv();
    CHECK_EQ(set("rain", "k", "v"), RADON_OK);
    const uint32_t operations = fake.operations;
    CHECK_EQ(set("rain", "k", "v"), RADON_OK);
    CHECK_EQ(fake.operations, operations);
    CHECK_EQ(kv.writes, 1);
    close_kv();
}

TEST(compacts_when_a_sector_is_full)
{
    open_kv();
    char value[40];
    for (int i = 0; i < 3000; i++) {
        snprintf(value, sizeof(value), "value number %d", i);
        CHECK_EQ(set("rain", i % 2 == 0 ? "even" : "odd", value), RADON_OK);
    }
    CHECK_EQ(kv.writes, 3000);
    CHECK(kv.erases >= 6 && kv.erases <= 8);
    reopen();
    CHECK_STR(get("rain", "even"), "value number 2998");
    CHECK_STR(get("rain", "odd"), "value number 2999");
    close_kv();
}

TEST(uses_a_sector_that_was_erased_ahead)
{
    open_kv();
    char value[16];
    CHECK(radon_kv_wants_erase(&kv));
    CHECK_EQ(radon_kv_erase_spare(&kv), RADON_OK);
    CHECK(!radon_kv_wants_erase(&kv));
    for (int i = 0; !radon_kv_wants_erase(&kv); i++) {
        snprintf(value, sizeof(value), "%d", i);
        CHECK_EQ(set("rain", "k", value), RADON_OK);
    }
    CHECK_EQ(kv.erases, 1);
    close_kv();
}

TEST(stays_usable_when_it_is_full)
{
    open_kv();
    static uint8_t value[1000];
    char key[16];
    radon_err_t result = RADON_OK;
    int stored = 0;
    for (; result == RADON_OK; stored++) {
        snprintf(key, sizeof(key), "key%d", stored);
        result =
            radon_kv_set(&kv, text("rain"), text(key), radon_bytes(value, sizeof(value)), RADON_KV_UNLIMITED);
    }
    CHECK_EQ(result, RADON_E_FULL);
    CHECK_EQ(stored, 11 + 1); /* three quarters of a sector */
    for (int i = 0; i < 100; i++) {
        value[0] = (uint8_t)(i + 1);
        CHECK_EQ(radon_kv_set(&kv, text("rain"), text("key3"), radon_bytes(value, sizeof(value)),
                              RADON_KV_UNLIMITED),
                 RADON_OK);
    }
    CHECK_EQ(radon_kv_delete(&kv, text("rain"), text("key5")), RADON_OK);
    CHECK_EQ(
        radon_kv_set(&kv, text("rain"), text("key99"), radon_bytes(value, sizeof(value)), RADON_KV_UNLIMITED),
        RADON_OK);
    close_kv();
}

TEST(holds_so_many_pairs_and_no_more)
{
    open_kv();
    char key[16];
    for (uint32_t i = 0; i < RADON_KV_PAIRS; i++) {
        snprintf(key, sizeof(key), "%u", (unsigned)i);
        CHECK_EQ(set("r", key, "v"), RADON_OK);
    }
    CHECK_EQ(set("r", "more", "v"), RADON_E_FULL);
    CHECK_EQ(set("r", "7", "w"), RADON_OK);
    reopen();
    CHECK_EQ(kv.count, RADON_KV_PAIRS);
    CHECK_STR(get("r", "7"), "w");
    CHECK_EQ(radon_kv_delete(&kv, text("r"), text("9")), RADON_OK);
    CHECK_EQ(set("r", "more", "v"), RADON_OK);
    close_kv();
}

TEST(reports_flash_that_fails_and_keeps_the_old_value)
{
    open_kv();
    CHECK_EQ(set("rain", "k", "old"), RADON_OK);
    for (uint32_t fail = 1; fail <= 4; fail++) {
        fake.fail_at = fake.operations + fail;
        CHECK_EQ(set("rain", "k", "newer"), RADON_E_IO);
        CHECK_STR(get("rain", "k"), "old");
    }
    CHECK_EQ(set("rain", "k", "new"), RADON_OK);
    reopen();
    CHECK_STR(get("rain", "k"), "new");
    close_kv();
}

int main(void)
{
    RUN(keeps_pairs_over_a_restart);
    RUN(gives_values_where_they_lie_in_flash);
    RUN(deletes_pairs);
    RUN(drops_one_owner_and_no_other);
    RUN(lists_keys_by_prefix_in_order_of_bytes);
    RUN(counts_keys_and_values_against_the_quota);
    RUN(refuses_bad_keys_and_values);
    RUN(writes_nothing_when_the_value_is_there_already);
    RUN(compacts_when_a_sector_is_full);
    RUN(uses_a_sector_that_was_erased_ahead);
    RUN(stays_usable_when_it_is_full);
    RUN(holds_so_many_pairs_and_no_more);
    RUN(reports_flash_that_fails_and_keeps_the_old_value);
    return check_summary();
}
