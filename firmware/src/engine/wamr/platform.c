/* What WAMR asks of a platform; `platform_api_vmcore.h` documents each function. */
#include "../arena_route.h"

#include "platform_api_extension.h"
#include "platform_api_vmcore.h"

int bh_platform_init(void)
{
    return 0;
}

void bh_platform_destroy(void)
{
}

void *os_malloc(unsigned size)
{
    return radon_engine_alloc(size);
}

void *os_realloc(void *pointer, unsigned size)
{
    return radon_engine_resize(pointer, size);
}

void os_free(void *pointer)
{
    radon_engine_free(pointer);
}

/** Linear memory starts as zeros. */
void *os_mmap(void *hint, size_t size, int prot, int flags, os_file_handle file)
{
    (void)hint, (void)prot, (void)flags, (void)file;
    void *memory = size > UINT32_MAX ? NULL : radon_engine_alloc((uint32_t)size);
    if (memory != NULL) {
        memset(memory, 0, size);
    }
    return memory;
}

void os_munmap(void *address, size_t size)
{
    (void)size;
    radon_engine_free(address);
}

int os_mprotect(void *address, size_t size, int prot)
{
    (void)address, (void)size, (void)prot;
    return 0;
}

void *os_mremap(void *old_address, size_t old_size, size_t new_size)
{
    return os_mremap_slow(old_address, old_size, new_size);
}

void os_dcache_flush(void)
{
}

void os_icache_flush(void *start, size_t length)
{
    (void)start, (void)length;
}

int os_printf(const char *format, ...)
{
    (void)format;
    return 0;
}

int os_vprintf(const char *format, va_list arguments)
{
    (void)format, (void)arguments;
    return 0;
}

uint64 os_time_get_boot_us(void)
{
    return 0;
}

uint64 os_time_thread_cputime_us(void)
{
    return 0;
}

korp_tid os_self_thread(void)
{
    return 0;
}

/** The interpreter does not recurse: wasm calls live on the interpreter's own stack. NULL switches the check
 * off. */
uint8 *os_thread_get_stack_boundary(void)
{
    return NULL;
}

void os_thread_jit_write_protect_np(bool enabled)
{
    (void)enabled;
}

int os_mutex_init(korp_mutex *mutex)
{
    (void)mutex;
    return 0;
}

int os_mutex_destroy(korp_mutex *mutex)
{
    (void)mutex;
    return 0;
}

int os_mutex_lock(korp_mutex *mutex)
{
    (void)mutex;
    return 0;
}

int os_mutex_unlock(korp_mutex *mutex)
{
    (void)mutex;
    return 0;
}

/** WAMR logs nothing here: what went wrong comes back as an error text. */
void radon_engine_no_log(uint32 level, const char *file, int line, const char *format, ...)
{
    (void)level, (void)file, (void)line, (void)format;
}
