#include "radon/coap/uri.h"

/** Longest part of a path or query: no text that is written has more bytes. */
#define PART_MAX RADON_MAX_URI_BYTES

static int hex_digit(uint8_t byte)
{
    uint8_t lower = byte | 0x20;
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/** Whether one of `signs` is this byte. */
static bool is_one_of(uint8_t byte, const char *signs)
{
    return byte != 0 && strchr(signs, byte) != NULL;
}

/** The bytes up to the first of `ends`; `rest` goes behind them. */
static radon_bytes_t take_until(radon_bytes_t *rest, const char *ends)
{
    size_t len = 0;
    while (len < rest->len && !is_one_of(rest->data[len], ends)) {
        len++;
    }
    radon_bytes_t taken = radon_bytes(rest->data, len);
    *rest = radon_bytes(rest->data + len, rest->len - len);
    return taken;
}

/** Takes `prefix` from the front; false when it is not there. */
static bool take_prefix(radon_bytes_t *rest, const char *prefix)
{
    radon_bytes_t expected = radon_bytes_text(prefix);
    if (!radon_bytes_start_with(*rest, expected)) {
        return false;
    }
    *rest = radon_bytes(rest->data + expected.len, rest->len - expected.len);
    return true;
}

/* Parts ----------------------------------------------------------------------------------------------------
 */

/** Decodes a part; false when it is malformed or not UTF-8. */
static bool decode(radon_bytes_t part, uint8_t out[PART_MAX], size_t *len)
{
    *len = 0;
    for (size_t i = 0; i < part.len; i++) {
        uint8_t byte = part.data[i];
        if (byte == '%') {
            int high = i + 2 < part.len ? hex_digit(part.data[i + 1]) : -1;
            int low = i + 2 < part.len ? hex_digit(part.data[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            byte = (uint8_t)(high << 4 | low);
            i += 2;
        }
        if (*len == PART_MAX) {
            return false;
        }
        out[(*len)++] = byte;
    }
    return radon_bytes_is_utf8(radon_bytes(out, *len));
}

static bool next_part(radon_bytes_t *rest, uint8_t separator, radon_bytes_t *part)
{
    const char ends[] = {(char)separator, 0};
    if (rest->data == NULL) {
        return false;
    }
    *part = take_until(rest, ends);
    *rest = rest->len == 0 ? radon_bytes(NULL, 0) : radon_bytes(rest->data + 1, rest->len - 1);
    return true;
}

/** Path or query: well-formed escapes that decode to UTF-8. */
static bool is_well_formed(radon_bytes_t text, uint8_t separator)
{
    uint8_t decoded[PART_MAX];
    size_t len;
    radon_bytes_t part;
    while (next_part(&text, separator, &part)) {
        if (!decode(part, decoded, &len)) {
            return false;
        }
    }
    return true;
}

void radon_uri_write_options(radon_coap_writer_t *writer, uint16_t number, radon_bytes_t text,
                             uint8_t separator)
{
    uint8_t decoded[PART_MAX];
    size_t len;
    radon_bytes_t part;
    if (text.len == 0) {
        return;
    }
    while (next_part(&text, separator, &part)) {
        if (!decode(part, decoded, &len)) {
            writer->failed = true;
            return;
        }
        radon_coap_write_option(writer, number, radon_bytes(decoded, len));
    }
}

/* The whole ------------------------------------------------------------------------------------------------
 */

/** [a-z][a-z0-9-]{0,31} */
static bool is_node(radon_bytes_t name)
{
    for (size_t i = 0; i < name.len; i++) {
        bool lower = name.data[i] >= 'a' && name.data[i] <= 'z';
        bool digit = name.data[i] >= '0' && name.data[i] <= '9';
        if (!lower && (i == 0 || (!digit && name.data[i] != '-'))) {
            return false;
        }
    }
    return name.len > 0 && name.len <= RADON_MAX_NAME_BYTES;
}

/** Printable ASCII; a fragment has no place in a request. */
static bool is_printable(radon_bytes_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == '#') {
            return false;
        }
    }
    return true;
}

static bool take_host(radon_uri_t *uri, radon_bytes_t *rest)
{
    if (take_prefix(rest, "coap://")) {
        uri->kind = RADON_URI_COAP;
        uri->host = take_until(rest, "/?");
        return uri->host.len > 0 && (rest->len == 0 || rest->data[0] == '/');
    }
    if (take_prefix(rest, "//")) {
        uri->kind = RADON_URI_NODE;
        uri->host = take_until(rest, "/");
        return is_node(uri->host) && rest->len > 0;
    }
    uri->kind = RADON_URI_PATH;
    return rest->len > 0 && rest->data[0] == '/';
}

bool radon_uri_parse(radon_uri_t *uri, radon_bytes_t text)
{
    *uri = (radon_uri_t){.whole = text};
    if (text.len > RADON_MAX_URI_BYTES || !is_printable(text) || !take_host(uri, &text)) {
        return false;
    }
    if (take_prefix(&text, "/")) {
        uri->path = take_until(&text, "?");
    }
    if (take_prefix(&text, "?")) {
        uri->query = text;
    }
    return is_well_formed(uri->path, '/') && is_well_formed(uri->query, '&');
}
