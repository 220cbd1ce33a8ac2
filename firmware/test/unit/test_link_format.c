#include "radon/coap/link_format.h"

#include "check.h"

#define VECTORS_LINKS
#include "vectors.generated.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static radon_bytes_t view(vector_bytes_t bytes)
{
    return radon_bytes(bytes.data, bytes.len);
}

static radon_link_attributes_t attributes_of(size_t i)
{
    const vector_attributes_t *from = &vector_links[i].attributes;
    return (radon_link_attributes_t){.rt = view(from->rt),
                                     .iface = view(from->iface),
                                     .title = view(from->title),
                                     .ct = from->ct,
                                     .ct_count = from->ct_count,
                                     .obs = from->obs,
                                     .sz = from->sz};
}

/** A GET with the queries of a vector. */
static void build_request(radon_coap_message_t *message, const vector_query_t *query, uint8_t *buffer,
                          size_t cap)
{
    radon_coap_writer_t writer;
    radon_coap_write_header(&writer, buffer, cap, RADON_COAP_CON, 1, 1, radon_bytes(NULL, 0));
    for (size_t i = 0; i < query->count; i++) {
        radon_coap_write_option(&writer, RADON_COAP_OPTION_URI_QUERY, view(query->query[i]));
    }
    REQUIRE(!writer.failed);
    REQUIRE(radon_coap_message_parse(message, radon_bytes(buffer, writer.len)) == RADON_OK);
}

TEST(all_links_are_written_with_their_attributes)
{
    uint8_t out[1024];
    radon_sink_t sink;
    radon_link_writer_t links;
    radon_sink_init(&sink, out, sizeof out, 0);
    radon_link_writer_init(&links, &sink, NULL);
    for (size_t i = 0; i < COUNT(vector_links); i++) {
        radon_link_attributes_t attributes = attributes_of(i);
        radon_link_write(&links, view(vector_links[i].path), &attributes);
    }
    CHECK_BYTES(out, sink.total, vector_links_text.data, vector_links_text.len);
}

TEST(queries_select_as_the_vectors_say)
{
    for (size_t q = 0; q < COUNT(vector_queries); q++) {
        uint8_t buffer[256];
        radon_coap_message_t message;
        uint32_t selected = 0;
        build_request(&message, &vector_queries[q], buffer, sizeof buffer);
        for (size_t i = 0; i < COUNT(vector_links); i++) {
            radon_sink_t sink;
            radon_link_writer_t links;
            radon_link_attributes_t attributes = attributes_of(i);
            radon_sink_init(&sink, NULL, 0, 0);
            radon_link_writer_init(&links, &sink, &message);
            radon_link_write(&links, view(vector_links[i].path), &attributes);
            selected |= sink.total > 0 ? 1u << i : 0;
        }
        if (selected != vector_queries[q].selects) {
            check_fail(__FILE__, __LINE__, "%s: %#x, expected %#x", vector_queries[q].name, selected,
                       vector_queries[q].selects);
        }
    }
}

TEST(spaces_in_a_row_do_not_make_an_empty_value)
{
    const vector_query_t query = {.count = 1, .query = {{(const uint8_t *)"rt=", 3}}};
    const radon_link_attributes_t attributes = {.rt = radon_bytes_text(" a  b ")};
    uint8_t buffer[64];
    radon_coap_message_t message;
    radon_sink_t sink;
    radon_link_writer_t links;
    build_request(&message, &query, buffer, sizeof buffer);
    radon_sink_init(&sink, NULL, 0, 0);
    radon_link_writer_init(&links, &sink, &message);
    radon_link_write(&links, radon_bytes_text("x"), &attributes);
    CHECK_EQ(sink.total, 0);
}

int main(void)
{
    RUN(all_links_are_written_with_their_attributes);
    RUN(queries_select_as_the_vectors_say);
    RUN(spaces_in_a_row_do_not_make_an_empty_value);
    return check_summary();
}
