/** What the runtime keeps in RAM of the configuration in a manifest. Texts stay where the manifest lies. */
#ifndef RADON_RUNTIME_CONFIGURATION_H
#define RADON_RUNTIME_CONFIGURATION_H

#include "radon/runtime/channels.h"

typedef struct {
    bool reactive;         /**< else a daemon */
    radon_policy_t policy; /**< of a reactive atom */
    radon_recovery_t recovery;
    uint8_t instances; /**< at once; 1 for a daemon */
    uint8_t max_restarts;
    uint8_t timers;
    uint8_t pending;
    uint8_t inbox_messages;
    uint8_t resource_count;
    uint8_t observable; /**< of the resources: bit per index */
    uint8_t io_count;
    uint16_t body;
    uint16_t publish;
    uint16_t inbox_bytes;
    uint32_t memory;
    uint32_t stack;
    uint32_t deadline_ms;
    uint32_t storage;
    uint32_t wait_ms;
    uint32_t reply_within_ms;
    uint32_t window_ms;
    uint32_t idle_ms;
    uint32_t max_events; /**< 0: any number */
    uint32_t create_after_ms;
    uint32_t need_load;
    uint32_t need_run;
    int8_t
        channels[RADON_MAX_IO_CHANNELS]; /**< of `io`: index in the board's table, or -1 where it lacks it */
    radon_bytes_t io[RADON_MAX_IO_CHANNELS];      /**< names */
    radon_bytes_t resources[RADON_MAX_RESOURCES]; /**< paths */
    radon_bytes_t send;    /**< CBOR array of patterns, in flash; empty for none. As the next two */
    radon_bytes_t request; /**< CBOR array of patterns */
    radon_bytes_t aliases; /**< CBOR array of names */
} radon_configuration_t;

/** Index of the resource with this path, or -1. */
int radon_configuration_resource(const radon_configuration_t *configuration, radon_bytes_t path);

/** Index in the io list, or -1. */
int radon_configuration_io(const radon_configuration_t *configuration, radon_bytes_t name);

#endif
