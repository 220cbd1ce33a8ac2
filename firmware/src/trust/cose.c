#include "radon/trust/cose.h"

#include "radon/base/cbor_read.h"
#include "radon/base/cbor_write.h"
#include "radon/trust/ed25519.h"

/* RFC 9052: tag of COSE_Sign1 (table 1), labels of header parameters (table 3); RFC 9864: Ed25519. */
enum { TAG_SIGN1 = 18, HEADER_ALG = 1, HEADER_KID = 4, ALG_ED25519 = -19 };

/** {1: -19, 4: kid} and nothing else. */
static const char *parse_header(radon_bytes_t encoded, const uint8_t **kid)
{
    radon_cbor_reader_t reader;
    uint32_t pairs;
    int64_t label;
    int64_t algorithm;
    radon_bytes_t identifier;
    radon_cbor_reader_init(&reader, encoded);
    if (!radon_cbor_enter_map(&reader, &pairs) || pairs != 2) {
        return "the protected header is not {1: -19, 4: kid}";
    }
    if (!radon_cbor_read_int(&reader, &label) || label != HEADER_ALG ||
        !radon_cbor_read_int(&reader, &algorithm) || algorithm != ALG_ED25519) {
        return "the algorithm is not Ed25519 (-19)";
    }
    if (!radon_cbor_read_int(&reader, &label) || label != HEADER_KID ||
        !radon_cbor_read_bytes(&reader, &identifier) || identifier.len != RADON_COSE_KID_BYTES) {
        return "kid is not 8 bytes";
    }
    *kid = identifier.data;
    return radon_cbor_leave(&reader) && radon_cbor_read_end(&reader) == RADON_OK
               ? NULL
               : "the protected header is not deterministic CBOR";
}

const char *radon_cose_parse(radon_bytes_t message, radon_cose_sign1_t *sign1)
{
    radon_cbor_reader_t reader;
    uint64_t tag;
    uint32_t count;
    radon_bytes_t signature;
    radon_cbor_reader_init(&reader, message);
    if (!radon_cbor_read_tag(&reader, &tag) || tag != TAG_SIGN1) {
        return "no COSE_Sign1 (tag 18)";
    }
    if (!radon_cbor_enter_array(&reader, &count) || count != 4) {
        return "COSE_Sign1 is not an array of 4";
    }
    if (!radon_cbor_read_bytes(&reader, &sign1->protected_header)) {
        return "the protected header is not a byte string";
    }
    if (!radon_cbor_enter_map(&reader, &count) || !radon_cbor_leave(&reader)) {
        return "the unprotected header is not empty";
    }
    if (!radon_cbor_read_bytes(&reader, &sign1->payload)) {
        return "the payload is not a byte string";
    }
    if (!radon_cbor_read_bytes(&reader, &signature) || signature.len != RADON_ED25519_SIGNATURE_BYTES) {
        return "the signature is not 64 bytes";
    }
    sign1->signature = signature.data;
    if (!radon_cbor_leave(&reader) || radon_cbor_read_end(&reader) != RADON_OK) {
        return "bytes follow the COSE_Sign1";
    }
    return parse_header(sign1->protected_header, &sign1->kid);
}

/** Head of a byte string: at most 5 bytes for the lengths that occur. */
typedef struct {
    uint8_t bytes[9];
    size_t length;
} string_head_t;

static string_head_t string_head(radon_bytes_t string)
{
    string_head_t head;
    radon_sink_t sink;
    /* The sink stores the first bytes only: the head. */
    radon_sink_init(&sink, head.bytes, sizeof(head.bytes), 0);
    radon_cbor_write_bytes(&sink, string);
    head.length = sink.total - string.len;
    return head;
}

bool radon_cose_verify(const radon_cose_sign1_t *sign1, const uint8_t *key)
{
    /* Sig_structure = ["Signature1", protected, external_aad: h'', payload] */
    static const uint8_t context[] = {0x84, 0x6A, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
    static const uint8_t external_aad[] = {0x40};
    const string_head_t header = string_head(sign1->protected_header);
    const string_head_t payload = string_head(sign1->payload);
    const radon_bytes_t pieces[] = {
        radon_bytes(context, sizeof(context)),
        radon_bytes(header.bytes, header.length),
        sign1->protected_header,
        radon_bytes(external_aad, sizeof(external_aad)),
        radon_bytes(payload.bytes, payload.length),
        sign1->payload,
    };
    return radon_ed25519_verify(sign1->signature, key, pieces, sizeof(pieces) / sizeof(pieces[0]));
}
