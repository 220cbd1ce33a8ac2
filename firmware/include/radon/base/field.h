/** Names of the fields of documents (docs/fields.json). */
#ifndef RADON_BASE_FIELD_H
#define RADON_BASE_FIELD_H

#include "radon/fields.generated.h"

/** Name in JSON, as in "uptimeMs". NULL for a number that is no field. */
const char *radon_field_name(radon_field_t field);

#endif
