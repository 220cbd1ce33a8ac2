# Host unit tests and fuzz targets. Included by firmware/Makefile; paths are from firmware/.
#
#     TESTS += cbor                    test/unit/test_cbor.c ...
#     TEST_cbor := src/base/cbor.c     ... with exactly the sources it tests
#
# `make test` builds each with ASan and UBSan, runs them and ends with "N passed, N failed".
# `make test TESTS=cbor` runs one. `make fuzz SECONDS=5` runs every fuzz target that long.

TEST_CC ?= gcc
TEST_BUILD := build/test
TEST_CFLAGS := -std=c11 -g -O1 -Wall -Wextra -Werror -Wconversion -Iinclude -Itest/unit -Itest/fakes -I$(TEST_BUILD) \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# base
TESTS += bytes crc ring sink cbor_write cbor_read document senml problem pattern
TEST_bytes := src/base/bytes.c
TEST_crc := src/base/crc.c
TEST_ring := src/base/ring.c
TEST_sink := src/base/sink.c src/base/crc.c
TEST_cbor_write := src/base/cbor_write.c $(TEST_sink)
TEST_cbor_read := src/base/cbor_read.c src/base/bytes.c
TEST_document := src/base/document.c src/base/field.c src/base/bytes.c $(TEST_cbor_write)
TEST_senml := src/base/senml.c src/base/cbor_read.c $(TEST_document)
TEST_problem := src/base/problem.c src/base/field.c src/base/bytes.c $(TEST_cbor_write)

TEST_pattern := src/base/pattern.c src/base/bytes.c

FUZZ += pattern
FUZZ_pattern := $(TEST_pattern)

# link, coap
TESTS += slipmux coap_message coap_request coap_retained coap_dedup link_format coap_server coap_block \
	coap_observe coap_since coap_lossy coap_client coap_uri
TEST_slipmux := src/link/slipmux.c src/base/ring.c src/base/crc.c src/base/bytes.c
TEST_coap_message := src/coap/message.c src/coap/block.c
TEST_coap_request := src/coap/request.c src/base/bytes.c src/base/crc.c $(TEST_coap_message)
TEST_coap_retained := src/coap/retained.c
TEST_coap_dedup := src/coap/dedup.c src/coap/endpoint.c src/coap/retained.c
TEST_link_format := src/coap/link_format.c src/base/sink.c $(TEST_coap_request)
TEST_coap_server := $(wildcard src/coap/*.c) $(TEST_problem) src/base/document.c test/fakes/coap_peer.c
TEST_coap_server_CFLAGS := -D_GNU_SOURCE
TEST_coap_block := $(TEST_coap_server)
TEST_coap_observe := $(TEST_coap_server)
TEST_coap_lossy := $(TEST_coap_server)
TEST_coap_client := $(TEST_coap_server)
TEST_coap_uri := src/coap/uri.c src/base/bytes.c $(TEST_coap_message)
TEST_coap_since := $(filter-out test/fakes/%,$(TEST_coap_server))
TEST_coap_since_CFLAGS := -D_GNU_SOURCE

FUZZ += coap slipmux cbor link_format
FUZZ_coap := $(TEST_coap_server)
FUZZ_coap_CFLAGS := -D_GNU_SOURCE
FUZZ_slipmux := $(TEST_slipmux)
FUZZ_cbor := $(TEST_senml)
FUZZ_link_format := $(TEST_link_format)

# Third-party sources, compiled without our warnings.
TEST_CRYPTO_FLAGS := -isystem $(MONOCYPHER) -isystem $(MONOCYPHER)/optional -isystem $(MBEDTLS)/include -Isrc/base \
	'-DMBEDTLS_CONFIG_FILE="mbedtls_config.h"'
TEST_SHA256 := src/base/sha256.c $(addprefix $(TEST_BUILD)/crypto/,sha256.o platform_util.o)
TEST_ED25519 := src/trust/ed25519.c $(addprefix $(TEST_BUILD)/crypto/,monocypher.o monocypher-ed25519.o)

# store
TESTS += log kv kv_power images images_power
TEST_log := src/store/log.c src/base/crc.c src/base/bytes.c test/fakes/flash_fake.c
TEST_kv := src/store/kv.c $(TEST_log)
TEST_kv_power := $(TEST_kv)
TEST_images := $(wildcard src/store/image*.c) src/store/payloads.c $(TEST_log) $(TEST_SHA256)
TEST_images_CFLAGS := $(TEST_CRYPTO_FLAGS)
TEST_images_power := $(TEST_images)
TEST_images_power_CFLAGS := $(TEST_CRYPTO_FLAGS)

# trust
TESTS += trust
TEST_trust := $(filter-out src/trust/ed25519.c,$(wildcard src/trust/*.c)) $(TEST_ED25519) $(TEST_SHA256) \
	src/base/fields.c src/base/cbor_read.c src/base/pattern.c $(TEST_problem)
TEST_trust_CFLAGS := $(TEST_CRYPTO_FLAGS)

FUZZ += trust store
FUZZ_trust := $(TEST_trust)
FUZZ_store := src/store/kv.c $(TEST_images)

include test/runtime.mk

# Shared vectors (test/vectors/*.json) as C tables.
VECTORS := $(TEST_BUILD)/vectors.generated.h

# A name may be added with other flags or sources of another tree:
# TEST_<name>_CFLAGS is added to the command line.

.PHONY: test fuzz
test: $(TESTS:%=$(TEST_BUILD)/test_%)
	@sh test/run.sh $^

.SECONDEXPANSION:
$(TEST_BUILD)/test_%: test/unit/test_%.c $$(TEST_$$*) $(VECTORS) $(wildcard include/radon/*.h include/radon/*/*.h test/unit/*.h test/fakes/*.h)
	@mkdir -p $(TEST_BUILD)
	$(TEST_CC) $(TEST_CFLAGS) $(TEST_$*_CFLAGS) -o $@ $(filter %.c %.o,$^)

.PRECIOUS: $(TEST_BUILD)/crypto/%.o
$(TEST_BUILD)/crypto/%.o: $(CRYPTO_SOURCES)
	@mkdir -p $(dir $@)
	$(TEST_CC) -w -g -O1 $(TEST_CRYPTO_FLAGS) -c -o $@ $(filter %/$*.c,$^)

$(VECTORS): ../scripts/vectors-to-c.mjs $(wildcard ../test/vectors/*.json)
	@mkdir -p $(TEST_BUILD)
	node $< > $@.tmp && mv $@.tmp $@

# Fuzz targets: FUZZ_<name> names the sources of test/fuzz/fuzz_<name>.c. New inputs stay in build/test/corpus/<name>/.
FUZZ_CC ?= clang
SECONDS ?= 5
FUZZ_CFLAGS := $(filter-out -Werror -Wconversion,$(TEST_CFLAGS)) $(TEST_CRYPTO_FLAGS) -fsanitize=fuzzer

$(TEST_BUILD)/fuzz_%: test/fuzz/fuzz_%.c $$(FUZZ_$$*)
	@mkdir -p $(TEST_BUILD)
	$(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_$*_CFLAGS) -o $@ $(filter %.c %.o,$^)

fuzz: $(FUZZ:%=$(TEST_BUILD)/fuzz_%)
	@for name in $(FUZZ); do \
	  mkdir -p $(TEST_BUILD)/corpus/$$name; \
	  $(TEST_BUILD)/fuzz_$$name -max_total_time=$(SECONDS) -max_len=8192 -timeout=5 -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=$(TEST_BUILD)/ $(TEST_BUILD)/corpus/$$name 2>&1 | grep -E 'ERROR|SUMMARY|number_of_executed' | \
	    sed "s/^/$$name: /"; \
	  [ -z "$$(ls $(TEST_BUILD)/crash-* $(TEST_BUILD)/timeout-* 2>/dev/null)" ] || exit 1; \
	done
