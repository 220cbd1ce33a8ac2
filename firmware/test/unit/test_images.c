#include "check.h"
#include "flash_fake.h"
#include "radon/base/sha256.h"
#include "radon/store/images.h"

/* Real size of the image log's sectors on an STM32F405. */
enum { SECTOR = 131072, CODE = 3000 };

static const uint32_t sectors[2] = {0, 1};
static flash_fake_t fake;
static radon_images_t images;
static uint8_t code[RADON_MAX_MODULE_BYTES];
static uint8_t digest[RADON_SHA256_BYTES];

static radon_bytes_t text(const char *string)
{
    return radon_bytes_text(string);
}

static void open_sized(uint32_t sector_size)
{
    flash_fake_open(&fake, 2, sector_size, 0xFF);
    CHECK_EQ(radon_images_open(&images, &fake.flash, sectors), RADON_OK);
    CHECK_EQ(radon_images_erase_spare(&images), RADON_OK);
}

static void open_images(void)
{
    open_sized(SECTOR);
}

static void reopen(void)
{
    CHECK_EQ(radon_images_open(&images, &fake.flash, sectors), RADON_OK);
}

static void close_images(void)
{
    CHECK_EQ(fake.violations, 0);
    flash_fake_close(&fake);
}

/** Makes `size` bytes of code that differ for each `kind`, and their digest. */
static void make_code(uint32_t kind, uint32_t size)
{
    uint32_t seed = kind + 1;
    for (uint32_t i = 0; i < size; i++) {
        code[i] = (uint8_t)flash_fake_random(&seed);
    }
    radon_sha256(radon_bytes(code, size), digest);
}

static radon_images_new_t version(const char *name, uint32_t sequence, const char *manifest, uint32_t size)
{
    return (radon_images_new_t){text(name), text(manifest), sequence, digest, size};
}

static radon_err_t put(const char *name, uint32_t sequence, const char *manifest, uint32_t size)
{
    const radon_images_new_t new_version = version(name, sequence, manifest, size);
    return radon_images_put(&images, &new_version);
}

/** Sends the current code in blocks. */
static radon_err_t upload(uint32_t size, uint32_t block)
{
    uint32_t have = 0;
    radon_err_t result = RADON_OK;
    for (uint32_t at = 0; result == RADON_OK && at < size; at += block) {
        const uint32_t piece = size - at < block ? size - at : block;
        result = radon_images_append(&images, digest, at, radon_bytes(code + at, piece), &have);
    }
    CHECK(result != RADON_OK || have == size);
    return result == RADON_OK ? radon_images_finish(&images, digest) : result;
}

/** Manifest, payload, switch. */
static void deploy(const char *name, uint32_t sequence, uint32_t kind, uint32_t size)
{
    char manifest[32];
    snprintf(manifest, sizeof(manifest), "%s-%u", name, (unsigned)sequence);
    make_code(kind, size);
    CHECK_EQ(put(name, sequence, manifest, size), RADON_OK);
    CHECK_EQ(upload(size, 1024), RADON_OK);
    CHECK_EQ(radon_images_activate(&images, text(name)), RADON_OK);
}

/** "a:pending-manifest b:..." of one atom and its highest sequence number. */
static const char *slots(const char *name)
{
    static const char letters[] = "-pav";
    static char out[128];
    radon_atom_record_t atom;
    radon_images_find(&images, text(name), &atom);
    size_t used = 0;
    for (int i = 0; i < 2; i++) {
        const radon_slot_t *slot = &atom.slots[i];
        const bool there = slot->state != RADON_SLOT_EMPTY;
        used += (size_t)snprintf(out + used, sizeof(out) - used, "%c%.*s ", letters[slot->state],
                                 there ? (int)slot->manifest.len : 0,
                                 there ? (const char *)slot->manifest.data : "");
    }
    snprintf(out + used, sizeof(out) - used, "%u", (unsigned)atom.sequence);
    return out;
}

/** The payload of the slot in a state. */
static radon_payload_t payload_of(const char *name, radon_slot_state_t state)
{
    radon_atom_record_t atom;
    radon_payload_t payload = {0};
    radon_images_find(&images, text(name), &atom);
    for (int i = 0; i < 2; i++) {
        if (atom.slots[i].state == state) {
            radon_images_payload(&images, &atom.slots[i], &payload);
        }
    }
    return payload;
}

TEST(a_version_becomes_active_and_the_one_before_stays)
{
    open_images();
    make_code(1, CODE);
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    CHECK_STR(slots("rain"), "pm1 - 1");
    CHECK_EQ(radon_images_activate(&images, text("rain")), RADON_E_STATE);
    CHECK_EQ(upload(CODE, 512), RADON_OK);
    CHECK_EQ(radon_images_activate(&images, text("rain")), RADON_OK);
    CHECK_STR(slots("rain"), "am1 - 1");
    CHECK_EQ(radon_images_activate(&images, text("rain")), RADON_E_NOT_FOUND);
    make_code(2, CODE);
    CHECK_EQ(put("rain", 7, "m7", CODE), RADON_OK);
    CHECK_STR(slots("rain"), "am1 pm7 7");
    CHECK_EQ(upload(CODE, 1024), RADON_OK);
    CHECK_EQ(radon_images_activate(&images, text("rain")), RADON_OK);
    CHECK_STR(slots("rain"), "vm1 am7 7");
    reopen();
    CHECK_STR(slots("rain"), "vm1 am7 7");
    CHECK(payload_of("rain", RADON_SLOT_ACTIVE).complete);
    CHECK(payload_of("rain", RADON_SLOT_PREVIOUS).complete);
    CHECK_EQ(put("rain", 8, "m8", CODE), RADON_OK);
    CHECK_STR(slots("rain"), "pm8 am7 8");
    close_images();
}

TEST(a_payload_lies_in_one_piece_aligned_to_8)
{
    open_images();
    deploy("rain", 1, 1, CODE);
    const radon_payload_t payload = payload_of("rain", RADON_SLOT_ACTIVE);
    CHECK_BYTES(payload.bytes.data, payload.bytes.len, code, CODE);
    CHECK_EQ((payload.bytes.data - fake.bytes) % 8, 0);
    close_images();
}

TEST(revert_goes_back_and_the_sequence_stays)
{
    open_images();
    deploy("rain", 1, 1, CODE);
    CHECK_EQ(radon_images_revert(&images, text("rain")), RADON_E_NOT_FOUND);
    deploy("rain", 2, 2, CODE);
    CHECK_EQ(radon_images_revert(&images, text("rain")), RADON_OK);
    CHECK_STR(slots("rain"), "arain-1 vrain-2 2");
    CHECK_EQ(put("rain", 1, "other", CODE), RADON_E_ARG);
    reopen();
    CHECK_STR(slots("rain"), "arain-1 vrain-2 2");
    make_code(2, CODE);
    CHECK_EQ(put("rain", 2, "rain-2", CODE),
             RADON_OK); /* the same again is pending again, with nothing to send */
    CHECK_STR(slots("rain"), "arain-1 prain-2 2");
    CHECK_EQ(radon_images_activate(&images, text("rain")), RADON_OK);
    CHECK_STR(slots("rain"), "vrain-1 arain-2 2");
    close_images();
}

TEST(a_pending_version_can_be_discarded_or_replaced)
{
    open_images();
    make_code(1, CODE);
    CHECK_EQ(put("new", 3, "m3", CODE), RADON_OK);
    CHECK_EQ(put("new", 4, "m4", CODE), RADON_OK);
    CHECK_STR(slots("new"), "pm4 - 4");
    CHECK_EQ(radon_images_discard(&images, text("new")), RADON_OK);
    CHECK_EQ(radon_images_discard(&images, text("new")), RADON_E_NOT_FOUND);
    CHECK_STR(slots("new"), "- - 4");
    CHECK_EQ(radon_images_count(&images), 0);
    deploy("rain", 1, 1, CODE);
    CHECK_EQ(put("rain", 2, "m2", CODE), RADON_OK);
    CHECK_EQ(radon_images_discard(&images, text("rain")), RADON_OK);
    reopen();
    CHECK_STR(slots("rain"), "arain-1 - 2");
    CHECK_STR(slots("new"), "- - 4");
    close_images();
}

TEST(deletion_keeps_the_highest_sequence)
{
    open_images();
    deploy("rain", 5, 1, CODE);
    CHECK_EQ(radon_images_delete(&images, text("none")), RADON_E_NOT_FOUND);
    CHECK_EQ(radon_images_delete(&images, text("rain")), RADON_OK);
    CHECK_STR(slots("rain"), "- - 5");
    CHECK_EQ(radon_images_compact(&images, text("")), RADON_OK);
    CHECK_EQ(radon_images_erase_spare(&images), RADON_OK);
    reopen();
    CHECK_STR(slots("rain"), "- - 5");
    CHECK_EQ(put("rain", 4, "m4", CODE), RADON_E_ARG);
    deploy("rain", 6, 1, CODE);
    CHECK_STR(slots("rain"), "arain-6 - 6");
    close_images();
}

TEST(putting_the_same_manifest_again_writes_nothing)
{
    open_images();
    make_code(1, CODE);
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    const uint32_t operations = fake.operations;
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    CHECK_EQ(fake.operations, operations);
    close_images();
}

TEST(a_payload_is_shared_by_manifests)
{
    open_images();
    deploy("rain", 1, 1, CODE);
    const radon_images_usage_t one = radon_images_usage(&images);
    CHECK_EQ(put("rain", 2, "other limits", CODE), RADON_OK);
    CHECK_EQ(radon_images_activate(&images, text("rain")), RADON_OK); /* nothing to send */
    CHECK_EQ(put("snow", 1, "snow", CODE), RADON_OK);
    CHECK_EQ(radon_images_activate(&images, text("snow")), RADON_OK);
    CHECK(radon_images_usage(&images).used - one.used < 300);
    CHECK_EQ(radon_images_compact(&images, text("")), RADON_OK);
    CHECK_EQ(SECTOR - radon_log_free(&images.log),
             RADON_LOG_SECTOR_HEADER + radon_images_usage(&images).used);
    CHECK(payload_of("rain", RADON_SLOT_ACTIVE).bytes.data ==
          payload_of("snow", RADON_SLOT_ACTIVE).bytes.data);
    CHECK_EQ(radon_images_delete(&images, text("rain")), RADON_OK);
    CHECK_EQ(radon_images_erase_spare(&images), RADON_OK);
    CHECK_EQ(radon_images_compact(&images, text("")), RADON_OK);
    CHECK_BYTES(payload_of("snow", RADON_SLOT_ACTIVE).bytes.data, CODE, code, CODE);
    close_images();
}

TEST(an_upload_resumes_where_it_was_after_a_restart)
{
    open_images();
    uint32_t have;
    make_code(1, CODE);
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    CHECK_EQ(radon_images_append(&images, digest, 0, radon_bytes(code, 1024), &have), RADON_OK);
    CHECK_EQ(radon_images_append(&images, digest, 1024, radon_bytes(code + 1024, 80), &have), RADON_OK);
    CHECK_EQ(have, 1104);
    reopen();
    CHECK_EQ(images.erases, 0);
    CHECK_EQ(payload_of("rain", RADON_SLOT_PENDING).have, 1088); /* 17 chunks of 64 */
    CHECK_EQ(radon_images_append(&images, digest, 1104, radon_bytes(code + 1104, 16), &have), RADON_E_STATE);
    CHECK_EQ(have, 1088);
    CHECK_EQ(upload(CODE, 256), RADON_OK); /* from 0: what is there is skipped */
    CHECK_BYTES(payload_of("rain", RADON_SLOT_PENDING).bytes.data, CODE, code, CODE);
    close_images();
}

TEST(a_payload_that_was_all_there_is_finished_by_a_restart)
{
    open_images();
    uint32_t have;
    make_code(1, CODE);
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    CHECK_EQ(radon_images_append(&images, digest, 0, radon_bytes(code, CODE), &have), RADON_OK);
    CHECK(!payload_of("rain", RADON_SLOT_PENDING).complete);
    reopen();
    CHECK(payload_of("rain", RADON_SLOT_PENDING).complete);
    close_images();
}

TEST(blocks_of_any_size_make_the_same_payload)
{
    static const uint32_t blocks[] = {16, 32, 64, 100, 1, 1024, CODE};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        open_images();
        make_code(1, CODE);
        CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
        CHECK_EQ(upload(CODE, blocks[i]), RADON_OK);
        CHECK_BYTES(payload_of("rain", RADON_SLOT_PENDING).bytes.data, CODE, code, CODE);
        reopen();
        CHECK(payload_of("rain", RADON_SLOT_PENDING).complete);
        close_images();
    }
}

TEST(uploads_of_two_payloads_interleave)
{
    open_images();
    static uint8_t other[CODE];
    uint8_t other_digest[RADON_SHA256_BYTES];
    uint32_t have;
    make_code(1, CODE);
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    memcpy(other, code, CODE);
    memcpy(other_digest, digest, sizeof(digest));
    make_code(2, CODE);
    CHECK_EQ(put("echo", 1, "m1", CODE), RADON_OK);
    for (uint32_t at = 0; at < CODE; at += 512) {
        const uint32_t piece = CODE - at < 512 ? CODE - at : 512;
        CHECK_EQ(radon_images_append(&images, digest, at, radon_bytes(code + at, piece), &have), RADON_OK);
        CHECK_EQ(radon_images_append(&images, other_digest, at, radon_bytes(other + at, piece), &have),
                 RADON_OK);
    }
    CHECK_EQ(radon_images_finish(&images, digest), RADON_OK);
    CHECK_EQ(radon_images_finish(&images, other_digest), RADON_OK);
    CHECK_BYTES(payload_of("rain", RADON_SLOT_PENDING).bytes.data, CODE, other, CODE);
    close_images();
}

TEST(refuses_bytes_that_no_manifest_names_or_that_are_too_many)
{
    open_images();
    uint32_t have;
    make_code(1, CODE);
    CHECK_EQ(radon_images_append(&images, digest, 0, radon_bytes(code, 64), &have), RADON_E_NOT_FOUND);
    CHECK_EQ(radon_images_finish(&images, digest), RADON_E_NOT_FOUND);
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    CHECK_EQ(radon_images_finish(&images, digest), RADON_E_STATE);
    CHECK_EQ(radon_images_append(&images, digest, 64, radon_bytes(code, 64), &have), RADON_E_STATE);
    CHECK_EQ(have, 0);
    CHECK_EQ(radon_images_append(&images, digest, 0, radon_bytes(code, CODE + 1), &have), RADON_E_TOO_BIG);
    CHECK_EQ(radon_images_append(&images, digest, UINT32_MAX, radon_bytes(code, 64), &have), RADON_E_TOO_BIG);
    CHECK_EQ(upload(CODE, 1024), RADON_OK);
    CHECK_EQ(radon_images_append(&images, digest, 0, radon_bytes(code, 64), &have), RADON_OK);
    CHECK_EQ(have, CODE);
    close_images();
}

TEST(bytes_with_another_digest_are_forgotten)
{
    open_images();
    uint32_t have;
    make_code(1, CODE);
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    code[2999] ^= 1;
    CHECK_EQ(upload(CODE, 1024), RADON_E_DENIED);
    CHECK_EQ(payload_of("rain", RADON_SLOT_PENDING).have, 0);
    reopen();
    CHECK_EQ(payload_of("rain", RADON_SLOT_PENDING).have, 0);
    CHECK_EQ(radon_images_append(&images, digest, 64, radon_bytes(code, 64), &have), RADON_E_STATE);
    code[2999] ^= 1;
    CHECK_EQ(upload(CODE, 1024), RADON_OK);
    CHECK(payload_of("rain", RADON_SLOT_PENDING).complete);
    close_images();
}

TEST(refuses_before_writing_when_there_is_no_room)
{
    open_sized(16384);
    uint32_t need;
    uint32_t free;
    deploy("one", 1, 1, 6000);
    make_code(2, 9000);
    const radon_images_new_t big = version("two", 1, "m", 9000);
    const uint32_t operations = fake.operations;
    CHECK_EQ(radon_images_room(&images, &big, &need, &free), RADON_E_FULL);
    CHECK_EQ(radon_images_put(&images, &big), RADON_E_FULL);
    CHECK(need > free);
    CHECK_EQ(free, radon_images_usage(&images).free);
    CHECK_EQ(fake.operations, operations);
    CHECK_STR(slots("two"), "- - 0");
    close_images();
}

/** Largest payload whose put is not refused, found by asking. */
static uint32_t largest_payload(const char *name)
{
    uint32_t size = 1;
    uint32_t need;
    uint32_t free;
    for (uint32_t step = 32768; step > 0; step /= 2) {
        const radon_images_new_t probe = version(name, 99, "m", size + step);
        const radon_err_t result = radon_images_room(&images, &probe, &need, &free);
        size += result == RADON_OK || result == RADON_E_BUSY ? step : 0;
    }
    return size;
}

TEST(what_room_says_is_exact)
{
    open_sized(16384);
    deploy("one", 1, 1, 4000);
    deploy("one", 2, 2, 3000);
    deploy("gone", 1, 3, 1000);
    CHECK_EQ(radon_images_delete(&images, text("gone")), RADON_OK);
    const uint32_t size = largest_payload("two");
    make_code(4, size);
    CHECK_EQ(put("two", 99, "m", size), RADON_E_BUSY);
    CHECK_EQ(radon_images_compact(&images, text("two")), RADON_OK);
    CHECK_EQ(put("two", 99, "m", size), RADON_OK);
    CHECK_EQ(upload(size, 1024), RADON_OK);
    CHECK_EQ(radon_images_activate(&images, text("two")), RADON_OK);
    CHECK_STR(slots("one"), "vone-1 aone-2 2");
    CHECK(radon_images_usage(&images).free < 8 + RADON_IMAGES_CHUNK / 8);
    close_images();
}

TEST(a_compaction_for_a_new_version_leaves_the_previous_one_behind)
{
    open_sized(16384);
    deploy("one", 1, 1, 6000);
    deploy("one", 2, 2, 5000);
    make_code(3, 6000);
    CHECK_EQ(put("one", 3, "m3", 6000), RADON_E_BUSY);
    CHECK_EQ(radon_images_compact(&images, text("one")), RADON_OK);
    CHECK_STR(slots("one"), "- aone-2 2");
    CHECK_EQ(put("one", 3, "m3", 6000), RADON_OK);
    CHECK_EQ(upload(6000, 1024), RADON_OK);
    CHECK_STR(slots("one"), "pm3 aone-2 3");
    close_images();
}

TEST(old_copies_stay_readable_until_the_erase)
{
    open_images();
    deploy("rain", 1, 1, CODE);
    const radon_payload_t before = payload_of("rain", RADON_SLOT_ACTIVE);
    const uint32_t generation = radon_images_generation(&images);
    CHECK_EQ(radon_images_compact(&images, text("")), RADON_OK);
    CHECK_EQ(radon_images_generation(&images), generation + 1);
    const radon_payload_t now = payload_of("rain", RADON_SLOT_ACTIVE);
    CHECK(before.bytes.data != now.bytes.data);
    CHECK_BYTES(before.bytes.data, CODE, code, CODE);
    CHECK_BYTES(now.bytes.data, CODE, code, CODE);
    CHECK(radon_images_wants_erase(&images));
    CHECK_EQ(radon_images_compact(&images, text("")), RADON_E_BUSY);
    CHECK_EQ(radon_images_erase_spare(&images), RADON_OK);
    CHECK_EQ(radon_images_compact(&images, text("")), RADON_OK);
    close_images();
}

TEST(an_upload_survives_a_compaction)
{
    open_images();
    uint32_t have;
    make_code(1, CODE);
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    CHECK_EQ(radon_images_append(&images, digest, 0, radon_bytes(code, 1024), &have), RADON_OK);
    CHECK_EQ(radon_images_compact(&images, text("")), RADON_OK);
    CHECK_EQ(payload_of("rain", RADON_SLOT_PENDING).have, 1024);
    CHECK_EQ(upload(CODE, 1024), RADON_OK);
    close_images();
}

TEST(an_upload_goes_on_after_the_flash_failed)
{
    open_images();
    uint32_t have;
    make_code(1, CODE);
    CHECK_EQ(put("rain", 1, "m1", CODE), RADON_OK);
    CHECK_EQ(radon_images_append(&images, digest, 0, radon_bytes(code, 512), &have), RADON_OK);
    fake.fail_at = fake.operations + 20;
    CHECK_EQ(radon_images_append(&images, digest, 512, radon_bytes(code + 512, 512), &have), RADON_E_IO);
    CHECK_EQ(have, 512);
    CHECK_EQ(radon_images_append(&images, digest, 512, radon_bytes(code + 512, 512), &have), RADON_E_BUSY);
    CHECK_EQ(radon_images_compact(&images, text("")), RADON_OK);
    CHECK_EQ(upload(CODE, 1024), RADON_OK);
    close_images();
}

TEST(holds_so_many_atoms_and_no_more)
{
    open_images();
    char name[8];
    make_code(1, CODE);
    for (uint32_t i = 0; i < RADON_IMAGES_ATOMS; i++) {
        snprintf(name, sizeof(name), "atom%u", (unsigned)i);
        CHECK_EQ(put(name, 1, name, CODE), RADON_OK);
    }
    CHECK_EQ(put("more", 1, "more", CODE), RADON_E_QUOTA);
    CHECK_EQ(put("atom3", 2, "again", CODE), RADON_OK);
    CHECK_EQ(radon_images_delete(&images, text("atom5")), RADON_OK);
    CHECK_EQ(put("more", 1, "more", CODE), RADON_OK);
    CHECK_EQ(radon_images_count(&images), RADON_IMAGES_ATOMS);
    close_images();
}

TEST(refuses_what_the_interface_does_not_allow)
{
    open_images();
    make_code(1, CODE);
    static char big[RADON_MAX_MANIFEST_BYTES + 2];
    memset(big, 'm', sizeof(big) - 1);
    CHECK_EQ(put("rain", 1, big, CODE), RADON_E_ARG);
    CHECK_EQ(put("rain", 1, "m", 0), RADON_E_ARG);
    CHECK_EQ(put("rain", 1, "m", RADON_MAX_MODULE_BYTES + 1), RADON_E_ARG);
    CHECK_EQ(put("a-name-that-is-longer-than-32-bytes", 1, "m", CODE), RADON_E_ARG);
    CHECK_EQ(put("rain", 1, big + 1, CODE), RADON_OK);
    close_images();
}

TEST(many_versions_go_through_compactions)
{
    open_sized(16384);
    for (uint32_t i = 1; i <= 60; i++) {
        char manifest[16];
        const uint32_t size = 1500 + i * 7;
        snprintf(manifest, sizeof(manifest), "m%u", (unsigned)i);
        make_code(i, size);
        if (put("rain", i, manifest, size) == RADON_E_BUSY) {
            CHECK_EQ(radon_images_erase_spare(&images), RADON_OK);
            CHECK_EQ(radon_images_compact(&images, text("rain")), RADON_OK);
            CHECK_EQ(put("rain", i, manifest, size), RADON_OK);
        }
        CHECK_EQ(upload(size, 1024), RADON_OK);
        CHECK_EQ(radon_images_activate(&images, text("rain")), RADON_OK);
        CHECK_BYTES(payload_of("rain", RADON_SLOT_ACTIVE).bytes.data, size, code, size);
    }
    CHECK(radon_images_generation(&images) > 8);
    close_images();
}

int main(void)
{
    RUN(a_version_becomes_active_and_the_one_before_stays);
    RUN(a_payload_lies_in_one_piece_aligned_to_8);
    RUN(revert_goes_back_and_the_sequence_stays);
    RUN(a_pending_version_can_be_discarded_or_replaced);
    RUN(deletion_keeps_the_highest_sequence);
    RUN(putting_the_same_manifest_again_writes_nothing);
    RUN(a_payload_is_shared_by_manifests);
    RUN(an_upload_resumes_where_it_was_after_a_restart);
    RUN(a_payload_that_was_all_there_is_finished_by_a_restart);
    RUN(blocks_of_any_size_make_the_same_payload);
    RUN(uploads_of_two_payloads_interleave);
    RUN(refuses_bytes_that_no_manifest_names_or_that_are_too_many);
    RUN(bytes_with_another_digest_are_forgotten);
    RUN(refuses_before_writing_when_there_is_no_room);
    RUN(what_room_says_is_exact);
    RUN(a_compaction_for_a_new_version_leaves_the_previous_one_behind);
    RUN(old_copies_stay_readable_until_the_erase);
    RUN(an_upload_survives_a_compaction);
    RUN(an_upload_goes_on_after_the_flash_failed);
    RUN(holds_so_many_atoms_and_no_more);
    RUN(refuses_what_the_interface_does_not_allow);
    RUN(many_versions_go_through_compactions);
    return check_summary();
}
