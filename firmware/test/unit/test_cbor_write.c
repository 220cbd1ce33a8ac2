#include "radon/base/cbor_write.h"

#include "check.h"

/* Expected bytes are those of RFC 8949 Appendix A, where it has the value. */

static uint8_t buffer[64];
static radon_sink_t sink;

static radon_sink_t *fresh(void)
{
    radon_sink_init(&sink, buffer, sizeof buffer, 0);
    return &sink;
}

#define WRITES(call, bytes) ((call), CHECK_BYTES(buffer, sink.total, "" bytes, sizeof(bytes) - 1))

TEST(integers_take_the_shortest_form)
{
    WRITES(radon_cbor_write_uint(fresh(), 0), "\x00");
    WRITES(radon_cbor_write_uint(fresh(), 23), "\x17");
    WRITES(radon_cbor_write_uint(fresh(), 24), "\x18\x18");
    WRITES(radon_cbor_write_uint(fresh(), 255), "\x18\xff");
    WRITES(radon_cbor_write_uint(fresh(), 256), "\x19\x01\x00");
    WRITES(radon_cbor_write_uint(fresh(), 65536), "\x1a\x00\x01\x00\x00");
    WRITES(radon_cbor_write_uint(fresh(), 1000000000000), "\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00");
    WRITES(radon_cbor_write_uint(fresh(), UINT64_MAX), "\x1b\xff\xff\xff\xff\xff\xff\xff\xff");
    WRITES(radon_cbor_write_int(fresh(), -1), "\x20");
    WRITES(radon_cbor_write_int(fresh(), -100), "\x38\x63");
    WRITES(radon_cbor_write_int(fresh(), INT64_MIN), "\x3b\x7f\xff\xff\xff\xff\xff\xff\xff");
    WRITES(radon_cbor_write_int(fresh(), 1000), "\x19\x03\xe8");
}

TEST(strings_and_containers)
{
    WRITES(radon_cbor_write_bytes(fresh(), radon_bytes("\x01\x02\x03\x04", 4)), "\x44\x01\x02\x03\x04");
    WRITES(radon_cbor_write_text(fresh(), radon_bytes_text("IETF")), "\x64IETF");
    WRITES(radon_cbor_write_text(fresh(), radon_bytes_text("")), "\x60");
    WRITES(radon_cbor_write_array(fresh(), 25), "\x98\x19");
    WRITES(radon_cbor_write_map(fresh(), 2), "\xa2");
    WRITES(radon_cbor_write_tag(fresh(), 18), "\xd2");
    WRITES(radon_cbor_write_bool(fresh(), true), "\xf5");
    WRITES(radon_cbor_write_bool(fresh(), false), "\xf4");
    WRITES(radon_cbor_write_null(fresh()), "\xf6");
}

TEST(numbers_take_the_shortest_exact_form)
{
    WRITES(radon_cbor_write_number(fresh(), 0.0), "\x00");
    WRITES(radon_cbor_write_number(fresh(), -4.0), "\x23");
    WRITES(radon_cbor_write_number(fresh(), 1.5), "\xf9\x3e\x00");
    WRITES(radon_cbor_write_number(fresh(), 0.00006103515625), "\xf9\x04\x00");
    WRITES(radon_cbor_write_number(fresh(), 5.960464477539063e-8), "\xf9\x00\x01");
    WRITES(radon_cbor_write_number(fresh(), 2.98023223876953125e-8), "\xfa\x33\x00\x00\x00");
    WRITES(radon_cbor_write_number(fresh(), 3.4028234663852886e+38), "\xfa\x7f\x7f\xff\xff");
    WRITES(radon_cbor_write_number(fresh(), 1.1), "\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a");
    WRITES(radon_cbor_write_number(fresh(), 1.0e+300), "\xfb\x7e\x37\xe4\x3c\x88\x00\x75\x9c");
    WRITES(radon_cbor_write_number(fresh(), -4.1), "\xfb\xc0\x10\x66\x66\x66\x66\x66\x66");
    WRITES(radon_cbor_write_number(fresh(), __builtin_inf()), "\xf9\x7c\x00");
    WRITES(radon_cbor_write_number(fresh(), -__builtin_inf()), "\xf9\xfc\x00");
    WRITES(radon_cbor_write_number(fresh(), __builtin_nan("")), "\xf9\x7e\x00");
    WRITES(radon_cbor_write_number(fresh(), 9007199254740992.0), "\xfa\x5a\x00\x00\x00");
}

int main(void)
{
    RUN(integers_take_the_shortest_form);
    RUN(strings_and_containers);
    RUN(numbers_take_the_shortest_exact_form);
    return check_summary();
}
