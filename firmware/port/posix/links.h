#ifndef RADON_PORT_POSIX_LINKS_H
#define RADON_PORT_POSIX_LINKS_H

void radon_posix_serial_init(void);
void radon_posix_udp_init(void);

#endif
