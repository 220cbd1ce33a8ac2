import { describe, expect, it } from 'vitest';
import { ReceivedMessages } from './received-messages.ts';

/** Whether each came for the first time. */
function take(received: ReceivedMessages, node: string, incarnation: number, ...seqs: number[]): boolean[] {
  return seqs.map((seq) => {
    if (received.has(node, incarnation, seq)) return false;
    received.add(node, incarnation, seq);
    return true;
  });
}

describe('messages that were received', () => {
  it('are recognised, in whatever order they come', () => {
    const received = new ReceivedMessages();
    expect(take(received, 'n1', 7, 3, 1, 2, 3, 1, 4)).toEqual([true, true, true, false, false, true]);
  });

  it('count as seen when they are older than the 32 before the highest', () => {
    const received = new ReceivedMessages();
    expect(take(received, 'n1', 7, 100, 68, 67, 68)).toEqual([true, true, false, false]);
  });

  it('begin anew when the node did', () => {
    const received = new ReceivedMessages();
    take(received, 'n1', 7, 50);
    expect(received.has('n1', 8, 1)).toBe(false);
    expect(received.has('n1', 7, 1)).toBe(true);
  });

  it('are remembered of the eight nodes that were heard last', () => {
    const received = new ReceivedMessages();
    for (let node = 0; node < 8; node += 1) take(received, `n${node}`, 1, 1);
    take(received, 'n0', 1, 2);
    take(received, 'n8', 1, 1);
    expect([received.has('n0', 1, 1), received.has('n1', 1, 1)]).toEqual([true, false]);
  });
});
