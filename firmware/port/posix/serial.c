/* The serial link: a serial device, or a unix socket that takes one connection at a time, as the emulator's
 * does. */
#include "posix.h"

#include "board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static void open_device(const char *path)
{
    int device = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    struct termios settings;
    if (device < 0 || tcgetattr(device, &settings) != 0) {
        radon_posix_fail(path);
    }
    cfmakeraw(&settings);
    (void)cfsetspeed(&settings, B115200);
    (void)tcsetattr(device, TCSANOW, &settings);
    radon_posix_links.serial = device;
    radon_posix_watch(device);
}

static void listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        radon_posix_fail(path);
    }
    strcpy(address.sun_path, path);
    (void)unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 4) != 0) {
        radon_posix_fail(path);
    }
    radon_posix_links.serial_listener = listener;
    radon_posix_watch(listener);
}

/** A restart keeps the connection: whoever is connected sees what it would on a wire. */
void radon_posix_serial_init(void)
{
    const char *path = radon_posix_options.serial;
    struct stat status;
    if (radon_posix_links.serial_listener >= 0 || radon_posix_links.serial >= 0) {
        radon_posix_watch(radon_posix_links.serial_listener);
        radon_posix_watch(radon_posix_links.serial);
        radon_port_network_pend(); /* what arrived meanwhile raised no signal here */
    } else if (path != NULL && stat(path, &status) == 0 && S_ISCHR(status.st_mode)) {
        open_device(path);
    } else if (path != NULL) {
        listen_at(path);
    }
}

uint32_t radon_port_serial_baud(void)
{
    return radon_posix_options.serial == NULL ? 0 : RADON_BOARD_BAUD;
}

void radon_posix_serial_poll(void)
{
    if (radon_posix_links.serial >= 0 || radon_posix_links.serial_listener < 0) {
        return;
    }
    int connection = accept(radon_posix_links.serial_listener, NULL, NULL);
    if (connection >= 0) {
        radon_posix_links.serial = connection;
        radon_posix_watch(connection);
    }
}

/** The other side went away: the next one may connect. */
static void hang_up(void)
{
    (void)close(radon_posix_links.serial);
    radon_posix_links.serial = -1;
    radon_port_network_pend();
}

size_t radon_port_serial_read(uint8_t *out, size_t capacity)
{
    if (radon_posix_links.serial < 0) {
        return 0;
    }
    ssize_t got = read(radon_posix_links.serial, out, capacity);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        hang_up();
    }
    return got > 0 ? (size_t)got : 0;
}

/** With nobody connected bytes are lost, as on a wire. A full socket raises the network level when it has
 * room. */
size_t radon_port_serial_write(const uint8_t *bytes, size_t length)
{
    if (radon_posix_links.serial < 0 || length == 0) {
        return length;
    }
    ssize_t sent = write(radon_posix_links.serial, bytes, length);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        hang_up();
        return length;
    }
    return sent > 0 ? (size_t)sent : 0;
}

uint32_t radon_port_serial_overruns(void)
{
    return 0;
}
