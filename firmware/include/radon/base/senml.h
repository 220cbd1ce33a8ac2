/** One reading as a SenML pack (RFC 8428) of one record. */
#ifndef RADON_BASE_SENML_H
#define RADON_BASE_SENML_H

#include "radon/base/document.h"

/**
 * Writes `[{n, u, v}]`; `unit` may be empty and is then left out.
 * A reading in text for people is not SenML: write the value alone.
 */
void radon_senml_write(radon_document_t *doc, radon_bytes_t name, radon_bytes_t unit, double value);

/** The value (v) of the first record of a SenML CBOR pack. RADON_E_ARG when there is none. */
radon_err_t radon_senml_read_cbor(radon_bytes_t pack, double *value);

#endif
