#include "radon/coap/uri.h"

#include "check.h"

static bool parse(radon_uri_t *uri, const char *text)
{
    return radon_uri_parse(uri, radon_bytes_text(text));
}

static void check_parts(const char *text, radon_uri_kind_t kind, const char *host, const char *path,
                        const char *query)
{
    radon_uri_t uri;
    if (!parse(&uri, text)) {
        check_fail(__FILE__, __LINE__, "%s is refused", text);
        return;
    }
    CHECK_EQ(uri.kind, kind);
    CHECK_BYTES(uri.host.data, uri.host.len, host, strlen(host));
    CHECK_BYTES(uri.path.data, uri.path.len, path, strlen(path));
    CHECK_BYTES(uri.query.data, uri.query.len, query, strlen(query));
}

TEST(the_three_forms_are_taken_apart)
{
    check_parts("/a/rain/level", RADON_URI_PATH, "", "a/rain/level", "");
    check_parts("/", RADON_URI_PATH, "", "", "");
    check_parts("/log?level=warn&n=3", RADON_URI_PATH, "", "log", "level=warn&n=3");
    check_parts("//roof-2/io/rain0", RADON_URI_NODE, "roof-2", "io/rain0", "");
    check_parts("//roof/?a", RADON_URI_NODE, "roof", "", "a");
    check_parts("coap://sensor.example/t", RADON_URI_COAP, "sensor.example", "t", "");
    check_parts("coap://10.0.0.1:5683", RADON_URI_COAP, "10.0.0.1:5683", "", "");
    check_parts("coap://[fe80::1]:61616/x?y", RADON_URI_COAP, "[fe80::1]:61616", "x", "y");
}

TEST(texts_that_are_no_uri_are_refused)
{
    static const char *const texts[] = {
        "",         "a/rain",    "//",     "//roof",     "//Roof/a",   "///a",           "//9roof/a",
        "//roof?a", "/a b",      "/a#b",   "/%",         "/%4",        "/%4g",           "/%ff",
        "/a?%c3",   "/\xc3\xa4", "/a\x7f", "coap://",    "coap:///a",  "coap://a b",     "coap://a?x",
        "coap:/a",  "http://a",  "coaps:", "//roof~1/a", "coap://a/%", "/caf\xc3\xa9/x", "coap://a#b",
    };
    radon_uri_t uri;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (parse(&uri, texts[i])) {
            check_fail(__FILE__, __LINE__, "%s is taken", texts[i]);
        }
    }
    CHECK(!radon_uri_parse(&uri, radon_bytes("/a\0", 3)));
}

TEST(a_uri_has_at_most_160_bytes)
{
    char text[162];
    radon_uri_t uri;
    memset(text, 'x', sizeof text);
    text[0] = '/';
    CHECK(radon_uri_parse(&uri, radon_bytes(text, 160)));
    CHECK(!radon_uri_parse(&uri, radon_bytes(text, 161)));
}

TEST(parts_become_options_decoded)
{
    uint8_t buffer[64];
    radon_coap_writer_t writer;
    radon_coap_message_t message;
    radon_coap_option_t option;
    radon_coap_write_header(&writer, buffer, sizeof buffer, RADON_COAP_CON, 1, 1, radon_bytes(NULL, 0));
    radon_uri_write_options(&writer, RADON_COAP_OPTION_URI_PATH, radon_bytes_text("a/%c3%A4%2f//"), '/');
    radon_uri_write_options(&writer, RADON_COAP_OPTION_URI_QUERY, radon_bytes_text(""), '&');
    REQUIRE(!writer.failed);
    REQUIRE(radon_coap_message_parse(&message, radon_bytes(buffer, writer.len)) == RADON_OK);
    static const char *const expected[] = {"a", "\xc3\xa4/", "", ""};
    radon_coap_options_t options = radon_coap_options(&message);
    for (size_t i = 0; i < 4; i++) {
        REQUIRE(radon_coap_options_next(&options, &option));
        CHECK_EQ(option.number, RADON_COAP_OPTION_URI_PATH);
        CHECK_BYTES(option.value.data, option.value.len, expected[i], strlen(expected[i]));
    }
    CHECK(!radon_coap_options_next(&options, &option));
}

int main(void)
{
    RUN(the_three_forms_are_taken_apart);
    RUN(texts_that_are_no_uri_are_refused);
    RUN(a_uri_has_at_most_160_bytes);
    RUN(parts_become_options_decoded);
    return check_summary();
}
