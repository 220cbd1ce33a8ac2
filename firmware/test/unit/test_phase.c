#include "check.h"

#include "radon/runtime/phase.h"

#define PHASES 7

/** Rows: from; columns: to; in the order of the table `phases`. */
static const bool legal[PHASES][PHASES] = {
    [RADON_PHASE_CREATED] =
        {[RADON_PHASE_SUSPENDED] = true, [RADON_PHASE_ERROR] = true, [RADON_PHASE_TERMINATED] = true},
    [RADON_PHASE_SUSPENDED] =
        {[RADON_PHASE_RUNNING] = true, [RADON_PHASE_TERMINATED] = true, [RADON_PHASE_FROZEN] = true},
    [RADON_PHASE_RUNNING] = {[RADON_PHASE_COMPLETED] = true, [RADON_PHASE_ERROR] = true},
    [RADON_PHASE_COMPLETED] = {[RADON_PHASE_SUSPENDED] = true},
    [RADON_PHASE_ERROR] = {[RADON_PHASE_TERMINATED] = true, [RADON_PHASE_CREATED] = true},
    [RADON_PHASE_TERMINATED] = {0},
    [RADON_PHASE_FROZEN] = {[RADON_PHASE_SUSPENDED] = true, [RADON_PHASE_TERMINATED] = true},
};

TEST(exactly_the_legal_steps_are_taken)
{
    for (int from = 0; from < PHASES; from++) {
        for (int to = 0; to < PHASES; to++) {
            volatile radon_phase_t phase = (radon_phase_t)from;
            radon_err_t err = radon_phase_step(&phase, (radon_phase_t)to);
            CHECK_EQ(err, legal[from][to] ? RADON_OK : RADON_E_STATE);
            CHECK_EQ(phase, legal[from][to] ? to : from);
        }
    }
}

TEST(names_are_those_of_the_table)
{
    CHECK_STR(radon_phase_name(RADON_PHASE_CREATED), "CREATED");
    CHECK_STR(radon_phase_name(RADON_PHASE_FROZEN), "FROZEN");
}

int main(void)
{
    RUN(exactly_the_legal_steps_are_taken);
    RUN(names_are_those_of_the_table);
    return check_summary();
}
