/** /node: what the node is, has and counted; restart. */
#include "radon/app/network.h"
#include "radon/app/resources.h"
#include "radon/runtime/atom.h"

/** From an accepted restart to the restart: time for the answer to leave. */
#define RESTART_DELAY_US 200000U

static void write_usage(radon_document_t *doc, uint32_t used, uint32_t total)
{
    radon_document_field_uint(doc, RADON_FIELD_USED, used);
    radon_document_field_uint(doc, RADON_FIELD_FREE, total - used);
    radon_document_field_uint(doc, RADON_FIELD_TOTAL, total);
}

static void write_ram(radon_document_t *doc)
{
    const radon_pool_t *pool = &radon_node.runtime.pool;
    radon_document_field(doc, RADON_FIELD_RAM);
    radon_document_map(doc, 4);
    write_usage(doc, radon_pool_used(pool), pool->size);
    radon_document_field_uint(doc, RADON_FIELD_LARGEST, radon_pool_largest(pool));
    radon_document_end(doc);
}

static void write_flash(radon_document_t *doc)
{
    const radon_images_usage_t *usage = &radon_node.figures.flash;
    radon_document_field(doc, RADON_FIELD_FLASH);
    radon_document_map(doc, 3);
    write_usage(doc, usage->used, usage->total);
    radon_document_end(doc);
}

static void write_stack(radon_document_t *doc)
{
    radon_document_field(doc, RADON_FIELD_STACK);
    radon_document_map(doc, 2);
    radon_document_field_uint(doc, RADON_FIELD_TOTAL, radon_node.figures.stack_total);
    radon_document_field_uint(doc, RADON_FIELD_HIGH_WATER, radon_node.figures.stack_high_water);
    radon_document_end(doc);
}

static const char *reset_name(radon_reset_t reset)
{
    static const char *const names[] = {
#define X(name, text) text,
        RADON_RESETS(X)
#undef X
    };
    return names[reset];
}

static const char *fault_name(radon_fault_t fault)
{
    static const char *const names[] = {
#define X(name, text) text,
        RADON_FAULTS(X)
#undef X
    };
    return names[fault];
}

static void write_crash(radon_document_t *doc, const radon_crash_t *crash)
{
    radon_document_field(doc, RADON_FIELD_CRASH);
    radon_document_map(doc, 5);
    radon_document_field_uint(doc, RADON_FIELD_PC, crash->pc);
    radon_document_field_uint(doc, RADON_FIELD_LR, crash->lr);
    radon_document_field_uint(doc, RADON_FIELD_PSR, crash->psr);
    radon_document_field_text(doc, RADON_FIELD_FAULT, radon_bytes_text(fault_name(crash->fault)));
    radon_document_field_bool(doc, RADON_FIELD_THREAD, crash->thread);
    radon_document_end(doc);
}

/** Fields that follow one another and their values. */
static void write_numbers(radon_document_t *doc, radon_field_t first, const uint32_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        radon_document_field_uint(doc, (radon_field_t)(first + i), values[i]);
    }
}

static void write_counters(radon_document_t *doc)
{
    const radon_coap_counters_t *coap = &radon_node.server.counters;
    const radon_slipmux_counters_t *frames = radon_network_frames();
    const radon_messaging_t *messaging = &radon_node.runtime.messaging;
    const uint32_t values[] = {
        frames->frames_in,
        frames->frames_out,
        frames->frames_bad,
        coap->messages_in,
        coap->messages_out,
        coap->malformed,
        coap->duplicates,
        coap->retransmissions,
        coap->timeouts,
        coap->resets,
        radon_node.jobs.count,
        radon_node.jobs.max_us / 1000U,
        radon_node.runtime.deadlines,
        radon_node.runtime.traps,
        radon_port_serial_overruns(),
        radon_node.kv.writes,
        radon_node.kv.erases + radon_node.images.erases,
    };
    const uint32_t messages[] = {messaging->local, messaging->remote, messaging->repeated,
                                 radon_node.runtime.lost_reports};
    const uint32_t count = sizeof values / sizeof values[0];
    const uint32_t message_count = sizeof messages / sizeof messages[0];
    _Static_assert(RADON_FIELD_FRAMES_IN + sizeof values / sizeof values[0] - 1 == RADON_FIELD_ERASES &&
                       RADON_FIELD_LOCAL_MESSAGES + sizeof messages / sizeof messages[0] - 1 ==
                           RADON_FIELD_LOST_REPORTS,
                   "the counters stand in the order of their fields");
    radon_document_field(doc, RADON_FIELD_COUNTERS);
    radon_document_map(doc, count + message_count);
    write_numbers(doc, RADON_FIELD_FRAMES_IN, values, count);
    write_numbers(doc, RADON_FIELD_LOCAL_MESSAGES, messages, message_count);
    radon_document_end(doc);
}

static void write_trust(radon_document_t *doc)
{
    const radon_provisioning_t *provisioning = &radon_node.provisioning;
    radon_document_field(doc, RADON_FIELD_TRUST);
    radon_document_array(doc, provisioning->key_count);
    for (uint32_t i = 0; i < provisioning->key_count; i++) {
        const radon_trusted_key_t *key = &provisioning->keys[i];
        radon_document_map(doc, 3);
        radon_document_field_text(doc, RADON_FIELD_PREFIX, key->prefix);
        radon_document_field_uint(doc, RADON_FIELD_RIGHTS, key->rights);
        radon_document_field_bytes(doc, RADON_FIELD_KID, radon_bytes(key->kid, sizeof key->kid));
        radon_document_end(doc);
    }
    radon_document_end(doc);
}

static void write_id(radon_document_t *doc)
{
    uint8_t text[2 * RADON_PROVISIONING_ID_BYTES];
    radon_sink_t sink;
    radon_sink_init(&sink, text, sizeof text, 0);
    radon_sink_hex(&sink, radon_bytes(radon_node.provisioning.id, RADON_PROVISIONING_ID_BYTES));
    radon_document_field_text(doc, RADON_FIELD_ID, radon_sink_window(&sink));
}

static void write_node(radon_document_t *doc)
{
    const radon_boot_t *boot = radon_port_boot();
    radon_bytes_t owner = radon_lease_owner(radon_port_now_us());
    radon_document_map(doc, 18U + (boot->crashed ? 1U : 0U) + (owner.len > 0 ? 1U : 0U));
    radon_document_field_text(doc, RADON_FIELD_NAME, radon_node.provisioning.name);
    radon_document_field_uint(doc, RADON_FIELD_ABI, RADON_ABI_VERSION);
    radon_document_field_text(doc, RADON_FIELD_BOARD, radon_bytes_text(radon_port_board()));
    radon_document_field_text(doc, RADON_FIELD_ENGINE, radon_bytes_text(radon_engine_revision()));
    write_stack(doc);
    write_id(doc);
    radon_document_field_text(doc, RADON_FIELD_FIRMWARE, radon_bytes_text(RADON_FIRMWARE_VERSION));
    radon_document_field_uint(doc, RADON_FIELD_NSTART, RADON_COAP_NSTART);
    radon_document_field_uint(doc, RADON_FIELD_UPTIME_MS, radon_port_now_us() / 1000U);
    radon_document_field_text(doc, RADON_FIELD_RESET, radon_bytes_text(reset_name(boot->reason)));
    if (boot->crashed) {
        write_crash(doc, &boot->crash);
    }
    radon_document_field_bool(doc, RADON_FIELD_SAFE_MODE, boot->safe_mode);
    write_ram(doc);
    write_flash(doc);
    radon_document_field_uint(doc, RADON_FIELD_ATOM_OVERHEAD, RADON_ATOM_OVERHEAD);
    write_counters(doc);
    radon_document_field_uint(doc, RADON_FIELD_CLOCK_MS, radon_runtime_utc_us(&radon_node.runtime) / 1000U);
    write_trust(doc);
    if (owner.len > 0) {
        radon_document_field_text(doc, RADON_FIELD_OWNER, owner);
    }
    radon_document_field_uint(doc, RADON_FIELD_INSTANCE_OVERHEAD, RADON_INSTANCE_OVERHEAD);
    radon_document_end(doc);
}

RADON_RESOURCE_HANDLER(node)
{
    (void)context;
    radon_document_t doc;
    if (request->method == RADON_METHOD_GET) {
        if (radon_coap_response_document(response, &doc)) {
            write_node(&doc);
        }
        return RADON_COAP_DONE;
    }
    if (!radon_bytes_equal_text(radon_resource_command(request), "restart")) {
        return radon_resource_problem(response, RADON_PROBLEM_BAD_CONTENT, RADON_FIELD_DETAIL,
                                      radon_bytes_text("command must be restart"));
    }
    radon_node.restart_at_us = radon_port_now_us() + RESTART_DELAY_US;
    radon_port_thread_wake();
    return RADON_COAP_DONE;
}
