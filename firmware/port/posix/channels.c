#include "../shared/channels.h"

/** No pins here: an output is what was last written to it. */
void radon_channel_drive(size_t index, bool on)
{
    (void)index, (void)on;
}
