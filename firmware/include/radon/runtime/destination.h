/** Where a message goes: `<name>` or `<node>/<name>`, the name that of an atom, an instance or an alias. */
#ifndef RADON_RUNTIME_DESTINATION_H
#define RADON_RUNTIME_DESTINATION_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"

/** Longest instance name: a name, `~` and ten digits. */
#define RADON_INSTANCE_NAME_BYTES (RADON_MAX_NAME_BYTES + 11U)

/** Longest destination and address. */
#define RADON_ADDRESS_BYTES (RADON_MAX_NAME_BYTES + 1U + RADON_INSTANCE_NAME_BYTES)

/** Views are borrowed. */
typedef struct {
    radon_bytes_t node; /**< empty: wherever the name is */
    radon_bytes_t name; /**< of an atom, an instance or an alias */
    radon_bytes_t atom; /**< the name without `~<n>` */
    uint32_t number;    /**< n, 0 without; UINT32_MAX for one that no instance can have */
} radon_destination_t;

/** False for a text that is none. */
bool radon_destination_parse(radon_destination_t *destination, radon_bytes_t text);

/** The same for the name alone. */
bool radon_destination_parse_name(radon_destination_t *destination, radon_bytes_t text);

/** [a-z][a-z0-9-]{0,31}: of a node, an atom or an alias. */
bool radon_destination_is_name(radon_bytes_t text);

#endif
