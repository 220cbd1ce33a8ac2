#include "radon/app/jobs.h"

#include "radon/port.h"

/* ---- Network level ---- */

static int8_t take_buffer(radon_jobs_t *jobs)
{
    for (uint32_t i = 0; i < RADON_JOB_BUFFERS; i++) {
        if (!jobs->taken[i]) {
            jobs->taken[i] = true;
            return (int8_t)i;
        }
    }
    return -1;
}

static radon_job_t *find_free(radon_jobs_t *jobs)
{
    for (uint32_t i = 0; i < RADON_JOBS_MAX; i++) {
        if (jobs->jobs[i].state == RADON_JOB_FREE) {
            return &jobs->jobs[i];
        }
    }
    return NULL;
}

radon_job_t *radon_jobs_reserve(radon_jobs_t *jobs, radon_job_kind_t kind, bool with_buffer)
{
    radon_job_t *job = find_free(jobs);
    int8_t buffer = job != NULL && with_buffer ? take_buffer(jobs) : -1;
    if (job == NULL || (with_buffer && buffer < 0)) {
        return NULL;
    }
    memset(job, 0, sizeof *job);
    job->kind = kind;
    job->buffer = buffer;
    job->state = RADON_JOB_RECEIVING;
    return job;
}

radon_job_t *radon_jobs_find_receiving(radon_jobs_t *jobs, uint32_t sender, radon_bytes_t name)
{
    for (uint32_t i = 0; i < RADON_JOBS_MAX; i++) {
        radon_job_t *job = &jobs->jobs[i];
        if (job->state == RADON_JOB_RECEIVING && job->sender == sender &&
            radon_bytes_equal(radon_job_name(job), name)) {
            return job;
        }
    }
    return NULL;
}

void radon_jobs_queue(radon_jobs_t *jobs, radon_job_t *job)
{
    job->order = jobs->order++;
    job->state = RADON_JOB_QUEUED;
    radon_port_thread_wake();
}

radon_job_t *radon_jobs_next_done(radon_jobs_t *jobs)
{
    for (uint32_t i = 0; i < RADON_JOBS_MAX; i++) {
        if (jobs->jobs[i].state == RADON_JOB_DONE) {
            return &jobs->jobs[i];
        }
    }
    return NULL;
}

void radon_jobs_free(radon_jobs_t *jobs, radon_job_t *job)
{
    if (job->buffer >= 0) {
        jobs->taken[job->buffer] = false;
    }
    job->state = RADON_JOB_FREE;
}

void radon_jobs_expire(radon_jobs_t *jobs, uint64_t now_us, uint32_t limit_ms)
{
    for (uint32_t i = 0; i < RADON_JOBS_MAX; i++) {
        radon_job_t *job = &jobs->jobs[i];
        radon_tick_t limit = job->since + radon_tick_from_ms(limit_ms);
        if (job->state == RADON_JOB_RECEIVING && radon_tick_passed(radon_tick_at(now_us), limit)) {
            radon_jobs_free(jobs, job);
        }
    }
}

/* ---- Thread level ---- */

radon_job_t *radon_jobs_next_queued(radon_jobs_t *jobs)
{
    radon_job_t *oldest = NULL;
    for (uint32_t i = 0; i < RADON_JOBS_MAX; i++) {
        radon_job_t *job = &jobs->jobs[i];
        if (job->state == RADON_JOB_QUEUED && (oldest == NULL || (int32_t)(job->order - oldest->order) < 0)) {
            oldest = job;
        }
    }
    return oldest;
}

void radon_jobs_finish(radon_jobs_t *jobs, radon_job_t *job, uint32_t spent_us)
{
    jobs->count++;
    jobs->max_us = spent_us > jobs->max_us ? spent_us : jobs->max_us;
    job->state = RADON_JOB_DONE;
    radon_port_network_pend();
}

/* ---- Either ---- */

radon_bytes_t radon_job_name(const radon_job_t *job)
{
    return radon_bytes(job->name, job->name_length);
}

uint8_t *radon_job_buffer(radon_jobs_t *jobs, const radon_job_t *job)
{
    return jobs->buffers[job->buffer];
}

void radon_result_code(radon_job_result_t *result, uint8_t code)
{
    result->kind = RADON_RESULT_CODE;
    result->code = code;
}

void radon_result_problem(radon_job_result_t *result, radon_problem_t problem)
{
    result->kind = RADON_RESULT_PROBLEM;
    result->problem = problem;
    result->detail_count = 0;
    result->text_length = 0;
}

void radon_result_text(radon_job_result_t *result, radon_field_t field, radon_bytes_t text)
{
    if (result->detail_count == RADON_PROBLEM_DETAILS_MAX) {
        return;
    }
    size_t room = RADON_JOB_TEXT_BYTES - result->text_length;
    size_t length = text.len < room ? text.len : room;
    memcpy(result->text + result->text_length, text.data, length);
    result->details[result->detail_count++] = (radon_job_detail_t){
        .field = field, .is_text = true, .offset = result->text_length, .length = (uint8_t)length};
    result->text_length = (uint8_t)(result->text_length + length);
}

void radon_result_number(radon_job_result_t *result, radon_field_t field, int64_t number)
{
    if (result->detail_count < RADON_PROBLEM_DETAILS_MAX) {
        result->details[result->detail_count++] = (radon_job_detail_t){.field = field, .number = number};
    }
}

void radon_result_report(radon_job_result_t *result, const radon_problem_report_t *report)
{
    radon_result_problem(result, report->problem);
    for (uint8_t i = 0; i < report->count; i++) {
        const radon_problem_detail_t *detail = &report->details[i];
        if (detail->text.data != NULL) {
            radon_result_text(result, detail->field, detail->text);
        } else {
            radon_result_number(result, detail->field, detail->number);
        }
    }
}

radon_problem_report_t radon_result_to_report(const radon_job_result_t *result)
{
    radon_problem_report_t report = radon_problem_report(result->problem);
    for (uint8_t i = 0; i < result->detail_count; i++) {
        const radon_job_detail_t *detail = &result->details[i];
        if (detail->is_text) {
            radon_problem_add_text(&report, detail->field,
                                   radon_bytes(result->text + detail->offset, detail->length));
        } else {
            radon_problem_add_number(&report, detail->field, detail->number);
        }
    }
    return report;
}
