/** /lease: which bridge the node belongs to. Kept in RAM: after a restart the first that asks has it. */
#include "radon/app/resources.h"
#include "radon/base/cbor_read.h"

#define TTL_S_MAX 3600U
#define US_PER_S 1000000U

typedef struct {
    radon_bytes_t name;
    radon_bytes_t id;
    uint32_t ttl_s;
} claim_t;

static bool read_key(radon_cbor_reader_t *reader, radon_field_t wanted)
{
    uint32_t key = 0;
    return radon_cbor_read_u32(reader, &key, RADON_FIELD_MAX) && key == (uint32_t)wanted;
}

static bool read_name(radon_cbor_reader_t *reader, radon_field_t key, radon_bytes_t *text)
{
    return read_key(reader, key) && radon_cbor_read_text(reader, text) && text->len > 0 &&
           text->len <= RADON_LEASE_NAME_BYTES;
}

/** {name, id, ttlS}, in this order. */
static bool read_claim(radon_bytes_t body, claim_t *claim)
{
    radon_cbor_reader_t reader;
    uint32_t count = 0;
    radon_cbor_reader_init(&reader, body);
    return radon_cbor_enter_map(&reader, &count) && count == 3 &&
           read_name(&reader, RADON_FIELD_NAME, &claim->name) &&
           read_name(&reader, RADON_FIELD_ID, &claim->id) && read_key(&reader, RADON_FIELD_TTL_S) &&
           radon_cbor_read_u32(&reader, &claim->ttl_s, TTL_S_MAX) && radon_cbor_leave(&reader) &&
           radon_cbor_read_end(&reader) == RADON_OK;
}

static radon_bytes_t text_of(const radon_lease_name_t *name)
{
    return radon_bytes(name->text, name->length);
}

static void keep(radon_lease_name_t *name, radon_bytes_t text)
{
    memcpy(name->text, text.data, text.len);
    name->length = (uint8_t)text.len;
}

static radon_coap_handled_t refuse(radon_coap_response_t *response, const radon_lease_t *lease,
                                   const claim_t *claim)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_OWNED);
    radon_problem_add_text(&report, RADON_FIELD_OWNER, text_of(&lease->name));
    radon_problem_add_text(&report, RADON_FIELD_NAME, claim->name);
    radon_coap_response_problem(response, &report);
    return RADON_COAP_DONE;
}

static radon_coap_handled_t get(radon_coap_response_t *response, const radon_lease_t *lease, uint64_t now_us)
{
    radon_document_t doc;
    bool held = now_us < lease->end_us;
    if (!radon_coap_response_document(response, &doc)) {
        return RADON_COAP_DONE;
    }
    radon_document_map(&doc, held ? 3 : 0);
    if (held) {
        radon_document_field_text(&doc, RADON_FIELD_NAME, text_of(&lease->name));
        radon_document_field_text(&doc, RADON_FIELD_ID, text_of(&lease->id));
        radon_document_field_uint(&doc, RADON_FIELD_TTL_S,
                                  (uint32_t)((lease->end_us - now_us + US_PER_S - 1U) / US_PER_S));
    }
    radon_document_end(&doc);
    return RADON_COAP_DONE;
}

radon_bytes_t radon_lease_owner(uint64_t now_us)
{
    const radon_lease_t *lease = &radon_node.lease;
    return now_us < lease->end_us ? text_of(&lease->name) : radon_bytes(NULL, 0);
}

/** Observers of /node see the owner. */
static void take(radon_lease_t *lease, const claim_t *claim, uint64_t now_us)
{
    bool is_renewal = claim->ttl_s > 0 && radon_bytes_equal(claim->name, radon_lease_owner(now_us));
    keep(&lease->name, claim->name);
    keep(&lease->id, claim->id);
    lease->end_us = claim->ttl_s == 0 ? 0 : now_us + (uint64_t)claim->ttl_s * US_PER_S;
    if (!is_renewal) {
        radon_coap_server_notify(&radon_node.server, radon_bytes_text("node"));
    }
}

RADON_RESOURCE_HANDLER(lease)
{
    (void)context;
    radon_lease_t *lease = &radon_node.lease;
    uint64_t now_us = radon_port_now_us();
    claim_t claim;
    if (request->method == RADON_METHOD_GET) {
        return get(response, lease, now_us);
    }
    if (request->content_format != RADON_FORMAT_CBOR || !read_claim(request->payload, &claim)) {
        return radon_resource_problem(response, RADON_PROBLEM_BAD_CONTENT, RADON_FIELD_DETAIL,
                                      radon_bytes_text("name, id and ttlS of a bridge are wanted"));
    }
    if (now_us < lease->end_us && !radon_bytes_equal(claim.id, text_of(&lease->id))) {
        return refuse(response, lease, &claim);
    }
    take(lease, &claim, now_us);
    return RADON_COAP_DONE;
}
