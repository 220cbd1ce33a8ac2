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
  /** The node of which a message was taken last stands last. */
  readonly #nodes = new Map<string, Received>();

  /** Whether a message was taken before, or is older than what is remembered. */
  has(node: string, incarnation: number, seq: number): boolean {
    const received = this.#nodes.get(node);
    if (received?.incarnation !== incarnation) return false;
    return seq + window < received.highest || received.seen.has(seq);
  }

  /** A message was taken. One that was refused changes nothing: it may come again. */
  add(node: string, incarnation: number, seq: number): void {
    const received = this.#of(node, incarnation, seq);
    received.seen.add(seq);
    received.highest = Math.max(received.highest, seq);
    for (const old of received.seen) if (old + window < received.highest) received.seen.delete(old);
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
