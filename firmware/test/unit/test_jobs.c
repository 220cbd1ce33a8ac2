#include "check.h"
#include "port_fake.h"

#include "radon/app/jobs.h"

static radon_jobs_t jobs;

static void reset(void)
{
    port_fake_reset();
    memset(&jobs, 0, sizeof jobs);
}

TEST(jobs_run_in_the_order_they_were_queued)
{
    reset();
    radon_job_t *a = radon_jobs_reserve(&jobs, RADON_JOB_STOP, false);
    radon_job_t *b = radon_jobs_reserve(&jobs, RADON_JOB_START, false);
    radon_jobs_queue(&jobs, b);
    radon_jobs_queue(&jobs, a);
    CHECK(radon_jobs_next_queued(&jobs) == b);
    radon_jobs_finish(&jobs, b, 1500);
    CHECK(radon_jobs_next_queued(&jobs) == a);
    CHECK(radon_jobs_next_done(&jobs) == b);
    CHECK_EQ(jobs.count, 1);
    CHECK_EQ(jobs.max_us, 1500);
    CHECK_EQ(port_fake.thread_wakes, 2);
    CHECK_EQ(port_fake.network_pends, 1);
}

TEST(a_full_queue_refuses)
{
    reset();
    for (uint32_t i = 0; i < RADON_JOBS_MAX; i++) {
        CHECK(radon_jobs_reserve(&jobs, RADON_JOB_STOP, false) != NULL);
    }
    CHECK(radon_jobs_reserve(&jobs, RADON_JOB_STOP, false) == NULL);
}

TEST(bodies_wait_for_a_buffer)
{
    reset();
    radon_job_t *a = radon_jobs_reserve(&jobs, RADON_JOB_BLOCK, true);
    radon_job_t *b = radon_jobs_reserve(&jobs, RADON_JOB_BLOCK, true);
    REQUIRE(a != NULL && b != NULL);
    CHECK(radon_job_buffer(&jobs, a) != radon_job_buffer(&jobs, b));
    CHECK(radon_jobs_reserve(&jobs, RADON_JOB_BLOCK, true) == NULL);
    CHECK(radon_jobs_reserve(&jobs, RADON_JOB_STOP, false) != NULL);
    radon_jobs_free(&jobs, a);
    CHECK(radon_jobs_reserve(&jobs, RADON_JOB_BLOCK, true) != NULL);
}

TEST(a_manifest_whose_blocks_stop_coming_is_forgotten)
{
    reset();
    radon_job_t *job = radon_jobs_reserve(&jobs, RADON_JOB_MANIFEST, true);
    job->sender = 9;
    job->name_length = 4;
    memcpy(job->name, "rain", 4);
    job->since = radon_tick_at(1000000);
    CHECK(radon_jobs_find_receiving(&jobs, 9, radon_bytes_text("rain")) == job);
    CHECK(radon_jobs_find_receiving(&jobs, 8, radon_bytes_text("rain")) == NULL);
    radon_jobs_expire(&jobs, 5000000, 10000);
    CHECK(radon_jobs_find_receiving(&jobs, 9, radon_bytes_text("rain")) == job);
    radon_jobs_expire(&jobs, 12000000, 10000);
    CHECK(radon_jobs_find_receiving(&jobs, 9, radon_bytes_text("rain")) == NULL);
}

TEST(a_result_keeps_copies_of_the_texts_of_a_problem)
{
    radon_job_result_t result;
    char name[8] = "rain";
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_DOES_NOT_FIT);
    radon_problem_add_text(&report, RADON_FIELD_NAME, radon_bytes_text(name));
    radon_problem_add_number(&report, RADON_FIELD_NEED, 6144);
    radon_result_report(&result, &report);
    memset(name, 'x', sizeof name);
    radon_problem_report_t copy = radon_result_to_report(&result);
    CHECK_EQ(copy.problem, RADON_PROBLEM_DOES_NOT_FIT);
    CHECK_EQ(copy.count, 2);
    CHECK(radon_bytes_equal_text(copy.details[0].text, "rain"));
    CHECK_EQ(copy.details[1].number, 6144);
}

TEST(texts_that_do_not_fit_a_result_are_cut)
{
    radon_job_result_t result;
    char text[200];
    memset(text, 'a', sizeof text);
    radon_result_problem(&result, RADON_PROBLEM_BAD_MANIFEST);
    radon_result_text(&result, RADON_FIELD_DETAIL, radon_bytes(text, sizeof text));
    radon_result_text(&result, RADON_FIELD_NAME, radon_bytes(text, 3));
    CHECK_EQ(result.details[0].length, RADON_JOB_TEXT_BYTES);
    CHECK_EQ(result.details[1].length, 0);
}

int main(void)
{
    RUN(jobs_run_in_the_order_they_were_queued);
    RUN(a_full_queue_refuses);
    RUN(bodies_wait_for_a_buffer);
    RUN(a_manifest_whose_blocks_stop_coming_is_forgotten);
    RUN(a_result_keeps_copies_of_the_texts_of_a_problem);
    RUN(texts_that_do_not_fit_a_result_are_cut);
    return check_summary();
}
