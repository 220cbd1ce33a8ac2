/* Guard of the host tests: calls run unguarded unless a test asks for a kill, which comes before the first
 * step. */
#include "port_guard.h"

#include "radon/port.h"

int radon_fake_guard_paused;
bool radon_fake_guard_kills;

radon_guard_result_t radon_port_guard_call(void (*function)(void *context), void *context, uint32_t budget_us,
                                           uint32_t wall_us)
{
    (void)budget_us, (void)wall_us;
    if (radon_fake_guard_kills) {
        return RADON_GUARD_KILLED;
    }
    function(context);
    return RADON_GUARD_DONE;
}

void radon_port_guard_pause(void)
{
    radon_fake_guard_paused++;
}

void radon_port_guard_resume(void)
{
    radon_fake_guard_paused--;
}
