/** User-visible errors (docs/errors.json) as problem details (RFC 9290). */
#ifndef RADON_BASE_PROBLEM_H
#define RADON_BASE_PROBLEM_H

#include "radon/base/sink.h"
#include "radon/errors.generated.h"
#include "radon/fields.generated.h"

#define RADON_PROBLEM_DETAILS_MAX 4

/** What fills one {brace} of the sentence: a text or, when `text.data` is NULL, a number. */
typedef struct {
    radon_field_t field;
    radon_bytes_t text; /**< borrowed */
    int64_t number;
} radon_problem_detail_t;

typedef struct {
    radon_problem_t problem;
    uint8_t count;
    radon_problem_detail_t details[RADON_PROBLEM_DETAILS_MAX];
} radon_problem_report_t;

radon_problem_report_t radon_problem_report(radon_problem_t problem);
/** Details beyond RADON_PROBLEM_DETAILS_MAX are dropped. */
void radon_problem_add_text(radon_problem_report_t *report, radon_field_t field, radon_bytes_t text);
void radon_problem_add_number(radon_problem_report_t *report, radon_field_t field, int64_t number);

/** CoAP response code. */
uint8_t radon_problem_code(radon_problem_t problem);
/** "DOES_NOT_FIT" and the like. */
const char *radon_problem_name(radon_problem_t problem);

/** The sentence with its braces filled; a brace without a detail stays as it is. */
void radon_problem_write_sentence(radon_sink_t *sink, const radon_problem_report_t *report);

/** CBOR: {-1: name, -2: sentence, "radon:problem": details}; the last member only when there are details. */
void radon_problem_write(radon_sink_t *sink, const radon_problem_report_t *report);

#endif
