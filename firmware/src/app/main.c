/**
 * The node from start to idle. The thread level opens the stores, starts the atoms and then alternates
 * between system jobs and activations; the network task (src/app/network.c) interrupts it.
 */
#include "radon/app/deploy.h"
#include "radon/app/flash_care.h"
#include "radon/app/messenger.h"
#include "radon/app/network.h"
#include "radon/app/snapshots.h"
#include "radon/app/versions.h"
#include "radon/coap/numbers.h"

/** Where things are in flash: docs/reference/wire.md, "Flash map". */
static const uint32_t kv_sectors[2] = {1, 2};
static const uint32_t image_sectors[2] = {6, 7};
#define PROVISIONING_SECTOR 3U

#define UNPROVISIONED_PERIOD_US 2000000U

radon_node_t radon_node;

/* ---- Start ---- */

/** Stack in use: cheap enough for every turn. */
static void note_stack(void)
{
    uint32_t high_water = (uint32_t)radon_port_stack_high_water();
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_node.figures.stack_high_water = high_water;
    radon_node.figures.stack_total = (uint32_t)radon_port_stack_total();
    radon_port_ceiling_restore(ceiling);
}

/** Flash in use, which is a walk over the image log: only jobs change it. */
static void note_flash(void)
{
    radon_images_usage_t usage = radon_images_usage(&radon_node.images);
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_node.figures.flash = usage;
    radon_port_ceiling_restore(ceiling);
}

/** The observers of a path are owed its new representation. */
static void notify(void *context, radon_bytes_t path)
{
    (void)context;
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_coap_server_notify(&radon_node.server, path);
    radon_port_ceiling_restore(ceiling);
    radon_port_network_pend();
}

static bool is_provisioned(void)
{
    const radon_flash_t *flash = radon_port_flash();
    const radon_flash_sector_t *sector = &flash->sectors[PROVISIONING_SECTOR];
    radon_bytes_t bytes = radon_bytes(radon_flash_at(flash, sector->address), sector->size);
    return radon_provisioning_parse(bytes, &radon_node.provisioning) == RADON_OK;
}

/** Says what is wrong every two seconds, for ever; the watchdog is fed. */
static _Noreturn void wait_for_help(const char *text)
{
    for (;;) {
        uint64_t until_us = radon_port_now_us() + UNPROVISIONED_PERIOD_US;
        radon_network_diagnostic(text);
        while (radon_port_now_us() < until_us) {
            radon_port_progress(RADON_PROGRESS_THREAD);
            radon_port_idle(until_us);
        }
    }
}

static bool open_stores(void)
{
    const radon_flash_t *flash = radon_port_flash();
    return radon_kv_open(&radon_node.kv, flash, kv_sectors) == RADON_OK &&
           radon_images_open(&radon_node.images, flash, image_sectors) == RADON_OK;
}

static void start(void)
{
    uint32_t random;
    if (radon_port_entropy((uint8_t *)&random, sizeof random) != RADON_OK) {
        radon_port_diagnostic("no entropy: the node does not start");
        for (;;) {
            radon_port_progress(RADON_PROGRESS_THREAD);
            radon_port_idle(RADON_PORT_NEVER);
        }
    }
    radon_network_init(random);
    if (!is_provisioned()) {
        wait_for_help("no provisioning record: run radon flash");
    }
    if (!open_stores()) {
        wait_for_help("the flash fails: the node cannot start");
    }
    if (radon_runtime_init(&radon_node.runtime, &radon_node.kv, radon_port_pool()) != RADON_OK) {
        wait_for_help("the engine does not start");
    }
    radon_node.runtime.notify = notify;
    radon_node.runtime.messaging.node = radon_node.provisioning.name;
    radon_outbox_init(&radon_node.runtime.messaging.outbox, random);
    radon_messenger_init(radon_network_bridge());
}

/* ---- Jobs ---- */

static void run_on_atom(radon_job_t *job)
{
    radon_definition_t *definition = radon_runtime_find(&radon_node.runtime, radon_job_name(job));
    if (definition == NULL) {
        radon_result_problem(&job->result, RADON_PROBLEM_NO_SUCH_ATOM);
        radon_result_text(&job->result, RADON_FIELD_NAME, radon_job_name(job));
        return;
    }
    switch (job->kind) {
    case RADON_JOB_START:
        radon_versions_start(definition, &job->result);
        break;
    case RADON_JOB_STOP:
        radon_versions_stop(definition, &job->result);
        break;
    case RADON_JOB_RESTART:
        radon_versions_restart(definition, &job->result);
        break;
    case RADON_JOB_FREEZE:
        radon_snapshots_freeze(definition, &job->result);
        break;
    case RADON_JOB_THAW:
        radon_snapshots_thaw(definition, &job->result);
        break;
    case RADON_JOB_TAKE:
        radon_snapshots_take(definition, job);
        break;
    case RADON_JOB_RESTORE:
        radon_snapshots_put(definition, job);
        break;
    default:
        radon_deploy_delete(definition, &job->result);
        break;
    }
}

static void set_channel(radon_job_t *job)
{
    radon_result_code(&job->result, RADON_COAP_CHANGED);
    if (radon_channels_set(&radon_node.runtime.channels, job->channel, job->value) != RADON_OK) {
        radon_result_problem(&job->result, RADON_PROBLEM_BUSY);
        radon_result_text(&job->result, RADON_FIELD_DETAIL,
                          radon_bytes_text("a channel that does not answer"));
    }
}

static void run_job(radon_job_t *job)
{
    radon_bytes_t body = radon_bytes(NULL, 0);
    if (job->buffer >= 0) {
        body = radon_bytes(radon_job_buffer(&radon_node.jobs, job), job->length);
    }
    switch (job->kind) {
    case RADON_JOB_MANIFEST:
        radon_deploy_manifest(radon_job_name(job), body, &job->result);
        break;
    case RADON_JOB_BLOCK:
        radon_deploy_block(job, body, &job->result);
        break;
    case RADON_JOB_CHANNEL:
        set_channel(job);
        break;
    default:
        run_on_atom(job);
        break;
    }
}

/** Runs the oldest job; false when there is none. */
static bool run_next_job(void)
{
    radon_job_t *job = radon_jobs_next_queued(&radon_node.jobs);
    if (job == NULL) {
        return false;
    }
    uint64_t began_us = radon_port_now_us();
    run_job(job);
    if (job->kind != RADON_JOB_CHANNEL) {
        note_flash();
    }
    note_stack();
    radon_jobs_finish(&radon_node.jobs, job, (uint32_t)(radon_port_now_us() - began_us));
    return true;
}

/* ---- Atoms ---- */

/** Gives every atom a turn, starting with the one after the first of the last round. */
static bool run_round(void)
{
    bool any = false;
    radon_runtime_t *runtime = &radon_node.runtime;
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        radon_definition_t *definition = &runtime->definitions[(runtime->turn + i) % RADON_MAX_ATOMS];
        if (definition->used && radon_lifecycle_step(definition, radon_port_now_us())) {
            any = true;
            radon_port_progress(RADON_PROGRESS_THREAD);
        }
    }
    runtime->turn = (uint8_t)((runtime->turn + 1U) % RADON_MAX_ATOMS);
    return any;
}

/** When a restart was asked for, or 0. */
static uint64_t restart_at(void)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    uint64_t at_us = radon_node.restart_at_us;
    radon_port_ceiling_restore(ceiling);
    return at_us;
}

static uint64_t next_due(void)
{
    uint64_t due_us = radon_port_now_us() + RADON_PORT_PROGRESS_MS * 1000ULL;
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        const radon_definition_t *definition = &radon_node.runtime.definitions[i];
        uint64_t atom_us = definition->used ? radon_lifecycle_next_due(definition) : RADON_PORT_NEVER;
        due_us = atom_us < due_us ? atom_us : due_us;
    }
    uint64_t restart_us = restart_at();
    return restart_us != 0 && restart_us < due_us ? restart_us : due_us;
}

static void restart_when_asked(void)
{
    uint64_t at_us = restart_at();
    if (at_us != 0 && radon_port_now_us() >= at_us) {
        radon_port_reset(RADON_RESET_COMMAND);
    }
}

/** One turn of the thread level: a job, then an activation of each atom that has an event; sleeps without
 * either. */
static void turn(void)
{
    radon_port_progress(RADON_PROGRESS_THREAD);
    restart_when_asked();
    radon_snapshots_expire(radon_port_now_us());
    radon_channels_poll(&radon_node.runtime.channels);
    bool worked = run_next_job();
    worked |= run_round();
    if (!worked && !radon_flash_care_idle()) {
        note_stack();
        radon_port_idle(next_due());
    }
}

/** Also what the run before left to be told. */
static void log_start(void)
{
    radon_bytes_t source = radon_bytes_text("node");
    const char *note = radon_port_boot()->note;
    radon_runtime_log(&radon_node.runtime, RADON_LOG_INFO, source, "started", radon_node.provisioning.name);
    if (note[0] != 0) {
        radon_runtime_log(&radon_node.runtime, RADON_LOG_ERROR, source, note, radon_bytes(NULL, 0));
    }
}

void radon_main(void)
{
    start();
    radon_versions_boot(radon_port_boot()->safe_mode);
    note_flash();
    note_stack();
    log_start();
    radon_node.links_open = true;
    radon_port_network_pend();
    for (;;) {
        turn();
    }
}
