/*
 * Both logs on flash that holds anything. The first byte says which log and how much is put right before:
 * headers that are valid, checksums that fit, so that what is behind them is reached.
 */

#include "flash_fake.h"
#include "radon/base/crc.h"
#include "radon/store/images.h"
#include "radon/store/kv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SECTOR = 4096, IMAGES = 1, HEADERS = 2, CHECKSUMS = 4 };

static const uint32_t sectors[2] = {0, 1};
static const uint8_t digest[RADON_IMAGES_DIGEST] = {1, 2, 3};

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static uint32_t get_word(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

static void put_word(uint8_t *bytes, uint32_t word)
{
    memcpy(bytes, &word, sizeof(word));
}

static void put_header(uint8_t *sector, uint32_t magic, uint32_t generation)
{
    put_word(sector, 0x45534152);
    put_word(sector + 4, magic);
    put_word(sector + 8, generation);
    put_word(sector + 12, radon_crc32(sector + 4, 8));
}

/** Makes the checksum of every record fit its bytes. */
static void put_checksums(uint8_t *sector, bool images)
{
    for (uint32_t at = 16; at + 8 <= SECTOR;) {
        const uint32_t word = get_word(sector + at);
        const uint32_t size = word & 0x7FF;
        put_word(sector + at, (word & 0x03000000) | size);
        if (word == UINT32_MAX || size > SECTOR - at - 8) {
            break;
        }
        const uint32_t checked = images && word >> 24 == 1 && size >= 36 ? 36 : size;
        const uint32_t state = radon_crc32_update(RADON_CRC32_START, sector + at, 4);
        put_word(sector + at + 4, ~radon_crc32_update(state, sector + at + 8, checked));
        at += (8 + size + 7) & ~7U;
    }
}

static void fill(flash_fake_t *fake, const uint8_t *data, size_t size, uint8_t mode)
{
    const bool images = (mode & IMAGES) != 0;
    memcpy(fake->bytes, data, size < fake->size ? size : fake->size);
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t *sector = fake->bytes + i * SECTOR;
        if ((mode & HEADERS) != 0 && (mode & (8 << i)) != 0) {
            put_header(sector, images ? 0x314D4952 : 0x31564B52, 1 + i);
        }
        if ((mode & CHECKSUMS) != 0) {
            put_checksums(sector, images);
        }
    }
    for (uint32_t i = 0; i < fake->size; i += RADON_FLASH_UNIT) {
        fake->written[i / RADON_FLASH_UNIT] = get_word(fake->bytes + i) != UINT32_MAX;
    }
}

static void use_kv(flash_fake_t *fake)
{
    radon_kv_t kv;
    radon_bytes_t bytes;
    const radon_bytes_t owner = radon_bytes_text("rain");
    require(radon_kv_open(&kv, &fake->flash, sectors) == RADON_OK);
    for (uint32_t i = 0; i < 20; i++) {
        const uint8_t key[] = {(uint8_t)('a' + i % 3)};
        const radon_bytes_t value = radon_bytes(digest, i);
        const radon_err_t result = radon_kv_set(&kv, owner, radon_bytes(key, 1), value, RADON_KV_UNLIMITED);
        require(result == RADON_OK || result == RADON_E_FULL);
        if (result == RADON_OK) {
            require(radon_kv_get(&kv, owner, radon_bytes(key, 1), &bytes) == RADON_OK);
            require(radon_bytes_equal(bytes, value));
        }
    }
    uint32_t used = 0;
    for (uint32_t cursor = 0; radon_kv_list(&kv, owner, radon_bytes(NULL, 0), &cursor, &bytes);) {
        used += (uint32_t)bytes.len;
    }
    require(used <= radon_kv_used(&kv, owner));
    require(radon_kv_drop(&kv, owner) == RADON_OK);
    require(radon_kv_open(&kv, &fake->flash, sectors) == RADON_OK);
    require(radon_kv_used(&kv, owner) == 0);
}

static void look_at_all(const radon_images_t *images)
{
    for (uint32_t i = 0; i < radon_images_count(images); i++) {
        radon_atom_record_t atom;
        radon_payload_t payload;
        radon_images_at(images, i, &atom);
        for (int slot = 0; slot < 2; slot++) {
            if (atom.slots[slot].state != RADON_SLOT_EMPTY) {
                radon_images_payload(images, &atom.slots[slot], &payload);
                require(payload.have <= atom.slots[slot].size);
            }
        }
    }
}

static void use_images(flash_fake_t *fake)
{
    radon_images_t images;
    const radon_bytes_t name = radon_bytes_text("rain");
    require(radon_images_open(&images, &fake->flash, sectors) == RADON_OK);
    look_at_all(&images);
    radon_atom_record_t atom;
    radon_images_find(&images, name, &atom);
    const radon_images_new_t version = {name, radon_bytes_text("manifest"), atom.sequence, digest, 100};
    radon_err_t result = radon_images_put(&images, &version);
    if (result == RADON_E_BUSY) {
        require(radon_images_erase_spare(&images) == RADON_OK);
        (void)radon_images_compact(&images, name);
        result = radon_images_put(&images, &version);
    }
    uint32_t have;
    uint8_t code[100] = {0};
    (void)radon_images_append(&images, digest, 0, radon_bytes(code, sizeof(code)), &have);
    (void)radon_images_finish(&images, digest);
    (void)radon_images_activate(&images, name);
    (void)radon_images_revert(&images, name);
    (void)radon_images_discard(&images, name);
    require(radon_images_usage(&images).used <= radon_images_usage(&images).total);
    (void)radon_images_delete(&images, name);
    look_at_all(&images);
    require(radon_images_open(&images, &fake->flash, sectors) == RADON_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    flash_fake_t fake;
    flash_fake_open(&fake, 2, SECTOR, 0xFF);
    fill(&fake, data + 1, size - 1, data[0]);
    if ((data[0] & IMAGES) != 0) {
        use_images(&fake);
    } else {
        use_kv(&fake);
    }
    require(fake.violations == 0);
    flash_fake_close(&fake);
    return 0;
}
