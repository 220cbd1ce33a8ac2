#include "radon/base/ring.h"

#include "check.h"

TEST(bytes_come_out_in_order_over_the_wrap)
{
    uint8_t buffer[5];
    radon_ring_t ring;
    uint8_t next_in = 0;
    uint8_t next_out = 0;
    radon_ring_init(&ring, buffer, sizeof buffer);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 3; i++) {
            CHECK(radon_ring_put(&ring, next_in++));
        }
        CHECK_EQ(radon_ring_used(&ring), 3);
        CHECK_EQ(radon_ring_space(&ring), 1);
        for (int i = 0; i < 3; i++) {
            uint8_t byte = 0;
            CHECK(radon_ring_get(&ring, &byte));
            CHECK_EQ(byte, next_out++);
        }
    }
}

TEST(full_ring_refuses_and_keeps_what_it_has)
{
    uint8_t buffer[3];
    uint8_t byte = 0;
    radon_ring_t ring;
    radon_ring_init(&ring, buffer, sizeof buffer);
    CHECK(radon_ring_put(&ring, 1));
    CHECK(radon_ring_put(&ring, 2));
    CHECK(!radon_ring_put(&ring, 3));
    CHECK_EQ(radon_ring_space(&ring), 0);
    CHECK(radon_ring_get(&ring, &byte) && byte == 1);
    CHECK(radon_ring_get(&ring, &byte) && byte == 2);
    CHECK(!radon_ring_get(&ring, &byte));
}

int main(void)
{
    RUN(bytes_come_out_in_order_over_the_wrap);
    RUN(full_ring_refuses_and_keeps_what_it_has);
    return check_summary();
}
