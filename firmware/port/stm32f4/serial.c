/*
 * The serial link: USART1 with a ring each way. Bytes are taken and given by interrupt; DMA, which silicon
 * needs while the flash stalls every fetch, comes with the first real board.
 */
#include "port.h"
#include "registers.h"

#include "board.h"

/* Powers of two. The receive ring covers the longest ceiling section many times; the network task empties it.
 */
#define RECEIVE_BYTES 512U
#define TRANSMIT_BYTES 512U

/** `head` is where the next byte goes, `tail` the next to take; both only grow and are reduced at use. */
static uint8_t received[RECEIVE_BYTES];
static volatile uint32_t receive_head, receive_tail;
static uint8_t waiting[TRANSMIT_BYTES];
static volatile uint32_t transmit_head, transmit_tail;
static volatile bool receive_paused;
static volatile bool room_wanted;
static volatile uint32_t overruns;

static void set_alternate(volatile gpio_t *port, unsigned pin)
{
    port->moder = (port->moder & ~(3U << (2 * pin))) | GPIO_MODE_ALTERNATE << (2 * pin);
    port->afr[pin / 8] = (port->afr[pin / 8] & ~(0xFU << (4 * (pin % 8)))) | GPIO_AF_USART1
                                                                                 << (4 * (pin % 8));
}

void radon_stm32_serial_init(void)
{
    RCC->ahb1enr |= 1U << 0 | 1U << 1; /* GPIOA, GPIOB */
    RCC->apb2enr |= RCC_APB2_USART1;
    set_alternate(GPIO('A'), 9);
    set_alternate(GPIO('B'), 7);
    USART1->brr = (RADON_BOARD_USART_HZ + RADON_BOARD_BAUD / 2) / RADON_BOARD_BAUD;
    USART1->cr1 =
        USART_CR1_ENABLE | USART_CR1_RECEIVER | USART_CR1_TRANSMITTER | USART_CR1_RECEIVED_INTERRUPT;
    interrupt_enable(IRQ_USART1, PRIORITY_SERIAL);
}

uint32_t radon_port_serial_baud(void)
{
    return RADON_BOARD_BAUD;
}

/**
 * Takes one byte. The one that fills the ring also switches the interrupt off until there is room: an
 * emulator then waits with the next, a wire does not, and the overrun flag tells. Off before the byte is
 * taken, never with a byte left in the USART: QEMU holds its interrupt up until the byte is read, and would
 * enter this one for ever.
 */
static void receive(void)
{
    uint32_t status = USART1->sr;
    if (receive_paused || (status & (USART_SR_RECEIVED | USART_SR_OVERRUN)) == 0) {
        return;
    }
    if (receive_head - receive_tail == RECEIVE_BYTES - 1) {
        USART1->cr1 &= ~USART_CR1_RECEIVED_INTERRUPT;
        receive_paused = true;
    }
    overruns += (status & USART_SR_OVERRUN) != 0 ? 1U : 0U;
    uint8_t byte = (uint8_t)USART1->dr; /* clears both flags */
    if ((status & USART_SR_RECEIVED) != 0) {
        received[receive_head % RECEIVE_BYTES] = byte;
        receive_head++;
    }
    radon_port_network_pend();
}

/** Gives as many bytes as the USART takes now; the last one switches its interrupt off. */
static void transmit(void)
{
    while (transmit_tail != transmit_head && (USART1->sr & USART_SR_TRANSMIT_EMPTY) != 0) {
        USART1->dr = waiting[transmit_tail % TRANSMIT_BYTES];
        transmit_tail++;
    }
    if (transmit_tail == transmit_head) {
        USART1->cr1 &= ~USART_CR1_TRANSMIT_INTERRUPT;
    }
    if (room_wanted && transmit_head - transmit_tail <= TRANSMIT_BYTES / 2) {
        room_wanted = false;
        radon_port_network_pend();
    }
}

void radon_stm32_serial_interrupt(void)
{
    receive();
    transmit();
}

/** Switches an interrupt of the USART on, and asks for it by hand: QEMU raises none for what is so already.
 */
static void request_interrupt(uint32_t enable)
{
    uint32_t before = interrupts_disable();
    USART1->cr1 |= enable;
    interrupts_restore(before);
    interrupt_pend(IRQ_USART1);
}

size_t radon_port_serial_read(uint8_t *out, size_t capacity)
{
    size_t count = 0;
    while (count < capacity && receive_tail != receive_head) {
        out[count++] = received[receive_tail % RECEIVE_BYTES];
        receive_tail++;
    }
    if (receive_paused && count > 0) {
        receive_paused = false;
        request_interrupt(USART_CR1_RECEIVED_INTERRUPT);
    }
    return count;
}

size_t radon_port_serial_write(const uint8_t *bytes, size_t length)
{
    size_t count = 0;
    while (count < length && transmit_head - transmit_tail < TRANSMIT_BYTES) {
        waiting[transmit_head % TRANSMIT_BYTES] = bytes[count++];
        transmit_head++;
    }
    room_wanted = count < length;
    request_interrupt(USART_CR1_TRANSMIT_INTERRUPT);
    return count;
}

uint32_t radon_port_serial_overruns(void)
{
    return overruns;
}

bool radon_port_udp_present(void)
{
    return false;
}

size_t radon_port_udp_receive(radon_port_address_t *from, uint8_t *out, size_t capacity)
{
    (void)from, (void)out, (void)capacity;
    return 0;
}

radon_err_t radon_port_udp_send(const radon_port_address_t *to, const uint8_t *bytes, size_t length)
{
    (void)to, (void)bytes, (void)length;
    return RADON_E_IO;
}
