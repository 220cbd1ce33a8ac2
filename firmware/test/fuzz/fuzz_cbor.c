/* What the strict reader accepts, the deterministic writer must reproduce to the byte. */
#include <stdlib.h>

#include "radon/base/cbor_read.h"
#include "radon/base/cbor_write.h"
#include "radon/base/senml.h"

static void copy_scalar(radon_cbor_reader_t *reader, radon_sink_t *sink)
{
    radon_bytes_t bytes;
    uint64_t number;
    int64_t negative;
    double real;
    bool truth;
    radon_cbor_type_t type = radon_cbor_peek(reader);
    if (type == RADON_CBOR_UINT && radon_cbor_read_uint(reader, &number)) {
        radon_cbor_write_uint(sink, number);
    } else if (type == RADON_CBOR_NEGATIVE && radon_cbor_read_int(reader, &negative)) {
        radon_cbor_write_int(sink, negative);
    } else if (type == RADON_CBOR_BYTES && radon_cbor_read_bytes(reader, &bytes)) {
        radon_cbor_write_bytes(sink, bytes);
    } else if (type == RADON_CBOR_TEXT && radon_cbor_read_text(reader, &bytes)) {
        radon_cbor_write_text(sink, bytes);
    } else if (type == RADON_CBOR_BOOL && radon_cbor_read_bool(reader, &truth)) {
        radon_cbor_write_bool(sink, truth);
    } else if (type == RADON_CBOR_NULL && radon_cbor_read_null(reader)) {
        radon_cbor_write_null(sink);
    } else if (type == RADON_CBOR_TAG && radon_cbor_read_tag(reader, &number)) {
        radon_cbor_write_tag(sink, number);
    } else if (type == RADON_CBOR_FLOAT && radon_cbor_read_number(reader, &real)) {
        bool whole = real > -9007199254740992.0 && real < 9007199254740992.0 && (double)(int64_t)real == real;
        if (whole) {
            radon_cbor_fail(reader); /* the writer makes an integer of it: nothing to compare */
        } else {
            radon_cbor_write_number(sink, real);
        }
    } else {
        radon_cbor_fail(reader);
    }
}

static void copy(radon_cbor_reader_t *reader, radon_sink_t *sink)
{
    uint32_t count;
    do {
        radon_cbor_type_t type = radon_cbor_peek(reader);
        if (type == RADON_CBOR_ARRAY && radon_cbor_enter_array(reader, &count)) {
            radon_cbor_write_array(sink, count);
        } else if (type == RADON_CBOR_MAP && radon_cbor_enter_map(reader, &count)) {
            radon_cbor_write_map(sink, count);
        } else {
            copy_scalar(reader, sink);
        }
        while (!reader->failed && reader->depth > 0 && !radon_cbor_has_next(reader)) {
            radon_cbor_leave(reader);
        }
    } while (!reader->failed && radon_cbor_has_next(reader));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t buffer[8192];
    radon_bytes_t input = radon_bytes(data, size);
    radon_cbor_reader_t reader;
    radon_sink_t sink;
    double value;
    radon_cbor_reader_init(&reader, input);
    radon_cbor_skip(&reader, NULL);
    bool accepted = radon_cbor_read_end(&reader) == RADON_OK;
    radon_sink_init(&sink, buffer, sizeof buffer, 0);
    radon_cbor_reader_init(&reader, input);
    copy(&reader, &sink);
    bool copied = radon_cbor_read_end(&reader) == RADON_OK;
    if (copied && (!accepted || !radon_bytes_equal(radon_sink_window(&sink), input))) {
        abort();
    }
    radon_senml_read_cbor(input, &value);
    return 0;
}
