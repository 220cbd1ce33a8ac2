/* Random numbers: the generator of the part (RM0090 24.3), or the host's behind an emulator without one. */
#include "port.h"
#include "registers.h"
#include "semihosting.h"

#include <string.h>

/* 40 periods of the 48 MHz clock give a word; 1 ms is ample. */
#define READY_TIMEOUT_US 1000U

static radon_err_t read_generator(uint32_t *word)
{
    RCC->ahb2enr |= RCC_AHB2_RNG;
    RNG->cr = RNG_CR_ENABLE;
    uint64_t until = radon_port_now_us() + READY_TIMEOUT_US;
    while ((RNG->sr & RNG_SR_READY) == 0) {
        if ((RNG->sr & RNG_SR_ERRORS) != 0 || radon_port_now_us() > until) {
            return RADON_E_IO;
        }
    }
    *word = RNG->dr;
    return RADON_OK;
}

static radon_err_t fill_from_generator(uint8_t *out, size_t length)
{
    for (size_t done = 0; done < length;) {
        uint32_t word;
        if (read_generator(&word) != RADON_OK) {
            return RADON_E_IO;
        }
        size_t take = length - done < sizeof word ? length - done : sizeof word;
        memcpy(out + done, &word, take);
        done += take;
    }
    return RADON_OK;
}

static radon_err_t fill_from_host(uint8_t *out, size_t length)
{
    int32_t file = radon_semihosting_open("/dev/urandom", RADON_SEMIHOSTING_READ);
    if (file < 0) {
        return RADON_E_IO;
    }
    bool full = radon_semihosting_read(file, out, length) == length;
    return radon_semihosting_close(file) && full ? RADON_OK : RADON_E_IO;
}

radon_err_t radon_port_entropy(uint8_t *out, size_t length)
{
    return radon_stm32_is_emulated() ? fill_from_host(out, length) : fill_from_generator(out, length);
}
