#include "radon/base/crc.h"

#include "check.h"

/* Check values of "123456789": CRC-16/IBM-SDLC (RFC 1662) and CRC-32 (IEEE 802.3). */

TEST(fcs16_has_its_check_value)
{
    uint16_t state = radon_crc16_update(RADON_CRC16_START, "123456789", 9);
    CHECK_EQ(state ^ 0xffff, 0x906e);
}

TEST(fcs16_of_the_slipmux_kind_and_a_ping)
{
    uint16_t state = radon_crc16_step(RADON_CRC16_START, 0xa9);
    CHECK_EQ(state, 0x374c);
    state = radon_crc16_update(state, "\x40\x00\x12\x34", 4);
    CHECK_EQ(state ^ 0xffff, 0xb3e6);
}

TEST(fcs16_over_its_own_checksum_leaves_the_residue)
{
    uint16_t state = radon_crc16_update(RADON_CRC16_START, "\xa9\x40\x00\x12\x34\xe6\xb3", 7);
    CHECK_EQ(state, RADON_CRC16_RESIDUE);
}

TEST(crc32_has_its_check_value_in_one_or_several_pieces)
{
    CHECK_EQ(radon_crc32("123456789", 9), 0xcbf43926u);
    uint32_t state = radon_crc32_update(RADON_CRC32_START, "1234", 4);
    CHECK_EQ(~radon_crc32_update(state, "56789", 5), 0xcbf43926u);
    CHECK_EQ(radon_crc32(NULL, 0), 0);
}

int main(void)
{
    RUN(fcs16_has_its_check_value);
    RUN(fcs16_of_the_slipmux_kind_and_a_ping);
    RUN(fcs16_over_its_own_checksum_leaves_the_residue);
    RUN(crc32_has_its_check_value_in_one_or_several_pieces);
    return check_summary();
}
