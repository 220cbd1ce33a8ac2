#include <radon.h>

/* The largest body: limits.body in atom.json. */
static uint8_t body[256];

/* POST to `say`: the body comes back in the format it was sent in. */
int32_t on_request(void)
{
    if (radon_event_get(RADON_FIELD_METHOD) != RADON_METHOD_POST) {
        return radon_answer(RADON_CODE(4, 5), RADON_FORMAT_TEXT, RADON_TEXT("POST a body"));
    }
    int32_t length = radon_event_read(RADON_FIELD_PAYLOAD, body, sizeof body);
    return radon_answer(RADON_CODE(2, 5), radon_event_get(RADON_FIELD_FORMAT), body, (uint32_t)length);
}
