/*
 * CoAP load generator: a closed loop of N outstanding confirmable requests over several source ports.
 *
 *   coap-load HOST PORT get|put PATH OUTSTANDING PORTS WARMUP_MS MEASURE_MS [PAYLOAD_BYTES]
 *
 * Every request has a message ID that its source port has not used before in this run, so that a server's deduplication
 * works as it does in the field; the run ends early when the IDs do. A request without an answer for a second counts as
 * lost and its place is taken by the next. Prints one JSON object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum {
    MAX_PORTS = 256,
    MAX_OUTSTANDING = 1024,
    BATCH = 64,
    MESSAGE_BYTES = 1280,
    IDS_PER_PORT = 65536,
};

static const uint64_t lost_after_ns = 1000000000u;

/* One of the outstanding requests; the token is its index. */
typedef struct {
    uint64_t sent_ns;
    uint16_t message_id;
    uint16_t port;
    bool busy;
} slot_t;

typedef struct {
    int fd;
    uint32_t used_ids;
    uint16_t first_id;
    int queued;
    struct mmsghdr headers[BATCH];
    struct iovec parts[BATCH];
    uint8_t bytes[BATCH][MESSAGE_BYTES];
} source_t;

typedef struct {
    /* With the warm-up; the rest is without. */
    uint64_t all;
    uint64_t answered;
    uint64_t errors;
    uint64_t lost;
    uint64_t stray;
} tally_t;

static source_t sources[MAX_PORTS];
static slot_t slots[MAX_OUTSTANDING];
static tally_t tally;
static uint8_t request_tail[MESSAGE_BYTES];
static size_t request_tail_bytes;
static uint8_t request_code;
static int source_count;
static int next_source;
static bool measuring;

/* Uri-Path, one option a segment of up to 12 bytes. */
static void put_path(const char *path)
{
    const char *segment = path;
    while (*segment != '\0') {
        size_t length = strcspn(segment, "/");
        uint8_t delta = request_tail_bytes == 0 ? 0xb0 : 0x00;
        if (length > 12 || request_tail_bytes + 1 + length > 256) {
            fprintf(stderr, "not a short path: %s\n", path);
            exit(2);
        }
        request_tail[request_tail_bytes++] = (uint8_t)(delta | length);
        memcpy(request_tail + request_tail_bytes, segment, length);
        request_tail_bytes += length;
        segment += length + (segment[length] == '/');
    }
}

/* Everything behind the token: Uri-Path and a payload, if there is one. */
static void build_request(const char *method, const char *path, size_t payload_bytes)
{
    request_code = strcmp(method, "put") == 0 ? 3 : 1;
    put_path(path);
    if (payload_bytes == 0) {
        return;
    }
    request_tail[request_tail_bytes++] = 0xff;
    memset(request_tail + request_tail_bytes, 'x', payload_bytes);
    request_tail_bytes += payload_bytes;
}

static void open_sources(const char *host, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1) {
        fprintf(stderr, "not an IPv4 address: %s\n", host);
        exit(2);
    }
    for (int index = 0; index < source_count; index++) {
        source_t *source = &sources[index];
        int bytes = 1 << 20;
        source->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        if (source->fd < 0 || connect(source->fd, (struct sockaddr *)&to, sizeof to) != 0) {
            die("connect");
        }
        setsockopt(source->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
        source->first_id = (uint16_t)(now_ns() >> 7);
        for (int at = 0; at < BATCH; at++) {
            source->parts[at].iov_base = source->bytes[at];
            source->headers[at].msg_hdr.msg_iov = &source->parts[at];
            source->headers[at].msg_hdr.msg_iovlen = 1;
        }
    }
}

static void flush_source(source_t *source)
{
    int sent = 0;
    while (sent < source->queued) {
        int count = sendmmsg(source->fd, source->headers + sent, (unsigned)(source->queued - sent), 0);
        if (count > 0) {
            sent += count;
        } else if (errno != EAGAIN && errno != ECONNREFUSED) {
            die("sendmmsg");
        }
    }
    source->queued = 0;
}

static source_t *pick_source(void)
{
    for (int tries = 0; tries < source_count; tries++) {
        source_t *source = &sources[next_source];
        next_source = (next_source + 1) % source_count;
        if (source->used_ids < IDS_PER_PORT) {
            return source;
        }
    }
    return NULL;
}

/* False when every message ID was used. */
static bool queue_request(int index)
{
    source_t *source = pick_source();
    if (source == NULL) {
        return false;
    }
    slot_t *slot = &slots[index];
    slot->message_id = (uint16_t)(source->first_id + source->used_ids++);
    slot->port = (uint16_t)(source - sources);
    slot->busy = true;
    uint8_t *bytes = source->bytes[source->queued];
    const uint8_t head[] = {0x42, request_code, (uint8_t)(slot->message_id >> 8), (uint8_t)slot->message_id,
                            (uint8_t)(index >> 8), (uint8_t)index};
    memcpy(bytes, head, sizeof head);
    memcpy(bytes + sizeof head, request_tail, request_tail_bytes);
    source->parts[source->queued].iov_len = sizeof head + request_tail_bytes;
    slot->sent_ns = now_ns();
    if (++source->queued == BATCH) {
        flush_source(source);
    }
    return true;
}

/* The slot an answer belongs to, -1 for none: it must repeat message ID and token. */
static int match_answer(const uint8_t *bytes, size_t length, int port)
{
    if (length < 6 || bytes[0] != 0x62) {
        return -1;
    }
    int index = bytes[4] << 8 | bytes[5];
    if (index >= MAX_OUTSTANDING || !slots[index].busy || slots[index].port != port) {
        return -1;
    }
    return slots[index].message_id == (uint16_t)(bytes[2] << 8 | bytes[3]) ? index : -1;
}

static void count_answer(const slot_t *slot, uint8_t code, uint64_t now)
{
    tally.all++;
    if (!measuring) {
        return;
    }
    count_latency(now - slot->sent_ns);
    tally.answered++;
    tally.errors += code >> 5 != 2;
}

static bool receive_answers(int port)
{
    static struct mmsghdr headers[BATCH];
    static struct iovec parts[BATCH];
    static uint8_t bytes[BATCH][MESSAGE_BYTES];
    for (int at = 0; at < BATCH; at++) {
        parts[at] = (struct iovec){.iov_base = bytes[at], .iov_len = MESSAGE_BYTES};
        headers[at].msg_hdr = (struct msghdr){.msg_iov = &parts[at], .msg_iovlen = 1};
    }
    int count = recvmmsg(sources[port].fd, headers, BATCH, 0, NULL);
    if (count < 0 && errno != EAGAIN && errno != ECONNREFUSED) {
        die("recvmmsg");
    }
    uint64_t now = now_ns();
    for (int at = 0; at < count; at++) {
        int index = match_answer(bytes[at], headers[at].msg_len, port);
        if (index < 0) {
            tally.stray++;
            continue;
        }
        count_answer(&slots[index], bytes[at][1], now);
        slots[index].busy = false;
        if (!queue_request(index)) {
            return false;
        }
    }
    return true;
}

static bool replace_lost(int outstanding, uint64_t now)
{
    for (int index = 0; index < outstanding; index++) {
        if (now - slots[index].sent_ns < lost_after_ns) {
            continue;
        }
        tally.lost++;
        if (!queue_request(index)) {
            return false;
        }
    }
    return true;
}

static void flush_all(void)
{
    for (int index = 0; index < source_count; index++) {
        if (sources[index].queued > 0) {
            flush_source(&sources[index]);
        }
    }
}

/* Returns how long was measured, in nanoseconds. */
static uint64_t run(int outstanding, uint64_t warmup_ns, uint64_t measure_ns)
{
    struct pollfd polls[MAX_PORTS];
    for (int index = 0; index < source_count; index++) {
        polls[index] = (struct pollfd){.fd = sources[index].fd, .events = POLLIN};
    }
    for (int index = 0; index < outstanding; index++) {
        queue_request(index);
    }
    uint64_t measure_from = now_ns() + warmup_ns;
    uint64_t end = measure_from + measure_ns;
    uint64_t checked = 0;
    bool more = true;
    uint64_t now = now_ns();
    while (more && now < end) {
        flush_all();
        poll(polls, (nfds_t)source_count, 10);
        for (int index = 0; more && index < source_count; index++) {
            more = (polls[index].revents & (POLLIN | POLLERR)) == 0 || receive_answers(index);
        }
        now = now_ns();
        measuring = now >= measure_from;
        if (more && now - checked > 50000000u) {
            checked = now;
            more = replace_lost(outstanding, now);
        }
    }
    return now > measure_from ? now - measure_from : 0;
}

int main(int count, char **arguments)
{
    if (count < 9) {
        fprintf(stderr,
                "usage: coap-load HOST PORT get|put PATH OUTSTANDING PORTS WARMUP_MS MEASURE_MS [PAYLOAD_BYTES]\n");
        return 2;
    }
    int outstanding = argument(arguments, 5, 1, MAX_OUTSTANDING);
    source_count = argument(arguments, 6, 1, MAX_PORTS);
    uint64_t warmup_ns = (uint64_t)argument(arguments, 7, 0, 600000) * 1000000u;
    uint64_t measure_ns = (uint64_t)argument(arguments, 8, 1, 600000) * 1000000u;
    build_request(arguments[3], arguments[4], count > 9 ? (size_t)argument(arguments, 9, 0, 1024) : 0);
    open_sources(arguments[1], argument(arguments, 2, 1, 65535));
    uint64_t measured_ns = run(outstanding, warmup_ns, measure_ns);
    double seconds = (double)measured_ns / 1e9;
    printf("{\"all\":%llu,\"answered\":%llu,\"errors\":%llu,\"lost\":%llu,\"stray\":%llu,\"seconds\":%.3f,\"perSecond\":%.0f,"
           "\"latencyUs\":{\"p50\":%u,\"p90\":%u,\"p99\":%u,\"p999\":%u}}\n",
           (unsigned long long)tally.all, (unsigned long long)tally.answered, (unsigned long long)tally.errors, (unsigned long long)tally.lost,
           (unsigned long long)tally.stray, seconds, seconds > 0 ? (double)tally.answered / seconds : 0,
           percentile(tally.answered, 0.5), percentile(tally.answered, 0.9), percentile(tally.answered, 0.99),
           percentile(tally.answered, 0.999));
    return 0;
}
