#include "radon/runtime/atom.h"

static uint64_t round8(uint64_t bytes)
{
    return (bytes + 7U) & ~(uint64_t)7U;
}

static uint32_t records_size(const radon_configuration_t *configuration)
{
    return RADON_INBOX_RECORD_BYTES * configuration->inbox_messages +
           RADON_OPEN_RECORD_BYTES * configuration->pending;
}

uint32_t radon_atom_block_size(const radon_configuration_t *configuration)
{
    uint64_t instance = round8(configuration->need_run) + RADON_INSTANCE_OVERHEAD;
    uint64_t size = RADON_ATOM_OVERHEAD + configuration->instances * instance + records_size(configuration) +
                    round8(configuration->inbox_bytes) + round8(configuration->publish) +
                    round8((uint64_t)configuration->body * configuration->pending);
    return size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
}

/** Takes `size` bytes of the block. */
static void *carve(uint8_t **at, uint64_t size)
{
    void *part = *at;
    *at += size;
    return part;
}

radon_atom_t *radon_atom_init(void *block, const radon_configuration_t *configuration)
{
    uint8_t *at = block;
    radon_atom_t *atom = carve(&at, RADON_ATOM_OVERHEAD);
    memset(atom, 0, RADON_ATOM_OVERHEAD + configuration->instances * RADON_INSTANCE_OVERHEAD);
    atom->configuration = *configuration;
    atom->next_event_id = 1;
    atom->next_number = 1;
    atom->first_message = 1;
    atom->next_message = 1;
    atom->held_until_us = UINT64_MAX;

    atom->actors = carve(&at, configuration->instances * RADON_INSTANCE_OVERHEAD);
    radon_inbox_event_t *events = carve(&at, RADON_INBOX_RECORD_BYTES * configuration->inbox_messages);
    radon_open_t *places = carve(&at, RADON_OPEN_RECORD_BYTES * configuration->pending);
    atom->arena_size = (uint32_t)round8(configuration->need_run);
    atom->arenas = carve(&at, (uint64_t)configuration->instances * atom->arena_size);
    radon_inbox_init(&atom->inbox, events, configuration->inbox_messages,
                     carve(&at, round8(configuration->inbox_bytes)), configuration->inbox_bytes);
    radon_publications_init(&atom->publications, carve(&at, round8(configuration->publish)),
                            configuration->publish);
    radon_opens_init(&atom->opens, places, configuration->pending, at, configuration->body);
    for (uint8_t i = 0; i < configuration->instances; i++) {
        atom->actors[i].atom = atom;
    }
    return atom;
}

radon_actor_t *radon_atom_actor(const radon_atom_t *atom, uint32_t number)
{
    radon_actor_t *actor = radon_atom_next_actor(atom, (int64_t)number - 1);
    return actor != NULL && actor->number == number ? actor : NULL;
}

radon_actor_t *radon_atom_next_actor(const radon_atom_t *atom, int64_t after)
{
    radon_actor_t *next = NULL;
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        radon_actor_t *actor = &atom->actors[i];
        if (actor->state != RADON_ACTOR_NONE && actor->number > after &&
            (next == NULL || actor->number < next->number)) {
            next = actor;
        }
    }
    return next;
}

uint32_t radon_atom_take_message_id(radon_atom_t *atom)
{
    uint32_t id = atom->next_message++;
    if (id == INT32_MAX) {
        atom->first_message = 1;
        atom->next_message = 1;
    }
    return id;
}

uint32_t radon_atom_memory_used(const radon_atom_t *atom)
{
    uint32_t used = 0;
    for (uint8_t i = 0; i < atom->configuration.instances; i++) {
        used += atom->actors[i].memory_used;
    }
    return used;
}
