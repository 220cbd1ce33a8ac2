# WAMR as this firmware builds it: which sources, with which switches. Changing anything here changes the engine revision.

WAMR := $(if $(RADON_WAMR_DIR),$(RADON_WAMR_DIR),third_party/vendor/wamrx-sys/wasm-micro-runtime)/core

WAMR_SOURCES := \
  $(addprefix iwasm/interpreter/,wasm_loader.c wasm_runtime.c wasm_interp_fast.c) \
  $(addprefix iwasm/common/,wasm_exec_env.c wasm_loader_common.c wasm_memory.c wasm_native.c wasm_runtime_common.c) \
  $(addprefix shared/utils/,bh_assert.c bh_bitmap.c bh_common.c bh_leb128.c bh_list.c bh_vector.c)

# The features of docs/atom-abi.json and no others. Memory is cut to __heap_base bytes; unaligned access and page
# handling are those of the smallest target, so that sizes are the same everywhere.
WAMR_FLAGS := \
  -DWASM_ENABLE_INTERP=1 -DWASM_ENABLE_FAST_INTERP=1 -DWASM_ENABLE_LABELS_AS_VALUES=1 \
  -DWASM_ENABLE_SHRUNK_MEMORY=1 -DWASM_ENABLE_BULK_MEMORY=1 -DWASM_ENABLE_BULK_MEMORY_OPT=1 \
  -DWASM_ENABLE_SHARED_MEMORY=0 -DWASM_ENABLE_QUICK_AOT_ENTRY=0 -DWASM_CPU_SUPPORTS_UNALIGNED_ADDR_ACCESS=0 \
  -DWASM_HAVE_MREMAP=0 -DBH_MALLOC=wasm_runtime_malloc -DBH_FREE=wasm_runtime_free -DBH_LOG=radon_engine_no_log

WAMR_INCLUDES := \
  -isystem src/engine/wamr \
  $(addprefix -isystem $(WAMR)/,iwasm/include iwasm/common iwasm/interpreter shared/include shared/platform/include \
    shared/utils shared/mem-alloc .)
