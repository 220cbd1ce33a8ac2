#include "semihosting.h"

#include <string.h>

enum {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_SEEK = 0x0A,
    SYS_FLEN = 0x0C,
    SYS_GET_CMDLINE = 0x15,
    SYS_EXIT_EXTENDED = 0x20,
};

/** ADP_Stopped_ApplicationExit: the exit code follows. */
#define STOPPED_BY_APPLICATION 0x20026U

static int32_t call(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
}

int32_t radon_semihosting_open(const char *path, radon_semihosting_mode_t mode)
{
    const uintptr_t block[] = {(uintptr_t)path, mode, strlen(path)};
    return call(SYS_OPEN, block);
}

bool radon_semihosting_close(int32_t file)
{
    const uintptr_t block[] = {(uintptr_t)file};
    return call(SYS_CLOSE, block) == 0;
}

bool radon_semihosting_seek(int32_t file, uint32_t offset)
{
    const uintptr_t block[] = {(uintptr_t)file, offset};
    return call(SYS_SEEK, block) == 0;
}

/* SYS_READ and SYS_WRITE answer how many bytes were not transferred. */
bool radon_semihosting_write(int32_t file, const void *bytes, size_t size)
{
    const uintptr_t block[] = {(uintptr_t)file, (uintptr_t)bytes, size};
    return call(SYS_WRITE, block) == 0;
}

size_t radon_semihosting_read(int32_t file, void *out, size_t size)
{
    const uintptr_t block[] = {(uintptr_t)file, (uintptr_t)out, size};
    int32_t missing = call(SYS_READ, block);
    return missing < 0 || (size_t)missing > size ? 0 : size - (size_t)missing;
}

int32_t radon_semihosting_length(int32_t file)
{
    const uintptr_t block[] = {(uintptr_t)file};
    return call(SYS_FLEN, block);
}

void radon_semihosting_print(const char *text)
{
    (void)call(SYS_WRITE0, text);
}

bool radon_semihosting_command_line(char *out, size_t capacity)
{
    const uintptr_t block[] = {(uintptr_t)out, capacity};
    return call(SYS_GET_CMDLINE, block) == 0;
}

void radon_semihosting_exit(uint32_t code)
{
    const uintptr_t block[] = {STOPPED_BY_APPLICATION, code};
    (void)call(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}
