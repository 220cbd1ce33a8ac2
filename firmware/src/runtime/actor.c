#include "radon/base/sink.h"
#include "radon/runtime/definition.h"

uint8_t radon_actor_place(const radon_actor_t *actor)
{
    return (uint8_t)(actor - actor->atom->actors + 1);
}

radon_bytes_t radon_actor_name(const radon_actor_t *actor, uint8_t *out)
{
    radon_sink_t sink;
    radon_bytes_t atom = radon_definition_name(actor->atom->definition);
    radon_sink_init(&sink, out, RADON_ACTOR_NAME_BYTES, 0);
    radon_sink_write(&sink, atom.data, atom.len);
    if (actor->number != 0) {
        radon_sink_put(&sink, '~');
        radon_sink_u64(&sink, actor->number);
    }
    return radon_sink_window(&sink);
}

void radon_actor_take(radon_actor_t *actor, uint32_t number)
{
    radon_atom_t *atom = actor->atom;
    memset(actor, 0, sizeof *actor);
    actor->atom = atom;
    actor->number = number;
    radon_timers_init(&actor->timers, atom->configuration.timers);
    (void)radon_port_entropy((uint8_t *)&actor->identity, sizeof actor->identity);
}

static void forget(radon_signal_t *signal)
{
    if ((signal->marks & RADON_SIGNAL_RETRIED) == 0) {
        signal->marks = 0;
    }
}

void radon_actor_forget_signals(radon_actor_t *actor)
{
    for (uint8_t i = 0; i < RADON_TIMERS_MAX; i++) {
        actor->timers.timers[i].due_us = RADON_TIMER_STOPPED;
        forget(&actor->timers.timers[i].signal);
    }
    for (uint8_t i = 0; i < RADON_MAX_IO_CHANNELS; i++) {
        actor->watches[i].edges = 0;
        forget(&actor->watches[i].signal);
    }
}

void radon_actor_release_held(radon_actor_t *actor)
{
    for (uint8_t i = 0; i < RADON_TIMERS_MAX; i++) {
        actor->timers.timers[i].signal.marks &= (uint8_t)~RADON_SIGNAL_HELD;
    }
    for (uint8_t i = 0; i < RADON_MAX_IO_CHANNELS; i++) {
        actor->watches[i].signal.marks &= (uint8_t)~RADON_SIGNAL_HELD;
    }
}
