/** Nodes whose messages are recognised. */
const mostNodes = 8;
/** Numbers before the highest that are remembered one by one. */
const window = 32;

interface Received {
  readonly incarnation: number;
  highest: number;
  readonly seen: Set<number>;
}

/** Recognises messages that came before: docs/reference/wire.md#messages. */
export class ReceivedMessages {
  /** The node that was heard last stands last. */
  readonly #nodes = new Map<string, Received>();

  /** Notes a message; false when it was seen before, or is older than what is remembered. */
  take(node: string, incarnation: number, seq: number): boolean {
    const received = this.#of(node, incarnation, seq);
    if (seq + window < received.highest || received.seen.has(seq)) return false;
    received.seen.add(seq);
    received.highest = Math.max(received.highest, seq);
    for (const old of received.seen) if (old + window < received.highest) received.seen.delete(old);
    return true;
  }

  /** A message that was noted was not taken after all: it may come again. */
  forget(node: string, incarnation: number, seq: number): void {
    const received = this.#nodes.get(node);
    if (received?.incarnation === incarnation) received.seen.delete(seq);
  }

  #of(node: string, incarnation: number, seq: number): Received {
    const known = this.#nodes.get(node);
    const isKnown = known !== undefined && known.incarnation === incarnation;
    const received = isKnown ? known : { incarnation, highest: seq, seen: new Set<number>() };
    this.#nodes.delete(node);
    this.#nodes.set(node, received);
    const [oldest] = this.#nodes.keys();
    if (this.#nodes.size > mostNodes && oldest !== undefined) this.#nodes.delete(oldest);
    return received;
  }
}
