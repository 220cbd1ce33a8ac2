/**
 * The platform WAMR is built for: a radon arena. WAMR finds this file by its name.
 *
 * One thread, no files, no signals; memory comes from the arena of the atom at work (engine.c).
 */
#ifndef RADON_ENGINE_WAMR_PLATFORM_INTERNAL_H
#define RADON_ENGINE_WAMR_PLATFORM_INTERNAL_H

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BH_PLATFORM_RADON

/* Types WAMR's platform headers name. */
typedef int korp_thread;
typedef int korp_tid;
typedef int korp_mutex;
typedef int korp_sem;
typedef int korp_cond;
typedef int korp_rwlock;
typedef int os_file_handle;
typedef void *os_dir_stream;
typedef int os_raw_file_handle;
typedef int os_poll_file_handle;
typedef unsigned int os_nfds_t;
typedef int os_timespec;

#define BH_THREAD_DEFAULT_PRIORITY 0
#define BH_APPLET_PRESERVED_STACK_SIZE 0

static inline os_file_handle os_get_invalid_handle(void)
{
    return -1;
}

/**
 * WAMR rounds linear memory up to a page but asks os_mmap() for the exact size; with pages of 8 bytes the two
 * agree, and a guest cannot reach past its memory.
 */
static inline int os_getpagesize(void)
{
    return 8;
}

/* The C library's formatted output keeps state in static memory that a killed call would leave behind. */
int radon_engine_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int radon_engine_format_list(char *out, size_t size, const char *format, va_list arguments);
#define snprintf radon_engine_format
#define vsnprintf radon_engine_format_list

#endif
