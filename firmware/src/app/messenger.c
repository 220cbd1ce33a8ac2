/** Messages and reports on their way from the outbox to the bridge. */
#include "messenger_asks.h"

#include "radon/runtime/reports.h"

/** Most bytes of the name of a problem that are looked at. */
#define PROBLEM_BYTES 48U

/** Until an inbox is asked again whether it has room for a report. */
#define REPORT_RETRY_US 10000U

static struct {
    const radon_endpoint_t *bridge;
    radon_coap_call_t calls[RADON_MAX_OUTBOX_MESSAGES]; /**< by index of the entry */
    uint8_t problem[PROBLEM_BYTES];                     /**< begin of the body that came in last */
    size_t problem_length;
} messenger;

static radon_messaging_t *messaging(void)
{
    return &radon_node.runtime.messaging;
}

static radon_outbox_entry_t *entry_of(const radon_coap_call_t *call)
{
    return &messaging()->outbox.entries[call - messenger.calls];
}

static radon_coap_call_t *call_of(const radon_outbox_entry_t *entry)
{
    return &messenger.calls[entry - messaging()->outbox.entries];
}

/* What became of a message ---------------------------------------------------------------------------------
 */

/** Tells the sender where it wants to know, and forgets the message. */
static void finish(radon_outbox_entry_t *entry, radon_outcome_kind_t outcome, radon_err_t error)
{
    bool wanted = outcome != RADON_OUTCOME_DELIVERED || (entry->flags & RADON_SEND_REPORT) != 0;
    uint8_t destination[RADON_ADDRESS_BYTES];
    radon_bytes_t to = radon_outbox_to(&messaging()->outbox, entry);
    const radon_told_t told = {.definition = &radon_node.runtime.definitions[entry->definition],
                               .number = entry->number,
                               .destination = radon_bytes(destination, to.len),
                               .id = entry->id,
                               .outcome = outcome,
                               .error = error};
    memcpy(destination, to.data, to.len);
    wanted = wanted && !entry->report && !entry->orphan;
    radon_outbox_remove(&messaging()->outbox, entry);
    if (wanted) {
        radon_reports_tell(&radon_node.runtime, &told);
    }
}

/** Whether the body of the answer is the problem of this name: {-1: name, ...} (RFC 9290). */
static bool is_problem(radon_problem_t problem)
{
    radon_bytes_t name = radon_bytes_text(radon_problem_name(problem));
    const uint8_t *at = messenger.problem;
    size_t head = name.len < 24 ? 3 : 4; /* map, key -1, text */
    if (messenger.problem_length < head + name.len || at[0] >> 5 != 5 || at[1] != 0x20) {
        return false;
    }
    bool length = head == 3 ? at[2] == (0x60U | name.len) : at[2] == 0x78 && at[3] == name.len;
    return length && radon_bytes_equal(radon_bytes(at + head, name.len), name);
}

/** Why the bridge did not take a message. */
static radon_err_t refusal(bool *passing)
{
    static const struct {
        radon_problem_t problem;
        int8_t error;
        bool passing; /**< tried again */
    } refusals[] = {
        {RADON_PROBLEM_INBOX_FULL, RADON_E_FULL, true},
        {RADON_PROBLEM_NODE_LOST, RADON_E_NO_ROUTE, true},
        {RADON_PROBLEM_BUSY, RADON_E_NO_ROUTE, true},
        {RADON_PROBLEM_NO_SUCH_ATOM, RADON_E_NOT_FOUND, false},
        {RADON_PROBLEM_NOT_RUNNING, RADON_E_STATE, false},
        {RADON_PROBLEM_TOO_LARGE, RADON_E_TOO_BIG, false},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (is_problem(refusals[i].problem)) {
            *passing = refusals[i].passing;
            return refusals[i].error;
        }
    }
    *passing = false;
    return RADON_E_NO_ROUTE;
}

static void answered(radon_outbox_entry_t *entry, const radon_coap_answered_t *answer)
{
    bool passing = false;
    if (answer->err == RADON_E_TIMEOUT || answer->code == RADON_COAP_GATEWAY_TIMEOUT) {
        finish(entry, RADON_OUTCOME_UNKNOWN, RADON_E_TIMEOUT);
        return;
    }
    if (answer->err == RADON_OK && RADON_COAP_CLASS(answer->code) == 2) {
        finish(entry, RADON_OUTCOME_DELIVERED, RADON_OK);
        return;
    }
    radon_err_t error = answer->err == RADON_OK ? refusal(&passing) : answer->err;
    if (passing) {
        radon_outbox_retry(entry, error, radon_port_now_us());
    } else {
        finish(entry, RADON_OUTCOME_NOT_DELIVERED, error);
    }
}

/* Calls ----------------------------------------------------------------------------------------------------
 */

static void describe(const radon_coap_call_t *call, radon_coap_ask_t *ask)
{
    const radon_outbox_entry_t *entry = entry_of(call);
    ask->method = RADON_METHOD_POST;
    ask->first = radon_bytes_text("m");
    ask->path = radon_outbox_to(&messaging()->outbox, entry);
    ask->format = RADON_FORMAT_RADON_MESSAGE;
    ask->payload = radon_outbox_envelope(&messaging()->outbox, entry);
}

static radon_err_t take_problem(radon_coap_call_t *call, size_t offset, radon_bytes_t bytes)
{
    (void)call;
    if (offset == 0) {
        messenger.problem_length = bytes.len < PROBLEM_BYTES ? bytes.len : PROBLEM_BYTES;
        memcpy(messenger.problem, bytes.data, messenger.problem_length);
    }
    return RADON_OK;
}

static void hear(radon_coap_call_t *call, const radon_coap_answered_t *answer)
{
    answered(entry_of(call), answer);
    radon_port_network_pend(); /* the next one of the pair may go */
}

static const radon_coap_caller_t caller = {.ask = describe, .take = take_problem, .answered = hear};

static void start(radon_outbox_entry_t *entry, uint64_t now_us)
{
    bool first = entry->retry_us == 0 && !entry->report;
    messaging()->remote += first;
    radon_coap_client_start(&radon_node.client, call_of(entry), &caller, messenger.bridge,
                            RADON_MAX_REQUEST_TIMEOUT_MS, now_us / 1000U);
}

/** When a message that was never transmitted has waited long enough for the link. */
static uint64_t unsent_until_us(const radon_outbox_entry_t *entry)
{
    bool unsent = entry->state == RADON_OUTBOX_SENDING && call_of(entry)->state == RADON_COAP_CALL_QUEUED;
    return unsent ? entry->since_us + RADON_MAX_MESSAGE_TTL_MS * 1000ULL : UINT64_MAX;
}

static void give_up_unsent(uint64_t now_us)
{
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        radon_outbox_entry_t *entry = &messaging()->outbox.entries[i];
        if (unsent_until_us(entry) <= now_us) {
            radon_coap_client_cancel(&radon_node.client, call_of(entry));
            finish(entry, RADON_OUTCOME_NOT_DELIVERED, (radon_err_t)entry->error);
        }
    }
}

/* Polling --------------------------------------------------------------------------------------------------
 */

void radon_messenger_init(const radon_endpoint_t *bridge)
{
    messenger.bridge = bridge;
    messaging()->bridge = bridge != NULL;
}

static void start_all(uint64_t now_us)
{
    radon_outbox_entry_t *entry;
    while ((entry = radon_outbox_next(&messaging()->outbox, now_us)) != NULL) {
        start(entry, now_us);
    }
}

void radon_messenger_poll(uint64_t now_us)
{
    radon_outbox_entry_t *entry;
    give_up_unsent(now_us);
    while ((entry = radon_outbox_overdue(&messaging()->outbox, now_us)) != NULL) {
        finish(entry, RADON_OUTCOME_NOT_DELIVERED, (radon_err_t)entry->error);
        start_all(now_us); /* what stood behind it is tried once, however late it is */
    }
    start_all(now_us);
    radon_messenger_poll_asks(messenger.bridge, now_us);
    (void)radon_reports_retry(&radon_node.runtime, now_us);
}

uint64_t radon_messenger_due_us(uint64_t now_us)
{
    uint64_t due_us = radon_outbox_due_us(&messaging()->outbox);
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        uint64_t unsent_us = unsent_until_us(&messaging()->outbox.entries[i]);
        due_us = unsent_us < due_us ? unsent_us : due_us;
    }
    bool waits = messaging()->report_count > 0 || radon_messenger_asks_wait();
    uint64_t soon_us = waits ? now_us + REPORT_RETRY_US : UINT64_MAX;
    return soon_us < due_us ? soon_us : due_us;
}
