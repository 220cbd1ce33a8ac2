/** Name, time, chance, log and end: self, timer_*, uptime_ms, clock_ms, random, log, exit. */
#include "radon/runtime/freeze.h"
#include "radon/runtime/host.h"

void radon_host_self(radon_guest_t *guest, uint64_t *slots)
{
    uint8_t name[RADON_ACTOR_NAME_BYTES];
    radon_host_out_t out;
    if (radon_host_out(guest, slots, 0, &out)) {
        radon_host_give(slots, out, radon_actor_name(radon_host_actor(guest), name));
    }
}

void radon_host_timer_set(radon_guest_t *guest, uint64_t *slots)
{
    radon_actor_t *actor = radon_host_actor(guest);
    radon_host_return(guest, slots,
                      radon_timers_set(&actor->timers, radon_slot_i32(slots[0]), radon_slot_i32(slots[1]),
                                       radon_slot_i32(slots[2]), radon_port_now_us()));
}

void radon_host_timer_cancel(radon_guest_t *guest, uint64_t *slots)
{
    radon_slot_set_i32(slots,
                       radon_timers_cancel(&radon_host_actor(guest)->timers, radon_slot_i32(slots[0])));
}

void radon_host_uptime_ms(radon_guest_t *guest, uint64_t *slots)
{
    radon_slot_set_f64(slots, (double)radon_actor_uptime_ms(radon_host_actor(guest)));
}

void radon_host_clock_ms(radon_guest_t *guest, uint64_t *slots)
{
    radon_slot_set_f64(slots, (double)(radon_runtime_utc_us(radon_host_atom(guest)->runtime) / 1000U));
}

void radon_host_random(radon_guest_t *guest, uint64_t *slots)
{
    radon_host_out_t out;
    if (!radon_host_out(guest, slots, 0, &out)) {
        return;
    }
    bool failed = out.cap > 0 && radon_port_entropy(out.data, out.cap) != RADON_OK;
    radon_slot_set_i32(slots, failed ? RADON_E_IO : RADON_OK);
}

void radon_host_log(radon_guest_t *guest, uint64_t *slots)
{
    const radon_actor_t *actor = radon_host_actor(guest);
    uint8_t name[RADON_ACTOR_NAME_BYTES];
    uint32_t level = (uint32_t)slots[0];
    radon_bytes_t line;
    if (!radon_host_range(guest, slots, 1, &line)) {
        return;
    }
    if (level > RADON_LOG_ERROR) {
        radon_slot_set_i32(slots, RADON_E_ARG);
        return;
    }
    radon_runtime_t *runtime = actor->atom->runtime;
    radon_logbook_write(&runtime->logbook, radon_port_now_us(), (radon_log_level_t)level,
                        radon_actor_name(actor, name), line);
    runtime->notify(runtime->notify_context, radon_bytes_text("log"));
    radon_slot_set_i32(slots, RADON_OK);
}

void radon_host_exit(radon_guest_t *guest, uint64_t *slots)
{
    radon_actor_t *actor = radon_host_actor(guest);
    actor->exiting = true;
    actor->exit_code = radon_slot_i32(slots[0]);
    radon_slot_set_i32(slots, RADON_OK);
}
