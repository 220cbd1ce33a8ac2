/* The upstream of the proxy benchmarks: answers every request with a piggybacked 2.05 "hello", as fast as it can.
 *
 *   coap-responder MAX_AGE
 *
 * Prints its UDP port on 127.0.0.1, then, at every SIGUSR1, how many requests it has answered; runs until it is ended. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum { HEADER = 4, ACK = 0x60, CONTENT = 0x45, MAX_AGE_VALUE = 2 };
/* Content-Format 0 (text/plain): option 12 without a value. Max-Age: option 14 with one byte. */
static unsigned char tail[] = {0xc0, 0x21, 0, 0xff, 'h', 'e', 'l', 'l', 'o'};
static unsigned long answered;
static volatile sig_atomic_t is_asked;

static void ask(int signal)
{
    (void)signal;
    is_asked = 1;
}

static void serve(int udp)
{
    for (;;) {
        unsigned char message[2048];
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        ssize_t received = recvfrom(udp, message, sizeof message - sizeof tail, 0, (struct sockaddr *)&from, &length);
        if (is_asked) {
            is_asked = 0;
            printf("%lu\n", answered);
            fflush(stdout);
        }
        int token_length = message[0] & 15;
        if (received < HEADER + token_length || token_length > 8) continue;
        message[0] = (unsigned char)(ACK | token_length);
        message[1] = CONTENT;
        memcpy(message + HEADER + token_length, tail, sizeof tail);
        sendto(udp, message, HEADER + token_length + sizeof tail, 0, (struct sockaddr *)&from, length);
        answered++;
    }
}

int main(int count, char **arguments)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sigaction action = {.sa_handler = ask};
    socklen_t length = sizeof own;
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    if (count != 2) return 2;
    tail[MAX_AGE_VALUE] = (unsigned char)atoi(arguments[1]);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigaction(SIGUSR1, &action, NULL);
    if (udp < 0 || bind(udp, (struct sockaddr *)&own, sizeof own) != 0) return 1;
    if (getsockname(udp, (struct sockaddr *)&own, &length) != 0) return 1;
    printf("%d\n", ntohs(own.sin_port));
    fflush(stdout);
    serve(udp);
}
