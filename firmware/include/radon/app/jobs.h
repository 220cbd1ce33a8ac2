/**
 * System jobs: work that the network task must not do itself (flash, signatures, the engine, channels). It
 * queues a job, the thread level runs it between activations, and the network task answers with its result.
 *
 * A job belongs to one level at a time, as its state says; only `state` is read by both. The network level
 * adds and frees, the thread level runs. Jobs run in the order they were added.
 */
#ifndef RADON_APP_JOBS_H
#define RADON_APP_JOBS_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"
#include "radon/base/problem.h"
#include "radon/runtime/clock.h"

/** Jobs at once. */
#define RADON_JOBS_MAX 6U

/** Buffers for bodies: one is written to flash while the next block comes in. */
#define RADON_JOB_BUFFERS 2U
#define RADON_JOB_BUFFER_BYTES 1024U

/** Room for texts that fill the sentence of a problem. */
#define RADON_JOB_TEXT_BYTES 96U

typedef enum {
    RADON_JOB_FREE,
    RADON_JOB_RECEIVING, /**< network: blocks of a manifest come in */
    RADON_JOB_QUEUED,    /**< thread: to be run */
    RADON_JOB_DONE,      /**< network: the result is to be sent */
} radon_job_state_t;

typedef enum {
    RADON_JOB_MANIFEST,
    RADON_JOB_BLOCK,
    RADON_JOB_START,
    RADON_JOB_STOP,
    RADON_JOB_RESTART,
    RADON_JOB_DELETE,
    RADON_JOB_CHANNEL,
    RADON_JOB_FREEZE,
    RADON_JOB_THAW,
    RADON_JOB_TAKE,    /**< a block of a snapshot */
    RADON_JOB_RESTORE, /**< a block of a snapshot that comes in */
} radon_job_kind_t;

/** What the answer says. */
typedef enum {
    RADON_RESULT_CODE,    /**< `code` and no body */
    RADON_RESULT_MISSING, /**< `code`, {missing: [...]} with `digest`, `size` and `have`; empty when size is 0
                           */
    RADON_RESULT_PROBLEM, /**< `problem` with `details` */
    RADON_RESULT_BODY,    /**< 2.05 with `body`, CBOR in the buffer of the job */
} radon_result_kind_t;

/** One detail of a problem: texts are copied into the result. */
typedef struct {
    radon_field_t field;
    bool is_text;
    uint8_t offset; /**< of the text */
    uint8_t length;
    int64_t number;
} radon_job_detail_t;

typedef struct {
    radon_result_kind_t kind;
    uint8_t code;
    radon_problem_t problem;
    uint8_t detail_count;
    uint8_t text_length;
    radon_job_detail_t details[RADON_PROBLEM_DETAILS_MAX];
    char text[RADON_JOB_TEXT_BYTES];
    uint8_t digest[32];
    uint32_t size;
    uint32_t have;
    radon_sink_t body;
} radon_job_result_t;

typedef struct {
    volatile radon_job_state_t state;
    radon_job_kind_t kind;
    uint32_t order;
    uint32_t exchange;  /**< radon_coap_exchange_t */
    uint32_t sender;    /**< while RECEIVING */
    radon_tick_t since; /**< of the last block, while RECEIVING */
    uint8_t name_length;
    char name[RADON_MAX_NAME_BYTES];
    uint8_t digest[32];
    uint32_t offset;
    uint32_t total; /**< bytes of all blocks, 0 where unknown */
    bool last;
    int8_t buffer; /**< index, or -1 */
    uint16_t length;
    uint8_t channel;
    double value;
    radon_job_result_t result;
} radon_job_t;

typedef struct {
    radon_job_t jobs[RADON_JOBS_MAX];
    bool taken[RADON_JOB_BUFFERS];
    uint32_t order;
    uint32_t count;  /**< jobs run since start */
    uint32_t max_us; /**< longest one */
    uint8_t buffers[RADON_JOB_BUFFERS][RADON_JOB_BUFFER_BYTES];
} radon_jobs_t;

/* ---- Network level ---- */

/** A free job in the network level's hands (state RECEIVING until it is queued), or NULL when all are in use.
 */
radon_job_t *radon_jobs_reserve(radon_jobs_t *jobs, radon_job_kind_t kind, bool with_buffer);

/** The manifest whose blocks this sender sends to `name`, or NULL. */
radon_job_t *radon_jobs_find_receiving(radon_jobs_t *jobs, uint32_t sender, radon_bytes_t name);

/** Hands a reserved job to the thread level. */
void radon_jobs_queue(radon_jobs_t *jobs, radon_job_t *job);

/** The next finished job, or NULL. Free it once its answer is sent. */
radon_job_t *radon_jobs_next_done(radon_jobs_t *jobs);
void radon_jobs_free(radon_jobs_t *jobs, radon_job_t *job);

/** Frees jobs whose next block did not come within `limit_ms`. */
void radon_jobs_expire(radon_jobs_t *jobs, uint64_t now_us, uint32_t limit_ms);

/* ---- Thread level ---- */

/** The oldest queued job, or NULL. */
radon_job_t *radon_jobs_next_queued(radon_jobs_t *jobs);

/** Gives a job back with its result and wakes the network task. `spent_us`: how long it ran. */
void radon_jobs_finish(radon_jobs_t *jobs, radon_job_t *job, uint32_t spent_us);

/* ---- Either ---- */

radon_bytes_t radon_job_name(const radon_job_t *job);
uint8_t *radon_job_buffer(radon_jobs_t *jobs, const radon_job_t *job);

void radon_result_code(radon_job_result_t *result, uint8_t code);
/** Starts a problem, and adds details; texts that do not fit are cut. */
void radon_result_problem(radon_job_result_t *result, radon_problem_t problem);
void radon_result_text(radon_job_result_t *result, radon_field_t field, radon_bytes_t text);
void radon_result_number(radon_job_result_t *result, radon_field_t field, int64_t number);

/** Copies a report, texts included. */
void radon_result_report(radon_job_result_t *result, const radon_problem_report_t *report);

/** The problem of a result as a report; it borrows from `result`. */
radon_problem_report_t radon_result_to_report(const radon_job_result_t *result);

#endif
