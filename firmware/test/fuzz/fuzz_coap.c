/*
 * A hostile peer: the input is a list of steps, each a byte that says what happens and how many bytes go with
 * it. Every datagram the server sends must parse (the fake checks that), and no deadline may lie in the past.
 */
#include "coap_peer.h"

static void step(uint8_t what, const uint8_t *bytes, size_t len)
{
    static const radon_endpoint_t *const peers[] = {&peer_serial, &peer_udp, &peer_udp_other, &peer_udp};
    switch (what >> 5) {
    case 0:
        peer_advance(peer_now_ms + (len == 0 ? 30 : (uint64_t)bytes[0] << (what & 15)));
        break;
    case 1:
        if (peer_waiting_count > 0) {
            peer_answer(what & 1 ? "short" : "a longer answer that takes several of the smallest blocks");
        }
        break;
    case 2:
        peer_value[0] = (char)('0' + (what & 15));
        radon_coap_server_notify(&peer_server, radon_bytes_text(what & 16 ? "slow" : "value"));
        break;
    case 3:
        peer_link_full = (what & 1) != 0;
        peer_long_len = (size_t)(what & 30) * 64;
        break;
    default:
        peer_receive(peers[what & 3], bytes, len);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    peer_reset();
    while (size >= 2) {
        size_t len = data[1] < size - 2 ? data[1] : size - 2;
        if (peer_waiting_count < 8 || data[0] >> 5 != 4) {
            step(data[0], data + 2, len);
        }
        while (peer_next() != NULL) {
        }
        data += 2 + len;
        size -= 2 + len;
        if (peer_waiting_count > 8) {
            peer_answer("in time");
        }
    }
    return 0;
}
