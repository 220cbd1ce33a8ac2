/** Functions about the current event and about answers: event_get, event_read, reply, publish, notify. */
#include "radon/runtime/host.h"

#include "radon/coap/numbers.h"

void radon_host_event_get(radon_guest_t *guest, uint64_t *slots)
{
    const radon_event_t *event = radon_host_event(guest);
    uint32_t field = (uint32_t)slots[0];
    if (!event->current) {
        radon_slot_set_i32(slots, RADON_E_STATE);
    } else if (field >= RADON_EVENT_SCALARS) {
        radon_slot_set_i32(slots, RADON_E_ARG);
    } else {
        radon_slot_set_i32(slots, event->scalars[field]);
    }
}

void radon_host_event_read(radon_guest_t *guest, uint64_t *slots)
{
    const radon_event_t *event = radon_host_event(guest);
    uint32_t field = (uint32_t)slots[0] - RADON_EVENT_FIELD_SENDER;
    radon_host_out_t out;
    if (!radon_host_out(guest, slots, 1, &out)) {
        return;
    }
    if (!event->current) {
        radon_slot_set_i32(slots, RADON_E_STATE);
    } else if (field >= RADON_EVENT_BYTES) {
        radon_slot_set_i32(slots, RADON_E_ARG);
    } else {
        radon_host_give(slots, out, event->bytes[field]);
    }
}

/* ---- Answers ---- */

static bool is_response_code(int32_t code)
{
    int32_t class = code >> 5;
    return (class == 2 && code != RADON_COAP_CONTINUE) || class == 4 || class == 5;
}

/** -1 (no format) and what fits beside RADON_FORMAT_NONE. */
static bool is_format(int32_t format)
{
    return format >= -1 && format < (int32_t)RADON_FORMAT_NONE;
}

/** Event id that argument `event` of reply names; 0 when there is none. */
static uint32_t replied_event(const radon_event_t *current, int32_t event)
{
    bool request = current->current && current->scalars[RADON_EVENT_FIELD_KIND] == RADON_EVENT_REQUEST;
    if (event == 0 && request) {
        return (uint32_t)current->scalars[RADON_EVENT_FIELD_ID];
    }
    return event > 0 ? (uint32_t)event : 0;
}

/** Whether argument `event` of reply names the message that is handled now. */
static bool is_message(const radon_event_t *current, int32_t event)
{
    return current->current && current->scalars[RADON_EVENT_FIELD_KIND] == RADON_EVENT_MESSAGE &&
           (event == 0 || event == current->scalars[RADON_EVENT_FIELD_ID]);
}

static radon_err_t answer(radon_atom_t *atom, uint32_t id, int32_t code, int32_t format, radon_bytes_t body)
{
    radon_open_t *open = radon_opens_running(&atom->opens, id);
    if (id == 0 || open == NULL) {
        return RADON_E_STATE;
    }
    if (!is_response_code(code) || !is_format(format)) {
        return RADON_E_ARG;
    }
    if (body.len > atom->opens.body) {
        return RADON_E_TOO_BIG;
    }
    if (body.len > 0) {
        memcpy(radon_opens_body(&atom->opens, open), body.data, body.len);
    }
    open->length = (uint16_t)body.len;
    open->format = format < 0 ? RADON_FORMAT_NONE : (uint16_t)format;
    open->code = (uint8_t)code;
    open->state = RADON_OPEN_ANSWERED;
    return RADON_OK;
}

void radon_host_reply(radon_guest_t *guest, uint64_t *slots)
{
    radon_atom_t *atom = radon_host_atom(guest);
    radon_event_t *current = radon_host_event(guest);
    radon_bytes_t body;
    if (!radon_host_range(guest, slots, 3, &body)) {
        return;
    }
    if (is_message(current, radon_slot_i32(slots[0]))) {
        radon_host_return(guest, slots, radon_host_reply_to_message(guest, body));
        return;
    }
    uint32_t id = replied_event(current, radon_slot_i32(slots[0]));
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_err_t err = answer(atom, id, radon_slot_i32(slots[1]), radon_slot_i32(slots[2]), body);
    radon_port_ceiling_restore(ceiling);
    if (err == RADON_OK) {
        current->answered |= id == (uint32_t)current->scalars[RADON_EVENT_FIELD_ID];
        radon_port_network_pend();
    }
    radon_host_return(guest, slots, err);
}

/* ---- Representations ---- */

static uint64_t expiry(int32_t max_age_s, uint64_t now_us)
{
    return max_age_s == 0 ? RADON_PUBLICATION_NO_EXPIRY : now_us + (uint64_t)max_age_s * 1000000U;
}

static radon_err_t put(radon_atom_t *atom, int resource, const uint64_t *slots, radon_bytes_t body)
{
    uint64_t now_us = radon_port_now_us();
    radon_publication_t publication = {
        .expires_us = expiry(radon_slot_i32(slots[5]), now_us),
        .format = (uint16_t)slots[2],
        .resource = (uint8_t)resource,
    };
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_err_t err = radon_publications_put(&atom->publications, &publication, body.data, body.len, now_us);
    radon_port_ceiling_restore(ceiling);
    return err;
}

static radon_err_t publish(radon_atom_t *atom, const uint64_t *slots, radon_bytes_t path, radon_bytes_t body)
{
    int32_t format = radon_slot_i32(slots[2]);
    if (format < 0 || !is_format(format) || radon_slot_i32(slots[5]) < 0) {
        return RADON_E_ARG;
    }
    int resource = radon_configuration_resource(&atom->configuration, path);
    if (resource < 0) {
        return RADON_E_NOT_FOUND;
    }
    radon_err_t err = put(atom, resource, slots, body);
    if (err == RADON_OK) {
        atom->published |= (uint8_t)(1U << resource);
    }
    return err;
}

void radon_host_publish(radon_guest_t *guest, uint64_t *slots)
{
    radon_bytes_t path;
    radon_bytes_t body;
    if (radon_host_range(guest, slots, 0, &path) && radon_host_range(guest, slots, 3, &body)) {
        radon_host_return(guest, slots, publish(radon_host_atom(guest), slots, path, body));
    }
}

void radon_host_notify(radon_guest_t *guest, uint64_t *slots)
{
    radon_atom_t *atom = radon_host_atom(guest);
    radon_bytes_t path;
    if (!radon_host_range(guest, slots, 0, &path)) {
        return;
    }
    int resource = radon_configuration_resource(&atom->configuration, path);
    if (resource >= 0) {
        atom->notified |= (uint8_t)(1U << resource);
    }
    radon_slot_set_i32(slots, resource < 0 ? RADON_E_NOT_FOUND : RADON_OK);
}
