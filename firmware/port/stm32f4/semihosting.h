/**
 * Calls to the emulator the firmware runs on (Arm semihosting, version 2). Only where
 * radon_stm32_is_emulated(): on silicon without a debugger each would be a fault.
 */
#ifndef RADON_PORT_STM32F4_SEMIHOSTING_H
#define RADON_PORT_STM32F4_SEMIHOSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    RADON_SEMIHOSTING_READ = 1,       /**< "rb" */
    RADON_SEMIHOSTING_READ_WRITE = 3, /**< "r+b" */
} radon_semihosting_mode_t;

/** Handle of a file of the host, or -1. */
int32_t radon_semihosting_open(const char *path, radon_semihosting_mode_t mode);
bool radon_semihosting_close(int32_t file);
bool radon_semihosting_seek(int32_t file, uint32_t offset);
bool radon_semihosting_write(int32_t file, const void *bytes, size_t size);

/** Bytes read, at most `size`. */
size_t radon_semihosting_read(int32_t file, void *out, size_t size);

/** Bytes of a file, or -1. */
int32_t radon_semihosting_length(int32_t file);

/** Text to the emulator's console. */
void radon_semihosting_print(const char *text);

/** The words of `-semihosting-config arg=…`, separated by spaces. False when there are none or they are too
 * long. */
bool radon_semihosting_command_line(char *out, size_t capacity);

/** Ends the emulator with this exit code. */
_Noreturn void radon_semihosting_exit(uint32_t code);

#endif
