#include "radon/runtime/messages.h"

#include "radon/base/cbor_read.h"
#include "radon/runtime/delivery.h"
#include "radon/runtime/reports.h"

/* Members --------------------------------------------------------------------------------------------------
 */

static bool is_configured(const radon_atom_t *atom, radon_bytes_t alias)
{
    radon_cbor_reader_t names;
    radon_bytes_t name;
    uint32_t count;
    if (atom->configuration.aliases.len == 0) {
        return false;
    }
    radon_cbor_reader_init(&names, atom->configuration.aliases);
    (void)radon_cbor_enter_array(&names, &count);
    while (radon_cbor_has_next(&names) && radon_cbor_read_text(&names, &name)) {
        if (radon_bytes_equal(name, alias)) {
            return true;
        }
    }
    return false;
}

static void visit_joined(radon_runtime_t *runtime, uint8_t definition, radon_bytes_t alias,
                         radon_member_visit_t visit, void *context)
{
    size_t index = 0;
    const radon_alias_member_t *member;
    while ((member = radon_aliases_next(&runtime->messaging.aliases, &index)) != NULL) {
        if (member->definition == definition && radon_bytes_equal(radon_alias_name(member), alias)) {
            visit(context, &runtime->definitions[definition], member->number);
        }
    }
}

void radon_messages_visit_members(radon_runtime_t *runtime, radon_bytes_t alias, radon_member_visit_t visit,
                                  void *context)
{
    for (uint8_t i = 0; i < RADON_MAX_ATOMS; i++) {
        radon_definition_t *definition = &runtime->definitions[i];
        if (!definition->used || !radon_definition_serves(definition)) {
            continue;
        }
        if (is_configured(definition->atom, alias)) {
            visit(context, definition, 0);
        }
        visit_joined(runtime, i, alias, visit, context);
    }
}

/* Sending --------------------------------------------------------------------------------------------------
 */

/** A message on its way. */
typedef struct {
    radon_runtime_t *runtime;
    const radon_dispatch_t *dispatch;
    radon_bytes_t sender; /**< name of the instance */
    uint32_t id;
    uint64_t now_us;
    unsigned members; /**< of the alias, visited so far */
} sending_t;

static void tell(const sending_t *sending, radon_outcome_kind_t outcome, radon_err_t error)
{
    const radon_actor_t *actor = sending->dispatch->actor;
    const radon_told_t told = {.definition = actor->atom->definition,
                               .number = actor->number,
                               .destination = sending->dispatch->to,
                               .id = sending->id,
                               .outcome = outcome,
                               .error = error};
    radon_reports_tell(sending->runtime, &told);
}

/** To an atom of this node or one of its instances. */
static radon_err_t send_here(sending_t *sending, radon_atom_t *atom, uint32_t number)
{
    const radon_dispatch_t *dispatch = sending->dispatch;
    const radon_delivery_t delivery = {.number = number,
                                       .sender = sending->sender,
                                       .payload = dispatch->payload,
                                       .id = sending->id,
                                       .correlation = dispatch->correlation,
                                       .unordered = (dispatch->flags & RADON_SEND_UNORDERED) != 0};
    radon_err_t err = radon_delivery_message(atom, &delivery, sending->now_us);
    if (err == RADON_OK) {
        sending->runtime->messaging.local++;
        if ((dispatch->flags & RADON_SEND_REPORT) != 0) {
            tell(sending, RADON_OUTCOME_DELIVERED, RADON_OK);
        }
    }
    return err;
}

static radon_bytes_t write_address(const sending_t *sending, uint8_t *out)
{
    radon_sink_t sink;
    radon_bytes_t node = sending->runtime->messaging.node;
    radon_sink_init(&sink, out, RADON_ADDRESS_BYTES, 0);
    radon_sink_write(&sink, node.data, node.len);
    radon_sink_put(&sink, '/');
    radon_sink_write(&sink, sending->sender.data, sending->sender.len);
    return radon_sink_window(&sink);
}

/** Copies it into the outbox. */
static radon_err_t send_away(const sending_t *sending, uint32_t alias)
{
    uint8_t from[RADON_ADDRESS_BYTES];
    const radon_dispatch_t *dispatch = sending->dispatch;
    bool unordered = (dispatch->flags & RADON_SEND_UNORDERED) != 0;
    const radon_definition_t *definition = dispatch->actor->atom->definition;
    const radon_outbox_message_t message = {
        .to = dispatch->to,
        .envelope = {.from = write_address(sending, from),
                     .id = sending->id,
                     .correlation = dispatch->correlation,
                     .flags = (unordered ? RADON_ENVELOPE_UNORDERED : 0U) | alias,
                     .payload = dispatch->payload},
        .flags = dispatch->flags,
        .definition = radon_runtime_index(sending->runtime, definition),
        .number = dispatch->actor->number,
    };
    if (!sending->runtime->messaging.bridge) {
        return RADON_E_NO_ROUTE;
    }
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_err_t err = radon_outbox_add(&sending->runtime->messaging.outbox, &message, sending->now_us);
    radon_port_ceiling_restore(ceiling);
    radon_port_network_pend();
    return err;
}

static void send_to_member(void *context, radon_definition_t *definition, uint32_t number)
{
    sending_t *sending = context;
    sending->members++;
    radon_err_t err = send_here(sending, definition->atom, number);
    if (err != RADON_OK) {
        tell(sending, RADON_OUTCOME_NOT_DELIVERED, err);
    }
}

/** A name that no atom here has: an alias with members here, or somebody elsewhere. */
static radon_err_t send_to_others(sending_t *sending, const radon_destination_t *to)
{
    bool everywhere = to->node.len == 0;
    if (to->number == 0) {
        radon_messages_visit_members(sending->runtime, to->name, send_to_member, sending);
    }
    if (sending->members == 0) {
        return everywhere ? send_away(sending, 0) : RADON_E_NOT_FOUND;
    }
    if (everywhere && sending->runtime->messaging.bridge) {
        radon_err_t err = send_away(sending, RADON_ENVELOPE_ALIAS_TAKEN);
        if (err != RADON_OK) {
            tell(sending, RADON_OUTCOME_NOT_DELIVERED, err);
        }
    }
    return RADON_OK;
}

static radon_err_t resolve(sending_t *sending)
{
    radon_destination_t to;
    radon_runtime_t *runtime = sending->runtime;
    if (!radon_destination_parse(&to, sending->dispatch->to)) {
        return RADON_E_ARG;
    }
    if (to.node.len > 0 && !radon_bytes_equal(to.node, runtime->messaging.node)) {
        return send_away(sending, 0);
    }
    radon_definition_t *definition = radon_runtime_find(runtime, to.atom);
    if (definition == NULL) {
        return send_to_others(sending, &to);
    }
    return radon_definition_serves(definition) ? send_here(sending, definition->atom, to.number)
                                               : RADON_E_STATE;
}

radon_err_t radon_messages_send(radon_runtime_t *runtime, const radon_dispatch_t *dispatch, uint64_t now_us,
                                uint32_t *id)
{
    uint8_t name[RADON_ACTOR_NAME_BYTES];
    radon_atom_t *atom = dispatch->actor->atom;
    sending_t sending = {.runtime = runtime,
                         .dispatch = dispatch,
                         .sender = radon_actor_name(dispatch->actor, name),
                         .id = atom->next_message,
                         .now_us = now_us};
    radon_err_t err = resolve(&sending);
    if (err == RADON_OK) {
        *id = radon_atom_take_message_id(atom);
        atom->definition->sent++;
    }
    return err;
}

/* Receiving ------------------------------------------------------------------------------------------------
 */

/** Most members of an alias. */
#define MEMBERS_MAX (RADON_MAX_ATOMS + RADON_ALIAS_MEMBERS)

/** A message for an alias. */
typedef struct {
    const radon_arrival_t *arrival;
    uint64_t now_us;
    size_t count;
    size_t taken;
    const radon_definition_t *first;
    int8_t errors[MEMBERS_MAX]; /**< of the members in their order */
} arriving_t;

static radon_err_t deliver(const radon_arrival_t *arrival, radon_atom_t *atom, uint32_t number,
                           uint64_t now_us)
{
    const radon_delivery_t delivery = {.number = number,
                                       .sender = arrival->sender,
                                       .payload = arrival->payload,
                                       .id = arrival->id,
                                       .correlation = arrival->correlation,
                                       .unordered = arrival->unordered};
    return radon_delivery_message(atom, &delivery, now_us);
}

static void deliver_to_member(void *context, radon_definition_t *definition, uint32_t number)
{
    arriving_t *arriving = context;
    radon_err_t err = deliver(arriving->arrival, definition->atom, number, arriving->now_us);
    arriving->first = arriving->first == NULL ? definition : arriving->first;
    arriving->taken += err == RADON_OK;
    arriving->errors[arriving->count++] = (int8_t)err;
}

/** The same members once more: those that did not take their copy. */
static void report_member(void *context, radon_definition_t *definition, uint32_t number)
{
    (void)number;
    arriving_t *arriving = context;
    int8_t err = arriving->errors[arriving->count++];
    if (err != RADON_OK) {
        radon_reports_add(definition->atom, 0, arriving->arrival->sender, arriving->arrival->id, err);
    }
}

/** It is in the inbox when one member took it. */
static radon_err_t arrive_at_members(radon_runtime_t *runtime, const radon_arrival_t *arrival,
                                     uint64_t now_us, const radon_definition_t **definition)
{
    arriving_t arriving = {.arrival = arrival, .now_us = now_us};
    radon_messages_visit_members(runtime, arrival->to, deliver_to_member, &arriving);
    *definition = arriving.first;
    if (arriving.count == 0) {
        return RADON_E_NOT_FOUND;
    }
    if (arriving.taken == 0) {
        return arriving.errors[0];
    }
    arriving.count = 0;
    radon_messages_visit_members(runtime, arrival->to, report_member, &arriving);
    return RADON_OK;
}

radon_err_t radon_messages_arrive(radon_runtime_t *runtime, const radon_arrival_t *arrival, uint64_t now_us,
                                  const radon_definition_t **definition)
{
    radon_destination_t to;
    *definition = NULL;
    if (!radon_destination_parse_name(&to, arrival->to)) {
        return RADON_E_NOT_FOUND;
    }
    radon_definition_t *named = radon_runtime_find(runtime, to.atom);
    if (named == NULL) {
        return to.number == 0 ? arrive_at_members(runtime, arrival, now_us, definition) : RADON_E_NOT_FOUND;
    }
    *definition = named;
    return radon_definition_serves(named) ? deliver(arrival, named->atom, to.number, now_us) : RADON_E_STATE;
}
