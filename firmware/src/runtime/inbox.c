#include "radon/runtime/inbox.h"

#include <string.h>

void radon_inbox_init(radon_inbox_t *inbox, radon_inbox_event_t *events, uint8_t limit, uint8_t *bytes,
                      uint16_t capacity)
{
    *inbox = (radon_inbox_t){.events = events, .bytes = bytes, .capacity = capacity, .limit = limit};
}

static uint16_t append_bytes(radon_inbox_t *inbox, radon_bytes_t view)
{
    if (view.len > 0) {
        memcpy(inbox->bytes + inbox->used, view.data, view.len);
    }
    inbox->used = (uint16_t)(inbox->used + view.len);
    return (uint16_t)view.len;
}

static size_t path_length(const radon_inbox_event_t *event)
{
    return event->kind == RADON_EVENT_REQUEST ? event->request.path_length : 0U;
}

radon_err_t radon_inbox_append(radon_inbox_t *inbox, const radon_inbox_event_t *event, radon_bytes_t head,
                               radon_bytes_t payload)
{
    size_t size = path_length(event) + head.len + payload.len;
    if (size > inbox->capacity) {
        return RADON_E_TOO_BIG;
    }
    if (inbox->count == inbox->limit || size > (size_t)(inbox->capacity - inbox->accounted)) {
        return RADON_E_FULL;
    }
    radon_inbox_event_t *record = &inbox->events[inbox->count++];
    *record = *event;
    record->head_length = (uint8_t)append_bytes(inbox, head);
    record->payload_length = append_bytes(inbox, payload);
    inbox->accounted = (uint16_t)(inbox->accounted + size);
    return RADON_OK;
}

/** Where the bytes of a record start. */
static size_t offset_of(const radon_inbox_t *inbox, const radon_inbox_event_t *event)
{
    size_t offset = 0;
    for (const radon_inbox_event_t *earlier = inbox->events; earlier < event; earlier++) {
        offset += (size_t)earlier->head_length + earlier->payload_length;
    }
    return offset;
}

radon_bytes_t radon_inbox_head(const radon_inbox_t *inbox, const radon_inbox_event_t *event)
{
    return radon_bytes(inbox->bytes + offset_of(inbox, event), event->head_length);
}

radon_bytes_t radon_inbox_payload(const radon_inbox_t *inbox, const radon_inbox_event_t *event)
{
    return radon_bytes(inbox->bytes + offset_of(inbox, event) + event->head_length, event->payload_length);
}

void radon_inbox_remove(radon_inbox_t *inbox, uint8_t index)
{
    const radon_inbox_event_t *gone = &inbox->events[index];
    size_t size = (size_t)gone->head_length + gone->payload_length;
    size_t offset = offset_of(inbox, gone);
    uint8_t *start = inbox->bytes + offset;
    memmove(start, start + size, inbox->used - offset - size);
    inbox->used = (uint16_t)(inbox->used - size);
    inbox->accounted = (uint16_t)(inbox->accounted - size - path_length(gone));
    inbox->count--;
    memmove(&inbox->events[index], &inbox->events[index + 1],
            (size_t)(inbox->count - index) * sizeof inbox->events[0]);
}

static bool same_sender(const radon_inbox_t *inbox, const radon_inbox_event_t *a,
                        const radon_inbox_event_t *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == RADON_EVENT_REQUEST) {
        return a->request.sender == b->request.sender;
    }
    if (a->kind == RADON_EVENT_MESSAGE && (a->message.unordered || b->message.unordered)) {
        return false;
    }
    return radon_bytes_equal(radon_inbox_head(inbox, a), radon_inbox_head(inbox, b));
}

bool radon_inbox_is_eligible(const radon_inbox_t *inbox, uint8_t index)
{
    const radon_inbox_event_t *event = &inbox->events[index];
    if ((event->marks & (RADON_INBOX_HELD | RADON_INBOX_CLOSED)) != 0) {
        return false;
    }
    for (const radon_inbox_event_t *earlier = inbox->events; earlier < event; earlier++) {
        if ((earlier->marks & RADON_INBOX_KEPT) != 0 && same_sender(inbox, earlier, event)) {
            return false;
        }
    }
    return true;
}

void radon_inbox_release_held(radon_inbox_t *inbox)
{
    for (uint8_t i = 0; i < inbox->count; i++) {
        inbox->events[i].marks &= (uint8_t)~RADON_INBOX_HELD;
    }
}
