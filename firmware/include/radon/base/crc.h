/** The two checksums of the wire and the store. Both are continued by passing the last state. */
#ifndef RADON_BASE_CRC_H
#define RADON_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/** Start state, and the state after data followed by its own checksum (RFC 1662, C.2). */
#define RADON_CRC16_START 0xffffu
#define RADON_CRC16_RESIDUE 0xf0b8u

/** FCS-16 of RFC 1662 (reflected 0x8408). Send the complement of the last state, low byte first. */
uint16_t radon_crc16_update(uint16_t state, const void *data, size_t len);

/** State after one byte. */
uint16_t radon_crc16_step(uint16_t state, uint8_t byte);

#define RADON_CRC32_START 0xffffffffu

/** CRC-32 (IEEE 802.3, reflected 0xEDB88320); the checksum is the complement of the last state. */
uint32_t radon_crc32_update(uint32_t state, const void *data, size_t len);

/** CRC-32 of one piece of data. */
uint32_t radon_crc32(const void *data, size_t len);

#endif
