#include "radon/base/senml.h"

#include "check.h"

static uint8_t buffer[64];
static radon_sink_t sink;

static void write(radon_document_format_t format, const char *unit, double value)
{
    radon_document_t doc;
    radon_sink_init(&sink, buffer, sizeof buffer, 0);
    radon_document_init(&doc, format, &sink);
    radon_senml_write(&doc, radon_bytes_text("rain0"), radon_bytes_text(unit), value);
    CHECK_EQ(radon_document_finish(&doc), RADON_OK);
}

static radon_err_t read(const char *bytes, size_t len, double *value)
{
    return radon_senml_read_cbor(radon_bytes(bytes, len), value);
}

#define READ(bytes, value) read("" bytes, sizeof(bytes) - 1, value)

TEST(reading_in_cbor_and_json)
{
    write(RADON_DOCUMENT_CBOR, "mm", 1.5);
    CHECK_BYTES(buffer, sink.total, "\x81\xa3\x00\x65rain0\x01\x62mm\x02\xf9\x3e\x00", 17);
    write(RADON_DOCUMENT_JSON, "mm", 1.5);
    CHECK_BYTES(buffer, sink.total, "[{\"n\":\"rain0\",\"u\":\"mm\",\"v\":1.5}]", 32);
}

TEST(no_unit_leaves_its_member_out)
{
    write(RADON_DOCUMENT_JSON, "", 0);
    CHECK_BYTES(buffer, sink.total, "[{\"n\":\"rain0\",\"v\":0}]", 21);
}

TEST(value_is_found_among_other_labels)
{
    double value = 0;
    CHECK_EQ(READ("\x81\xa3\x00\x61x\x02\x18\x2a\x06\x05", &value), RADON_OK);
    CHECK_EQ(value, 42);
    CHECK_EQ(READ("\x82\xa1\x02\xf9\x3e\x00\xa1\x02\x01", &value), RADON_OK);
    CHECK(value == 1.5);
    CHECK_EQ(READ("\x81\xa2\x02\x07\x63x_y\x81\x00", &value), RADON_OK);
    CHECK_EQ(value, 7);
}

TEST(packs_without_a_value_or_malformed_are_refused)
{
    double value = 3;
    CHECK_EQ(READ("\x80", &value), RADON_E_ARG);
    CHECK_EQ(READ("\x81\xa1\x00\x61x", &value), RADON_E_ARG);
    CHECK_EQ(READ("\x81\xa1\x02\x61x", &value), RADON_E_ARG);
    CHECK_EQ(READ("\xa1\x02\x05", &value), RADON_E_ARG);
    CHECK_EQ(READ("\x81\xa1\x02\x05\x00", &value), RADON_E_ARG);
    CHECK_EQ(READ("\x81\xa2\x02\x05\x02\x06", &value), RADON_E_ARG);
    CHECK_EQ(READ("", &value), RADON_E_ARG);
    CHECK_EQ(value, 3);
}

int main(void)
{
    RUN(reading_in_cbor_and_json);
    RUN(no_unit_leaves_its_member_out);
    RUN(value_is_found_among_other_labels);
    RUN(packs_without_a_value_or_malformed_are_refused);
    return check_summary();
}
