/** The lists of a snapshot that was accepted, read a second time. */
#include "snapshot_items.h"

void radon_snapshot_items(radon_snapshot_items_t *items, radon_bytes_t list,
                          const radon_snapshot_limits_t *limits)
{
    items->limits = limits;
    radon_fields_init(&items->fields, "the list", list, items->detail, sizeof items->detail);
    radon_fields_list_open(&items->fields, &items->list, 0, UINT16_MAX);
}

static bool next(radon_snapshot_items_t *items)
{
    return radon_fields_list_next(&items->fields, &items->list);
}

bool radon_snapshot_next_alias(radon_snapshot_items_t *items, radon_bytes_t *alias)
{
    return next(items) && radon_fields_name(&items->fields, alias);
}

bool radon_snapshot_next_pair(radon_snapshot_items_t *items, radon_snapshot_pair_t *pair)
{
    if (!next(items)) {
        return false;
    }
    radon_snapshot_read_pair(&items->fields, pair);
    return true;
}

bool radon_snapshot_next_timer(radon_snapshot_items_t *items, radon_snapshot_timer_t *timer)
{
    if (!next(items)) {
        return false;
    }
    radon_snapshot_read_timer(&items->fields, items->limits, timer);
    return true;
}

bool radon_snapshot_next_event(radon_snapshot_items_t *items, radon_snapshot_event_t *event)
{
    if (!next(items)) {
        return false;
    }
    radon_snapshot_read_event(&items->fields, items->limits, event);
    return true;
}

bool radon_snapshot_next_global(radon_snapshot_items_t *items, uint64_t *bits)
{
    if (!next(items)) {
        return false;
    }
    radon_snapshot_read_global(&items->fields, items->limits, items->list.index - 1, bits);
    return true;
}

bool radon_snapshot_next_watch(radon_snapshot_items_t *items, radon_snapshot_watch_t *watch)
{
    if (!next(items)) {
        return false;
    }
    radon_snapshot_read_watch(&items->fields, items->limits, watch);
    return true;
}

bool radon_snapshot_next_publication(radon_snapshot_items_t *items, radon_snapshot_publication_t *publication)
{
    if (!next(items)) {
        return false;
    }
    radon_snapshot_read_publication(&items->fields, items->limits, publication);
    return true;
}

bool radon_snapshot_next_request(radon_snapshot_items_t *items, radon_snapshot_request_t *request)
{
    if (!next(items)) {
        return false;
    }
    radon_snapshot_read_request(&items->fields, request);
    return true;
}
