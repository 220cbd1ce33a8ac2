/* The input is a GET whose Uri-Query options are filters, with attributes made of its payload. */
#include "radon/coap/link_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t formats[] = {0, 40, 60, 65535};
    static uint8_t out[512];
    radon_coap_message_t message;
    if (radon_coap_message_parse(&message, radon_bytes(data, size)) != RADON_OK) {
        return 0;
    }
    const radon_link_attributes_t attributes = {.rt = message.payload,
                                                .iface = radon_bytes_text("sensor actuator"),
                                                .title = message.payload,
                                                .ct = formats,
                                                .ct_count = message.id & 3,
                                                .obs = (message.id & 4) != 0,
                                                .sz = message.id};
    for (size_t from = 0; from < 3 * sizeof out; from += sizeof out / 2) {
        radon_sink_t sink;
        radon_link_writer_t links;
        radon_sink_init(&sink, out, sizeof out, from);
        radon_link_writer_init(&links, &sink, &message);
        radon_link_write(&links, message.payload, &attributes);
        radon_link_write(&links, radon_bytes_text("a/rain/level"), &attributes);
    }
    return 0;
}
