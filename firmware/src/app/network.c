#include "radon/app/network.h"

#include "radon/app/messenger.h"

#include "radon/app/resources.h"
#include "radon/runtime/requests.h"

/** Link table of the server. */
enum { LINK_SERIAL = 0, LINK_UDP = 1, LINK_COUNT = 2 };

/** Bytes of an endpoint address on UDP: IPv4 address, port. */
#define UDP_ADDRESS_BYTES 6U

/** A manifest whose next block does not come for this long is forgotten. */
#define RECEIVING_MS 10000U

/** Between two notifications of /node; the task runs at least every RADON_PORT_PROGRESS_MS. */
#define NODE_NOTICE_US 5000000U

/** Datagrams and chunks of bytes taken in one run: it ends also when they come as fast as they are taken. */
#define DATAGRAMS_PER_RUN 8
#define SERIAL_CHUNK 64U
#define CHUNKS_PER_RUN 32

static struct {
    radon_coap_link_t links[LINK_COUNT];
    radon_coap_server_config_t config;
    radon_slipmux_t slipmux;
    radon_ring_t transmit;
    uint8_t chunk[SERIAL_CHUNK]; /**< taken from the ring, not yet by the port */
    size_t chunk_at;
    size_t chunk_length;
    uint8_t transmit_bytes[RADON_SLIPMUX_ENCODED_MAX + 1];
    uint64_t node_notice_us;
} network;

/** Whoever is at the other end of the line. */
static const radon_endpoint_t serial_peer = {.link = LINK_SERIAL, .trusted = true};

/* ---- Serial ---- */

/** Takes the next bytes from the ring; false when it is empty. */
static bool fill_chunk(void)
{
    network.chunk_at = 0;
    network.chunk_length = 0;
    while (network.chunk_length < SERIAL_CHUNK &&
           radon_ring_get(&network.transmit, &network.chunk[network.chunk_length])) {
        network.chunk_length++;
    }
    return network.chunk_length > 0;
}

/** Moves encoded frames on to the port, as much as it takes. */
static void flush_serial(void)
{
    while (network.chunk_at < network.chunk_length || fill_chunk()) {
        size_t left = network.chunk_length - network.chunk_at;
        size_t taken = radon_port_serial_write(network.chunk + network.chunk_at, left);
        network.chunk_at += taken;
        if (taken < left) {
            return;
        }
    }
}

static radon_err_t send_serial(radon_bytes_t message)
{
    radon_err_t err = radon_slipmux_send(&network.slipmux, &network.transmit, message);
    flush_serial();
    return err;
}

static void receive_serial(uint64_t now_ms)
{
    uint8_t bytes[SERIAL_CHUNK];
    radon_bytes_t message;
    for (int run = 0; run < CHUNKS_PER_RUN; run++) {
        size_t count = radon_port_serial_read(bytes, sizeof bytes);
        if (count == 0) {
            return;
        }
        for (size_t i = 0; i < count; i++) {
            if (radon_slipmux_receive(&network.slipmux, bytes[i], &message)) {
                radon_coap_server_receive(&radon_node.server, &serial_peer, message, now_ms);
            }
        }
    }
    radon_port_network_pend();
}

/* ---- UDP ---- */

/** The last six bytes of an IPv4-mapped address and its port. */
static radon_endpoint_t udp_endpoint(const radon_port_address_t *address)
{
    radon_endpoint_t endpoint = {.link = LINK_UDP, .address_len = UDP_ADDRESS_BYTES};
    memcpy(endpoint.address, address->ip + 12, 4);
    endpoint.address[4] = (uint8_t)(address->port >> 8);
    endpoint.address[5] = (uint8_t)address->port;
    return endpoint;
}

static radon_err_t send_udp(const radon_endpoint_t *to, radon_bytes_t datagram)
{
    radon_port_address_t address = {.ip = {[10] = 0xFF, [11] = 0xFF}};
    memcpy(address.ip + 12, to->address, 4);
    address.port = (uint16_t)(to->address[4] << 8 | to->address[5]);
    return radon_port_udp_send(&address, datagram.data, datagram.len);
}

static void receive_udp(uint64_t now_ms)
{
    uint8_t datagram[RADON_COAP_MESSAGE_MAX]; /* on the stack: boards without UDP do not pay for it */
    radon_port_address_t from;
    for (int i = 0; i < DATAGRAMS_PER_RUN; i++) {
        size_t length = radon_port_udp_receive(&from, datagram, sizeof datagram);
        if (length == 0) {
            return;
        }
        if (length <= sizeof datagram) {
            radon_endpoint_t endpoint = udp_endpoint(&from);
            radon_coap_server_receive(&radon_node.server, &endpoint, radon_bytes(datagram, length), now_ms);
        }
    }
    radon_port_network_pend();
}

/* ---- The task ---- */

static radon_err_t send_datagram(void *context, const radon_endpoint_t *to, radon_bytes_t datagram)
{
    (void)context;
    return to->link == LINK_SERIAL ? send_serial(datagram) : send_udp(to, datagram);
}

void radon_network_init(uint32_t seed)
{
    uint32_t baud = radon_port_serial_baud();
    radon_slipmux_init(&network.slipmux);
    radon_ring_init(&network.transmit, network.transmit_bytes, sizeof network.transmit_bytes);
    network.links[LINK_SERIAL] = radon_coap_link_serial(baud > 0 ? baud : 115200);
    network.links[LINK_UDP] = radon_coap_link_udp();
    network.config = (radon_coap_server_config_t){.links = network.links,
                                                  .link_count = LINK_COUNT,
                                                  .tree = radon_resources,
                                                  .send = send_datagram,
                                                  .client = &radon_node.client};
    radon_coap_server_init(&radon_node.server, &network.config, seed);
    radon_coap_client_init(&radon_node.client, &radon_node.server);
}

const radon_endpoint_t *radon_network_bridge(void)
{
    return radon_port_serial_baud() > 0 ? &serial_peer : NULL;
}

const radon_slipmux_counters_t *radon_network_frames(void)
{
    return &network.slipmux.counters;
}

void radon_network_diagnostic(const char *text)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    (void)radon_slipmux_send_diagnostic(&network.slipmux, &network.transmit, radon_bytes_text(text));
    flush_serial();
    radon_port_ceiling_restore(ceiling);
    radon_port_diagnostic(text);
}

/** Figures of /node change all the time; its observers get them now and then. */
static void notify_node(uint64_t now_us)
{
    if (now_us >= network.node_notice_us) {
        network.node_notice_us = now_us + NODE_NOTICE_US;
        radon_coap_server_notify(&radon_node.server, radon_bytes_text("node"));
    }
}

/** Gives up what is overdue, sends what is ready; returns when to be called again at the latest. */
static uint64_t serve(uint64_t now_us)
{
    uint64_t now_ms = now_us / 1000U;
    uint64_t requests_us = radon_requests_expire(&radon_node.runtime, now_us);
    radon_jobs_expire(&radon_node.jobs, now_us, RECEIVING_MS);
    radon_answers_send(now_ms);
    notify_node(now_us);
    radon_messenger_poll(now_us);
    uint64_t server_ms = radon_coap_server_poll(&radon_node.server, now_ms);
    uint64_t server_us = server_ms == RADON_COAP_NEVER ? RADON_PORT_NEVER : server_ms * 1000U;
    uint64_t messages_us = radon_messenger_due_us(now_us);
    uint64_t due_us = server_us < requests_us ? server_us : requests_us;
    return messages_us < due_us ? messages_us : due_us;
}

void radon_network_task(void)
{
    uint64_t now_us = radon_port_now_us();
    uint64_t wake_us = now_us + RADON_PORT_PROGRESS_MS * 1000ULL;
    radon_port_progress(RADON_PROGRESS_NETWORK);
    flush_serial();
    if (radon_node.links_open) { /* what comes while the node starts waits in the port */
        receive_serial(now_us / 1000U);
        if (radon_port_udp_present()) {
            receive_udp(now_us / 1000U);
        }
        uint64_t due_us = serve(now_us);
        wake_us = due_us < wake_us ? due_us : wake_us;
    }
    radon_port_network_wake_at(wake_us);
}
