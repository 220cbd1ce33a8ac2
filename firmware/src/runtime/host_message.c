/** Messages, names and instances: send, alias_add, alias_remove, names, spawn; what reply does to a message.
 */
#include "radon/runtime/host.h"

#include "radon/base/pattern.h"
#include "radon/runtime/delivery.h"
#include "radon/runtime/messages.h"
#include "radon/runtime/names.h"
#include "radon/runtime/notices.h"

#define SEND_FLAGS ((uint32_t)(RADON_SEND_UNORDERED | RADON_SEND_REPORT))

/* Messages -------------------------------------------------------------------------------------------------
 */

static radon_err_t send(const radon_dispatch_t *dispatch, uint32_t flags, uint32_t *id)
{
    radon_destination_t to;
    radon_atom_t *atom = dispatch->actor->atom;
    if (!radon_destination_parse(&to, dispatch->to) || (flags & ~SEND_FLAGS) != 0) {
        return RADON_E_ARG;
    }
    if (!radon_host_allows(atom->configuration.send, dispatch->to)) {
        return RADON_E_DENIED;
    }
    if (dispatch->payload.len > RADON_MAX_MESSAGE_BYTES) {
        return RADON_E_TOO_BIG;
    }
    return radon_messages_send(atom->runtime, dispatch, radon_port_now_us(), id);
}

void radon_host_send(radon_guest_t *guest, uint64_t *slots)
{
    uint32_t id = 0;
    uint32_t flags = (uint32_t)slots[4];
    radon_dispatch_t dispatch = {.actor = radon_host_actor(guest), .flags = (uint8_t)flags};
    if (radon_host_range(guest, slots, 0, &dispatch.to) &&
        radon_host_range(guest, slots, 2, &dispatch.payload)) {
        radon_err_t err = send(&dispatch, flags, &id);
        radon_host_return(guest, slots, err == RADON_OK ? (int32_t)id : err);
    }
}

radon_err_t radon_host_reply_to_message(radon_guest_t *guest, radon_bytes_t payload)
{
    uint32_t id;
    radon_event_t *event = radon_host_event(guest);
    radon_atom_t *atom = radon_host_atom(guest);
    const radon_inbox_event_t *record = &atom->inbox.events[event->index];
    const radon_dispatch_t dispatch = {.actor = radon_host_actor(guest),
                                       .to = event->bytes[0],
                                       .payload = payload,
                                       .correlation = record->message.id};
    if (event->answered || dispatch.to.len == 0) {
        return RADON_E_STATE;
    }
    if (payload.len > RADON_MAX_MESSAGE_BYTES) {
        return RADON_E_TOO_BIG;
    }
    radon_err_t err = radon_messages_send(atom->runtime, &dispatch, radon_port_now_us(), &id);
    event->answered = err == RADON_OK;
    return err;
}

/* Aliases --------------------------------------------------------------------------------------------------
 */

static radon_err_t join(const radon_actor_t *actor, radon_bytes_t alias)
{
    radon_runtime_t *runtime = actor->atom->runtime;
    if (!radon_destination_is_name(alias) || radon_runtime_find(runtime, alias) != NULL) {
        return RADON_E_ARG;
    }
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_err_t err =
        radon_aliases_join(&runtime->messaging.aliases, alias,
                           radon_runtime_index(actor->atom->runtime, actor->atom->definition), actor->number);
    radon_port_ceiling_restore(ceiling);
    return err;
}

static radon_err_t leave(const radon_actor_t *actor, radon_bytes_t alias)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_err_t err = radon_aliases_leave(&actor->atom->runtime->messaging.aliases, alias,
                                          radon_runtime_index(actor->atom->runtime, actor->atom->definition),
                                          actor->number);
    radon_port_ceiling_restore(ceiling);
    return err;
}

static void change_membership(radon_guest_t *guest, uint64_t *slots,
                              radon_err_t (*change)(const radon_actor_t *, radon_bytes_t))
{
    radon_bytes_t alias;
    if (radon_host_range(guest, slots, 0, &alias)) {
        radon_err_t err = change(radon_host_actor(guest), alias);
        if (err == RADON_OK) {
            radon_notices_names(radon_host_atom(guest)->runtime);
        }
        radon_host_return(guest, slots, err);
    }
}

void radon_host_alias_add(radon_guest_t *guest, uint64_t *slots)
{
    change_membership(guest, slots, join);
}

void radon_host_alias_remove(radon_guest_t *guest, uint64_t *slots)
{
    change_membership(guest, slots, leave);
}

/* Names ----------------------------------------------------------------------------------------------------
 */

/** Writes the names that match and returns how long they are together. */
static size_t write_names(radon_runtime_t *runtime, const radon_pattern_t *pattern, radon_host_out_t out)
{
    radon_names_t names = {.kinds = RADON_NAMES_ALL};
    radon_sink_t sink;
    radon_sink_init(&sink, out.data, out.cap, 0);
    while (radon_names_next(runtime, &names)) {
        radon_bytes_t name = radon_names_current(&names);
        if (radon_pattern_matches(pattern, name)) {
            radon_sink_write(&sink, name.data, name.len);
            radon_sink_put(&sink, '\n');
        }
    }
    return sink.total;
}

void radon_host_names(radon_guest_t *guest, uint64_t *slots)
{
    radon_runtime_t *runtime = radon_host_atom(guest)->runtime;
    radon_bytes_t text;
    radon_pattern_t pattern;
    radon_host_out_t out;
    if (!radon_host_range(guest, slots, 0, &text) || !radon_host_out(guest, slots, 2, &out)) {
        return;
    }
    if (radon_pattern_parse(&pattern, text) != RADON_OK) {
        radon_slot_set_i32(slots, RADON_E_ARG);
        return;
    }
    size_t length = write_names(runtime, &pattern, (radon_host_out_t){0});
    if (length <= out.cap) {
        (void)write_names(runtime, &pattern, out);
    }
    radon_slot_set_i32(slots, (int32_t)length);
}

/* Instances ------------------------------------------------------------------------------------------------
 */

static radon_err_t spawn(const radon_actor_t *actor, radon_bytes_t name, radon_bytes_t args, uint32_t *number)
{
    uint8_t spawner[RADON_ACTOR_NAME_BYTES];
    radon_atom_t *atom = actor->atom;
    if (!radon_destination_is_name(name)) {
        return RADON_E_ARG;
    }
    if (!radon_host_allows(atom->configuration.send, name)) {
        return RADON_E_DENIED;
    }
    if (args.len > RADON_MAX_ARGUMENT_BYTES) {
        return RADON_E_TOO_BIG;
    }
    radon_definition_t *definition = radon_runtime_find(atom->runtime, name);
    if (definition == NULL) {
        return RADON_E_NOT_FOUND;
    }
    if (!radon_definition_serves(definition) || !definition->reactive) {
        return RADON_E_STATE;
    }
    return radon_delivery_spawn(definition->atom, radon_actor_name(actor, spawner), args, radon_port_now_us(),
                                number);
}

void radon_host_spawn(radon_guest_t *guest, uint64_t *slots)
{
    radon_bytes_t name;
    radon_bytes_t args;
    uint32_t number = 0;
    if (radon_host_range(guest, slots, 0, &name) && radon_host_range(guest, slots, 2, &args)) {
        radon_err_t err = spawn(radon_host_actor(guest), name, args, &number);
        radon_host_return(guest, slots, err == RADON_OK ? (int32_t)number : err);
    }
}
