"""Two pseudo-terminals joined back to back, as two serial ports with a cable between them; prints their paths."""

import os
import select
import tty

ends = [os.openpty() for _ in range(2)]
for _, device in ends:
    tty.setraw(device)
print(" ".join(os.ttyname(device) for _, device in ends), flush=True)
other = {ends[0][0]: ends[1][0], ends[1][0]: ends[0][0]}
while True:
    readable, _, _ = select.select(list(other), [], [])
    for end in readable:
        pending = os.read(end, 4096)
        while pending:
            pending = pending[os.write(other[end], pending) :]
