/**
 * Key-value pairs that survive power cuts, by owner (the name of an atom, or RADON_KV_NODE), in two small
 * flash sectors.
 *
 * What returned RADON_OK is there after any later power cut; what was interrupted is there in whole or not at
 * all. Values are read in place: a pointer from radon_kv_get() is good until the next call that changes the
 * store.
 *
 * A full sector is compacted into the other one by the write that needs room. That takes milliseconds when
 * the other is erased already, and an erase longer otherwise: call radon_kv_erase_spare() from a system job
 * whenever radon_kv_wants_erase() says so. Thread level only.
 */
#ifndef RADON_STORE_KV_H
#define RADON_STORE_KV_H

#include "radon/store/log.h"

/** Owner of the node's own records (counters and the like); never the name of an atom. */
#define RADON_KV_NODE "."

/** Pairs of all owners together. Two bytes of RAM each. */
#define RADON_KV_PAIRS 256U

/** No quota. */
#define RADON_KV_UNLIMITED UINT32_MAX

typedef struct {
    radon_log_t log;
    uint32_t writes; /**< records appended since open, for /node */
    uint32_t erases; /**< sectors erased since open, for /node */
    uint32_t live;   /**< bytes of records that a compaction would keep */
    uint16_t count;
    uint16_t pairs[RADON_KV_PAIRS]; /**< where the live records are, in ascending order of owner, then key */
} radon_kv_t;

/** Finds what is stored; starts empty on flash that holds nothing. `flash` is kept; the two sectors are of
 * one size. */
radon_err_t radon_kv_open(radon_kv_t *kv, const radon_flash_t *flash, const uint32_t sectors[2]);

/** RADON_E_ARG for an empty key, RADON_E_TOO_BIG for one over 32 bytes, RADON_E_NOT_FOUND. */
radon_err_t radon_kv_get(const radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t key, radon_bytes_t *value);

/**
 * Stores a value of at most 1,024 bytes. `quota`: most bytes of keys and values the owner may have
 * afterwards. RADON_E_ARG (empty key, or one with a newline), RADON_E_TOO_BIG, RADON_E_QUOTA, RADON_E_FULL,
 * RADON_E_IO. Setting the value that is there already writes nothing. After RADON_E_IO the pair is as it was
 * for this run.
 */
radon_err_t radon_kv_set(radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t key, radon_bytes_t value,
                         uint32_t quota);

/** Errors of radon_kv_get(), and RADON_E_IO. */
radon_err_t radon_kv_delete(radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t key);

/**
 * Keys of an owner that start with `prefix`, in ascending order of bytes. Start with *cursor = 0; false at
 * the end. `key` is borrowed like a value. Do not change the store between the steps.
 */
bool radon_kv_list(const radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t prefix, uint32_t *cursor,
                   radon_bytes_t *key);

/** Bytes of keys and values of an owner. */
uint32_t radon_kv_used(const radon_kv_t *kv, radon_bytes_t owner);

/** Removes all pairs of an owner in one step. RADON_OK when it has none. */
radon_err_t radon_kv_drop(radon_kv_t *kv, radon_bytes_t owner);

/** True when the other sector has to be erased before the next compaction. */
bool radon_kv_wants_erase(const radon_kv_t *kv);
radon_err_t radon_kv_erase_spare(radon_kv_t *kv);

#endif
