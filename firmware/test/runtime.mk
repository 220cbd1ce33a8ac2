# Tests of the runtime and the node. Included by test/tests.mk.

TESTS += pool phase inbox timers publications logbook jobs input lifecycle
# messages
TESTS += destination envelope origins aliases outbox
TEST_destination := src/runtime/destination.c src/base/bytes.c
TEST_envelope := src/runtime/envelope.c src/runtime/destination.c src/base/fields.c src/base/pattern.c \
  src/base/cbor_read.c src/base/cbor_write.c src/base/field.c src/base/bytes.c src/base/sink.c src/base/crc.c
TEST_origins := src/runtime/origins.c src/base/bytes.c
TEST_aliases := src/runtime/aliases.c src/base/bytes.c
TEST_outbox := src/runtime/outbox.c $(TEST_envelope)

TEST_pool := src/runtime/pool.c
TEST_phase := src/runtime/phase.c
TEST_inbox := src/runtime/inbox.c src/base/bytes.c
TEST_timers := src/runtime/timers.c
TEST_publications := src/runtime/publications.c
TEST_logbook := src/runtime/logbook.c src/base/bytes.c test/fakes/port_fake.c
TEST_jobs := src/app/jobs.c src/base/problem.c src/base/field.c src/base/bytes.c src/base/cbor_write.c src/base/sink.c \
  src/base/crc.c test/fakes/port_fake.c
TEST_input := src/app/input.c src/base/cbor_read.c src/base/bytes.c
TEST_lifecycle := $(wildcard src/runtime/*.c) src/coap/uri.c src/coap/message.c src/engine/arena.c src/store/kv.c src/store/log.c src/base/bytes.c \
  src/base/sink.c src/base/crc.c src/base/problem.c src/base/field.c src/base/fields.c src/base/pattern.c \
  src/base/cbor_read.c src/base/cbor_write.c src/base/document.c test/fakes/port_fake.c \
  test/fakes/engine_fake.c test/fakes/flash_fake.c

TESTS += instances messages
TEST_messages := $(TEST_lifecycle)
TEST_instances := $(TEST_lifecycle)

TESTS += snapshot restore
TEST_restore := $(TEST_lifecycle)
TEST_snapshot := $(wildcard src/runtime/snapshot_*.c) src/runtime/configuration.c src/base/fields.c \
  src/base/field.c src/base/cbor_read.c src/base/pattern.c src/base/bytes.c src/base/sink.c src/base/crc.c

FUZZ += snapshot
FUZZ_snapshot := $(TEST_snapshot)
