#include "radon/base/problem.h"

#include "radon/base/cbor_write.h"
#include "radon/base/field.h"

typedef struct {
    const char *name;
    const char *sentence;
    uint8_t code;
} row_t;

static const row_t rows[RADON_PROBLEM_COUNT] = {
#define X(name, code, sentence) {#name, sentence, code},
    RADON_PROBLEMS(X)
#undef X
};

/* Keys of RFC 9290 section 2, and ours. */
enum { KEY_TITLE = -1, KEY_DETAIL = -2 };
static const char details_key[] = "radon:problem";

radon_problem_report_t radon_problem_report(radon_problem_t problem)
{
    return (radon_problem_report_t){.problem = problem};
}

static void add(radon_problem_report_t *report, radon_problem_detail_t detail)
{
    if (report->count == RADON_PROBLEM_DETAILS_MAX) {
        return;
    }
    uint8_t at = report->count++;
    for (; at > 0 && report->details[at - 1].field > detail.field; at--) { /* the order of their keys */
        report->details[at] = report->details[at - 1];
    }
    report->details[at] = detail;
}

void radon_problem_add_text(radon_problem_report_t *report, radon_field_t field, radon_bytes_t text)
{
    if (text.data == NULL) {
        text = radon_bytes("", 0);
    }
    add(report, (radon_problem_detail_t){.field = field, .text = text});
}

void radon_problem_add_number(radon_problem_report_t *report, radon_field_t field, int64_t number)
{
    add(report, (radon_problem_detail_t){.field = field, .number = number});
}

uint8_t radon_problem_code(radon_problem_t problem)
{
    return rows[problem].code;
}

const char *radon_problem_name(radon_problem_t problem)
{
    return rows[problem].name;
}

/** The detail that fills `{name}`, or NULL. */
static const radon_problem_detail_t *find(const radon_problem_report_t *report, radon_bytes_t name)
{
    for (uint8_t i = 0; i < report->count; i++) {
        if (radon_bytes_equal_text(name, radon_field_name(report->details[i].field))) {
            return &report->details[i];
        }
    }
    return NULL;
}

static void put_detail(radon_sink_t *sink, const radon_problem_detail_t *detail)
{
    if (detail->text.data != NULL) {
        radon_sink_write(sink, detail->text.data, detail->text.len);
    } else {
        radon_sink_i64(sink, detail->number);
    }
}

void radon_problem_write_sentence(radon_sink_t *sink, const radon_problem_report_t *report)
{
    const char *at = rows[report->problem].sentence;
    while (*at != '\0') {
        const char *close = *at == '{' ? strchr(at, '}') : NULL;
        const radon_problem_detail_t *detail =
            close == NULL ? NULL : find(report, radon_bytes(at + 1, (size_t)(close - at - 1)));
        if (detail != NULL) {
            put_detail(sink, detail);
            at = close + 1;
        } else {
            radon_sink_put(sink, (uint8_t)*at++);
        }
    }
}

static void put_details(radon_sink_t *sink, const radon_problem_report_t *report)
{
    radon_cbor_write_text(sink, radon_bytes_text(details_key));
    radon_cbor_write_map(sink, report->count);
    for (uint8_t i = 0; i < report->count; i++) {
        const radon_problem_detail_t *detail = &report->details[i];
        radon_cbor_write_uint(sink, detail->field);
        if (detail->text.data != NULL) {
            radon_cbor_write_text(sink, detail->text);
        } else {
            radon_cbor_write_int(sink, detail->number);
        }
    }
}

void radon_problem_write(radon_sink_t *sink, const radon_problem_report_t *report)
{
    radon_sink_t measure;
    radon_sink_init(&measure, NULL, 0, 0);
    radon_problem_write_sentence(&measure, report);
    radon_cbor_write_map(sink, report->count > 0 ? 3 : 2);
    radon_cbor_write_int(sink, KEY_TITLE);
    radon_cbor_write_text(sink, radon_bytes_text(rows[report->problem].name));
    radon_cbor_write_int(sink, KEY_DETAIL);
    radon_cbor_write_text_head(sink, measure.total);
    radon_problem_write_sentence(sink, report);
    if (report->count > 0) {
        put_details(sink, report);
    }
}
