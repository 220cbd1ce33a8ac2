/* The first byte says how long the pattern is; the rest is the text, which is matched within a bounded time.
 */
#include "radon/base/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    radon_pattern_t pattern;
    if (size == 0) {
        return 0;
    }
    size_t len = data[0] % 66U;
    len = len < size - 1 ? len : size - 1;
    if (radon_pattern_parse(&pattern, radon_bytes(data + 1, len)) == RADON_OK) {
        (void)radon_pattern_matches(&pattern, radon_bytes(data + 1 + len, size - 1 - len));
        (void)radon_pattern_matches(&pattern, radon_bytes(NULL, 0));
    }
    return 0;
}
