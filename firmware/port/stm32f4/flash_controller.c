/*
 * The flash controller of the part (RM0090 3.6). The flash is a single bank: while it programs or erases,
 * every fetch and read from it waits, up to 2.6 s for a sector of 128 KiB. The waiting is done by code in RAM
 * with interrupts off, which keeps uptime and the watchdog going.
 */
#include "flash.h"

#include "port.h"
#include "registers.h"

#include <string.h>

static void unlock(void)
{
    if ((FLASH->cr & FLASH_CR_LOCK) != 0) {
        FLASH->keyr = FLASH_KEY1;
        FLASH->keyr = FLASH_KEY2;
    }
    FLASH->sr = FLASH_SR_ERRORS;
}

/** Locks again and throws away what the caches hold of the old contents (RM0090 3.5.2). */
static radon_err_t finish(void)
{
    uint32_t errors = FLASH->sr & FLASH_SR_ERRORS;
    FLASH->cr = FLASH_CR_LOCK;
    uint32_t caches = FLASH->acr & (FLASH_ACR_DATA_CACHE | FLASH_ACR_INSTRUCTION_CACHE);
    FLASH->acr &= ~(FLASH_ACR_DATA_CACHE | FLASH_ACR_INSTRUCTION_CACHE);
    FLASH->acr |= FLASH_ACR_DATA_RESET | FLASH_ACR_INSTRUCTION_RESET;
    FLASH->acr &= ~(FLASH_ACR_DATA_RESET | FLASH_ACR_INSTRUCTION_RESET);
    FLASH->acr |= caches;
    return errors == 0 ? RADON_OK : RADON_E_IO;
}

__attribute__((section(".ramcode"), noinline)) static void wait_in_ram(void)
{
    while ((FLASH->sr & FLASH_SR_BUSY) != 0) {
        radon_stm32_clock_poll();
        IWDG->kr = IWDG_FEED;
    }
}

__attribute__((section(".ramcode"), noinline)) static void erase_in_ram(uint32_t control)
{
    uint32_t before = interrupts_disable();
    FLASH->cr = control | FLASH_CR_START;
    wait_in_ram();
    interrupts_restore(before);
}

__attribute__((section(".ramcode"), noinline)) static void program_in_ram(volatile uint32_t *at,
                                                                          uint32_t word)
{
    uint32_t before = interrupts_disable();
    FLASH->cr = FLASH_CR_PROGRAM | FLASH_CR_WORDS;
    *at = word;
    __asm volatile("dsb");
    wait_in_ram();
    interrupts_restore(before);
}

radon_err_t radon_stm32_controller_program(void *context, uint32_t address, const void *data, size_t size)
{
    (void)context;
    unlock();
    for (size_t done = 0; done < size; done += RADON_FLASH_UNIT) {
        uint32_t word;
        memcpy(&word, (const uint8_t *)data + done, sizeof word);
        program_in_ram((volatile uint32_t *)(uintptr_t)(address + done), word);
    }
    radon_err_t result = finish();
    return result == RADON_OK && memcmp((const void *)(uintptr_t)address, data, size) != 0 ? RADON_E_IO
                                                                                           : result;
}

radon_err_t radon_stm32_controller_erase(void *context, uint32_t sector)
{
    (void)context;
    unlock();
    erase_in_ram(FLASH_CR_SECTOR_ERASE | FLASH_CR_WORDS | FLASH_CR_SECTOR(sector));
    return finish();
}
