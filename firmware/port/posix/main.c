/*
 * The node as a Linux program: the same sources as on a board, with signals for interrupts and a file for
 * flash.
 *
 *     radon --flash FILE [--serial PATH] [--udp HOST:PORT]
 *
 * FILE is the image of the whole flash, made when it is missing. PATH is a serial device, or the name of a
 * unix socket that is made. Port 0 is any; one line of JSON on stdout says which when the node is ready.
 */
#include "posix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

radon_posix_options_t radon_posix_options;
char **radon_posix_arguments;

void radon_posix_fail(const char *what)
{
    fprintf(stderr, "radon: %s: %s\n", what, strerror(errno));
    exit(1);
}

static _Noreturn void usage(void)
{
    fputs("usage: radon --flash FILE [--serial PATH] [--udp HOST:PORT]\n", stderr);
    exit(2);
}

static void parse_arguments(int count, char **arguments)
{
    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count) {
            usage();
        } else if (strcmp(arguments[i], "--flash") == 0) {
            radon_posix_options.flash = arguments[i + 1];
        } else if (strcmp(arguments[i], "--serial") == 0) {
            radon_posix_options.serial = arguments[i + 1];
        } else if (strcmp(arguments[i], "--udp") == 0) {
            radon_posix_options.udp = arguments[i + 1];
        } else {
            usage();
        }
    }
    if (radon_posix_options.flash == NULL) {
        usage();
    }
}

static const char *const reset_names[] = {
#define X(name, text) text,
    RADON_RESETS(X)
#undef X
};

/** The path is shown as it was given; quotes and backslashes in it would have to be escaped and are left out.
 */
static void print_ready(void)
{
    char udp[64] = "";
    if (radon_port_udp_present()) {
        radon_posix_udp_name(udp, sizeof udp);
    }
    printf("{\"ready\":true,\"pid\":%d,\"reset\":\"%s\"", (int)getpid(),
           reset_names[radon_port_boot()->reason]);
    if (udp[0] != '\0') {
        printf(",\"udp\":\"%s\"", udp);
    }
    if (radon_posix_options.serial != NULL && strpbrk(radon_posix_options.serial, "\"\\\n") == NULL) {
        printf(",\"serial\":\"%s\"", radon_posix_options.serial);
    }
    puts("}");
    fflush(stdout);
}

int main(int count, char **arguments)
{
    radon_posix_arguments = arguments;
    parse_arguments(count, arguments);
    radon_posix_memory_init();
    radon_posix_clock_init();
    radon_posix_reset_init();
    radon_posix_flash_init();
    radon_posix_guard_init();
    radon_posix_levels_init();
    radon_posix_links_init();
    print_ready();
    radon_main();
    return 0;
}
