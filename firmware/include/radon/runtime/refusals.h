/** Answers that are errors of the node, on their way from either level to the network task. */
#ifndef RADON_RUNTIME_REFUSALS_H
#define RADON_RUNTIME_REFUSALS_H

#include "radon/base/bytes.h"
#include "radon/config.h"
#include "radon/errors.generated.h"

/** One exchange gets one answer, so there are never more. */
#define RADON_REFUSALS_MAX RADON_COAP_EXCHANGES

typedef struct {
    uint32_t exchange; /**< radon_coap_exchange_t */
    radon_problem_t problem;
    radon_bytes_t name; /**< of the atom, in the table of atoms: fills {name} */
    uint32_t number;    /**< of an instance: {name} is then "NAME~NUMBER"; 0 for the atom */
    radon_bytes_t path; /**< of its resource, in flash: {name} is then "/a/NAME/PATH"; empty for none */
    const char *detail; /**< fills {phase}, {detail} or {method}; NULL for none */
} radon_refusal_entry_t;

typedef struct {
    radon_refusal_entry_t entries[RADON_REFUSALS_MAX];
    uint8_t count;
} radon_refusals_t;

/** Adds one and wakes the network task. Any level. */
void radon_refusals_add(radon_refusals_t *refusals, const radon_refusal_entry_t *entry);

/** Takes the next one; false when there is none. Network level. */
bool radon_refusals_take(radon_refusals_t *refusals, radon_refusal_entry_t *entry);

#endif
