/**
 * Deterministic CBOR (RFC 8949 section 4.2): shortest integers, lengths and floats, definite lengths. The
 * caller says how many items a map or array has and writes map keys in ascending order (bytewise, as
 * encoded).
 */
#ifndef RADON_BASE_CBOR_WRITE_H
#define RADON_BASE_CBOR_WRITE_H

#include "radon/base/sink.h"

void radon_cbor_write_uint(radon_sink_t *sink, uint64_t value);
void radon_cbor_write_int(radon_sink_t *sink, int64_t value);
void radon_cbor_write_bytes(radon_sink_t *sink, radon_bytes_t bytes);
void radon_cbor_write_text(radon_sink_t *sink, radon_bytes_t text);
/** Head of a text whose `len` bytes the caller writes to the sink itself. */
void radon_cbor_write_text_head(radon_sink_t *sink, size_t len);
void radon_cbor_write_array(radon_sink_t *sink, size_t count);
void radon_cbor_write_map(radon_sink_t *sink, size_t pairs);
void radon_cbor_write_tag(radon_sink_t *sink, uint64_t tag);
void radon_cbor_write_bool(radon_sink_t *sink, bool value);
void radon_cbor_write_null(radon_sink_t *sink);

/** A whole number below 2^53 becomes an integer, others the shortest of half, single and double that is
 * exact. */
void radon_cbor_write_number(radon_sink_t *sink, double value);

#endif
