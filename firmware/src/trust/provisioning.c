#include "radon/trust/provisioning.h"

#include "radon/base/crc.h"
#include "radon/base/fields.h"
#include "radon/base/sha256.h"

/** Start of the record; the CBOR follows. */
typedef struct {
    uint8_t magic[4];
    uint32_t length;
    uint32_t crc;
} header_t;

_Static_assert(sizeof(header_t) == 12, "docs/reference/wire.md");

static const uint8_t magic[4] = {'R', 'D', 'N', 'P'};

#define RIGHTS_MAX (RADON_RIGHT_DEPLOY | RADON_RIGHT_CONTROL | RADON_RIGHT_NATIVE)

static void read_key(radon_fields_t *fields, radon_trusted_key_t *key)
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_KEY, true}, {RADON_FIELD_PREFIX, true}, {RADON_FIELD_RIGHTS, true}};
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, sizeof(members) / sizeof(members[0]));
    while (radon_fields_map_next(fields, &map)) {
        switch (map.key) {
        case RADON_FIELD_KEY:
            radon_fields_bytes(fields, RADON_ED25519_KEY_BYTES, &key->key);
            break;
        case RADON_FIELD_PREFIX:
            radon_fields_text(fields, RADON_MAX_NAME_BYTES, &key->prefix);
            break;
        default:
            radon_fields_uint(fields, 0, RIGHTS_MAX, &key->rights);
        }
    }
    if (radon_fields_map_close(fields, &map)) {
        uint8_t digest[RADON_SHA256_BYTES];
        radon_sha256(radon_bytes(key->key, RADON_ED25519_KEY_BYTES), digest);
        memcpy(key->kid, digest, sizeof(key->kid));
    }
}

static void read_keys(radon_fields_t *fields, radon_provisioning_t *provisioning)
{
    radon_fields_list_t list;
    radon_fields_list_open(fields, &list, 0, RADON_PROVISIONING_KEYS);
    while (radon_fields_list_next(fields, &list)) {
        read_key(fields, &provisioning->keys[provisioning->key_count++]);
    }
    radon_fields_list_close(fields, &list, NULL);
}

static void read_record(radon_fields_t *fields, radon_provisioning_t *provisioning)
{
    static const radon_fields_member_t members[] = {{RADON_FIELD_ID, true},
                                                    {RADON_FIELD_NAME, true},
                                                    {RADON_FIELD_BOARD, true},
                                                    {RADON_FIELD_KEYS, true}};
    radon_fields_map_t map;
    radon_fields_map_open(fields, &map, members, sizeof(members) / sizeof(members[0]));
    while (radon_fields_map_next(fields, &map)) {
        switch (map.key) {
        case RADON_FIELD_ID:
            radon_fields_bytes(fields, RADON_PROVISIONING_ID_BYTES, &provisioning->id);
            break;
        case RADON_FIELD_NAME:
            radon_fields_name(fields, &provisioning->name);
            break;
        case RADON_FIELD_BOARD:
            radon_fields_text(fields, RADON_MAX_NAME_BYTES, &provisioning->board);
            break;
        default:
            read_keys(fields, provisioning);
        }
    }
    radon_fields_map_close(fields, &map);
}

radon_err_t radon_provisioning_parse(radon_bytes_t sector, radon_provisioning_t *provisioning)
{
    header_t header;
    if (sector.len < sizeof(header)) {
        return RADON_E_NOT_FOUND;
    }
    memcpy(&header, sector.data, sizeof(header));
    const radon_bytes_t encoded = radon_bytes(sector.data + sizeof(header), header.length);
    if (memcmp(header.magic, magic, sizeof(magic)) != 0 || header.length > sector.len - sizeof(header) ||
        radon_crc32(encoded.data, encoded.len) != header.crc) {
        return RADON_E_NOT_FOUND;
    }
    char detail[RADON_FIELDS_PATH_BYTES];
    radon_fields_t fields;
    memset(provisioning, 0, sizeof(*provisioning));
    radon_fields_init(&fields, "the record", encoded, detail, sizeof(detail));
    read_record(&fields, provisioning);
    return radon_fields_end(&fields) ? RADON_OK : RADON_E_NOT_FOUND;
}

const radon_trusted_key_t *radon_provisioning_key(const radon_provisioning_t *provisioning,
                                                  const uint8_t *kid)
{
    for (uint32_t i = 0; i < provisioning->key_count; i++) {
        if (memcmp(provisioning->keys[i].kid, kid, RADON_COSE_KID_BYTES) == 0) {
            return &provisioning->keys[i];
        }
    }
    return NULL;
}
