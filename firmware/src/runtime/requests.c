#include "radon/runtime/requests.h"

#include "radon/runtime/delivery.h"

/** A request body whose next block does not come for this long is forgotten. */
#define RECEIVING_MS 10000U

size_t radon_requests_size(const radon_atom_t *atom, const radon_request_event_t *request)
{
    return atom->configuration.resources[request->resource].len + request->query.len + request->payload.len;
}

radon_err_t radon_requests_accept(radon_atom_t *atom, const radon_request_event_t *request, uint64_t now_us)
{
    const radon_inbox_event_t event = {
        .kind = RADON_EVENT_REQUEST,
        .number = request->number,
        .request =
            {
                .sender = request->sender,
                .exchange = request->exchange,
                .format = request->format,
                .accept = request->accept,
                .resource = request->resource,
                .method = request->method,
                .path_length = (uint8_t)atom->configuration.resources[request->resource].len,
                .hops = request->hops,
            },
    };
    return radon_delivery_event(atom, &event, request->query, request->payload, now_us);
}

/* ---- Bodies in blocks ---- */

static radon_open_t *find_receiving(radon_atom_t *atom, const radon_request_block_t *block)
{
    for (uint8_t i = 0; i < atom->opens.count; i++) {
        radon_open_t *open = &atom->opens.places[i];
        if (open->state == RADON_OPEN_RECEIVING && open->id == block->key && open->sender == block->sender) {
            return open;
        }
    }
    return NULL;
}

/** The place of this body: the one it has, or a new one for its first block. */
static radon_open_t *claim_receiving(radon_atom_t *atom, const radon_request_block_t *block, radon_err_t *err)
{
    radon_open_t *open = find_receiving(atom, block);
    *err = RADON_E_STATE;
    if (open == NULL && block->offset == 0) {
        open = radon_opens_reserve(&atom->opens);
        *err = RADON_E_FULL;
    }
    if (open != NULL && block->offset == 0) {
        *open = (radon_open_t){.id = block->key, .sender = block->sender, .state = RADON_OPEN_RECEIVING};
    }
    return open;
}

radon_err_t radon_requests_receive(radon_atom_t *atom, const radon_request_block_t *block, uint64_t now_us,
                                   radon_bytes_t *body)
{
    radon_err_t err;
    radon_open_t *open = claim_receiving(atom, block, &err);
    *body = radon_bytes(NULL, 0);
    if (open == NULL) {
        return err;
    }
    if (block->offset != open->length && block->offset != open->block) {
        return RADON_E_STATE;
    }
    if (block->offset + block->bytes.len > atom->opens.body) {
        open->state = RADON_OPEN_FREE;
        return RADON_E_TOO_BIG;
    }
    uint8_t *buffer = radon_opens_body(&atom->opens, open);
    memcpy(buffer + block->offset, block->bytes.data, block->bytes.len);
    open->block = (uint16_t)block->offset;
    open->length = (uint16_t)(block->offset + block->bytes.len);
    open->since = radon_tick_at(now_us);
    if (block->last) {
        *body = radon_bytes(buffer, open->length);
        open->state = RADON_OPEN_FREE;
    }
    return RADON_OK;
}

/* ---- Giving up ---- */

static void refuse(radon_atom_t *atom, uint32_t exchange)
{
    radon_refusal_entry_t entry = {.exchange = exchange,
                                   .problem = RADON_PROBLEM_NO_ANSWER_FROM_ATOM,
                                   .name = radon_definition_name(atom->definition)};
    radon_refusals_add(&atom->runtime->refusals, &entry);
}

/** Keeps the earliest of several limits, as ticks from now. */
typedef struct {
    radon_tick_t now;
    uint32_t left;
} earliest_t;

/** True when the limit has passed; else it is remembered. */
static bool passed(earliest_t *earliest, radon_tick_t limit)
{
    if (radon_tick_passed(earliest->now, limit)) {
        return true;
    }
    if (limit - earliest->now < earliest->left) {
        earliest->left = limit - earliest->now;
    }
    return false;
}

/** How long an event may wait. */
static uint32_t wait_ms(const radon_atom_t *atom, const radon_inbox_event_t *event)
{
    const radon_configuration_t *configuration = &atom->configuration;
    bool request = event->kind == RADON_EVENT_REQUEST;
    return request && configuration->reply_within_ms < configuration->wait_ms ? configuration->reply_within_ms
                                                                              : configuration->wait_ms;
}

static void close_event(radon_atom_t *atom, radon_inbox_event_t *event)
{
    event->marks |= RADON_INBOX_CLOSED;
    if (event->kind == RADON_EVENT_REQUEST) {
        refuse(atom, event->request.exchange);
    }
    radon_port_thread_wake();
}

/** What waited too long. The START of a spawned instance waits as long as it must. */
static void expire_events(radon_atom_t *atom, earliest_t *earliest)
{
    for (uint8_t i = 0; i < atom->inbox.count; i++) {
        radon_inbox_event_t *event = &atom->inbox.events[i];
        bool waits = event->kind != RADON_EVENT_START &&
                     (event->marks & (RADON_INBOX_ASSIGNED | RADON_INBOX_CLOSED)) == 0;
        if (waits && passed(earliest, event->arrived + radon_tick_from_ms(wait_ms(atom, event)))) {
            close_event(atom, event);
        }
    }
}

static void expire_places(radon_atom_t *atom, earliest_t *earliest)
{
    for (uint8_t i = 0; i < atom->opens.count; i++) {
        radon_open_t *open = &atom->opens.places[i];
        if (open->state == RADON_OPEN_RECEIVING &&
            passed(earliest, open->since + radon_tick_from_ms(RECEIVING_MS))) {
            open->state = RADON_OPEN_FREE;
        }
        uint32_t reply_ms = atom->configuration.reply_within_ms;
        if (open->state == RADON_OPEN_RUNNING &&
            passed(earliest, open->since + radon_tick_from_ms(reply_ms))) {
            open->state = RADON_OPEN_FREE;
            refuse(atom, open->exchange);
            radon_port_thread_wake();
        }
    }
}

uint64_t radon_requests_expire(radon_runtime_t *runtime, uint64_t now_us)
{
    earliest_t earliest = {.now = radon_tick_at(now_us), .left = UINT32_MAX};
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        radon_atom_t *atom = runtime->definitions[i].atom;
        if (atom != NULL) {
            expire_events(atom, &earliest);
            expire_places(atom, &earliest);
        }
    }
    return earliest.left == UINT32_MAX ? RADON_PORT_NEVER : now_us + ((uint64_t)earliest.left << 10);
}

/* ---- Answers ---- */

bool radon_requests_next_answer(radon_runtime_t *runtime, radon_request_answer_t *answer)
{
    for (uint32_t i = 0; i < RADON_MAX_ATOMS; i++) {
        radon_atom_t *atom = runtime->definitions[i].atom;
        for (uint8_t p = 0; atom != NULL && p < atom->opens.count; p++) {
            if (atom->opens.places[p].state == RADON_OPEN_ANSWERED) {
                *answer = (radon_request_answer_t){.atom = atom, .open = &atom->opens.places[p]};
                return true;
            }
        }
    }
    return false;
}

void radon_requests_sent(const radon_request_answer_t *answer)
{
    answer->open->state = RADON_OPEN_FREE;
    radon_port_thread_wake();
}
