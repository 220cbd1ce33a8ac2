#include "posix.h"

#include "links.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

radon_posix_links_t radon_posix_links = {-1, -1, -1};

void radon_posix_watch(int descriptor)
{
    if (descriptor < 0) {
        return;
    }
    int flags = fcntl(descriptor, F_GETFL);
    if (fcntl(descriptor, F_SETOWN, getpid()) != 0 ||
        fcntl(descriptor, F_SETFL, flags | O_ASYNC | O_NONBLOCK) != 0) {
        radon_posix_fail("link");
    }
}

void radon_posix_links_init(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignore, NULL);
    radon_posix_serial_init();
    radon_posix_udp_init();
}
