#include "radon/trust/admission.h"

/** Starts the report; always false, for `return refuse(...)`. Details are added before or after. */
static bool refuse(radon_rejection_t *rejection, radon_problem_t problem)
{
    rejection->report = radon_problem_report(problem);
    return false;
}

static bool refuse_texts(radon_rejection_t *rejection, radon_problem_t problem, radon_bytes_t need,
                         radon_bytes_t have)
{
    refuse(rejection, problem);
    radon_problem_add_text(&rejection->report, RADON_FIELD_NEED, need);
    radon_problem_add_text(&rejection->report, RADON_FIELD_HAVE, have);
    return false;
}

static bool refuse_numbers(radon_rejection_t *rejection, radon_problem_t problem, radon_field_t first,
                           uint64_t first_value, radon_field_t second, uint64_t second_value)
{
    refuse(rejection, problem);
    radon_problem_add_number(&rejection->report, first, (int64_t)first_value);
    radon_problem_add_number(&rejection->report, second, (int64_t)second_value);
    return false;
}

/** `detail` is a constant or rejection->text. */
static bool refuse_manifest(radon_rejection_t *rejection, const char *detail)
{
    refuse(rejection, RADON_PROBLEM_BAD_MANIFEST);
    radon_problem_add_text(&rejection->report, RADON_FIELD_DETAIL, radon_bytes_text(detail));
    return false;
}

/** With the key identifier in hexadecimal. */
static bool refuse_key(radon_rejection_t *rejection, radon_problem_t problem, const uint8_t *kid)
{
    radon_sink_t sink;
    radon_sink_init(&sink, (uint8_t *)rejection->text, sizeof(rejection->text), 0);
    radon_sink_hex(&sink, radon_bytes(kid, RADON_COSE_KID_BYTES));
    refuse(rejection, problem);
    radon_problem_add_text(&rejection->report, RADON_FIELD_KID, radon_sink_window(&sink));
    return false;
}

static bool may_deploy(const radon_trusted_key_t *key, radon_bytes_t name)
{
    return (key->rights & RADON_RIGHT_DEPLOY) != 0 && radon_bytes_start_with(name, key->prefix);
}

bool radon_admission_open(radon_bytes_t file, radon_bytes_t name, const radon_provisioning_t *provisioning,
                          radon_manifest_t *manifest, radon_rejection_t *rejection)
{
    radon_cose_sign1_t sign1;
    if (file.len > RADON_MAX_MANIFEST_BYTES) {
        return refuse_manifest(rejection, "more than 1024 bytes");
    }
    const char *wrong = radon_cose_parse(file, &sign1);
    if (wrong != NULL) {
        return refuse_manifest(rejection, wrong);
    }
    const radon_trusted_key_t *key = radon_provisioning_key(provisioning, sign1.kid);
    if (key == NULL) {
        return refuse_key(rejection, RADON_PROBLEM_UNKNOWN_KEY, sign1.kid);
    }
    if (!radon_cose_verify(&sign1, key->key)) {
        return refuse(rejection, RADON_PROBLEM_BAD_SIGNATURE);
    }
    if (!radon_manifest_parse(sign1.payload, manifest, rejection->text)) {
        return refuse_manifest(rejection, rejection->text);
    }
    if (!may_deploy(key, manifest->name)) {
        refuse_key(rejection, RADON_PROBLEM_KEY_RIGHTS, sign1.kid);
        radon_problem_add_text(&rejection->report, RADON_FIELD_RIGHT, radon_bytes_text("deploy"));
        radon_problem_add_text(&rejection->report, RADON_FIELD_NAME, manifest->name);
        return false;
    }
    if (!radon_bytes_equal(manifest->name, name)) {
        return refuse_texts(rejection, RADON_PROBLEM_NAME_MISMATCH, manifest->name, name);
    }
    return true;
}

/** Sequence, interface version, board, engine. */
static bool check_match(const radon_manifest_t *manifest, const radon_node_facts_t *facts,
                        radon_rejection_t *rejection)
{
    const bool newer = manifest->sequence > facts->sequence;
    if (!newer && !(manifest->sequence == facts->sequence && facts->identical)) {
        return refuse_numbers(rejection, RADON_PROBLEM_OLD_SEQUENCE, RADON_FIELD_SEQUENCE, manifest->sequence,
                              RADON_FIELD_HAVE, facts->sequence);
    }
    if (manifest->abi != facts->abi) {
        return refuse_numbers(rejection, RADON_PROBLEM_WRONG_ABI, RADON_FIELD_NEED, manifest->abi,
                              RADON_FIELD_HAVE, facts->abi);
    }
    if (!radon_bytes_equal_text(manifest->board, "any") &&
        !radon_bytes_equal(manifest->board, facts->board)) {
        return refuse_texts(rejection, RADON_PROBLEM_WRONG_BOARD, manifest->board, facts->board);
    }
    if (facts->engine.len > 0 && !radon_bytes_equal(manifest->payload.engine, facts->engine)) {
        return refuse_texts(rejection, RADON_PROBLEM_WRONG_ENGINE, manifest->payload.engine, facts->engine);
    }
    return true;
}

bool radon_admission_check(const radon_manifest_t *manifest, const radon_node_facts_t *facts,
                           radon_rejection_t *rejection)
{
    if (!check_match(manifest, facts, rejection)) {
        return false;
    }
    if (facts->full) {
        refuse(rejection, RADON_PROBLEM_TOO_MANY_ATOMS);
        radon_problem_add_number(&rejection->report, RADON_FIELD_HAVE, facts->atoms);
        return false;
    }
    if (facts->memory_need > facts->memory_free) {
        return refuse_numbers(rejection, RADON_PROBLEM_DOES_NOT_FIT, RADON_FIELD_NEED, facts->memory_need,
                              RADON_FIELD_FREE, facts->memory_free);
    }
    if (facts->flash_need > facts->flash_free) {
        return refuse_numbers(rejection, RADON_PROBLEM_NO_ROOM_IN_FLASH, RADON_FIELD_NEED, facts->flash_need,
                              RADON_FIELD_FREE, facts->flash_free);
    }
    return true;
}
