import { code } from '../coap/codes.ts';
import { encodeEnvelope, messageHops, parseDestination } from '../message/index.ts';
import { decodeProblem } from '../problem/index.ts';
import type { NodeResponse, Upstream, UpstreamRequest } from '../registry/node.ts';
import { abiError, abiLimits, contentFormat, type ErrorName, method, outcome } from '../tables/index.ts';
import type { MessageOutcome, OutgoingMessage } from './messages.ts';
import type { SharedState } from './shared-state.ts';

const retryMs = 100;
/** A receiver tells this many numbers before the highest apart: docs/reference/wire.md#messages. */
const windowMessages = 32;

export interface OutboxParts {
  readonly upstream: Upstream;
  /** Of the node. */
  readonly name: string;
  /** Random, drawn when the node started. */
  readonly incarnation: number;
  readonly shared: SharedState;
  /** Milliseconds since the node started. */
  now(): number;
  /** What became of a message, where its sender wants to hear it. */
  told(outcome: MessageOutcome): void;
}

interface Waiting {
  readonly message: OutgoingMessage;
  request: UpstreamRequest;
  /** Number in its envelope. */
  seq: number;
  /** Messages of one sender to one destination stay in order; undefined for one that does not. */
  readonly pair: string | undefined;
  /** On its way, or until it is tried again. */
  busy: boolean;
  isCounted: boolean;
  /** The atom that sent it has ended: nobody hears what becomes of it. */
  isOrphan: boolean;
  /** Why it was not taken the last time. */
  error: number;
}

/** Why the bridge did not take a message, as errors of the runtime interface. */
const refusals: Readonly<Partial<Record<ErrorName, number>>> = {
  NO_SUCH_ATOM: abiError.E_NOT_FOUND,
  INBOX_FULL: abiError.E_FULL,
  NOT_RUNNING: abiError.E_STATE,
  TOO_LARGE: abiError.E_TOO_BIG,
};
/** Tried again. */
const passing: readonly (ErrorName | undefined)[] = ['INBOX_FULL', 'NODE_LOST', 'BUSY'];

/** Messages and reports on their way to the bridge, oldest first. Room in it is taken by the activation level. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #waiting: Waiting[] = [];
  readonly #aborted = new AbortController();
  #seq = 0;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  send(message: OutgoingMessage): void {
    const { sender, to, flags } = message;
    const isOrdered = (flags & 1) === 0 && message.outcome === 0;
    const pair = isOrdered ? `${sender} ${to}` : undefined;
    this.#waiting.push({
      message,
      ...this.#numbered(message),
      pair,
      busy: false,
      isCounted: false,
      isOrphan: false,
      error: abiError.E_NO_ROUTE,
    });
    this.#run();
  }

  /** Tells the sender of another node that its message was dropped; `holder` had it. */
  report(
    holder: { readonly index: number; readonly name: string },
    to: string,
    id: number,
    error: number,
  ): void {
    const { shared, name, now } = this.#parts;
    const { index, name: sender } = holder;
    const bytes = to.length + name.length + 1 + sender.length;
    if (!shared.reserveOutbox(bytes)) {
      shared.add('lostReports');
      return;
    }
    shared.atom(index).add('outbox');
    const head = { index, sender, to, id: 0, correlation: id, flags: 0, report: false, outcome: error };
    this.send({ ...head, payload: new Uint8Array(0), bytes, sentAt: now() });
  }

  /** An atom has ended: its messages go on, and what becomes of them is not told to the one that starts after it. */
  orphan(index: number): void {
    for (const entry of this.#waiting) if (entry.message.index === index) entry.isOrphan = true;
  }

  /** The activation level is a new one: it counts what is here, nothing else. */
  recount(): void {
    const { shared } = this.#parts;
    shared.set('outboxMessages', this.#waiting.length);
    shared.set(
      'outboxBytes',
      this.#waiting.reduce((sum, { message }) => sum + message.bytes, 0),
    );
  }

  close(): void {
    this.#waiting.length = 0;
    this.#aborted.abort();
  }

  /** As the newest of this node. */
  #numbered(message: OutgoingMessage): Pick<Waiting, 'request' | 'seq'> {
    this.#seq += 1;
    return { request: this.#request(message), seq: this.#seq };
  }

  #request(message: OutgoingMessage): UpstreamRequest {
    const { name, incarnation } = this.#parts;
    const { node, name: target = message.to } = parseDestination(message.to) ?? {};
    const from = `${name}/${message.sender}`;
    const head = { from, incarnation, seq: this.#seq, hops: messageHops };
    return {
      method: method.POST,
      path: node === undefined ? ['m', target] : ['m', node, target],
      query: [],
      contentFormat: contentFormat.RADON_MESSAGE,
      payload: encodeEnvelope(
        message.outcome === 0 ? { ...head, ...bodyOf(message) } : { ...head, ...reportOf(message) },
      ),
    };
  }

  /** Sends what nothing older of the same pair stands before. */
  #run(): void {
    this.#giveUpLost();
    const pairs = new Set<string>();
    for (const entry of this.#waiting) {
      const { pair } = entry;
      const isFirst = pair === undefined || !pairs.has(pair);
      if (!entry.busy && isFirst && !this.#isLost(entry)) void this.#dispatch(entry);
      if (pair !== undefined) pairs.add(pair);
    }
    this.#giveUpLost(); // what was numbered anew may have left others behind
  }

  async #dispatch(entry: Waiting): Promise<void> {
    entry.busy = true;
    if (this.#isTooFar(entry)) Object.assign(entry, this.#numbered(entry.message));
    if (!entry.isCounted && entry.message.outcome === 0) this.#parts.shared.add('remoteMessages');
    entry.isCounted = true;
    const { signal } = this.#aborted;
    const response = await this.#parts.upstream.request(entry.request, signal).catch(() => undefined);
    if (!signal.aborted) this.#answered(entry, response);
  }

  #answered(entry: Waiting, response: NodeResponse | undefined): void {
    const error = response === undefined ? undefined : problemOf(response);
    const mayRetry = this.#parts.now() + retryMs < entry.message.sentAt + abiLimits.messageTtlMs;
    if (passing.includes(error) && error !== undefined && mayRetry) {
      entry.error = refusals[error] ?? abiError.E_NO_ROUTE;
      setTimeout(() => this.#again(entry), retryMs);
      return;
    }
    this.#remove(entry);
    this.#tell(entry, response, error);
    this.#run();
  }

  #again(entry: Waiting): void {
    if (this.#aborted.signal.aborted) return;
    entry.busy = false;
    this.#run();
  }

  /** So many later ones were numbered that its receiver would take it for one that it has seen. */
  #isTooFar({ seq }: Waiting): boolean {
    return this.#seq - seq >= windowMessages;
  }

  /** The same, and it names no node: members of an alias may have it, and would not recognise it under another number. */
  #isLost(entry: Waiting): boolean {
    return this.#isTooFar(entry) && !entry.message.to.includes('/');
  }

  #giveUpLost(): void {
    for (const entry of this.#waiting.filter((one) => !one.busy && this.#isLost(one))) {
      this.#remove(entry);
      if (this.#isHeard(entry)) this.#told(entry.message, outcome.NOT_DELIVERED, entry.error);
    }
  }

  #remove(entry: Waiting): void {
    const { shared } = this.#parts;
    this.#waiting.splice(this.#waiting.indexOf(entry), 1);
    shared.releaseOutbox(entry.message.bytes);
    const atom = shared.atom(entry.message.index);
    if (atom.get('outbox') > 0) atom.add('outbox', -1);
  }

  #tell(entry: Waiting, response: NodeResponse | undefined, error: ErrorName | undefined): void {
    const { message } = entry;
    if (!this.#isHeard(entry)) return;
    if (response === undefined || response.code === code.gatewayTimeout) {
      this.#told(message, outcome.UNKNOWN, abiError.E_TIMEOUT);
    } else if (response.code >> 5 !== 2) {
      const why = (error && refusals[error]) ?? abiError.E_NO_ROUTE;
      this.#told(message, outcome.NOT_DELIVERED, why);
    } else if (message.report) this.#told(message, outcome.DELIVERED, 0);
  }

  /** Somebody hears what became of it; nobody does of a report. */
  #isHeard({ message, isOrphan }: Waiting): boolean {
    return message.outcome === 0 && !isOrphan;
  }

  #told({ sender, id, to: destination }: OutgoingMessage, reason: number, error: number): void {
    this.#parts.told({ sender, id, destination, reason, error });
  }
}

function bodyOf({ id, correlation, flags, payload }: OutgoingMessage) {
  return { id, payload, ...(correlation === 0 ? {} : { correlation }), ...(flags === 0 ? {} : { flags }) };
}

function reportOf({ correlation, outcome: error }: OutgoingMessage) {
  return { correlation, outcome: error };
}

/** Row of docs/errors.json of an error response. */
function problemOf({
  code: responseCode,
  contentFormat: format,
  payload,
}: NodeResponse): ErrorName | undefined {
  if (responseCode >> 5 === 2 || format !== contentFormat.PROBLEM_DETAILS) return undefined;
  return decodeProblem(payload)?.code;
}
