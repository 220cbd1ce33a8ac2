#include "radon/store/kv.h"

#define MAGIC 0x31564B52U /* "RKV1" */

/** Kinds of records. */
enum { SET = 1, DELETE = 2, DROP = 3 };

/** Start of every body; owner, key and value follow without gaps. */
typedef struct {
    uint8_t owner_length;
    uint8_t key_length;
    uint16_t value_length;
} head_t;

_Static_assert(sizeof(head_t) == 4, "docs/reference/flash.md");

/** Live records may take this share of a sector, so that every compaction makes room for many writes. */
#define LIVE_NUMERATOR 3U
#define LIVE_DENOMINATOR 4U

typedef struct {
    radon_bytes_t owner;
    radon_bytes_t key;
    radon_bytes_t value;
} pair_t;

/* ---- Records ---- */

/** Lengths are those of the body; a record that fails this is no record of this store. */
static bool pair_read(const radon_log_record_t *record, pair_t *pair)
{
    head_t head;
    if (record->size < sizeof(head)) {
        return false;
    }
    memcpy(&head, record->body, sizeof(head));
    const uint8_t *owner = record->body + sizeof(head);
    pair->owner = radon_bytes(owner, head.owner_length);
    pair->key = radon_bytes(owner + head.owner_length, head.key_length);
    pair->value = radon_bytes(owner + head.owner_length + head.key_length, head.value_length);
    return record->size == sizeof(head) + pair->owner.len + pair->key.len + pair->value.len;
}

static uint32_t pair_record_bytes(const pair_t *pair)
{
    return RADON_LOG_RECORD_BYTES(sizeof(head_t) + pair->owner.len + pair->key.len + pair->value.len);
}

static radon_err_t pair_append(radon_log_t *log, uint8_t kind, const pair_t *pair, uint32_t *address)
{
    const head_t head = {(uint8_t)pair->owner.len, (uint8_t)pair->key.len, (uint16_t)pair->value.len};
    const radon_bytes_t parts[] = {radon_bytes(&head, sizeof(head)), pair->owner, pair->key, pair->value};
    const uint32_t size = (uint32_t)(sizeof(head) + pair->owner.len + pair->key.len + pair->value.len);
    return radon_log_append(log, kind, size, parts, sizeof(parts) / sizeof(parts[0]), address);
}

/* ---- The sorted table of live records ---- */

static uint32_t sector_address(const radon_log_t *log)
{
    return log->flash->sectors[log->sectors[log->active]].address;
}

static uint16_t place_of(const radon_log_t *log, uint32_t body)
{
    return (uint16_t)((body - sector_address(log)) / RADON_LOG_ALIGN);
}

static pair_t pair_at(const radon_kv_t *kv, uint32_t index)
{
    const uint32_t body = sector_address(&kv->log) + kv->pairs[index] * RADON_LOG_ALIGN;
    const uint8_t *bytes = radon_flash_at(kv->log.flash, body);
    head_t head;
    memcpy(&head, bytes, sizeof(head));
    bytes += sizeof(head);
    return (pair_t){radon_bytes(bytes, head.owner_length),
                    radon_bytes(bytes + head.owner_length, head.key_length),
                    radon_bytes(bytes + head.owner_length + head.key_length, head.value_length)};
}

static int compare_bytes(radon_bytes_t a, radon_bytes_t b)
{
    const size_t shared = a.len < b.len ? a.len : b.len;
    const int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/** Index of the first pair that is not before (owner, key). */
static uint32_t lower_bound(const radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t key)
{
    uint32_t low = 0;
    uint32_t high = kv->count;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        const pair_t pair = pair_at(kv, middle);
        const int by_owner = compare_bytes(pair.owner, owner);
        if (by_owner < 0 || (by_owner == 0 && compare_bytes(pair.key, key) < 0)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_pair(const radon_kv_t *kv, uint32_t index, radon_bytes_t owner, radon_bytes_t key)
{
    if (index >= kv->count) {
        return false;
    }
    const pair_t pair = pair_at(kv, index);
    return radon_bytes_equal(pair.owner, owner) && radon_bytes_equal(pair.key, key);
}

/** True when pair `index` exists and is of this owner. */
static bool is_owner(const radon_kv_t *kv, uint32_t index, radon_bytes_t owner)
{
    return index < kv->count && radon_bytes_equal(pair_at(kv, index).owner, owner);
}

static void table_remove(radon_kv_t *kv, uint32_t index)
{
    const pair_t pair = pair_at(kv, index);
    kv->live -= pair_record_bytes(&pair);
    kv->count--;
    memmove(&kv->pairs[index], &kv->pairs[index + 1], (kv->count - index) * sizeof(kv->pairs[0]));
}

/** Enters a record, in place of the one of the same owner and key. There is room for it. */
static void table_enter(radon_kv_t *kv, const pair_t *pair, uint32_t body)
{
    const uint32_t index = lower_bound(kv, pair->owner, pair->key);
    if (is_pair(kv, index, pair->owner, pair->key)) {
        table_remove(kv, index);
    }
    memmove(&kv->pairs[index + 1], &kv->pairs[index], (kv->count - index) * sizeof(kv->pairs[0]));
    kv->pairs[index] = place_of(&kv->log, body);
    kv->count++;
    kv->live += pair_record_bytes(pair);
}

static void table_drop(radon_kv_t *kv, radon_bytes_t owner)
{
    const uint32_t index = lower_bound(kv, owner, radon_bytes(NULL, 0));
    while (is_owner(kv, index, owner)) {
        table_remove(kv, index);
    }
}

/** Does to the table what a record says. */
static void replay(radon_kv_t *kv, const radon_log_record_t *record)
{
    pair_t pair;
    if (!radon_log_intact(record, record->size) || !pair_read(record, &pair)) {
        return;
    }
    const uint32_t index = lower_bound(kv, pair.owner, pair.key);
    const bool known = is_pair(kv, index, pair.owner, pair.key);
    if (record->kind == SET && (known || kv->count < RADON_KV_PAIRS)) {
        table_enter(kv, &pair, record->address);
    } else if (record->kind == DELETE && known) {
        table_remove(kv, index);
    } else if (record->kind == DROP) {
        table_drop(kv, pair.owner);
    }
}

/* ---- Opening and compacting ---- */

static void load(radon_kv_t *kv)
{
    radon_log_record_t record;
    kv->count = 0;
    kv->live = 0;
    for (uint32_t cursor = 0; radon_log_next(&kv->log, &cursor, &record);) {
        replay(kv, &record);
    }
}

radon_err_t radon_kv_open(radon_kv_t *kv, const radon_flash_t *flash, const uint32_t sectors[2])
{
    memset(kv, 0, sizeof(*kv));
    const radon_err_t result = radon_log_open(&kv->log, flash, sectors, MAGIC);
    if (result == RADON_OK) {
        load(kv);
    }
    return result;
}

bool radon_kv_wants_erase(const radon_kv_t *kv)
{
    return !kv->log.spare_erased;
}

radon_err_t radon_kv_erase_spare(radon_kv_t *kv)
{
    kv->erases += kv->log.spare_erased ? 0 : 1;
    return radon_log_erase_spare(&kv->log);
}

static radon_err_t compact(radon_kv_t *kv)
{
    radon_log_t next;
    radon_err_t result = radon_kv_erase_spare(kv);
    if (result == RADON_OK) {
        result = radon_log_begin(&kv->log, &next);
    }
    for (uint32_t i = 0; result == RADON_OK && i < kv->count; i++) {
        const pair_t pair = pair_at(kv, i);
        result = pair_append(&next, SET, &pair, NULL);
    }
    if (result == RADON_OK) {
        result = radon_log_commit(&kv->log, &next);
    }
    if (result == RADON_OK) {
        load(kv);
    }
    return result;
}

/** Appends a record, after a compaction when it does not fit. */
static radon_err_t write(radon_kv_t *kv, uint8_t kind, const pair_t *pair, uint32_t *body)
{
    if (pair_record_bytes(pair) > radon_log_free(&kv->log)) {
        const radon_err_t result = compact(kv);
        if (result != RADON_OK) {
            return result;
        }
    }
    const radon_err_t result = pair_append(&kv->log, kind, pair, body);
    kv->writes += result == RADON_OK ? 1 : 0;
    return result;
}

/* ---- Pairs ---- */

static radon_err_t check_key(radon_bytes_t owner, radon_bytes_t key)
{
    if (owner.len == 0 || owner.len > RADON_MAX_NAME_BYTES || key.len == 0) {
        return RADON_E_ARG;
    }
    return key.len > RADON_MAX_KV_KEY_BYTES ? RADON_E_TOO_BIG : RADON_OK;
}

static radon_err_t find(const radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t key, uint32_t *index)
{
    const radon_err_t result = check_key(owner, key);
    if (result != RADON_OK) {
        return result;
    }
    *index = lower_bound(kv, owner, key);
    return is_pair(kv, *index, owner, key) ? RADON_OK : RADON_E_NOT_FOUND;
}

radon_err_t radon_kv_get(const radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t key, radon_bytes_t *value)
{
    uint32_t index;
    const radon_err_t result = find(kv, owner, key, &index);
    if (result == RADON_OK) {
        *value = pair_at(kv, index).value;
    }
    return result;
}

uint32_t radon_kv_used(const radon_kv_t *kv, radon_bytes_t owner)
{
    uint32_t used = 0;
    for (uint32_t i = lower_bound(kv, owner, radon_bytes(NULL, 0)); is_owner(kv, i, owner); i++) {
        const pair_t pair = pair_at(kv, i);
        used += (uint32_t)(pair.key.len + pair.value.len);
    }
    return used;
}

/** What setting `pair` in place of `old` (or NULL) would break. */
static radon_err_t check_room(const radon_kv_t *kv, const pair_t *pair, const pair_t *old, uint32_t quota)
{
    const size_t freed = old == NULL ? 0 : old->key.len + old->value.len;
    if (quota != RADON_KV_UNLIMITED &&
        radon_kv_used(kv, pair->owner) - freed + pair->key.len + pair->value.len > quota) {
        return RADON_E_QUOTA;
    }
    const uint32_t kept = kv->live - (old == NULL ? 0 : pair_record_bytes(old));
    const uint32_t limit = radon_log_capacity(&kv->log) / LIVE_DENOMINATOR * LIVE_NUMERATOR;
    if (kept + pair_record_bytes(pair) > limit || (old == NULL && kv->count == RADON_KV_PAIRS)) {
        return RADON_E_FULL;
    }
    return RADON_OK;
}

radon_err_t radon_kv_set(radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t key, radon_bytes_t value,
                         uint32_t quota)
{
    if (key.len > 0 && memchr(key.data, '\n', key.len) != NULL) {
        return RADON_E_ARG;
    }
    uint32_t index;
    radon_err_t result = find(kv, owner, key, &index);
    if (result != RADON_OK && result != RADON_E_NOT_FOUND) {
        return result;
    }
    if (value.len > RADON_MAX_KV_VALUE_BYTES) {
        return RADON_E_TOO_BIG;
    }
    const pair_t pair = {owner, key, value};
    const bool known = result == RADON_OK;
    const pair_t old = known ? pair_at(kv, index) : (pair_t){0};
    result = check_room(kv, &pair, known ? &old : NULL, quota);
    if (result != RADON_OK || (known && radon_bytes_equal(old.value, value))) {
        return result;
    }
    uint32_t body;
    result = write(kv, SET, &pair, &body);
    if (result == RADON_OK) {
        table_enter(kv, &pair, body);
    }
    return result;
}

radon_err_t radon_kv_delete(radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t key)
{
    uint32_t index;
    radon_err_t result = find(kv, owner, key, &index);
    if (result != RADON_OK) {
        return result;
    }
    const pair_t pair = {.owner = owner, .key = key};
    result = write(kv, DELETE, &pair, NULL);
    if (result == RADON_OK) {
        table_remove(kv, lower_bound(kv, owner, key));
    }
    return result;
}

bool radon_kv_list(const radon_kv_t *kv, radon_bytes_t owner, radon_bytes_t prefix, uint32_t *cursor,
                   radon_bytes_t *key)
{
    const uint32_t index = *cursor == 0 ? lower_bound(kv, owner, prefix) : *cursor;
    if (!is_owner(kv, index, owner)) {
        return false;
    }
    *key = pair_at(kv, index).key;
    *cursor = index + 1;
    return radon_bytes_start_with(*key, prefix);
}

radon_err_t radon_kv_drop(radon_kv_t *kv, radon_bytes_t owner)
{
    const uint32_t index = lower_bound(kv, owner, radon_bytes(NULL, 0));
    if (!is_owner(kv, index, owner)) {
        return RADON_OK;
    }
    const pair_t pair = {.owner = owner};
    const radon_err_t result = write(kv, DROP, &pair, NULL);
    if (result == RADON_OK) {
        table_drop(kv, owner);
    }
    return result;
}
