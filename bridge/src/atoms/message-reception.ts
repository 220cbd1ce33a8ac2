import { code } from '../coap/codes.ts';
import { atomOf, decodeEnvelope, isInstanceName, isReport, type MessageEnvelope } from '../message/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import { abiError, abiLimits, contentFormat, eventKind, outcome } from '../tables/index.ts';
import { letterBytesOf } from './activation/inbox.ts';
import type { HostAtom } from './host-atom.ts';
import type { Letter } from './letter-cell.ts';
import type { Command } from './messages.ts';
import type { Outbox } from './outbox.ts';
import { ReceivedMessages } from './received-messages.ts';
import { emptyResponse } from './responses.ts';
import type { SharedState } from './shared-state.ts';

export interface ReceptionParts {
  readonly shared: SharedState;
  readonly atoms: ReadonlyMap<string, HostAtom>;
  readonly outbox: Outbox | undefined;
  post(command: Command): void;
  /** Milliseconds since the node started. */
  now(): number;
}

/** Who gets a message: an atom, and the number of one of its instances where not its policy picks it. */
interface Receiver {
  readonly atom: HostAtom;
  readonly number: number | undefined;
}

type Message = Pick<Letter, 'sender' | 'id' | 'correlation' | 'unordered' | 'payload'>;

const taken = emptyResponse(code.changed);

/** `POST /m/{name}`: messages and reports of other nodes, and messages from outside. They are in the inbox at once. */
export class MessageReception {
  readonly #parts: ReceptionParts;
  readonly #received = new ReceivedMessages();

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
  }

  /** RadonError where the answer is an error. */
  receive(to: string, { payload, contentFormat: format }: NodeRequest): NodeResponse {
    if (format === contentFormat.RADON_MESSAGE) return this.#fromNode(to, payload);
    checkBytes(payload.length, abiLimits.messageBytes);
    this.#deliver(to, { sender: '', id: 0, correlation: 0, unordered: true, payload });
    return taken;
  }

  #fromNode(to: string, payload: Uint8Array): NodeResponse {
    const envelope = decodeEnvelope(payload);
    const { from, incarnation, seq } = envelope;
    const [node = ''] = from.split('/');
    if (this.#received.has(node, incarnation, seq)) {
      this.#parts.shared.add('repeatedMessages');
      return taken;
    }
    if (isReport(envelope)) {
      const { correlation: id, outcome: error } = envelope;
      const told = { sender: to, id, destination: from, reason: outcome.NOT_DELIVERED, error };
      if (this.#wasSent(to, id)) this.#parts.post({ op: 'outcome', outcome: told });
    } else this.#deliver(to, messageOf(envelope));
    this.#received.add(node, incarnation, seq);
    return taken;
  }

  /** After a restart of the node another node may still tell of what was sent before. */
  #wasSent(sender: string, id: number): boolean {
    const atom = isInstanceName(sender) ? this.#parts.atoms.get(atomOf(sender)) : undefined;
    return atom !== undefined && id <= atom.state.get('lastMessageId');
  }

  /** In the inbox when one receiver took it; the others are reported. */
  #deliver(to: string, message: Message): void {
    const refused: { readonly receiver: Receiver; readonly error: RadonError }[] = [];
    const receivers = this.#receivers(to);
    for (const receiver of receivers) {
      try {
        this.#put(receiver, message);
      } catch (error) {
        if (!(error instanceof RadonError)) throw error;
        refused.push({ receiver, error });
      }
    }
    const [first] = refused;
    if (first !== undefined && refused.length === receivers.length) throw first.error;
    for (const { receiver, error } of refused) {
      const told = error.code === 'INBOX_FULL' ? abiError.E_FULL : abiError.E_TOO_BIG;
      this.#report(receiver.atom, message, told);
    }
  }

  #receivers(to: string): readonly Receiver[] {
    if (!isInstanceName(to)) throw new RadonError('NO_SUCH_ATOM', { name: to });
    const atom = this.#parts.atoms.get(atomOf(to));
    const number = atomOf(to) === to ? undefined : Number(to.slice(atomOf(to).length + 1));
    const isThere = atom !== undefined && (number === undefined || !atom.isAlive || atom.hasInstance(number));
    if (isThere) return [{ atom, number }];
    const members = number === undefined && atom === undefined ? this.#members(to) : [];
    if (members.length === 0) throw new RadonError('NO_SUCH_ATOM', { name: to });
    return members;
  }

  #members(alias: string): Receiver[] {
    const members: Receiver[] = [];
    for (const atom of this.#parts.atoms.values()) {
      if (!atom.isAlive) continue;
      if (atom.configuration?.aliases?.includes(alias) === true) members.push({ atom, number: undefined });
      for (const { instance: number, aliases } of atom.memberships) {
        if (aliases.includes(alias)) members.push({ atom, number });
      }
    }
    return members;
  }

  /** Puts a message into an inbox; RadonError NOT_RUNNING, TOO_LARGE or INBOX_FULL. */
  #put({ atom, number }: Receiver, message: Message): void {
    const { name, phase, configuration, state, letters, index } = atom;
    if (!atom.isAlive || configuration === undefined) throw new RadonError('NOT_RUNNING', { name, phase });
    const { inbox } = configuration.limits;
    const bytes = letterBytesOf(message);
    checkBytes(bytes, inbox.bytes);
    if (!state.reserve(bytes, inbox)) throw new RadonError('INBOX_FULL', { name });
    const cell = letters.findIndex((free) => free.claim());
    const head = { kind: eventKind.MESSAGE, reason: 0, handle: 0, target: number ?? -1 };
    letters[cell]?.write({ ...message, ...head, waitUntil: this.#parts.now() + inbox.waitMs });
    this.#parts.post({ op: 'letter', index, cell });
  }

  /** The activation level has ended an atom: what it had not taken out of its inbox has nobody left to take it. */
  abandon(atom: HostAtom): void {
    for (const letter of atom.takeLetters()) {
      atom.state.release(letterBytesOf(letter));
      atom.state.add('dropped');
      if (letter.kind === eventKind.MESSAGE) this.#report(atom, letter, abiError.E_STATE);
    }
  }

  #report({ index, name }: HostAtom, { sender, id }: Pick<Letter, 'sender' | 'id'>, error: number): void {
    if (sender !== '') this.#parts.outbox?.report({ index, name }, sender, id, error);
  }
}

function checkBytes(have: number, limit: number): void {
  if (have > limit) throw new RadonError('TOO_LARGE', { have, limit });
}

function messageOf({ from: sender, id, correlation = 0, flags = 0, payload }: MessageEnvelope): Message {
  return { sender, id, correlation, unordered: (flags & 1) !== 0, payload };
}
