/* The upstream of the proxy benchmark: answers every request with a piggybacked 2.05 "hello", as fast as it can.
 * Prints its UDP port on 127.0.0.1 and runs until it is ended. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { HEADER = 4, ACK = 0x60, CONTENT = 0x45, PAYLOAD_MARKER = 0xff };
/* Content-Format 0 (text/plain): option 12 without a value. */
static const unsigned char tail[] = {0xc0, PAYLOAD_MARKER, 'h', 'e', 'l', 'l', 'o'};

int main(void)
{
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof own;
    if (udp < 0 || bind(udp, (struct sockaddr *)&own, sizeof own) != 0) return 1;
    if (getsockname(udp, (struct sockaddr *)&own, &length) != 0) return 1;
    printf("%d\n", ntohs(own.sin_port));
    fflush(stdout);
    for (;;) {
        unsigned char message[2048];
        struct sockaddr_in from;
        length = sizeof from;
        ssize_t received = recvfrom(udp, message, sizeof message - sizeof tail, 0, (struct sockaddr *)&from, &length);
        int token_length = message[0] & 15;
        if (received < HEADER + token_length || token_length > 8) continue;
        message[0] = (unsigned char)(ACK | token_length);
        message[1] = CONTENT;
        memcpy(message + HEADER + token_length, tail, sizeof tail);
        sendto(udp, message, HEADER + token_length + sizeof tail, 0, (struct sockaddr *)&from, length);
    }
}
