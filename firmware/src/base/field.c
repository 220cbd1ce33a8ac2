#include "radon/base/field.h"

#include <stddef.h>

static const char *const names[RADON_FIELD_MAX + 1] = {
#define X(name, key, text) [key] = text,
    RADON_FIELDS(X)
#undef X
};

const char *radon_field_name(radon_field_t field)
{
    return (unsigned)field <= RADON_FIELD_MAX ? names[field] : NULL;
}
