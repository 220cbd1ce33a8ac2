#include "radon/coap/link_format.h"

void radon_link_writer_init(radon_link_writer_t *links, radon_sink_t *sink,
                            const radon_coap_message_t *request)
{
    *links = (radon_link_writer_t){.sink = sink, .request = request, .first = true};
}

/* Filters (RFC 6690 section 4.1) ---------------------------------------------------------------------------
 */

/** `name=value`, `name=value*` or `name`. */
typedef struct {
    radon_bytes_t name;
    radon_bytes_t value;
    bool has_value;
    bool prefix;
} filter_t;

static filter_t parse_filter(radon_bytes_t query)
{
    filter_t filter = {.name = query};
    const uint8_t *sign = query.len == 0 ? NULL : memchr(query.data, '=', query.len);
    if (sign == NULL) {
        return filter;
    }
    filter.name.len = (size_t)(sign - query.data);
    filter.value = radon_bytes(sign + 1, query.len - filter.name.len - 1);
    filter.has_value = true;
    filter.prefix = filter.value.len > 0 && filter.value.data[filter.value.len - 1] == '*';
    filter.value.len -= filter.prefix ? 1 : 0;
    return filter;
}

static bool selects_value(const filter_t *filter, radon_bytes_t value)
{
    if (!filter->has_value) {
        return true;
    }
    return filter->prefix ? radon_bytes_start_with(value, filter->value)
                          : radon_bytes_equal(value, filter->value);
}

/** One of the values between spaces. */
static bool selects_word(const filter_t *filter, radon_bytes_t words)
{
    while (words.len > 0) {
        const uint8_t *space = memchr(words.data, ' ', words.len);
        size_t len = space == NULL ? words.len : (size_t)(space - words.data);
        if (len > 0 && selects_value(filter, radon_bytes(words.data, len))) {
            return true;
        }
        size_t step = space == NULL ? len : len + 1;
        words = radon_bytes(words.data + step, words.len - step);
    }
    return false;
}

static bool selects_number(const filter_t *filter, uint32_t number)
{
    uint8_t digits[10];
    radon_sink_t sink;
    radon_sink_init(&sink, digits, sizeof digits, 0);
    radon_sink_u64(&sink, number);
    return selects_value(filter, radon_sink_window(&sink));
}

static bool selects_format(const filter_t *filter, const radon_link_attributes_t *attributes)
{
    for (uint8_t i = 0; i < attributes->ct_count; i++) {
        if (selects_number(filter, attributes->ct[i])) {
            return true;
        }
    }
    return false;
}

/** The path with its slash in front, without making a copy of it. */
static bool selects_path(const filter_t *filter, radon_bytes_t path)
{
    if (!filter->has_value) {
        return true;
    }
    if (filter->value.len == 0) {
        return filter->prefix;
    }
    filter_t rest = *filter;
    rest.value = radon_bytes(filter->value.data + 1, filter->value.len - 1);
    return filter->value.data[0] == '/' && selects_value(&rest, path);
}

static bool selects(const filter_t *filter, radon_bytes_t path, const radon_link_attributes_t *attributes)
{
    if (radon_bytes_equal_text(filter->name, "href")) {
        return selects_path(filter, path);
    }
    if (radon_bytes_equal_text(filter->name, "rt")) {
        return selects_word(filter, attributes->rt);
    }
    if (radon_bytes_equal_text(filter->name, "if")) {
        return selects_word(filter, attributes->iface);
    }
    if (radon_bytes_equal_text(filter->name, "ct")) {
        return selects_format(filter, attributes);
    }
    if (radon_bytes_equal_text(filter->name, "sz")) {
        return attributes->sz != 0 && selects_number(filter, attributes->sz);
    }
    if (radon_bytes_equal_text(filter->name, "title")) {
        return attributes->title.len > 0 && selects_value(filter, attributes->title);
    }
    return radon_bytes_equal_text(filter->name, "obs") && attributes->obs &&
           selects_value(filter, radon_bytes("", 0));
}

static bool is_selected(const radon_link_writer_t *links, radon_bytes_t path,
                        const radon_link_attributes_t *attributes)
{
    if (links->request == NULL) {
        return true;
    }
    radon_coap_options_t options = radon_coap_options(links->request);
    radon_bytes_t query;
    while (radon_coap_request_next_query(&options, &query)) {
        filter_t filter = parse_filter(query);
        if (!selects(&filter, path, attributes)) {
            return false;
        }
    }
    return true;
}

/* Writing (RFC 6690 section 2) -----------------------------------------------------------------------------
 */

/** Characters that stand for themselves in a URI path (RFC 3986 pchar and the slash). */
static bool is_path_character(uint8_t c)
{
    bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric ||
           (c != '\0' && c < 0x80 && strchr("-._~!$&'()*+,;=:@/", c) != NULL && c != ';' && c != ',');
}

static void put_path(radon_sink_t *sink, radon_bytes_t path)
{
    radon_sink_text(sink, "</");
    for (size_t i = 0; i < path.len; i++) {
        if (is_path_character(path.data[i])) {
            radon_sink_put(sink, path.data[i]);
        } else {
            static const char digits[] = "0123456789ABCDEF";
            radon_sink_put(sink, '%');
            radon_sink_put(sink, (uint8_t)digits[path.data[i] >> 4]);
            radon_sink_put(sink, (uint8_t)digits[path.data[i] & 15]);
        }
    }
    radon_sink_put(sink, '>');
}

/** A quoted string (RFC 2616 2.2); nothing for an empty value. */
static void put_quoted(radon_sink_t *sink, const char *name, radon_bytes_t value)
{
    if (value.len == 0) {
        return;
    }
    radon_sink_text(sink, name);
    radon_sink_put(sink, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] == '"' || value.data[i] == '\\') {
            radon_sink_put(sink, '\\');
        }
        radon_sink_put(sink, value.data[i]);
    }
    radon_sink_put(sink, '"');
}

/** One format bare, several quoted with spaces between (RFC 7252 7.2.1). */
static void put_formats(radon_sink_t *sink, const radon_link_attributes_t *attributes)
{
    if (attributes->ct_count == 0) {
        return;
    }
    radon_sink_text(sink, ";ct=");
    if (attributes->ct_count > 1) {
        radon_sink_put(sink, '"');
    }
    for (uint8_t i = 0; i < attributes->ct_count; i++) {
        if (i > 0) {
            radon_sink_put(sink, ' ');
        }
        radon_sink_u64(sink, attributes->ct[i]);
    }
    if (attributes->ct_count > 1) {
        radon_sink_put(sink, '"');
    }
}

void radon_link_write(radon_link_writer_t *links, radon_bytes_t path,
                      const radon_link_attributes_t *attributes)
{
    if (!is_selected(links, path, attributes)) {
        return;
    }
    if (!links->first) {
        radon_sink_put(links->sink, ',');
    }
    links->first = false;
    put_path(links->sink, path);
    put_quoted(links->sink, ";rt=", attributes->rt);
    put_quoted(links->sink, ";if=", attributes->iface);
    put_formats(links->sink, attributes);
    if (attributes->sz != 0) {
        radon_sink_text(links->sink, ";sz=");
        radon_sink_u64(links->sink, attributes->sz);
    }
    if (attributes->obs) {
        radon_sink_text(links->sink, ";obs");
    }
    put_quoted(links->sink, ";title=", attributes->title);
}
