/**
 * Netduino Plus 2: STM32F405RG (RM0090; datasheet DS8626), held to 512 KiB of flash and 128 KiB of RAM.
 * Sources of the facts here: README.md beside this file.
 */
#ifndef RADON_BOARD_H
#define RADON_BOARD_H

#define RADON_BOARD_NAME "netduinoplus2"

/** Crystal on OSC_IN and the clocks made from it (RM0090 7.3.2: PLLCLK = HSE / M * N / P). */
#define RADON_BOARD_HSE_HZ 25000000U
#define RADON_BOARD_CORE_HZ 168000000U
#define RADON_BOARD_USART_HZ 84000000U /**< USART1: PCLK2 */

/** The link: USART1 on PA9 (TX) and PB7 (RX), 8N1. */
#define RADON_BOARD_BAUD 115200U

/**
 * X(name, SenML unit, output, simulated, GPIO port as a letter or '-', pin) for every channel. Inputs are
 * simulated: a PUT on /io/{name} sets what they read.
 */
#define RADON_BOARD_CHANNELS(X) \
    X("rain0", "mm", false, true, '-', 0) \
    X("temp0", "Cel", false, true, '-', 0) \
    X("button0", "", false, true, '-', 0) \
    X("led0", "", true, false, 'A', 10)

#endif
