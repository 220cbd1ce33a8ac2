#include "radon/runtime/envelope.h"

#include "check.h"

#define ADDRESS \
    "\x18\xa0\x6d" \
    "roof/worker~2"
#define MESSAGE \
    "\xa8\x18\x32\x19\x01\x2c" ADDRESS \
    "\x18\xa1\x1a\xde\xad\xbe\xef\x18\xa2\x05\x18\xa3\x01\x18\xa5\x04\x18\xa6\x43\x01\x02\x03\x18\xa9\x07"
#define REPORT "\xa6" ADDRESS "\x18\xa1\x01\x18\xa2\x09\x18\xa5\x04\x18\xa7\x28\x18\xa9\x1a\x00\x01\x11\x70"

/** Bytes of a literal without its end. */
#define BYTES(literal) radon_bytes(literal, sizeof(literal) - 1)

static char detail[RADON_ENVELOPE_DETAIL_BYTES];

static bool parse(radon_envelope_t *envelope, radon_bytes_t bytes)
{
    return radon_envelope_parse(envelope, bytes, detail);
}

static void check_written(const radon_envelope_t *envelope, radon_bytes_t expected)
{
    uint8_t bytes[128];
    radon_sink_t sink;
    radon_sink_init(&sink, bytes, sizeof bytes, 0);
    radon_envelope_write(&sink, envelope);
    CHECK_BYTES(bytes, sink.total, expected.data, expected.len);
}

TEST(a_message_is_read_and_written)
{
    radon_envelope_t envelope;
    REQUIRE(parse(&envelope, BYTES(MESSAGE)));
    CHECK_BYTES(envelope.from.data, envelope.from.len, "roof/worker~2", 13);
    CHECK_EQ(envelope.incarnation, 0xDEADBEEF);
    CHECK_EQ(envelope.seq, 7);
    CHECK_EQ(envelope.id, 300);
    CHECK_EQ(envelope.correlation, 5);
    CHECK_EQ(envelope.flags, RADON_ENVELOPE_UNORDERED);
    CHECK_EQ(envelope.hops, 4);
    CHECK_BYTES(envelope.payload.data, envelope.payload.len, "\x01\x02\x03", 3);
    CHECK_EQ(envelope.outcome, 0);
    check_written(&envelope, BYTES(MESSAGE));
}

TEST(a_report_is_read_and_written)
{
    radon_envelope_t envelope;
    REQUIRE(parse(&envelope, BYTES(REPORT)));
    CHECK_EQ(envelope.outcome, RADON_E_TIMEOUT);
    CHECK_EQ(envelope.correlation, 9);
    CHECK_EQ(envelope.seq, 70000);
    check_written(&envelope, BYTES(REPORT));
}

TEST(an_empty_payload_is_a_payload)
{
    const radon_envelope_t envelope = {.from = radon_bytes_text("a/b"), .seq = 1, .id = 1};
    uint8_t bytes[64];
    radon_envelope_t again;
    radon_sink_t sink;
    radon_sink_init(&sink, bytes, sizeof bytes, 0);
    radon_envelope_write(&sink, &envelope);
    REQUIRE(parse(&again, radon_sink_window(&sink)));
    CHECK_EQ(again.payload.len, 0);
}

TEST(the_largest_message_takes_what_the_outbox_counts_for_it)
{
    static uint8_t payload[RADON_MAX_MESSAGE_BYTES];
    static uint8_t bytes[1024];
    const char from[] = "abcdefghijklmnopqrstuvwxyz-01234/abcdefghijklmnopqrstuvwxyz-01234~4294967295";
    const radon_envelope_t envelope = {.from = radon_bytes_text(from),
                                       .incarnation = UINT32_MAX,
                                       .seq = UINT32_MAX,
                                       .id = UINT32_MAX,
                                       .correlation = UINT32_MAX,
                                       .flags = RADON_ENVELOPE_UNORDERED | RADON_ENVELOPE_ALIAS_TAKEN,
                                       .hops = RADON_ENVELOPE_HOPS,
                                       .payload = radon_bytes(payload, sizeof payload)};
    radon_envelope_t again;
    radon_sink_t sink;
    CHECK_EQ(strlen(from), RADON_ADDRESS_BYTES);
    radon_sink_init(&sink, bytes, sizeof bytes, 0);
    radon_envelope_write(&sink, &envelope);
    CHECK(sink.total <= strlen(from) + sizeof payload + RADON_ENVELOPE_BYTES);
    CHECK(parse(&again, radon_sink_window(&sink)));
}

#define CASE(literal, sentence) \
    { \
        {(const uint8_t *)(literal), sizeof(literal) - 1}, sentence \
    }

TEST(anything_else_is_refused_with_a_sentence)
{
    static const struct {
        radon_bytes_t bytes;
        const char *says;
    } cases[] = {
        CASE("", "the message"),
        CASE("\x80", "the message"),
        CASE(MESSAGE "\x00", "the message"),
        CASE("\xa5" ADDRESS "\x18\xa1\x01\x18\xa5\x04\x18\xa6\x40\x18\xa9\x07", "lacks id or payload"),
        CASE("\xa6\x18\x32\x01\x18\xa0\x64"
             "rain\x18\xa1\x01\x18\xa5\x04\x18\xa6\x40\x18\xa9\x07",
             "no address"),
        CASE("\xa7\x18\x32\x01" ADDRESS "\x18\xa1\x01\x18\xa3\x02\x18\xa5\x04\x18\xa6\x40\x18\xa9\x07",
             "unknown flags"),
        CASE("\xa7\x18\x32\x01" ADDRESS "\x18\xa1\x01\x18\xa2\x09\x18\xa5\x04\x18\xa7\x28\x18\xa9\x01",
             "neither"),
        CASE("\xa5" ADDRESS "\x18\xa1\x01\x18\xa5\x04\x18\xa7\x28\x18\xa9\x01", "neither"),
        CASE("\xa6" ADDRESS "\x18\xa1\x01\x18\xa2\x09\x18\xa5\x04\x18\xa7\x2c\x18\xa9\x01", "outcome"),
        CASE("\xa6\x18\x32\x01" ADDRESS "\x18\xa1\x01\x18\xa5\x04\x18\xa6\x40\x18\xa9\x00", "seq"),
    };
    radon_envelope_t envelope;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (parse(&envelope, cases[i].bytes)) {
            check_fail(__FILE__, __LINE__, "case %zu is taken", i);
        } else if (strstr(detail, cases[i].says) == NULL) {
            check_fail(__FILE__, __LINE__, "case %zu says \"%s\"", i, detail);
        }
    }
}

int main(void)
{
    RUN(a_message_is_read_and_written);
    RUN(a_report_is_read_and_written);
    RUN(an_empty_payload_is_a_payload);
    RUN(the_largest_message_takes_what_the_outbox_counts_for_it);
    RUN(anything_else_is_refused_with_a_sentence);
    return check_summary();
}
