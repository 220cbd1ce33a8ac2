#include "radon/app/configure.h"

#include "radon/trust/cose.h"

bool radon_configure_open(radon_bytes_t signed_manifest, radon_manifest_t *manifest)
{
    radon_cose_sign1_t sign1;
    char detail[RADON_MANIFEST_DETAIL_BYTES];
    return signed_manifest.len > 0 && radon_cose_parse(signed_manifest, &sign1) == NULL &&
           radon_manifest_parse(sign1.payload, manifest, detail);
}

static void configure_resources(const radon_manifest_t *manifest, radon_configuration_t *configuration)
{
    radon_manifest_list_t list;
    radon_manifest_resource_t resource;
    radon_manifest_list(&list, &manifest->resources);
    while (configuration->resource_count < RADON_MAX_RESOURCES &&
           radon_manifest_next_resource(&list, &resource)) {
        uint8_t index = configuration->resource_count++;
        configuration->resources[index] = resource.path;
        configuration->observable |= (uint8_t)(resource.observable ? 1U << index : 0U);
    }
}

static void configure_io(const radon_manifest_t *manifest, const radon_channels_t *channels,
                         radon_configuration_t *configuration)
{
    radon_manifest_list_t list;
    radon_bytes_t name;
    radon_manifest_list(&list, &manifest->io);
    while (configuration->io_count < RADON_MAX_IO_CHANNELS && radon_manifest_next_text(&list, &name)) {
        uint8_t index = configuration->io_count++;
        configuration->io[index] = name;
        configuration->channels[index] = (int8_t)radon_channels_find(channels, name);
    }
}

void radon_configure(const radon_manifest_t *manifest, const radon_channels_t *channels,
                     radon_configuration_t *configuration)
{
    const radon_manifest_limits_t *limits = &manifest->limits;
    *configuration = (radon_configuration_t){
        .reactive = manifest->reactive,
        .policy = manifest->policy,
        .recovery = manifest->recovery,
        .instances = (uint8_t)limits->instances,
        .max_restarts = (uint8_t)limits->max_restarts,
        .window_ms = limits->window_ms,
        .idle_ms = limits->idle_ms,
        .max_events = limits->max_events,
        .create_after_ms = limits->inbox_create_after_ms,
        .timers = (uint8_t)limits->timers,
        .pending = (uint8_t)limits->pending,
        .inbox_messages = (uint8_t)limits->inbox_messages,
        .body = (uint16_t)limits->body,
        .publish = (uint16_t)limits->publish,
        .inbox_bytes = (uint16_t)limits->inbox_bytes,
        .memory = limits->memory,
        .stack = limits->stack,
        .deadline_ms = limits->deadline_ms,
        .storage = limits->storage,
        .wait_ms = limits->inbox_wait_ms,
        .reply_within_ms = limits->reply_within_ms,
        .need_load = manifest->payload.load,
        .need_run = manifest->payload.run,
        .send = manifest->send.encoded,
        .request = manifest->request.encoded,
        .aliases = manifest->aliases.encoded,
    };
    configure_resources(manifest, configuration);
    configure_io(manifest, channels, configuration);
}
