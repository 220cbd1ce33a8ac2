#include "check.h"
#include "flash_fake.h"
#include "radon/store/log.h"

static const uint32_t sectors[2] = {0, 1};
static flash_fake_t fake;
static radon_log_t log_;

enum { MAGIC = 0x474F4C54, SECTOR = 512 };

static void open_log(uint8_t fill)
{
    flash_fake_open(&fake, 2, SECTOR, fill);
    CHECK_EQ(radon_log_open(&log_, &fake.flash, sectors, MAGIC), RADON_OK);
}

static void close_log(void)
{
    CHECK_EQ(fake.violations, 0);
    flash_fake_close(&fake);
}

static radon_err_t append(const char *text)
{
    const radon_bytes_t part = radon_bytes_text(text);
    return radon_log_append(&log_, 7, (uint32_t)part.len, &part, 1, NULL);
}

/** Bodies of the intact records, one after the other with a bar behind each. */
static const char *contents(void)
{
    static char text[SECTOR * 2];
    radon_log_record_t record;
    size_t used = 0;
    for (uint32_t cursor = 0; radon_log_next(&log_, &cursor, &record);) {
        if (radon_log_intact(&record, record.size)) {
            memcpy(text + used, record.body, record.size);
            used += record.size;
            text[used++] = '|';
        }
    }
    text[used] = 0;
    return text;
}

static void reopen(void)
{
    CHECK_EQ(radon_log_open(&log_, &fake.flash, sectors, MAGIC), RADON_OK);
}

TEST(starts_empty_on_flash_that_holds_anything)
{
    static const uint8_t fills[] = {0xFF, 0x00, 0xA5};
    for (size_t i = 0; i < sizeof(fills); i++) {
        open_log(fills[i]);
        CHECK_STR(contents(), "");
        CHECK_EQ(radon_log_free(&log_), SECTOR - RADON_LOG_SECTOR_HEADER);
        CHECK(!log_.spare_erased);
        close_log();
    }
}

TEST(keeps_records_of_any_length_in_order)
{
    open_log(0xFF);
    CHECK_EQ(append("a"), RADON_OK);
    CHECK_EQ(append(""), RADON_OK);
    CHECK_EQ(append("exactly8"), RADON_OK);
    CHECK_EQ(append("a longer record that does not fit into the buffer of the writer, which is 64 bytes"),
             RADON_OK);
    CHECK_STR(contents(), "a||exactly8|a longer record that does not fit into the buffer of the writer, "
                          "which is 64 bytes|");
    reopen();
    CHECK_EQ(append("z"), RADON_OK);
    CHECK_STR(contents(), "a||exactly8|a longer record that does not fit into the buffer of the writer, "
                          "which is 64 bytes|z|");
    close_log();
}

TEST(refuses_a_record_that_does_not_fit_and_writes_nothing)
{
    static const uint8_t zeros[SECTOR];
    open_log(0xFF);
    const uint32_t room = radon_log_free(&log_) - RADON_LOG_RECORD_HEADER;
    const radon_bytes_t big = radon_bytes(zeros, room + 1);
    const radon_bytes_t fits = radon_bytes(zeros, room);
    const uint32_t operations = fake.operations;
    CHECK_EQ(radon_log_append(&log_, 1, room + 1, &big, 1, NULL), RADON_E_FULL);
    CHECK_EQ(fake.operations, operations);
    CHECK_EQ(radon_log_append(&log_, 1, room, &fits, 1, NULL), RADON_OK);
    CHECK_EQ(radon_log_free(&log_), 0);
    reopen();
    CHECK_EQ(radon_log_free(&log_), 0);
    CHECK_EQ(append(""), RADON_E_FULL);
    close_log();
}

TEST(leaves_room_in_a_record_for_later_programming)
{
    open_log(0xFF);
    const uint32_t late = 0x12345678;
    const radon_bytes_t head = radon_bytes_text("head");
    uint32_t address;
    CHECK_EQ(radon_log_append(&log_, 2, 16, &head, 1, &address), RADON_OK);
    CHECK(radon_log_blank(&log_, address + 4, 12));
    CHECK_EQ(append("next"), RADON_OK);
    CHECK_EQ(radon_log_program(&log_, address + 4, &late, 4), RADON_OK);
    radon_log_record_t record;
    uint32_t cursor = 0;
    reopen();
    REQUIRE(radon_log_next(&log_, &cursor, &record));
    CHECK_EQ(record.address, address);
    CHECK_EQ(record.address % 8, 0);
    CHECK(radon_log_intact(&record, 4));
    CHECK(!radon_log_intact(&record, 16));
    CHECK_BYTES(record.body + 4, 4, &late, 4);
    close_log();
}

TEST(changes_sectors_only_by_the_commit)
{
    open_log(0xFF);
    radon_log_t next;
    const radon_bytes_t kept = radon_bytes_text("kept");
    CHECK_EQ(append("old"), RADON_OK);
    CHECK_EQ(radon_log_begin(&log_, &next), RADON_E_BUSY);
    CHECK_EQ(radon_log_erase_spare(&log_), RADON_OK);
    CHECK_EQ(radon_log_begin(&log_, &next), RADON_OK);
    CHECK_EQ(radon_log_append(&next, 7, 4, &kept, 1, NULL), RADON_OK);
    CHECK_STR(contents(), "old|");
    reopen();
    CHECK_STR(contents(), "old|");
    CHECK(!log_.spare_erased);

    CHECK_EQ(radon_log_erase_spare(&log_), RADON_OK);
    CHECK_EQ(radon_log_begin(&log_, &next), RADON_OK);
    CHECK_EQ(radon_log_append(&next, 7, 4, &kept, 1, NULL), RADON_OK);
    CHECK_EQ(radon_log_commit(&log_, &next), RADON_OK);
    CHECK_STR(contents(), "kept|");
    reopen();
    CHECK_STR(contents(), "kept|");
    CHECK_EQ(log_.generation, 2);
    close_log();
}

TEST(trusts_an_erase_only_when_it_was_finished)
{
    open_log(0xFF);
    CHECK_EQ(radon_log_erase_spare(&log_), RADON_OK);
    reopen();
    CHECK(log_.spare_erased);
    uint32_t seed = 1;
    const flash_fake_operation_t erase = {.erase = true, .sector = 1};
    flash_fake_tear(&fake, &erase, FLASH_TORN_WHOLE, &seed); /* reads as erased, but the mark is missing */
    reopen();
    CHECK(!log_.spare_erased);
    close_log();
}

TEST(goes_on_behind_a_record_that_could_not_be_written)
{
    for (uint32_t fail = 1; fail <= 4; fail++) {
        open_log(0xFF);
        CHECK_EQ(append("before"), RADON_OK);
        fake.fail_at = fake.operations + fail;
        CHECK_EQ(append("lost ones"), RADON_E_IO);
        CHECK_EQ(append("after"), RADON_OK);
        CHECK_STR(contents(), "before|after|");
        reopen();
        CHECK_STR(contents(), "before|after|");
        close_log();
    }
}

TEST(does_not_append_where_flash_is_not_erased)
{
    open_log(0xFF);
    CHECK_EQ(append("good"), RADON_OK);
    fake.bytes[SECTOR - 4] = 0;
    reopen();
    CHECK_STR(contents(), "good|");
    CHECK_EQ(radon_log_free(&log_), 0);
    CHECK_EQ(append("more"), RADON_E_FULL);
    close_log();
}

TEST(finds_changed_bytes)
{
    open_log(0xFF);
    CHECK_EQ(append("first"), RADON_OK);
    CHECK_EQ(append("second"), RADON_OK);
    fake.bytes[RADON_LOG_SECTOR_HEADER + RADON_LOG_RECORD_HEADER] ^= 1;
    reopen();
    CHECK_STR(contents(), "second|");
    close_log();
}

TEST(ignores_a_log_of_another_kind)
{
    open_log(0xFF);
    CHECK_EQ(append("first"), RADON_OK);
    CHECK_EQ(radon_log_open(&log_, &fake.flash, sectors, MAGIC + 1), RADON_OK);
    CHECK_STR(contents(), "");
    flash_fake_close(&fake);
}

int main(void)
{
    RUN(starts_empty_on_flash_that_holds_anything);
    RUN(keeps_records_of_any_length_in_order);
    RUN(refuses_a_record_that_does_not_fit_and_writes_nothing);
    RUN(leaves_room_in_a_record_for_later_programming);
    RUN(changes_sectors_only_by_the_commit);
    RUN(trusts_an_erase_only_when_it_was_finished);
    RUN(goes_on_behind_a_record_that_could_not_be_written);
    RUN(does_not_append_where_flash_is_not_erased);
    RUN(finds_changed_bytes);
    RUN(ignores_a_log_of_another_kind);
    return check_summary();
}
