#include "radon/base/senml.h"

#include "radon/base/cbor_read.h"

/* CBOR labels (RFC 8428 section 6). */
enum { LABEL_NAME = 0, LABEL_UNIT = 1, LABEL_VALUE = 2 };

void radon_senml_write(radon_document_t *doc, radon_bytes_t name, radon_bytes_t unit, double value)
{
    radon_document_array(doc, 1);
    radon_document_map(doc, unit.len > 0 ? 3 : 2);
    radon_document_label(doc, LABEL_NAME, "n");
    radon_document_text(doc, name);
    if (unit.len > 0) {
        radon_document_label(doc, LABEL_UNIT, "u");
        radon_document_text(doc, unit);
    }
    radon_document_label(doc, LABEL_VALUE, "v");
    radon_document_number(doc, value);
    radon_document_end(doc);
    radon_document_end(doc);
}

/** Reads a record's members; true when one of them is a value. */
static bool read_record(radon_cbor_reader_t *reader, double *value)
{
    uint32_t pairs;
    bool found = false;
    radon_cbor_enter_map(reader, &pairs);
    while (radon_cbor_has_next(reader)) {
        int64_t label = -1;
        if (radon_cbor_peek(reader) == RADON_CBOR_TEXT) {
            radon_cbor_skip(reader, NULL); /* an extension */
        } else {
            radon_cbor_read_int(reader, &label);
        }
        if (label == LABEL_VALUE) {
            found = radon_cbor_read_number(reader, value);
        } else {
            radon_cbor_skip(reader, NULL);
        }
    }
    radon_cbor_leave(reader);
    return found;
}

radon_err_t radon_senml_read_cbor(radon_bytes_t pack, double *value)
{
    radon_cbor_reader_t reader;
    uint32_t records;
    bool found = false;
    double read = 0;
    radon_cbor_reader_init(&reader, pack);
    radon_cbor_enter_array(&reader, &records);
    if (radon_cbor_has_next(&reader)) {
        found = read_record(&reader, &read);
    }
    while (radon_cbor_has_next(&reader)) {
        radon_cbor_skip(&reader, NULL);
    }
    radon_cbor_leave(&reader);
    if (!found || radon_cbor_read_end(&reader) != RADON_OK) {
        return RADON_E_ARG;
    }
    *value = read;
    return RADON_OK;
}
