#include "radon/runtime/delivery.h"

/** Round-robin: the place that has its turn, for what was sent to the atom's own name. */
static uint8_t take_turn(radon_atom_t *atom, uint32_t number)
{
    const radon_configuration_t *configuration = &atom->configuration;
    if (!configuration->reactive || configuration->policy != RADON_POLICY_ROUND_ROBIN || number != 0) {
        return 0;
    }
    uint8_t place = atom->next_turn;
    atom->next_turn = (uint8_t)((place + 1U) % configuration->instances);
    return (uint8_t)(place + 1U);
}

static radon_err_t append(radon_atom_t *atom, const radon_inbox_event_t *event, radon_bytes_t head,
                          radon_bytes_t payload, uint64_t now_us)
{
    if (event->number != 0 && radon_atom_actor(atom, event->number) == NULL) {
        return RADON_E_NOT_FOUND;
    }
    radon_err_t err = radon_inbox_append(&atom->inbox, event, head, payload);
    if (err == RADON_OK) {
        radon_inbox_event_t *record = &atom->inbox.events[atom->inbox.count - 1];
        record->place = atom->next_place++;
        record->arrived = radon_tick_at(now_us);
        record->turn = take_turn(atom, record->number);
    }
    return err;
}

radon_err_t radon_delivery_event(radon_atom_t *atom, const radon_inbox_event_t *event, radon_bytes_t head,
                                 radon_bytes_t payload, uint64_t now_us)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_err_t err = append(atom, event, head, payload, now_us);
    radon_port_ceiling_restore(ceiling);
    if (err == RADON_OK) {
        radon_port_thread_wake();
    }
    return err;
}

radon_err_t radon_delivery_message(radon_atom_t *atom, const radon_delivery_t *delivery, uint64_t now_us)
{
    const radon_inbox_event_t event = {
        .kind = RADON_EVENT_MESSAGE,
        .number = delivery->number,
        .message = {.id = delivery->id,
                    .correlation = delivery->correlation,
                    .unordered = delivery->unordered},
    };
    return radon_delivery_event(atom, &event, delivery->sender, delivery->payload, now_us);
}

radon_err_t radon_delivery_report(radon_atom_t *atom, const radon_delivery_report_t *report, uint64_t now_us)
{
    const radon_inbox_event_t event = {
        .kind = RADON_EVENT_UNDELIVERED,
        .number = report->number,
        .report = {.id = report->id, .outcome = (uint8_t)report->outcome, .error = (int8_t)report->error},
    };
    return radon_delivery_event(atom, &event, report->destination, radon_bytes(NULL, 0), now_us);
}

static radon_actor_t *free_place(const radon_atom_t *atom)
{
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        if (atom->actors[i].state == RADON_ACTOR_NONE) {
            return &atom->actors[i];
        }
    }
    return NULL;
}

/** Makes the place the new instance's own before its START is in the inbox, which only then can be. */
static radon_err_t reserve(radon_atom_t *atom, radon_bytes_t spawner, radon_bytes_t args, uint64_t now_us)
{
    radon_actor_t *actor = free_place(atom);
    if (actor == NULL) {
        return RADON_E_FULL;
    }
    radon_actor_take(actor, atom->next_number);
    actor->spawned = true;
    actor->state = RADON_ACTOR_RESERVED;
    const radon_inbox_event_t event = {.kind = RADON_EVENT_START, .number = actor->number};
    if (append(atom, &event, spawner, args, now_us) != RADON_OK) {
        actor->state = RADON_ACTOR_NONE;
        return RADON_E_FULL;
    }
    return RADON_OK;
}

radon_err_t radon_delivery_spawn(radon_atom_t *atom, radon_bytes_t spawner, radon_bytes_t args,
                                 uint64_t now_us, uint32_t *number)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    radon_err_t err = reserve(atom, spawner, args, now_us);
    *number = atom->next_number;
    atom->next_number += err == RADON_OK;
    radon_port_ceiling_restore(ceiling);
    return err;
}
