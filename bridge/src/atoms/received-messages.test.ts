import { describe, expect, it } from 'vitest';
import { ReceivedMessages } from './received-messages.ts';

describe('messages that were received', () => {
  it('are recognised, in whatever order they come', () => {
    const received = new ReceivedMessages();
    expect([3, 1, 2, 3, 1, 4].map((seq) => received.take('n1', 7, seq))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  it('count as seen when they are older than the 32 before the highest', () => {
    const received = new ReceivedMessages();
    received.take('n1', 7, 100);
    expect([68, 67, 68].map((seq) => received.take('n1', 7, seq))).toEqual([true, false, false]);
  });

  it('may come again when they were not taken after all', () => {
    const received = new ReceivedMessages();
    received.take('n1', 7, 1);
    received.forget('n1', 8, 1);
    expect(received.take('n1', 7, 1)).toBe(false);
    received.forget('n1', 7, 1);
    expect(received.take('n1', 7, 1)).toBe(true);
  });

  it('begin anew when the node did', () => {
    const received = new ReceivedMessages();
    received.take('n1', 7, 50);
    expect(received.take('n1', 8, 1)).toBe(true);
  });

  it('are remembered of the eight nodes that were heard last', () => {
    const received = new ReceivedMessages();
    for (let node = 0; node < 8; node += 1) received.take(`n${node}`, 1, 1);
    expect(received.take('n0', 1, 1)).toBe(false);
    expect(received.take('n8', 1, 1)).toBe(true);
    expect(received.take('n0', 1, 1)).toBe(false);
    expect(received.take('n1', 1, 1)).toBe(true);
  });
});
