#include "radon/runtime/envelope.h"

#include "radon/base/cbor_write.h"
#include "radon/base/fields.h"

#define HOPS_MAX 255U

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Reading --------------------------------------------------------------------------------------------------
 */

static void read_member(radon_fields_t *fields, radon_field_t key, radon_envelope_t *envelope)
{
    switch (key) {
    case RADON_FIELD_ID:
        radon_fields_uint(fields, 1, UINT32_MAX, &envelope->id);
        break;
    case RADON_FIELD_FROM:
        radon_fields_text(fields, RADON_ADDRESS_BYTES, &envelope->from);
        break;
    case RADON_FIELD_INCARNATION:
        radon_fields_uint(fields, 0, UINT32_MAX, &envelope->incarnation);
        break;
    case RADON_FIELD_CORRELATION:
        radon_fields_uint(fields, 1, UINT32_MAX, &envelope->correlation);
        break;
    case RADON_FIELD_FLAGS:
        radon_fields_uint(fields, 1, RADON_ENVELOPE_UNORDERED | RADON_ENVELOPE_ALIAS_TAKEN, &envelope->flags);
        break;
    case RADON_FIELD_HOPS:
        radon_fields_uint(fields, 0, HOPS_MAX, &envelope->hops);
        break;
    case RADON_FIELD_PAYLOAD:
        radon_fields_string(fields, 0, RADON_MAX_MESSAGE_BYTES, &envelope->payload);
        break;
    case RADON_FIELD_OUTCOME:
        radon_fields_int(fields, RADON_E_UNSUPPORTED, RADON_E_ARG, &envelope->outcome);
        break;
    default:
        radon_fields_uint(fields, 1, UINT32_MAX, &envelope->seq);
    }
}

/** What the table of members does not say. */
static bool is_consistent(radon_fields_t *fields, const radon_envelope_t *envelope)
{
    radon_destination_t from;
    if (!radon_destination_parse(&from, envelope->from) || from.node.len == 0) {
        return radon_fields_refuse(fields, "has a sender that is no address");
    }
    if ((envelope->flags & ~(uint32_t)(RADON_ENVELOPE_UNORDERED | RADON_ENVELOPE_ALIAS_TAKEN)) != 0) {
        return radon_fields_refuse(fields, "has unknown flags");
    }
    if (envelope->outcome == 0) {
        return (envelope->id != 0 && envelope->payload.data != NULL) ||
               radon_fields_refuse(fields, "lacks id or payload");
    }
    bool report = envelope->id == 0 && envelope->flags == 0 && envelope->payload.data == NULL &&
                  envelope->correlation != 0;
    return report || radon_fields_refuse(fields, "is neither a message nor a report");
}

bool radon_envelope_parse(radon_envelope_t *envelope, radon_bytes_t encoded,
                          char detail[RADON_ENVELOPE_DETAIL_BYTES])
{
    static const radon_fields_member_t members[] = {
        {RADON_FIELD_ID, false},          {RADON_FIELD_FROM, true},     {RADON_FIELD_INCARNATION, true},
        {RADON_FIELD_CORRELATION, false}, {RADON_FIELD_FLAGS, false},   {RADON_FIELD_HOPS, true},
        {RADON_FIELD_PAYLOAD, false},     {RADON_FIELD_OUTCOME, false}, {RADON_FIELD_SEQ, true},
    };
    radon_fields_t fields;
    radon_fields_map_t map;
    memset(envelope, 0, sizeof *envelope);
    radon_fields_init(&fields, "the message", encoded, detail, RADON_ENVELOPE_DETAIL_BYTES);
    radon_fields_map_open(&fields, &map, members, COUNT(members));
    while (radon_fields_map_next(&fields, &map)) {
        read_member(&fields, map.key, envelope);
    }
    radon_fields_map_close(&fields, &map);
    return radon_fields_end(&fields) && is_consistent(&fields, envelope);
}

/* Writing --------------------------------------------------------------------------------------------------
 */

static void write_number(radon_sink_t *sink, radon_field_t key, uint32_t value)
{
    radon_cbor_write_uint(sink, key);
    radon_cbor_write_uint(sink, value);
}

static void write_present(radon_sink_t *sink, radon_field_t key, uint32_t value)
{
    if (value != 0) {
        write_number(sink, key, value);
    }
}

static size_t member_count(const radon_envelope_t *envelope)
{
    size_t present = (envelope->correlation != 0 ? 1U : 0U) + (envelope->flags != 0 ? 1U : 0U);
    return present + (envelope->outcome == 0 ? 6U : 5U);
}

void radon_envelope_write(radon_sink_t *sink, const radon_envelope_t *envelope)
{
    radon_cbor_write_map(sink, member_count(envelope));
    write_present(sink, RADON_FIELD_ID, envelope->id);
    radon_cbor_write_uint(sink, RADON_FIELD_FROM);
    radon_cbor_write_text(sink, envelope->from);
    write_number(sink, RADON_FIELD_INCARNATION, envelope->incarnation);
    write_present(sink, RADON_FIELD_CORRELATION, envelope->correlation);
    write_present(sink, RADON_FIELD_FLAGS, envelope->flags);
    write_number(sink, RADON_FIELD_HOPS, envelope->hops);
    if (envelope->outcome == 0) {
        radon_cbor_write_uint(sink, RADON_FIELD_PAYLOAD);
        radon_cbor_write_bytes(sink, envelope->payload);
    } else {
        radon_cbor_write_uint(sink, RADON_FIELD_OUTCOME);
        radon_cbor_write_int(sink, envelope->outcome);
    }
    write_number(sink, RADON_FIELD_SEQ, envelope->seq);
}
