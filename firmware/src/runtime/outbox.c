#include "radon/runtime/outbox.h"

#include "radon/base/cbor_write.h"

/** Most bytes of a number in CBOR. */
#define NUMBER_BYTES 5U

void radon_outbox_init(radon_outbox_t *outbox, uint32_t incarnation)
{
    memset(outbox, 0, sizeof *outbox);
    outbox->incarnation = incarnation;
}

/* Adding ---------------------------------------------------------------------------------------------------
 */

static radon_outbox_entry_t *find_free(radon_outbox_t *outbox)
{
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        if (outbox->entries[i].state == RADON_OUTBOX_FREE) {
            return &outbox->entries[i];
        }
    }
    return NULL;
}

static size_t count_of(const radon_outbox_t *outbox, uint8_t definition)
{
    size_t count = 0;
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        const radon_outbox_entry_t *entry = &outbox->entries[i];
        count += entry->state != RADON_OUTBOX_FREE && entry->definition == definition ? 1U : 0U;
    }
    return count;
}

static uint32_t take_number(radon_outbox_t *outbox)
{
    outbox->seq = outbox->seq == UINT32_MAX ? 1 : outbox->seq + 1;
    return outbox->seq;
}

/** Bytes that an entry takes, whatever its number. */
static size_t room_of(const radon_outbox_entry_t *entry)
{
    return (size_t)entry->number_at + NUMBER_BYTES;
}

/** Writes `seq` as the last member of the envelope. */
static void write_number(radon_outbox_t *outbox, radon_outbox_entry_t *entry)
{
    radon_sink_t sink;
    radon_sink_init(&sink, outbox->bytes + entry->offset + entry->number_at, NUMBER_BYTES, 0);
    radon_cbor_write_uint(&sink, entry->seq);
    entry->length = (uint16_t)(entry->number_at + sink.total);
}

/** Writes destination and envelope behind the bytes of the others. */
static void write_bytes(radon_outbox_t *outbox, radon_outbox_entry_t *entry,
                        const radon_outbox_message_t *message)
{
    radon_sink_t sink;
    radon_envelope_t envelope = message->envelope;
    envelope.incarnation = outbox->incarnation;
    envelope.seq = 0; /* one byte, written over */
    envelope.hops = RADON_ENVELOPE_HOPS;
    radon_sink_init(&sink, outbox->bytes + outbox->used, sizeof outbox->bytes - outbox->used, 0);
    radon_sink_write(&sink, message->to.data, message->to.len);
    radon_envelope_write(&sink, &envelope);
    entry->offset = outbox->used;
    entry->to_length = (uint8_t)message->to.len;
    entry->number_at = (uint16_t)(sink.total - 1);
    write_number(outbox, entry);
    outbox->used = (uint16_t)(outbox->used + room_of(entry));
}

radon_err_t radon_outbox_add(radon_outbox_t *outbox, const radon_outbox_message_t *message, uint64_t now_us)
{
    radon_outbox_entry_t *entry = find_free(outbox);
    size_t size = message->to.len + message->envelope.from.len + message->envelope.payload.len;
    if (entry == NULL || outbox->counted + size > RADON_MAX_OUTBOX_BYTES ||
        count_of(outbox, message->definition) >= RADON_MAX_OUTBOX_PER_ATOM) {
        return RADON_E_FULL;
    }
    *entry = (radon_outbox_entry_t){.state = RADON_OUTBOX_WAITING,
                                    .definition = message->definition,
                                    .flags = message->flags,
                                    .report = message->envelope.outcome != 0,
                                    .error = RADON_E_NO_ROUTE,
                                    .counted = (uint16_t)size,
                                    .number = message->number,
                                    .id = message->envelope.id,
                                    .seq = take_number(outbox),
                                    .order = ++outbox->order,
                                    .since_us = now_us};
    outbox->counted = (uint16_t)(outbox->counted + size);
    write_bytes(outbox, entry, message);
    return RADON_OK;
}

/* Sending --------------------------------------------------------------------------------------------------
 */

radon_bytes_t radon_outbox_to(const radon_outbox_t *outbox, const radon_outbox_entry_t *entry)
{
    return radon_bytes(outbox->bytes + entry->offset, entry->to_length);
}

radon_bytes_t radon_outbox_envelope(const radon_outbox_t *outbox, const radon_outbox_entry_t *entry)
{
    return radon_bytes(outbox->bytes + entry->offset + entry->to_length,
                       (size_t)(entry->length - entry->to_length));
}

static bool is_ordered(const radon_outbox_entry_t *entry)
{
    return (entry->flags & RADON_SEND_UNORDERED) == 0;
}

static bool same_pair(const radon_outbox_t *outbox, const radon_outbox_entry_t *a,
                      const radon_outbox_entry_t *b)
{
    return a->definition == b->definition && a->number == b->number &&
           radon_bytes_equal(radon_outbox_to(outbox, a), radon_outbox_to(outbox, b));
}

/** Whether an earlier message of the same sender to the same destination has to go first. */
static bool is_behind(const radon_outbox_t *outbox, const radon_outbox_entry_t *entry)
{
    for (size_t i = 0; is_ordered(entry) && i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        const radon_outbox_entry_t *other = &outbox->entries[i];
        if (other->state != RADON_OUTBOX_FREE && other->order < entry->order && is_ordered(other) &&
            same_pair(outbox, other, entry)) {
            return true;
        }
    }
    return false;
}

/** Its receiver could not tell it from one that it has seen. */
static bool is_too_far(const radon_outbox_t *outbox, const radon_outbox_entry_t *entry)
{
    return outbox->seq - entry->seq >= RADON_OUTBOX_WINDOW;
}

/** The same, and it names no node: some members of an alias may have it under this number. */
static bool is_lost(const radon_outbox_t *outbox, const radon_outbox_entry_t *entry)
{
    return is_too_far(outbox, entry) && memchr(outbox->bytes + entry->offset, '/', entry->to_length) == NULL;
}

radon_outbox_entry_t *radon_outbox_next(radon_outbox_t *outbox, uint64_t now_us)
{
    radon_outbox_entry_t *next = NULL;
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        radon_outbox_entry_t *entry = &outbox->entries[i];
        if (entry->state == RADON_OUTBOX_WAITING && entry->retry_us <= now_us &&
            (next == NULL || entry->order < next->order) && !is_behind(outbox, entry) &&
            !is_lost(outbox, entry)) {
            next = entry;
        }
    }
    if (next != NULL) {
        next->state = RADON_OUTBOX_SENDING;
        if (is_too_far(outbox, next)) {
            next->seq = take_number(outbox);
            write_number(outbox, next);
        }
    }
    return next;
}

static uint64_t overdue_us(const radon_outbox_entry_t *entry)
{
    return entry->since_us + RADON_MAX_MESSAGE_TTL_MS * 1000ULL;
}

radon_outbox_entry_t *radon_outbox_overdue(radon_outbox_t *outbox, uint64_t now_us)
{
    radon_outbox_entry_t *oldest = NULL;
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        radon_outbox_entry_t *entry = &outbox->entries[i];
        if (entry->state == RADON_OUTBOX_WAITING && (overdue_us(entry) <= now_us || is_lost(outbox, entry)) &&
            (oldest == NULL || entry->order < oldest->order)) {
            oldest = entry;
        }
    }
    return oldest;
}

uint64_t radon_outbox_due_us(const radon_outbox_t *outbox)
{
    uint64_t due_us = UINT64_MAX;
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        const radon_outbox_entry_t *entry = &outbox->entries[i];
        if (entry->state != RADON_OUTBOX_WAITING) {
            continue;
        }
        uint64_t next_us = overdue_us(entry);
        next_us = entry->retry_us < next_us && !is_behind(outbox, entry) ? entry->retry_us : next_us;
        due_us = next_us < due_us ? next_us : due_us;
    }
    return due_us;
}

void radon_outbox_retry(radon_outbox_entry_t *entry, radon_err_t error, uint64_t now_us)
{
    entry->state = RADON_OUTBOX_WAITING;
    entry->error = (int8_t)error;
    entry->retry_us = now_us + RADON_OUTBOX_RETRY_US;
}

void radon_outbox_orphan(radon_outbox_t *outbox, uint8_t definition)
{
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        radon_outbox_entry_t *entry = &outbox->entries[i];
        entry->orphan = entry->orphan || entry->definition == definition;
    }
}

void radon_outbox_remove(radon_outbox_t *outbox, radon_outbox_entry_t *entry)
{
    uint8_t *start = outbox->bytes + entry->offset;
    size_t room = room_of(entry);
    memmove(start, start + room, outbox->used - entry->offset - room);
    for (size_t i = 0; i < RADON_MAX_OUTBOX_MESSAGES; i++) {
        if (outbox->entries[i].offset > entry->offset) {
            outbox->entries[i].offset = (uint16_t)(outbox->entries[i].offset - room);
        }
    }
    outbox->used = (uint16_t)(outbox->used - room);
    outbox->counted = (uint16_t)(outbox->counted - entry->counted);
    entry->state = RADON_OUTBOX_FREE;
}
