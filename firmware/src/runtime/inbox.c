#include "radon/runtime/inbox.h"

#include <string.h>

void radon_inbox_init(radon_inbox_t *inbox, radon_message_t *messages, uint8_t limit, uint8_t *bytes,
                      uint16_t capacity)
{
    *inbox = (radon_inbox_t){.messages = messages, .bytes = bytes, .capacity = capacity, .limit = limit};
}

static uint16_t append_bytes(radon_inbox_t *inbox, radon_bytes_t view)
{
    if (view.len > 0) {
        memcpy(inbox->bytes + inbox->used, view.data, view.len);
    }
    inbox->used = (uint16_t)(inbox->used + view.len);
    return (uint16_t)view.len;
}

radon_err_t radon_inbox_append(radon_inbox_t *inbox, const radon_message_t *message, radon_bytes_t query,
                               radon_bytes_t payload)
{
    size_t size = message->path_length + query.len + payload.len;
    if (size > inbox->capacity) {
        return RADON_E_TOO_BIG;
    }
    if (inbox->count == inbox->limit || size > (size_t)(inbox->capacity - inbox->accounted)) {
        return RADON_E_FULL;
    }
    radon_message_t *record = &inbox->messages[inbox->count++];
    *record = *message;
    record->query_length = (uint8_t)append_bytes(inbox, query);
    record->payload_length = append_bytes(inbox, payload);
    inbox->accounted = (uint16_t)(inbox->accounted + size);
    return RADON_OK;
}

/** Where the bytes of a message start. */
static size_t offset_of(const radon_inbox_t *inbox, const radon_message_t *message)
{
    size_t offset = 0;
    for (const radon_message_t *earlier = inbox->messages; earlier < message; earlier++) {
        offset += (size_t)earlier->query_length + earlier->payload_length;
    }
    return offset;
}

radon_bytes_t radon_inbox_query(const radon_inbox_t *inbox, const radon_message_t *message)
{
    return radon_bytes(inbox->bytes + offset_of(inbox, message), message->query_length);
}

radon_bytes_t radon_inbox_payload(const radon_inbox_t *inbox, const radon_message_t *message)
{
    return radon_bytes(inbox->bytes + offset_of(inbox, message) + message->query_length,
                       message->payload_length);
}

void radon_inbox_remove(radon_inbox_t *inbox, uint8_t index)
{
    const radon_message_t *gone = &inbox->messages[index];
    size_t size = (size_t)gone->query_length + gone->payload_length;
    size_t offset = offset_of(inbox, gone);
    uint8_t *start = inbox->bytes + offset;
    memmove(start, start + size, inbox->used - offset - size);
    inbox->used = (uint16_t)(inbox->used - size);
    inbox->accounted = (uint16_t)(inbox->accounted - size - gone->path_length);
    inbox->count--;
    memmove(&inbox->messages[index], &inbox->messages[index + 1],
            (size_t)(inbox->count - index) * sizeof inbox->messages[0]);
}

static bool behind_kept(const radon_inbox_t *inbox, uint8_t index)
{
    for (uint8_t i = 0; i < index; i++) {
        const radon_message_t *earlier = &inbox->messages[i];
        if ((earlier->marks & RADON_MESSAGE_KEPT) != 0 && earlier->sender == inbox->messages[index].sender) {
            return true;
        }
    }
    return false;
}

int radon_inbox_first_eligible(const radon_inbox_t *inbox)
{
    for (uint8_t i = 0; i < inbox->count; i++) {
        if ((inbox->messages[i].marks & (RADON_MESSAGE_HELD | RADON_MESSAGE_CLOSED)) == 0 &&
            !behind_kept(inbox, i)) {
            return i;
        }
    }
    return -1;
}

void radon_inbox_release_held(radon_inbox_t *inbox)
{
    for (uint8_t i = 0; i < inbox->count; i++) {
        inbox->messages[i].marks &= (uint8_t)~RADON_MESSAGE_HELD;
    }
}
