/** From a manifest in flash to what the runtime needs to know. Any level. */
#ifndef RADON_APP_CONFIGURE_H
#define RADON_APP_CONFIGURE_H

#include "radon/runtime/configuration.h"
#include "radon/trust/manifest.h"

/** Opens a signed manifest that was admitted before. False: it does not hold one. */
bool radon_configure_open(radon_bytes_t signed_manifest, radon_manifest_t *manifest);

/** `manifest` stays where it is: texts are borrowed from it. */
void radon_configure(const radon_manifest_t *manifest, const radon_channels_t *channels,
                     radon_configuration_t *configuration);

#endif
