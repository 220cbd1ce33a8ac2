/*
 * Parts of WAMR this firmware leaves out, which the linker still asks for: the heap allocator (memory comes
 * from an arena, modules have no heap of the host's), the C API and calls of native functions by their
 * signature (host functions take raw slots), logging levels. Nothing calls them; a call would stop the node.
 */
#define LEFT_OUT(name) \
    void name(void); \
    void name(void) \
    { \
        __builtin_trap(); \
    }

LEFT_OUT(mem_allocator_create)
LEFT_OUT(mem_allocator_create_with_struct_and_pool)
LEFT_OUT(mem_allocator_destroy)
LEFT_OUT(mem_allocator_free)
LEFT_OUT(mem_allocator_get_alloc_info)
LEFT_OUT(mem_allocator_get_heap_struct_size)
LEFT_OUT(mem_allocator_is_heap_corrupted)
LEFT_OUT(mem_allocator_malloc)
LEFT_OUT(mem_allocator_malloc_aligned)
LEFT_OUT(mem_allocator_migrate)
LEFT_OUT(mem_allocator_realloc)
LEFT_OUT(invokeNative)
LEFT_OUT(wasm_trap_delete)
LEFT_OUT(bh_log_set_verbose_level)
