#include "radon/base/document.h"

#include "check.h"

static uint8_t buffer[512];
static radon_sink_t sink;
static radon_document_t doc;

static void start(radon_document_format_t format)
{
    radon_sink_init(&sink, buffer, sizeof buffer, 0);
    radon_document_init(&doc, format, &sink);
}

#define WROTE(bytes) CHECK_BYTES(buffer, sink.total, "" bytes, sizeof(bytes) - 1)

static void write_sample(radon_document_format_t format)
{
    start(format);
    radon_document_map(&doc, 4);
    radon_document_field_text(&doc, RADON_FIELD_NAME, radon_bytes_text("rain"));
    radon_document_field_bytes(&doc, RADON_FIELD_DIGEST, radon_bytes("\xc0\xdb", 2));
    radon_document_field(&doc, RADON_FIELD_RAM);
    radon_document_map(&doc, 2);
    radon_document_field_uint(&doc, RADON_FIELD_USED, 1000);
    radon_document_field_int(&doc, RADON_FIELD_FREE, -1);
    radon_document_end(&doc);
    radon_document_field(&doc, RADON_FIELD_INSTANCES);
    radon_document_array(&doc, 3);
    radon_document_bool(&doc, true);
    radon_document_number(&doc, 1.5);
    radon_document_map(&doc, 0);
    radon_document_end(&doc);
    radon_document_end(&doc);
    radon_document_end(&doc);
    CHECK_EQ(radon_document_finish(&doc), RADON_OK);
}

TEST(one_description_becomes_deterministic_cbor)
{
    write_sample(RADON_DOCUMENT_CBOR);
    WROTE("\xa4\x00\x64rain\x08\x42\xc0\xdb\x18\x39\xa2\x18\x3b\x19\x03\xe8\x18\x3c\x20\x18\x48\x83\xf5\xf9"
          "\x3e\x00"
          "\xa0");
}

TEST(the_same_description_becomes_json)
{
    write_sample(RADON_DOCUMENT_JSON);
    WROTE("{\"name\":\"rain\",\"digest\":\"c0db\",\"ram\":{\"used\":1000,\"free\":-1},\"instances\":[true,1."
          "5,{}]}");
}

TEST(the_same_description_becomes_text_with_one_member_a_line)
{
    write_sample(RADON_DOCUMENT_TEXT);
    WROTE("{\n  \"name\": \"rain\",\n  \"digest\": \"c0db\",\n  \"ram\": {\n    \"used\": 1000,\n    "
          "\"free\": -1\n  },\n"
          "  \"instances\": [\n    true,\n    1.5,\n    {}\n  ]\n}");
}

TEST(json_text_is_escaped)
{
    start(RADON_DOCUMENT_JSON);
    radon_document_text(&doc, radon_bytes("a\"b\\c\n\x1b\x7f\xc3\xa4", 10));
    WROTE("\"a\\\"b\\\\c\\n\\u001b\x7f\xc3\xa4\"");
}

TEST(malformed_text_is_replaced_in_every_format)
{
    start(RADON_DOCUMENT_JSON);
    radon_document_text(&doc, radon_bytes("a\xff\xc3", 3));
    WROTE("\"a\xef\xbf\xbd\xef\xbf\xbd\"");
    start(RADON_DOCUMENT_CBOR);
    radon_document_text(&doc, radon_bytes("a\xff\xc3", 3));
    WROTE("\x67\x61\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(labels_of_other_vocabularies_keep_their_order)
{
    start(RADON_DOCUMENT_CBOR);
    radon_document_map(&doc, 3);
    radon_document_label(&doc, 2, "v");
    radon_document_null(&doc);
    radon_document_label(&doc, -1, "bver");
    radon_document_uint(&doc, 10);
    radon_document_label(&doc, -2, "bn");
    radon_document_text(&doc, radon_bytes_text("x"));
    radon_document_end(&doc);
    CHECK_EQ(radon_document_finish(&doc), RADON_OK);
    WROTE("\xa3\x02\xf6\x20\x0a\x21\x61\x78");
}

TEST(keys_out_of_order_are_a_mistake)
{
    start(RADON_DOCUMENT_CBOR);
    radon_document_map(&doc, 2);
    radon_document_field_uint(&doc, RADON_FIELD_VERSION, 1);
    radon_document_field_uint(&doc, RADON_FIELD_NAME, 1);
    radon_document_end(&doc);
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
    start(RADON_DOCUMENT_JSON);
    radon_document_map(&doc, 2);
    radon_document_field_uint(&doc, RADON_FIELD_NAME, 1);
    radon_document_field_uint(&doc, RADON_FIELD_NAME, 1);
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
}

TEST(wrong_counts_are_a_mistake)
{
    start(RADON_DOCUMENT_JSON);
    radon_document_array(&doc, 1);
    radon_document_end(&doc);
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
    start(RADON_DOCUMENT_JSON);
    radon_document_array(&doc, 1);
    radon_document_uint(&doc, 1);
    radon_document_uint(&doc, 2);
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
    start(RADON_DOCUMENT_CBOR);
    radon_document_uint(&doc, 1);
    radon_document_uint(&doc, 2);
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
    start(RADON_DOCUMENT_CBOR);
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
}

TEST(keys_and_values_alternate)
{
    start(RADON_DOCUMENT_CBOR);
    radon_document_map(&doc, 1);
    radon_document_uint(&doc, 1);
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
    start(RADON_DOCUMENT_CBOR);
    radon_document_map(&doc, 2);
    radon_document_field(&doc, RADON_FIELD_NAME);
    radon_document_field(&doc, RADON_FIELD_VERSION);
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
    start(RADON_DOCUMENT_CBOR);
    radon_document_array(&doc, 1);
    radon_document_field(&doc, RADON_FIELD_NAME);
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
}

TEST(depth_is_bounded)
{
    start(RADON_DOCUMENT_CBOR);
    for (int i = 0; i <= RADON_CBOR_DEPTH; i++) {
        radon_document_array(&doc, 1);
    }
    CHECK_EQ(radon_document_finish(&doc), RADON_E_STATE);
}

int main(void)
{
    RUN(one_description_becomes_deterministic_cbor);
    RUN(the_same_description_becomes_json);
    RUN(the_same_description_becomes_text_with_one_member_a_line);
    RUN(json_text_is_escaped);
    RUN(malformed_text_is_replaced_in_every_format);
    RUN(labels_of_other_vocabularies_keep_their_order);
    RUN(keys_out_of_order_are_a_mistake);
    RUN(wrong_counts_are_a_mistake);
    RUN(keys_and_values_alternate);
    RUN(depth_is_bounded);
    return check_summary();
}
