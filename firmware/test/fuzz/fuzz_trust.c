/* Manifests, COSE and provisioning records from anywhere: the first byte says which. */

#include "radon/base/crc.h"
#include "radon/trust/admission.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_texts(const radon_manifest_array_t *array)
{
    radon_manifest_list_t list;
    radon_bytes_t text;
    uint32_t count = 0;
    radon_manifest_list(&list, array);
    while (radon_manifest_next_text(&list, &text)) {
        require(radon_bytes_is_utf8(text));
        count++;
    }
    require(count == array->count);
}

static void check_resources(const radon_manifest_array_t *array)
{
    radon_manifest_list_t list;
    radon_manifest_resource_t resource;
    uint32_t count = 0;
    radon_manifest_list(&list, array);
    while (radon_manifest_next_resource(&list, &resource)) {
        require(resource.path.len <= RADON_MAX_PATH_BYTES);
        count++;
    }
    require(count == array->count);
}

static void fuzz_manifest(radon_bytes_t input)
{
    radon_manifest_t manifest;
    char detail[RADON_MANIFEST_DETAIL_BYTES];
    if (!radon_manifest_parse(input, &manifest, detail)) {
        require(detail[0] != 0 && strlen(detail) < sizeof(detail));
        return;
    }
    require(radon_manifest_is_name(manifest.name) && manifest.sequence > 0 && manifest.payload.size > 0);
    check_texts(&manifest.io);
    check_texts(&manifest.send);
    check_texts(&manifest.request);
    check_texts(&manifest.aliases);
    check_texts(&manifest.require);
    check_texts(&manifest.avoid);
    check_resources(&manifest.resources);
    require(radon_manifest_block_bytes(&manifest, 0, 0) > 0);
}

static void fuzz_file(radon_bytes_t input)
{
    static const uint8_t key[RADON_ED25519_KEY_BYTES];
    radon_provisioning_t provisioning = {.key_count = 1,
                                         .keys = {{.key = key, .rights = RADON_RIGHT_DEPLOY}}};
    radon_cose_sign1_t sign1;
    radon_manifest_t manifest;
    radon_rejection_t rejection;
    if (radon_cose_parse(input, &sign1) == NULL) {
        memcpy(provisioning.keys[0].kid, sign1.kid, RADON_COSE_KID_BYTES);
    }
    require(!radon_admission_open(input, radon_bytes_text("rain"), &provisioning, &manifest, &rejection));
    uint8_t sentence[256];
    radon_sink_t sink;
    radon_sink_init(&sink, sentence, sizeof(sentence), 0);
    radon_problem_write_sentence(&sink, &rejection.report);
}

/** The input as the CBOR of a record with a good header. */
static void fuzz_record(radon_bytes_t input)
{
    uint8_t sector[512] = {'R', 'D', 'N', 'P'};
    const uint32_t length = (uint32_t)(input.len < sizeof(sector) - 12 ? input.len : sizeof(sector) - 12);
    const uint32_t crc = radon_crc32(input.data, length);
    memcpy(sector + 4, &length, sizeof(length));
    memcpy(sector + 8, &crc, sizeof(crc));
    memcpy(sector + 12, input.data, length);
    radon_provisioning_t provisioning;
    if (radon_provisioning_parse(radon_bytes(sector, sizeof(sector)), &provisioning) == RADON_OK) {
        require(provisioning.key_count <= RADON_PROVISIONING_KEYS &&
                radon_manifest_is_name(provisioning.name));
    }
    (void)radon_provisioning_parse(input, &provisioning);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    static void (*const targets[])(radon_bytes_t) = {fuzz_manifest, fuzz_file, fuzz_record};
    targets[data[0] % 3](radon_bytes(data + 1, size - 1));
    return 0;
}
