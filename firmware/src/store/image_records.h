/** The three kinds of records in the image log (docs/reference/flash.md), read from and appended to a log. */
#ifndef RADON_STORE_IMAGE_RECORDS_H
#define RADON_STORE_IMAGE_RECORDS_H

#include "radon/store/images.h"

/** Kinds of records. */
enum { RADON_RECORD_PAYLOAD = 1, RADON_RECORD_MANIFEST = 2, RADON_RECORD_ATOM = 3 };

/** A manifest that was put into a slot. */
typedef struct {
    uint8_t slot;
    radon_images_new_t version; /**< borrowed from flash */
} radon_manifest_record_t;

/** The states of both slots of a name, and its highest sequence number. */
typedef struct {
    uint8_t states[2];
    uint32_t sequence;
    radon_bytes_t name; /**< borrowed from flash */
} radon_state_record_t;

/** Where the parts of a payload are. */
typedef struct {
    uint32_t record; /**< address of the body, 0 for none */
    uint32_t state;  /**< address of the state word */
    uint32_t marks;  /**< address of the marks, one word for each chunk */
    uint32_t data;   /**< address of the payload */
    uint32_t size;   /**< bytes of the payload */
} radon_payload_record_t;

/* Values of the state word. No torn write of one reads as the other. */
#define RADON_PAYLOAD_OPEN 0xFFFFFFFFU
#define RADON_PAYLOAD_COMPLETE 0x0000FFFFU
#define RADON_PAYLOAD_REFUSED 0xFFFF0000U

/** Bytes of a whole record. */
uint32_t radon_manifest_record_bytes(const radon_images_new_t *version);
uint32_t radon_state_record_bytes(size_t name_length);
uint32_t radon_payload_record_bytes(uint32_t size);

/** False for records of other kinds, torn ones, and bodies that contradict themselves. */
bool radon_manifest_record_read(const radon_log_record_t *record, radon_manifest_record_t *manifest);
bool radon_state_record_read(const radon_log_record_t *record, radon_state_record_t *state);

/** Whether a record, torn or not, says that it is the state of `name`. */
bool radon_state_record_is_of(const radon_log_record_t *record, radon_bytes_t name);

/** The manifest record whose body is at `address`, known to be whole. */
radon_manifest_record_t radon_manifest_record_at(const radon_flash_t *flash, uint32_t address);

radon_err_t radon_manifest_record_append(radon_log_t *log, uint8_t slot, const radon_images_new_t *version,
                                         uint32_t *address);
radon_err_t radon_state_record_append(radon_log_t *log, const radon_state_record_t *state);

/** Takes room for a payload without any of its bytes. */
radon_err_t radon_payload_record_append(radon_log_t *log, const uint8_t *digest, uint32_t size,
                                        radon_payload_record_t *payload);

/** The newest record of a payload that was not refused. */
bool radon_payload_record_find(const radon_log_t *log, const uint8_t *digest, uint32_t size,
                               radon_payload_record_t *payload);

/** Value of the state word. */
uint32_t radon_payload_record_state(const radon_log_t *log, const radon_payload_record_t *payload);

/** Bytes from the start that are certainly stored: whole chunks by their marks. */
uint32_t radon_payload_record_stored(const radon_log_t *log, const radon_payload_record_t *payload);

/** Whether bytes can go on at `stored`: nothing of what follows was touched by a write that was cut. */
bool radon_payload_record_resumable(const radon_log_t *log, const radon_payload_record_t *payload,
                                    uint32_t stored);

/** Stores `size` bytes at `stored`, both whole chunks unless the payload ends there, and then their marks. */
radon_err_t radon_payload_record_store(radon_log_t *log, const radon_payload_record_t *payload,
                                       uint32_t stored, const uint8_t *bytes, uint32_t size);

/** Copies what `from` has into `to` of another log, marks and state included. */
radon_err_t radon_payload_record_copy(radon_log_t *to_log, const radon_payload_record_t *to,
                                      const radon_log_t *from_log, const radon_payload_record_t *from);

#endif
