#include "radon/base/crc.h"

/* Tables over nibbles: 16 entries each instead of 256, two steps a byte. */

static const uint16_t crc16_nibble[16] = {
    0x0000, 0x1081, 0x2102, 0x3183, 0x4204, 0x5285, 0x6306, 0x7387,
    0x8408, 0x9489, 0xa50a, 0xb58b, 0xc60c, 0xd68d, 0xe70e, 0xf78f,
};

static const uint32_t crc32_nibble[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint16_t radon_crc16_step(uint16_t state, uint8_t byte)
{
    uint32_t crc = state;
    crc = (crc >> 4) ^ crc16_nibble[(crc ^ byte) & 15];
    crc = (crc >> 4) ^ crc16_nibble[(crc ^ (uint32_t)(byte >> 4)) & 15];
    return (uint16_t)crc;
}

uint16_t radon_crc16_update(uint16_t state, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++) {
        state = radon_crc16_step(state, bytes[i]);
    }
    return state;
}

uint32_t radon_crc32_update(uint32_t state, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++) {
        state = (state >> 4) ^ crc32_nibble[(state ^ bytes[i]) & 15];
        state = (state >> 4) ^ crc32_nibble[(state ^ (uint32_t)(bytes[i] >> 4)) & 15];
    }
    return state;
}

uint32_t radon_crc32(const void *data, size_t len)
{
    return ~radon_crc32_update(RADON_CRC32_START, data, len);
}
