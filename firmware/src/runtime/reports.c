#include "radon/runtime/reports.h"

#include "radon/runtime/delivery.h"

/** What a report shows of a destination. */
#define SHOWN_BYTES 32U

/* Handing over ---------------------------------------------------------------------------------------------
 */

static radon_bytes_t text_of(const radon_report_t *report)
{
    return radon_bytes(report->text, report->text_length);
}

/** Into the inbox of the sender. RADON_E_FULL: not now. */
static radon_err_t hand_here(radon_definition_t *definition, const radon_report_t *report, uint64_t now_us)
{
    const radon_delivery_report_t delivery = {.number = report->number,
                                              .destination = text_of(report),
                                              .id = report->id,
                                              .outcome = (radon_outcome_kind_t)report->outcome,
                                              .error = report->error};
    return radon_definition_serves(definition) ? radon_delivery_report(definition->atom, &delivery, now_us)
                                               : RADON_E_NOT_FOUND;
}

static void write_name(radon_sink_t *sink, const radon_definition_t *definition, uint32_t number)
{
    radon_sink_write(sink, definition->name, definition->name_length);
    if (number != 0) {
        radon_sink_put(sink, '~');
        radon_sink_u64(sink, number);
    }
}

/** `<node>/<instance>` */
static radon_bytes_t write_address(const radon_runtime_t *runtime, const radon_report_t *report, uint8_t *out)
{
    radon_sink_t sink;
    radon_sink_init(&sink, out, RADON_ADDRESS_BYTES, 0);
    radon_sink_write(&sink, runtime->messaging.node.data, runtime->messaging.node.len);
    radon_sink_put(&sink, '/');
    write_name(&sink, &runtime->definitions[report->definition], report->number);
    return radon_sink_window(&sink);
}

/** Into the outbox, for a sender on another node. RADON_E_FULL: not now. */
static radon_err_t hand_away(radon_runtime_t *runtime, const radon_report_t *report, uint64_t now_us)
{
    uint8_t from[RADON_ADDRESS_BYTES];
    const radon_outbox_message_t message = {
        .to = text_of(report),
        .envelope = {.from = write_address(runtime, report, from),
                     .correlation = report->id,
                     .outcome = report->error},
        .flags = RADON_SEND_UNORDERED,
        .definition = report->definition,
        .number = report->number,
    };
    if (!runtime->messaging.bridge) {
        return RADON_E_NO_ROUTE;
    }
    radon_err_t err = radon_outbox_add(&runtime->messaging.outbox, &message, now_us);
    radon_port_network_pend();
    return err;
}

static bool hand(radon_runtime_t *runtime, const radon_report_t *report, uint64_t now_us)
{
    radon_definition_t *definition = &runtime->definitions[report->definition];
    radon_err_t err =
        report->away ? hand_away(runtime, report, now_us) : hand_here(definition, report, now_us);
    return err != RADON_E_FULL;
}

/* Waiting --------------------------------------------------------------------------------------------------
 */

static bool same_receiver(const radon_report_t *a, const radon_report_t *b)
{
    return a->away == b->away && a->definition == b->definition;
}

/** Whether another one for the same receiver waits among the first `count`. */
static bool is_behind(const radon_messaging_t *messaging, const radon_report_t *report, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (same_receiver(&messaging->reports[i], report)) {
            return true;
        }
    }
    return false;
}

static void lose(radon_runtime_t *runtime, const radon_report_t *report)
{
    uint8_t detail[RADON_ADDRESS_BYTES + 16U];
    radon_sink_t sink;
    runtime->lost_reports++;
    radon_sink_init(&sink, detail, sizeof detail, 0);
    radon_sink_u64(&sink, report->id);
    radon_sink_text(&sink, " to ");
    if (report->away) {
        radon_sink_write(&sink, report->text, report->text_length);
    } else {
        write_name(&sink, &runtime->definitions[report->definition], report->number);
    }
    radon_runtime_log(runtime, RADON_LOG_WARN, radon_bytes_text("node"), "no room for the report of message",
                      radon_sink_window(&sink));
}

static void add(radon_runtime_t *runtime, const radon_report_t *report)
{
    radon_messaging_t *messaging = &runtime->messaging;
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    bool handed =
        !is_behind(messaging, report, messaging->report_count) && hand(runtime, report, radon_port_now_us());
    bool kept = !handed && messaging->report_count < RADON_REPORTS_MAX;
    if (kept) {
        messaging->reports[messaging->report_count++] = *report;
        radon_port_network_pend();
    }
    radon_port_ceiling_restore(ceiling);
    if (!handed && !kept) {
        lose(runtime, report);
    }
}

static void set_text(radon_report_t *report, radon_bytes_t text, size_t most)
{
    report->text_length = (uint8_t)(text.len < most ? text.len : most);
    memcpy(report->text, text.data, report->text_length);
}

static bool hears(const radon_told_t *told)
{
    return radon_definition_serves(told->definition) && told->id >= told->definition->atom->first_message;
}

void radon_reports_tell(radon_runtime_t *runtime, const radon_told_t *told)
{
    if (!hears(told)) {
        return;
    }
    radon_report_t report = {.definition = radon_runtime_index(runtime, told->definition),
                             .number = told->number,
                             .outcome = (uint8_t)told->outcome,
                             .error = (int8_t)told->error,
                             .id = told->id};
    set_text(&report, told->destination, SHOWN_BYTES);
    told->definition->undelivered += told->outcome != RADON_OUTCOME_DELIVERED;
    add(runtime, &report);
}

void radon_reports_add(radon_atom_t *holder, uint32_t number, radon_bytes_t sender, uint32_t id,
                       radon_err_t error)
{
    uint8_t name[RADON_INSTANCE_NAME_BYTES];
    radon_sink_t sink;
    radon_runtime_t *runtime = holder->runtime;
    radon_destination_t from;
    if (id == 0 || !radon_destination_parse(&from, sender)) {
        return;
    }
    if (from.node.len > 0) {
        radon_report_t report = {.definition = radon_runtime_index(runtime, holder->definition),
                                 .number = number,
                                 .away = true,
                                 .error = (int8_t)error,
                                 .id = id};
        set_text(&report, sender, sizeof report.text);
        add(runtime, &report);
        return;
    }
    radon_sink_init(&sink, name, sizeof name, 0);
    write_name(&sink, holder->definition, number);
    const radon_told_t told = {.definition = radon_runtime_find(runtime, from.atom),
                               .number = from.number,
                               .destination = radon_sink_window(&sink),
                               .id = id,
                               .outcome = RADON_OUTCOME_NOT_DELIVERED,
                               .error = error};
    if (told.definition != NULL) {
        radon_reports_tell(runtime, &told);
    }
}

/** Takes the oldest one that waits for an atom or, `away`, of what it had. */
static bool take_out(radon_runtime_t *runtime, uint8_t definition, bool away, radon_report_t *report)
{
    radon_messaging_t *messaging = &runtime->messaging;
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    uint8_t at = 0;
    while (at < messaging->report_count &&
           (messaging->reports[at].definition != definition || messaging->reports[at].away != away)) {
        at++;
    }
    bool found = at < messaging->report_count;
    if (found) {
        *report = messaging->reports[at];
        messaging->report_count--;
        memmove(&messaging->reports[at], &messaging->reports[at + 1],
                (size_t)(messaging->report_count - at) * sizeof *report);
    }
    radon_port_ceiling_restore(ceiling);
    return found;
}

void radon_reports_forget(radon_runtime_t *runtime, const radon_definition_t *definition)
{
    uint8_t index = radon_runtime_index(runtime, definition);
    radon_report_t report;
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_outbox_orphan(&runtime->messaging.outbox, index);
    radon_port_ceiling_restore(ceiling);
    while (take_out(runtime, index, false, &report)) {
    }
}

void radon_reports_lose(radon_runtime_t *runtime, const radon_definition_t *definition)
{
    uint8_t index = radon_runtime_index(runtime, definition);
    radon_report_t report;
    while (take_out(runtime, index, true, &report)) {
        lose(runtime, &report);
    }
}

bool radon_reports_retry(radon_runtime_t *runtime, uint64_t now_us)
{
    radon_messaging_t *messaging = &runtime->messaging;
    size_t left = 0;
    for (size_t i = 0; i < messaging->report_count; i++) {
        radon_report_t report = messaging->reports[i];
        if (is_behind(messaging, &report, left) || !hand(runtime, &report, now_us)) {
            messaging->reports[left++] = report;
        }
    }
    messaging->report_count = (uint8_t)left;
    return left > 0;
}
