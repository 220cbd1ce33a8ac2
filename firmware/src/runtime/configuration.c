#include "radon/runtime/configuration.h"

int radon_configuration_resource(const radon_configuration_t *configuration, radon_bytes_t path)
{
    for (int i = 0; i < configuration->resource_count; i++) {
        if (radon_bytes_equal(configuration->resources[i], path)) {
            return i;
        }
    }
    return -1;
}

int radon_configuration_io(const radon_configuration_t *configuration, radon_bytes_t name)
{
    for (int i = 0; i < configuration->io_count; i++) {
        if (radon_bytes_equal(configuration->io[i], name)) {
            return i;
        }
    }
    return -1;
}
