/** The node: everything there is one of. The network task and the thread level both reach it through
 * radon_node. */
#ifndef RADON_APP_NODE_H
#define RADON_APP_NODE_H

#include "radon/app/jobs.h"
#include "radon/coap/client.h"
#include "radon/runtime/runtime.h"
#include "radon/store/images.h"
#include "radon/trust/provisioning.h"

/** For functions with large locals: inlined, they would stay on the stack during what their caller does next.
 */
#define RADON_OWN_FRAME __attribute__((noinline))

/** Shown in /node. */
#ifndef RADON_FIRMWARE_VERSION
#define RADON_FIRMWARE_VERSION "0.1.0"
#endif

/** What /node shows of things that only the thread level may look at. */
typedef struct {
    uint32_t stack_high_water;
    uint32_t stack_total;
    radon_images_usage_t flash;
} radon_node_figures_t;

/** A payload of which bytes are missing, or that never ran. Set by the thread level under the ceiling. */
typedef struct {
    const uint8_t *digest; /**< in flash; NULL for none */
    uint32_t size;
    uint32_t have;
} radon_node_upload_t;

/** Bytes of a bridge's name and of its id. */
#define RADON_LEASE_NAME_BYTES 32U

typedef struct {
    uint8_t text[RADON_LEASE_NAME_BYTES];
    uint8_t length;
} radon_lease_name_t;

/** Which bridge the node belongs to. Network level. */
typedef struct {
    uint64_t end_us; /**< it belongs to nobody from then on */
    radon_lease_name_t name;
    radon_lease_name_t id;
} radon_lease_t;

typedef struct {
    radon_provisioning_t provisioning;
    radon_kv_t kv;
    radon_images_t images;
    radon_runtime_t runtime;
    radon_jobs_t jobs;
    radon_coap_server_t server;
    radon_coap_client_t client;
    radon_node_figures_t figures;
    radon_node_upload_t uploads[RADON_MAX_ATOMS]; /**< by index of the definition: its PENDING version */
    radon_node_upload_t active[RADON_MAX_ATOMS];  /**< by index of the definition: the version it runs */
    radon_lease_t lease;
    uint64_t restart_at_us; /**< a restart was asked for; 0 for none */
    bool links_open;        /**< provisioned: the network task serves */
} radon_node_t;

extern radon_node_t radon_node;

/** Index of a definition in the table of atoms. */
static inline uint32_t radon_node_index(const radon_definition_t *definition)
{
    return (uint32_t)(definition - radon_node.runtime.definitions);
}

#endif
