/*
 * HTTP/1.1 load generator: a closed loop with one request outstanding on each of N connections to 127.0.0.1.
 *
 *   http-load PORT METHOD PATH CONNECTIONS WARMUP_MS MEASURE_MS [distinct]
 *
 * `distinct` adds a query to each request that no other has. What is counted begins after the warm-up, with connections
 * open and every latency as it was; a status that is not 2xx, or a connection that ends, counts as failed. Prints one
 * JSON object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum {
    MAX_CONNECTIONS = 1024,
    REQUEST_BYTES = 512,
    RESPONSE_BYTES = 16384,
};

typedef struct {
    int fd;
    uint64_t sent_ns;
    size_t received;
    char bytes[RESPONSE_BYTES + 1];
} connection_t;

typedef struct {
    /* With the warm-up; the rest is without. */
    uint64_t all;
    uint64_t answered;
    uint64_t failed;
} tally_t;

static connection_t connections[MAX_CONNECTIONS];
static tally_t tally;
static struct sockaddr_in server;
static const char *method;
static const char *path;
static bool distinct;
static bool measuring;
static uint64_t requests;
static int events_fd;

static void open_connection(connection_t *connection)
{
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&server, sizeof server) != 0) {
        die("connect");
    }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(events_fd, EPOLL_CTL_ADD, connection->fd, &event) != 0) {
        die("epoll_ctl");
    }
}

static void send_request(connection_t *connection)
{
    char request[REQUEST_BYTES];
    char query[32] = "";
    if (distinct) {
        snprintf(query, sizeof query, "?q=%llu", (unsigned long long)++requests);
    }
    const char *body = strcmp(method, "GET") == 0 ? "" : "Content-Length: 0\r\n";
    int length = snprintf(request, sizeof request, "%s %s%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", method, path, query,
                          ntohs(server.sin_port), body);
    connection->received = 0;
    connection->sent_ns = now_ns();
    if (length >= (int)sizeof request || send(connection->fd, request, (size_t)length, MSG_NOSIGNAL) != length) {
        die("send");
    }
}

/* Status of a response that is whole, 0 for one that is still to come. */
static int whole_status(connection_t *connection)
{
    connection->bytes[connection->received] = '\0';
    const char *end = strstr(connection->bytes, "\r\n\r\n");
    if (end == NULL) {
        return 0;
    }
    const char *length = strcasestr(connection->bytes, "\r\ncontent-length:");
    size_t body = length == NULL || length > end ? 0 : strtoul(length + 17, NULL, 10);
    size_t head = (size_t)(end + 4 - connection->bytes);
    if (head + body > RESPONSE_BYTES) {
        fprintf(stderr, "a response of %zu bytes\n", head + body);
        exit(1);
    }
    return connection->received < head + body ? 0 : atoi(connection->bytes + 9);
}

static void count_response(const connection_t *connection, int status)
{
    tally.all++;
    if (!measuring) {
        return;
    }
    count_latency(now_ns() - connection->sent_ns);
    tally.answered++;
    tally.failed += status / 100 != 2;
}

static void receive(connection_t *connection)
{
    ssize_t count = recv(connection->fd, connection->bytes + connection->received, RESPONSE_BYTES - connection->received,
                         MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) {
        return;
    }
    if (count <= 0) {
        count_response(connection, 0);
        close(connection->fd);
        open_connection(connection);
        send_request(connection);
        return;
    }
    connection->received += (size_t)count;
    int status = whole_status(connection);
    if (status == 0) {
        return;
    }
    count_response(connection, status);
    send_request(connection);
}

/* Returns how long was measured, in nanoseconds. */
static uint64_t run(int count, uint64_t warmup_ns, uint64_t measure_ns)
{
    static struct epoll_event events[MAX_CONNECTIONS];
    for (int index = 0; index < count; index++) {
        open_connection(&connections[index]);
        send_request(&connections[index]);
    }
    uint64_t measure_from = now_ns() + warmup_ns;
    uint64_t end = measure_from + measure_ns;
    uint64_t now = now_ns();
    while (now < end) {
        int ready = epoll_wait(events_fd, events, MAX_CONNECTIONS, 10);
        for (int index = 0; index < ready; index++) {
            receive(events[index].data.ptr);
        }
        now = now_ns();
        measuring = now >= measure_from;
    }
    return now - measure_from;
}

int main(int count, char **arguments)
{
    if (count < 7) {
        fprintf(stderr, "usage: http-load PORT METHOD PATH CONNECTIONS WARMUP_MS MEASURE_MS [distinct]\n");
        return 2;
    }
    server = (struct sockaddr_in){.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)argument(arguments, 1, 1, 65535)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    method = arguments[2];
    path = arguments[3];
    int opened = argument(arguments, 4, 1, MAX_CONNECTIONS);
    uint64_t warmup_ns = (uint64_t)argument(arguments, 5, 0, 600000) * 1000000u;
    uint64_t measure_ns = (uint64_t)argument(arguments, 6, 1, 600000) * 1000000u;
    distinct = count > 7 && strcmp(arguments[7], "distinct") == 0;
    events_fd = epoll_create1(0);
    double seconds = (double)run(opened, warmup_ns, measure_ns) / 1e9;
    printf("{\"all\":%llu,\"requests\":%llu,\"failed\":%llu,\"perSecond\":%.0f,"
           "\"p50Us\":%u,\"p90Us\":%u,\"p99Us\":%u,\"p999Us\":%u}\n",
           (unsigned long long)tally.all, (unsigned long long)tally.answered, (unsigned long long)tally.failed,
           (double)tally.answered / seconds, percentile(tally.answered, 0.5), percentile(tally.answered, 0.9),
           percentile(tally.answered, 0.99), percentile(tally.answered, 0.999));
    return 0;
}
