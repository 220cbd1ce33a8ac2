#include "radon/coap/block.h"
#include "radon/coap/message.h"

#include "check.h"

#define VECTORS_MESSAGES
#include "vectors.generated.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static radon_bytes_t view(vector_bytes_t bytes)
{
    return radon_bytes(bytes.data, bytes.len);
}

#define CHECK_VIEW(actual, expected) CHECK_BYTES((actual).data, (actual).len, (expected).data, (expected).len)

/** The exact-size copy lets the sanitizer see a read behind the end. */
static radon_err_t parse(radon_coap_message_t *message, vector_bytes_t bytes, uint8_t *copy)
{
    uint8_t *start = copy + 2048 - bytes.len;
    memcpy(start, bytes.data, bytes.len);
    return radon_coap_message_parse(message, radon_bytes(start, bytes.len));
}

static void check_options(const vector_message_t *vector, const radon_coap_message_t *message)
{
    radon_coap_options_t options = radon_coap_options(message);
    radon_coap_option_t option;
    size_t count = 0;
    while (radon_coap_options_next(&options, &option)) {
        REQUIRE(count < vector->option_count);
        CHECK_EQ(option.number, vector->options[count].number);
        CHECK_VIEW(option.value, vector->options[count].value);
        count++;
    }
    CHECK_EQ(count, vector->option_count);
}

TEST(vectors_are_parsed_as_they_say)
{
    static uint8_t copy[2048];
    for (size_t i = 0; i < COUNT(vector_messages); i++) {
        const vector_message_t *vector = &vector_messages[i];
        radon_coap_message_t message;
        radon_err_t err = parse(&message, vector->bytes, copy);
        radon_err_t expected = vector->outcome == VECTOR_GOOD     ? RADON_OK
                               : vector->outcome == VECTOR_IGNORE ? RADON_E_UNSUPPORTED
                                                                  : RADON_E_ARG;
        if (err != expected) {
            check_fail(__FILE__, __LINE__, "%s: %d, expected %d", vector->name, err, expected);
        }
        if (err == RADON_E_UNSUPPORTED) {
            continue;
        }
        CHECK_EQ(message.type, vector->type);
        CHECK_EQ(message.id, vector->id);
        if (err == RADON_OK) {
            CHECK_EQ(message.code, vector->code);
            CHECK_VIEW(message.token, vector->token);
            CHECK_VIEW(message.payload, vector->payload);
            check_options(vector, &message);
        }
    }
}

static size_t write(const vector_message_t *vector, uint8_t *buffer, size_t cap)
{
    radon_coap_writer_t writer;
    radon_coap_write_header(&writer, buffer, cap, (radon_coap_type_t)vector->type, vector->code, vector->id,
                            view(vector->token));
    for (size_t i = 0; i < vector->option_count; i++) {
        radon_coap_write_option(&writer, vector->options[i].number, view(vector->options[i].value));
    }
    radon_coap_write_payload(&writer, view(vector->payload));
    return writer.failed ? 0 : writer.len;
}

TEST(vectors_are_written_as_they_were_parsed)
{
    for (size_t i = 0; i < COUNT(vector_messages); i++) {
        const vector_message_t *vector = &vector_messages[i];
        uint8_t buffer[512];
        if (vector->outcome == VECTOR_GOOD) {
            size_t len = write(vector, buffer, sizeof buffer);
            CHECK_BYTES(buffer, len, vector->bytes.data, vector->bytes.len);
        }
    }
}

TEST(writer_refuses_every_buffer_that_is_too_small)
{
    for (size_t i = 0; i < COUNT(vector_messages); i++) {
        const vector_message_t *vector = &vector_messages[i];
        uint8_t buffer[512];
        for (size_t cap = 0; vector->outcome == VECTOR_GOOD && cap < vector->bytes.len; cap++) {
            CHECK_EQ(write(vector, buffer, cap), 0);
        }
    }
}

TEST(writer_refuses_descending_options_and_long_tokens)
{
    uint8_t buffer[64];
    radon_coap_writer_t writer;
    radon_coap_write_header(&writer, buffer, sizeof buffer, RADON_COAP_CON, 1, 1, radon_bytes(NULL, 0));
    radon_coap_write_option_uint(&writer, 12, 0);
    radon_coap_write_option_uint(&writer, 11, 0);
    CHECK(writer.failed);
    radon_coap_write_header(&writer, buffer, sizeof buffer, RADON_COAP_CON, 1, 1,
                            radon_bytes("123456789", 9));
    CHECK(writer.failed);
}

TEST(uint_options_have_no_leading_zeros)
{
    static const struct {
        uint32_t value;
        size_t len;
    } cases[] = {{0, 0}, {1, 1}, {255, 1}, {256, 2}, {65535, 2}, {65536, 3}, {0x1000000, 4}, {UINT32_MAX, 4}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t buffer[16];
        radon_coap_writer_t writer = {.buffer = buffer, .cap = sizeof buffer};
        radon_coap_write_option_uint(&writer, 0, cases[i].value);
        CHECK_EQ(writer.len, 1 + cases[i].len);
        CHECK_EQ(radon_coap_option_uint(radon_bytes(buffer + 1, writer.len - 1)), cases[i].value);
    }
    CHECK_EQ(radon_coap_option_uint(radon_bytes("\x00\x00\x3c", 3)), 60);
}

TEST(blocks_are_packed_as_rfc_7959_says)
{
    radon_coap_block_t block;
    CHECK(radon_coap_block_parse(&block, 0x2e));
    CHECK_EQ(block.num, 2);
    CHECK(block.more);
    CHECK_EQ(radon_coap_block_size(&block), 1024);
    CHECK_EQ(radon_coap_block_offset(&block), 2048);
    CHECK_EQ(radon_coap_block_value(&block), 0x2e);
    CHECK(radon_coap_block_parse(&block, 0xfffff0));
    CHECK_EQ(radon_coap_block_offset(&block), 0xfffff * 16);
    CHECK(!radon_coap_block_parse(&block, 7));
}

int main(void)
{
    RUN(vectors_are_parsed_as_they_say);
    RUN(vectors_are_written_as_they_were_parsed);
    RUN(writer_refuses_every_buffer_that_is_too_small);
    RUN(writer_refuses_descending_options_and_long_tokens);
    RUN(uint_options_have_no_leading_zeros);
    RUN(blocks_are_packed_as_rfc_7959_says);
    return check_summary();
}
