#include "radon/link/slipmux.h"

#include "check.h"

#define VECTORS_SLIPMUX
#include "vectors.generated.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static uint8_t ring_bytes[RADON_SLIPMUX_ENCODED_MAX + 1];
static radon_ring_t ring;
static radon_slipmux_t slipmux;

static void reset(uint32_t cap)
{
    radon_ring_init(&ring, ring_bytes, cap);
    radon_slipmux_init(&slipmux);
}

static size_t drain(uint8_t *out)
{
    size_t len = 0;
    while (radon_ring_get(&ring, &out[len])) {
        len++;
    }
    return len;
}

TEST(vectors_are_encoded_to_the_byte)
{
    static uint8_t out[RADON_SLIPMUX_ENCODED_MAX + 1];
    for (size_t i = 0; i < COUNT(vector_frames); i++) {
        const vector_frame_t *vector = &vector_frames[i];
        reset(sizeof ring_bytes);
        CHECK_EQ(radon_slipmux_send(&slipmux, &ring, radon_bytes(vector->message.data, vector->message.len)),
                 RADON_OK);
        size_t len = drain(out);
        CHECK_BYTES(out, len, vector->frame.data, vector->frame.len);
        CHECK_EQ(slipmux.counters.frames_out, 1);
    }
}

TEST(vectors_are_decoded_with_their_counts)
{
    for (size_t i = 0; i < COUNT(vector_streams); i++) {
        const vector_stream_t *vector = &vector_streams[i];
        size_t count = 0;
        reset(sizeof ring_bytes);
        for (size_t at = 0; at < vector->stream.len; at++) {
            radon_bytes_t message;
            if (radon_slipmux_receive(&slipmux, vector->stream.data[at], &message)) {
                REQUIRE(count < vector->count);
                CHECK_BYTES(message.data, message.len, vector->messages[count].data,
                            vector->messages[count].len);
                count++;
            }
        }
        if (count != vector->count || slipmux.counters.frames_bad != vector->bad) {
            check_fail(__FILE__, __LINE__, "%s: %zu messages, %u bad", vector->name, count,
                       slipmux.counters.frames_bad);
        }
        CHECK_EQ(slipmux.counters.frames_in, count);
    }
}

TEST(frame_is_put_whole_or_not_at_all)
{
    uint8_t out[32];
    reset(11); /* room for 10 bytes; the frame takes 9 */
    CHECK_EQ(radon_slipmux_send(&slipmux, &ring, radon_bytes("\x40\x00\x12\x34", 4)), RADON_OK);
    CHECK_EQ(radon_slipmux_send(&slipmux, &ring, radon_bytes("\x40\x00\x12\x34", 4)), RADON_E_FULL);
    CHECK_EQ(slipmux.counters.frames_out, 1);
    CHECK_EQ(drain(out), 9);
    CHECK_EQ(radon_slipmux_send(&slipmux, &ring, radon_bytes("\x40\x00\xc0\xc0", 4)), RADON_E_FULL);
    CHECK_EQ(drain(out), 0);
}

TEST(message_above_the_maximum_is_refused)
{
    static uint8_t big[RADON_COAP_MESSAGE_MAX + 1];
    reset(sizeof ring_bytes);
    CHECK_EQ(radon_slipmux_send(&slipmux, &ring, radon_bytes(big, sizeof big)), RADON_E_TOO_BIG);
    CHECK_EQ(radon_slipmux_send(&slipmux, &ring, radon_bytes(big, sizeof big - 1)), RADON_OK);
}

TEST(whatever_is_sent_comes_back_through_the_decoder)
{
    uint32_t random = 1;
    for (int round = 0; round < 300; round++) {
        uint8_t data[200];
        radon_bytes_t message = {0};
        uint8_t byte;
        bool complete = false;
        for (size_t i = 0; i < sizeof data; i++) {
            random = random * 1664525 + 1013904223;
            data[i] = random >> 29 == 0 ? 0xc0 : random >> 29 == 1 ? 0xdb : (uint8_t)(random >> 16);
        }
        reset(sizeof ring_bytes);
        radon_slipmux_send(&slipmux, &ring, radon_bytes(data, (size_t)round % sizeof data));
        while (radon_ring_get(&ring, &byte)) {
            complete = radon_slipmux_receive(&slipmux, byte, &message) || complete;
        }
        CHECK(complete);
        CHECK_BYTES(message.data, message.len, data, (size_t)round % sizeof data);
    }
}

static size_t diagnose(const char *text, size_t len, uint8_t *out)
{
    reset(sizeof ring_bytes);
    CHECK_EQ(radon_slipmux_send_diagnostic(&slipmux, &ring, radon_bytes(text, len)), RADON_OK);
    return drain(out);
}

#define DIAGNOSES(text, frame) \
    do { \
        uint8_t out[64]; \
        size_t len = diagnose("" text, sizeof(text) - 1, out); \
        CHECK_BYTES(out, len, "" frame, sizeof(frame) - 1); \
    } while (0)

TEST(diagnostic_text_keeps_what_people_read)
{
    DIAGNOSES("up 1\tms\n", "\xc0\x0a"
                            "up 1\tms\n\xc0");
    DIAGNOSES("\xc3\xa4\xe2\x82\xac", "\xc0\x0a\xc3\xa4\xe2\x82\xac\xc0");
    DIAGNOSES("\xdb\xb0", "\xc0\x0a\xdb\xdd\xb0\xc0"); /* U+06F0 begins with ESC */
    DIAGNOSES("", "\xc0\x0a\xc0");
}

TEST(diagnostic_text_cannot_drive_a_terminal)
{
    DIAGNOSES("\x1b[2J", "\xc0\x0a?[2J\xc0");
    DIAGNOSES("a\rb\x07\x08\x7f", "\xc0\x0a"
                                  "a?b???\xc0");
    DIAGNOSES("\xc2\x9b"
              "31m",
              "\xc0\x0a?31m\xc0");
    DIAGNOSES("\x9b"
              "31m\xc0\xff",
              "\xc0\x0a?31m??\xc0");
    DIAGNOSES("\xe2\x82", "\xc0\x0a??\xc0");
}

TEST(diagnostic_frame_is_put_whole_or_not_at_all)
{
    uint8_t out[16];
    reset(8);
    CHECK_EQ(radon_slipmux_send_diagnostic(&slipmux, &ring, radon_bytes_text("12345")), RADON_E_FULL);
    CHECK_EQ(radon_slipmux_send_diagnostic(&slipmux, &ring, radon_bytes_text("1234")), RADON_OK);
    CHECK_EQ(drain(out), 7);
}

int main(void)
{
    RUN(vectors_are_encoded_to_the_byte);
    RUN(vectors_are_decoded_with_their_counts);
    RUN(frame_is_put_whole_or_not_at_all);
    RUN(message_above_the_maximum_is_refused);
    RUN(whatever_is_sent_comes_back_through_the_decoder);
    RUN(diagnostic_text_keeps_what_people_read);
    RUN(diagnostic_text_cannot_drive_a_terminal);
    RUN(diagnostic_frame_is_put_whole_or_not_at_all);
    return check_summary();
}
