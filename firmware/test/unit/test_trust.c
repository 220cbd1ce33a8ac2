#include "check.h"
#include "radon/trust/admission.h"

#define VECTORS_MANIFESTS
#include "vectors.generated.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static radon_bytes_t view(vector_bytes_t bytes)
{
    return radon_bytes(bytes.data, bytes.len);
}

/** The keys of the vectors, as provisioned. */
static radon_provisioning_t trusted(void)
{
    radon_provisioning_t provisioning = {.key_count = COUNT(vector_keys)};
    for (size_t i = 0; i < COUNT(vector_keys); i++) {
        radon_trusted_key_t *key = &provisioning.keys[i];
        key->key = vector_keys[i].key.data;
        key->prefix = view(vector_keys[i].prefix);
        key->rights = vector_keys[i].rights;
        memcpy(key->kid, vector_keys[i].kid.data, sizeof(key->kid));
    }
    return provisioning;
}

TEST(signatures_of_rfc_8032)
{
    for (size_t i = 0; i < COUNT(vector_signatures); i++) {
        const vector_signature_t *vector = &vector_signatures[i];
        const radon_bytes_t pieces[] = {view(vector->message)};
        const bool valid = radon_ed25519_verify(vector->signature.data, vector->key.data, pieces, 1);
        if (valid != vector->valid) {
            check_fail(__FILE__, __LINE__, "%s", vector->name);
        }
    }
}

TEST(a_message_in_pieces_has_the_same_signature)
{
    const vector_signature_t *vector = &vector_signatures[2]; /* TEST 3: two bytes */
    const radon_bytes_t pieces[] = {radon_bytes(vector->message.data, 1), radon_bytes(NULL, 0),
                                    radon_bytes(vector->message.data + 1, 1)};
    CHECK(radon_ed25519_verify(vector->signature.data, vector->key.data, pieces, 3));
    CHECK(!radon_ed25519_verify(vector->signature.data, vector->key.data, pieces, 2));
}

TEST(sig_structure_of_the_cose_examples)
{
    for (size_t i = 0; i < COUNT(vector_sign1); i++) {
        const vector_sign1_t *vector = &vector_sign1[i];
        radon_cose_sign1_t sign1 = {
            .protected_header = view(vector->header),
            .payload = view(vector->payload),
            .signature = vector->signature.data,
        };
        CHECK(radon_cose_verify(&sign1, vector->key.data));
        sign1.payload.len--;
        CHECK(!radon_cose_verify(&sign1, vector->key.data));
    }
}

/** "NAME: detail", as far as it goes. */
static void describe(const radon_rejection_t *rejection, char *out, size_t size)
{
    radon_sink_t sink;
    radon_sink_init(&sink, (uint8_t *)out, size - 1, 0);
    radon_problem_write_sentence(&sink, &rejection->report);
    out[radon_sink_window(&sink).len] = 0;
}

enum { OVERHEAD = 400, INSTANCE_OVERHEAD = 560 };

/** Both steps, as a node makes them; RADON_PROBLEM_COUNT when it takes the manifest. */
static radon_problem_t admit(const vector_manifest_t *vector, radon_manifest_t *manifest, char *sentence,
                             size_t size)
{
    const radon_provisioning_t provisioning = trusted();
    const radon_node_facts_t facts = {
        .abi = RADON_ABI_VERSION,
        .board = view(vector->board),
        .engine = view(vector->engine),
        .sequence = vector->sequence,
        .identical = vector->identical,
        .full = vector->full,
        .atoms = 16,
        .memory_need = vector->memory_need,
        .memory_free = vector->memory_free,
        .flash_need = vector->flash_need,
        .flash_free = vector->flash_free,
    };
    radon_rejection_t rejection;
    sentence[0] = 0;
    if (radon_admission_open(view(vector->file), view(vector->path), &provisioning, manifest, &rejection) &&
        radon_admission_check(manifest, &facts, &rejection)) {
        return RADON_PROBLEM_COUNT;
    }
    describe(&rejection, sentence, size);
    return rejection.report.problem;
}

TEST(manifests_are_taken_or_refused_for_the_right_reason)
{
    for (size_t i = 0; i < COUNT(vector_manifests); i++) {
        const vector_manifest_t *vector = &vector_manifests[i];
        radon_manifest_t manifest;
        char sentence[200];
        const radon_problem_t problem = admit(vector, &manifest, sentence, sizeof(sentence));
        if (problem != vector->problem || strstr(sentence, vector->field) == NULL) {
            check_fail(__FILE__, __LINE__, "%s: problem %d, expected %d with \"%s\": %s", vector->name,
                       problem, vector->problem, vector->field, sentence);
        }
        if (vector->block != 0) {
            uint64_t overhead = OVERHEAD + manifest.limits.instances * INSTANCE_OVERHEAD;
            CHECK_EQ(radon_manifest_block_bytes(&manifest, OVERHEAD, INSTANCE_OVERHEAD),
                     vector->block + overhead);
        }
    }
}

static const vector_manifest_t *named(const char *name)
{
    size_t i = 0;
    while (strcmp(vector_manifests[i].name, name) != 0) {
        i++;
    }
    return &vector_manifests[i];
}

/** Sentence of a refused vector. */
static const char *sentence_of(const char *name)
{
    static char sentence[200];
    radon_manifest_t manifest;
    (void)admit(named(name), &manifest, sentence, sizeof(sentence));
    return sentence;
}

TEST(refusals_say_what_is_wrong)
{
    CHECK_STR(sentence_of("memory 65537"),
              "The manifest is not valid: configuration.limits.memory is outside 64..65536.");
    CHECK_STR(sentence_of("no inbox.bytes"),
              "The manifest is not valid: configuration.limits.inbox.bytes is missing.");
    CHECK_STR(sentence_of("an unknown key"), "The manifest is not valid: 199 is not known.");
    CHECK_STR(sentence_of("a path of 65 bytes"),
              "The manifest is not valid: configuration.resources[1].path is longer than 64 bytes.");
    CHECK_STR(sentence_of("keys in another order"),
              "The manifest is not valid: the manifest has keys that are not unique and ascending.");
    CHECK_STR(sentence_of("another kind"),
              "The manifest is not valid: configuration.kind is not daemon or reactive.");
    CHECK_STR(sentence_of("another algorithm"),
              "The manifest is not valid: the algorithm is not Ed25519 (-19).");
    CHECK_STR(sentence_of("key without the right to deploy"),
              "Key 6c8f8607dbe87077 lacks the right deploy for rain.");
    CHECK_STR(sentence_of("an older sequence"), "Sequence 5 is not newer than 6.");
    CHECK_STR(sentence_of("another board"), "Built for board nucleo; this is netduinoplus2.");
    CHECK_STR(sentence_of("one byte of RAM too few"), "Needs 12001 bytes, 12000 are free.");
    CHECK_STR(sentence_of("one byte of flash too few"), "Needs 101 bytes of flash, 100 are free.");
    CHECK_STR(sentence_of("another name than the path"), "The manifest names rain, the path rainy.");
}

static bool lies_in(radon_bytes_t part, vector_bytes_t whole)
{
    return part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

TEST(a_parsed_manifest_points_into_its_bytes)
{
    const vector_manifest_t *vector = named("every optional member");
    radon_manifest_t manifest;
    char sentence[200];
    REQUIRE(admit(vector, &manifest, sentence, sizeof(sentence)) == RADON_PROBLEM_COUNT);
    CHECK(radon_bytes_equal_text(manifest.name, "rain"));
    CHECK(radon_bytes_equal_text(manifest.version, "1.2.3"));
    CHECK(radon_bytes_equal_text(manifest.board, "any"));
    CHECK(radon_bytes_equal_text(manifest.payload.engine, "0123abcd"));
    CHECK(lies_in(manifest.name, vector->file) && lies_in(manifest.resources.encoded, vector->file));
    CHECK_EQ(manifest.sequence, 5);
    CHECK(manifest.reactive);
    CHECK_EQ(manifest.policy, RADON_POLICY_ON_DEMAND_EXPIRE);
    CHECK_EQ(manifest.recovery, RADON_RECOVERY_ESCALATE);
    CHECK_EQ(manifest.limits.instances, 3);
    CHECK_EQ(manifest.limits.idle_ms, 500);
    CHECK_EQ(manifest.limits.max_events, 10);
    CHECK_EQ(manifest.limits.inbox_create_after_ms, 250);
    CHECK_EQ(manifest.limits.max_restarts, 0);
    CHECK_EQ(manifest.limits.window_ms, 1000);
    CHECK_EQ(manifest.limits.memory, 2048);
    CHECK_EQ(manifest.limits.inbox_wait_ms, 5000);
    CHECK_EQ(manifest.payload.size, 8);
    CHECK_EQ(manifest.payload.load, 6000);
}

static void check_texts(const radon_manifest_array_t *array, const char *first, const char *second)
{
    const char *const expected[] = {first, second};
    radon_manifest_list_t list;
    radon_bytes_t text;
    uint32_t count = 0;
    radon_manifest_list(&list, array);
    while (radon_manifest_next_text(&list, &text)) {
        REQUIRE(count < 2 && expected[count] != NULL);
        CHECK(radon_bytes_equal_text(text, expected[count]));
        count++;
    }
    CHECK_EQ(count, array->count);
    CHECK_EQ(count, (first != NULL) + (second != NULL));
}

TEST(lists_are_read_from_their_bytes)
{
    radon_manifest_t manifest;
    char sentence[200];
    (void)admit(named("every optional member"), &manifest, sentence, sizeof(sentence));
    check_texts(&manifest.io, "rain0", "led0");
    check_texts(&manifest.send, "flood", "alarm~1");
    check_texts(&manifest.request, "/a/flood", NULL);
    check_texts(&manifest.aliases, "gauges", NULL);
    check_texts(&manifest.require, "rain-gauge", NULL);
    check_texts(&manifest.avoid, NULL, NULL);
    (void)admit(named("smallest manifest"), &manifest, sentence, sizeof(sentence));
    check_texts(&manifest.io, NULL, NULL);
}

TEST(resources_are_read_from_their_bytes)
{
    radon_manifest_t manifest;
    radon_manifest_resource_t resource;
    radon_manifest_list_t list;
    char sentence[200];
    (void)admit(named("every optional member"), &manifest, sentence, sizeof(sentence));
    CHECK_EQ(manifest.resources.count, 2);
    radon_manifest_list(&list, &manifest.resources);
    REQUIRE(radon_manifest_next_resource(&list, &resource));
    CHECK(radon_bytes_equal_text(resource.path, "level"));
    CHECK(radon_bytes_equal_text(resource.rt, "rainfall"));
    CHECK(radon_bytes_equal_text(resource.interface, "sensor"));
    CHECK(radon_bytes_equal_text(resource.title, "Rain today"));
    CHECK(resource.observable);
    CHECK_EQ(resource.ct_count, 2);
    CHECK_EQ(resource.ct[0], 112);
    CHECK_EQ(resource.ct[1], 0);
    REQUIRE(radon_manifest_next_resource(&list, &resource));
    CHECK(radon_bytes_equal_text(resource.path, "a/b"));
    CHECK(!resource.observable && resource.rt.len == 0 && resource.ct_count == 0);
    CHECK(!radon_manifest_next_resource(&list, &resource));
}

TEST(provisioning_records_are_valid_or_not_there)
{
    for (size_t i = 0; i < COUNT(vector_records); i++) {
        radon_provisioning_t provisioning;
        const vector_record_t *vector = &vector_records[i];
        const bool valid = radon_provisioning_parse(view(vector->sector), &provisioning) == RADON_OK;
        if (valid != vector->valid) {
            check_fail(__FILE__, __LINE__, "%s", vector->name);
        }
    }
}

TEST(a_provisioning_record_says_who_and_whom_to_trust)
{
    static const uint8_t id[] = {1, 2, 3, 4, 5, 6, 7, 8};
    radon_provisioning_t provisioning;
    REQUIRE(radon_provisioning_parse(view(vector_records[0].sector), &provisioning) == RADON_OK);
    CHECK_BYTES(provisioning.id, 8, id, 8);
    CHECK(radon_bytes_equal_text(provisioning.name, "gauge-1"));
    CHECK(radon_bytes_equal_text(provisioning.board, "netduinoplus2"));
    REQUIRE(provisioning.key_count == COUNT(vector_keys));
    for (size_t i = 0; i < COUNT(vector_keys); i++) {
        const radon_trusted_key_t *key = radon_provisioning_key(&provisioning, vector_keys[i].kid.data);
        REQUIRE(key != NULL);
        CHECK_BYTES(key->key, 32, vector_keys[i].key.data, 32);
        CHECK(radon_bytes_equal(key->prefix, view(vector_keys[i].prefix)));
        CHECK_EQ(key->rights, vector_keys[i].rights);
    }
    CHECK(radon_provisioning_key(&provisioning, id) == NULL);
}

int main(void)
{
    RUN(signatures_of_rfc_8032);
    RUN(a_message_in_pieces_has_the_same_signature);
    RUN(sig_structure_of_the_cose_examples);
    RUN(manifests_are_taken_or_refused_for_the_right_reason);
    RUN(refusals_say_what_is_wrong);
    RUN(a_parsed_manifest_points_into_its_bytes);
    RUN(lists_are_read_from_their_bytes);
    RUN(resources_are_read_from_their_bytes);
    RUN(provisioning_records_are_valid_or_not_there);
    RUN(a_provisioning_record_says_who_and_whom_to_trust);
    return check_summary();
}
