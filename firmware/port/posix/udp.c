/* Datagrams. Addresses are IPv4-mapped or IPv6 at the interface of the port, whatever family the socket has.
 */
#include "posix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static const uint8_t mapped_prefix[12] = {[10] = 0xFF, [11] = 0xFF};
static int family;

/** Splits "HOST:PORT" at its last colon. */
static void split(const char *text, char *host, size_t capacity, const char **port)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= capacity) {
        errno = EINVAL;
        radon_posix_fail("--udp needs HOST:PORT");
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    *port = colon + 1;
}

static int bind_to(const char *text)
{
    char host[64];
    const char *port;
    split(text, host, sizeof host, &port);
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found;
    if (getaddrinfo(host, port, &hints, &found) != 0) {
        errno = EINVAL;
        radon_posix_fail("--udp needs a numeric HOST:PORT");
    }
    int udp = socket(found->ai_family, SOCK_DGRAM, 0);
    if (udp < 0 || bind(udp, found->ai_addr, found->ai_addrlen) != 0) {
        radon_posix_fail(text);
    }
    freeaddrinfo(found);
    return udp;
}

void radon_posix_udp_init(void)
{
    if (radon_posix_options.udp == NULL) {
        return;
    }
    if (radon_posix_links.udp < 0) {
        radon_posix_links.udp = bind_to(radon_posix_options.udp);
    }
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    (void)getsockname(radon_posix_links.udp, (struct sockaddr *)&own, &length);
    family = own.ss_family;
    radon_posix_watch(radon_posix_links.udp);
    radon_port_network_pend();
}

void radon_posix_udp_name(char *out, size_t capacity)
{
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    char host[64];
    char port[8];
    (void)getsockname(radon_posix_links.udp, (struct sockaddr *)&own, &length);
    (void)getnameinfo((struct sockaddr *)&own, length, host, sizeof host, port, sizeof port,
                      NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(out, capacity, family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

bool radon_port_udp_present(void)
{
    return radon_posix_links.udp >= 0;
}

static void to_port_address(const struct sockaddr_storage *from, radon_port_address_t *address)
{
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *ip6 = (const struct sockaddr_in6 *)from;
        memcpy(address->ip, &ip6->sin6_addr, 16);
        address->port = ntohs(ip6->sin6_port);
    } else {
        const struct sockaddr_in *ip4 = (const struct sockaddr_in *)from;
        memcpy(address->ip, mapped_prefix, sizeof mapped_prefix);
        memcpy(address->ip + sizeof mapped_prefix, &ip4->sin_addr, 4);
        address->port = ntohs(ip4->sin_port);
    }
}

static socklen_t from_port_address(const radon_port_address_t *address, struct sockaddr_storage *to)
{
    memset(to, 0, sizeof *to);
    if (family == AF_INET6) {
        struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)to;
        ip6->sin6_family = AF_INET6;
        memcpy(&ip6->sin6_addr, address->ip, 16);
        ip6->sin6_port = htons(address->port);
        return sizeof *ip6;
    }
    struct sockaddr_in *ip4 = (struct sockaddr_in *)to;
    ip4->sin_family = AF_INET;
    memcpy(&ip4->sin_addr, address->ip + sizeof mapped_prefix, 4);
    ip4->sin_port = htons(address->port);
    return sizeof *ip4;
}

size_t radon_port_udp_receive(radon_port_address_t *from, uint8_t *out, size_t capacity)
{
    struct sockaddr_storage source;
    struct iovec vector = {.iov_base = out, .iov_len = capacity};
    struct msghdr message = {
        .msg_name = &source, .msg_namelen = sizeof source, .msg_iov = &vector, .msg_iovlen = 1};
    ssize_t got = radon_posix_links.udp < 0 ? -1 : recvmsg(radon_posix_links.udp, &message, 0);
    if (got < 0) {
        /* An ICMP error of an earlier datagram is reported here; the next one may be waiting behind it. */
        if (radon_posix_links.udp >= 0 && errno == ECONNREFUSED) {
            radon_port_network_pend();
        }
        return 0;
    }
    to_port_address(&source, from);
    return (message.msg_flags & MSG_TRUNC) != 0 ? capacity + 1 : (size_t)got;
}

radon_err_t radon_port_udp_send(const radon_port_address_t *to, const uint8_t *bytes, size_t length)
{
    struct sockaddr_storage destination;
    socklen_t size = from_port_address(to, &destination);
    if (sendto(radon_posix_links.udp, bytes, length, 0, (struct sockaddr *)&destination, size) >= 0) {
        return RADON_OK;
    }
    return errno == EAGAIN || errno == ENOBUFS ? RADON_E_BUSY : RADON_E_IO;
}
