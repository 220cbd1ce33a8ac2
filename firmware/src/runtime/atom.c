#include "radon/runtime/atom.h"

static uint64_t round8(uint64_t bytes)
{
    return (bytes + 7U) & ~(uint64_t)7U;
}

/** Control block and records: what stands in front of the arena. */
static uint32_t head_size(const radon_configuration_t *configuration)
{
    return RADON_ATOM_OVERHEAD + RADON_INBOX_RECORD_BYTES * configuration->inbox_messages +
           RADON_OPEN_RECORD_BYTES * configuration->pending;
}

uint32_t radon_atom_block_size(const radon_configuration_t *configuration)
{
    uint64_t size = head_size(configuration) + round8(configuration->need_run) +
                    round8(configuration->inbox_bytes) + round8(configuration->publish) +
                    round8((uint64_t)configuration->body * configuration->pending);
    return size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
}

radon_atom_t *radon_atom_init(void *block, const radon_configuration_t *configuration)
{
    radon_atom_t *atom = block;
    memset(atom, 0, sizeof *atom);
    atom->configuration = *configuration;
    atom->next_event_id = 1;
    atom->held_until_us = UINT64_MAX;

    uint8_t *at = (uint8_t *)block + RADON_ATOM_OVERHEAD;
    radon_message_t *messages = (radon_message_t *)(void *)at;
    at += RADON_INBOX_RECORD_BYTES * configuration->inbox_messages;
    radon_open_t *places = (radon_open_t *)(void *)at;
    at += RADON_OPEN_RECORD_BYTES * configuration->pending;
    atom->arena_base = at;
    atom->arena_size = (uint32_t)round8(configuration->need_run);
    at += atom->arena_size;
    radon_inbox_init(&atom->inbox, messages, configuration->inbox_messages, at, configuration->inbox_bytes);
    at += round8(configuration->inbox_bytes);
    radon_publications_init(&atom->publications, at, configuration->publish);
    at += round8(configuration->publish);
    radon_opens_init(&atom->opens, places, configuration->pending, at, configuration->body);
    radon_timers_init(&atom->timers, configuration->timers);
    return atom;
}
