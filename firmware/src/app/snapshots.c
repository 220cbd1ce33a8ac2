#include "radon/app/snapshots.h"

#include "radon/app/versions.h"
#include "radon/coap/numbers.h"
#include "radon/port.h"
#include "radon/runtime/capture.h"
#include "radon/runtime/freeze.h"

#define NODE (&radon_node)
#define RUNTIME (&radon_node.runtime)

/** A block has to follow the one before within this time. */
#define BLOCK_WAIT_US 10000000U

/** The document that comes in, in a block of the atom pool. One at a time. */
static struct {
    uint8_t *bytes; /**< NULL: none */
    uint32_t size;
    uint32_t have;
    uint32_t sender;
    const radon_definition_t *definition;
    uint64_t since_us; /**< of the last block */
} incoming;

/* ---- Freeze and thaw ---- */

static void result_wrong_phase(radon_job_result_t *result, const radon_definition_t *definition,
                               const char *need)
{
    radon_result_problem(result, RADON_PROBLEM_WRONG_PHASE);
    radon_result_text(result, RADON_FIELD_NAME, radon_definition_name(definition));
    radon_result_text(result, RADON_FIELD_PHASE, radon_bytes_text(radon_definition_phase(definition)));
    radon_result_text(result, RADON_FIELD_NEED, radon_bytes_text(need));
}

void radon_snapshots_freeze(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_result_code(result, RADON_COAP_CHANGED);
    if (radon_freeze(definition) != RADON_OK) {
        result_wrong_phase(result, definition, "one SUSPENDED instance");
    }
}

void radon_snapshots_thaw(radon_definition_t *definition, radon_job_result_t *result)
{
    radon_result_code(result, RADON_COAP_CHANGED);
    if (radon_thaw(definition) != RADON_OK) {
        result_wrong_phase(result, definition, "FROZEN");
    }
}

/* ---- Taking ---- */

void radon_snapshots_take(radon_definition_t *definition, radon_job_t *job)
{
    radon_actor_t *actor = radon_frozen(definition->atom);
    if (actor == NULL) {
        result_wrong_phase(&job->result, definition, "FROZEN");
        return;
    }
    job->result.kind = RADON_RESULT_BODY;
    radon_sink_init(&job->result.body, radon_job_buffer(&NODE->jobs, job), RADON_JOB_BUFFER_BYTES,
                    job->offset);
    radon_capture(actor, &job->result.body);
}

/* ---- Gathering ---- */

static void forget_incoming(void)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_pool_free(&RUNTIME->pool, incoming.bytes);
    radon_port_ceiling_restore(ceiling);
    incoming.bytes = NULL;
}

void radon_snapshots_expire(uint64_t now_us)
{
    if (incoming.bytes != NULL && now_us - incoming.since_us >= BLOCK_WAIT_US) {
        forget_incoming();
    }
}

/** The first of several blocks takes the room for all. */
static bool begin_incoming(const radon_definition_t *definition, radon_job_t *job)
{
    if (incoming.bytes != NULL && incoming.sender != job->sender) {
        radon_result_problem(&job->result, RADON_PROBLEM_BUSY);
        radon_result_text(&job->result, RADON_FIELD_DETAIL, radon_bytes_text("another snapshot"));
        return false;
    }
    forget_incoming();
    if (job->total == 0) {
        radon_result_problem(&job->result, RADON_PROBLEM_BAD_CONTENT);
        radon_result_text(&job->result, RADON_FIELD_DETAIL,
                          radon_bytes_text("several blocks need their length in Size1"));
        return false;
    }
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    incoming.bytes = radon_pool_alloc(&RUNTIME->pool, job->total);
    radon_port_ceiling_restore(ceiling);
    if (incoming.bytes == NULL) {
        radon_result_problem(&job->result, RADON_PROBLEM_DOES_NOT_FIT);
        radon_result_number(&job->result, RADON_FIELD_NEED, job->total);
        radon_result_number(&job->result, RADON_FIELD_FREE, radon_pool_largest(&RUNTIME->pool));
        return false;
    }
    incoming.size = job->total;
    incoming.have = 0;
    incoming.sender = job->sender;
    incoming.definition = definition;
    return true;
}

/** Puts a block behind the ones before; false when one is missing. */
static bool add_block(const radon_definition_t *definition, const radon_job_t *job, radon_bytes_t bytes)
{
    bool belongs =
        incoming.bytes != NULL && incoming.sender == job->sender && incoming.definition == definition;
    if (!belongs || job->offset != incoming.have || bytes.len > incoming.size - incoming.have) {
        return false;
    }
    memcpy(incoming.bytes + incoming.have, bytes.data, bytes.len);
    incoming.have += (uint32_t)bytes.len;
    incoming.since_us = radon_port_now_us();
    return true;
}

static void put_block(radon_definition_t *definition, radon_job_t *job, radon_bytes_t bytes)
{
    if (job->offset == 0 && !begin_incoming(definition, job)) {
        return;
    }
    if (!add_block(definition, job, bytes)) {
        radon_result_code(&job->result, RADON_COAP_REQUEST_ENTITY_INCOMPLETE);
    } else if (!job->last) {
        radon_result_code(&job->result, RADON_COAP_CONTINUE);
    } else {
        radon_versions_restore(definition, radon_bytes(incoming.bytes, incoming.have), &job->result);
        forget_incoming();
    }
}

void radon_snapshots_put(radon_definition_t *definition, radon_job_t *job)
{
    radon_bytes_t bytes = radon_bytes(radon_job_buffer(&NODE->jobs, job), job->length);
    if (job->offset == 0 && job->last) {
        radon_versions_restore(definition, bytes, &job->result);
    } else {
        put_block(definition, job, bytes);
    }
}
