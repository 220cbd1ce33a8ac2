import { atomOf, isName, messageFlag, parseDestination } from '../../message/index.ts';
import { abiError, abiLimits, eventKind, logLevel, outcome, sendFlag } from '../../tables/index.ts';
import type { Letter } from '../letter-cell.ts';
import type { MessageOutcome } from '../messages.ts';
import type { Atom } from './atom.ts';
import type { LetterEntry } from './inbox.ts';
import type { Surroundings } from './surroundings.ts';

/** Reports that wait for room in an inbox. */
const mostReports = 8;
/** What a report shows of a destination, bytes. */
const shownDestination = 32;

/** Who sends: an instance by its name, and the index of its atom. */
export interface Sender {
  readonly index: number;
  readonly name: string;
}

/** A message on its way. */
export interface Dispatch {
  readonly sender: Sender;
  readonly to: string;
  readonly payload: Uint8Array;
  /** Table sendFlags. */
  readonly flags: number;
  readonly correlation: number;
  readonly id: number;
}

/** A letter as it is written: its inbox adds how long it may wait. */
export type LetterParts = Omit<Letter, 'waitUntil'>;

const noBytes = new Uint8Array(0);

/** Brings messages to the atoms of this node or to the bridge: docs/reference/runtime-interface.md#messages. */
export class MessageExchange {
  readonly #node: Surroundings;
  readonly #atoms: ReadonlyMap<string, Atom>;
  /** Names of the atoms of this node, with memory or without. */
  readonly #known: ReadonlySet<string>;
  /** Reports that wait for room, oldest first. */
  readonly #reports: MessageOutcome[] = [];

  constructor(node: Surroundings, atoms: ReadonlyMap<string, Atom>, known: ReadonlySet<string>) {
    this.#node = node;
    this.#atoms = atoms;
    this.#known = known;
  }

  isDestination(text: string): boolean {
    return parseDestination(text) !== undefined;
  }

  isName(text: string): boolean {
    return isName(text);
  }

  /** A name that no atom of this node has. */
  isAlias(text: string): boolean {
    return isName(text) && !this.#known.has(text);
  }

  /** Of atoms that take events, of their instances, and aliases; ascending. */
  names(): string[] {
    const names = new Set<string>();
    for (const atom of this.#atoms.values()) {
      if (!atom.takesEvents) continue;
      for (const name of [atom.name, ...atom.instanceNames(), ...atom.aliases()]) names.add(name);
    }
    return [...names].sort();
  }

  // ---- Sending ----

  /** 0, or the error of `send`; nothing has changed then. */
  send(dispatch: Dispatch): number {
    const destination = parseDestination(dispatch.to);
    if (destination === undefined) return abiError.E_ARG;
    const { node, name } = destination;
    if (node !== undefined && node !== this.#node.name) return this.#sendAway(dispatch, 0);
    const atom = this.#atoms.get(atomOf(name));
    if (atom !== undefined) return this.#sendHere(atom, name, dispatch);
    if (this.#known.has(atomOf(name))) return abiError.E_STATE;
    const members = isName(name) ? this.#members(name) : [];
    if (members.length > 0) return this.#sendToMembers(members, dispatch, node === undefined);
    return node === undefined ? this.#sendAway(dispatch, 0) : abiError.E_NOT_FOUND;
  }

  #sendHere(atom: Atom, name: string, dispatch: Dispatch): number {
    const result = atom.accept(letterOf(dispatch, atom.numberOf(name)));
    if (result === 0) this.#deliveredHere(dispatch);
    return result;
  }

  #deliveredHere(dispatch: Dispatch): void {
    this.#node.shared.add('localMessages');
    if ((dispatch.flags & sendFlag.REPORT) === 0) return;
    this.report(outcomeOf(dispatch, outcome.DELIVERED, 0));
  }

  /** A copy to each member; the call succeeds, whoever did not take it is reported. */
  #sendToMembers(members: readonly Member[], dispatch: Dispatch, alsoAway: boolean): number {
    for (const { atom, number } of members) {
      const result = atom.accept(letterOf(dispatch, number));
      if (result === 0) this.#deliveredHere(dispatch);
      else this.report(outcomeOf(dispatch, outcome.NOT_DELIVERED, result));
    }
    if (!alsoAway || !this.#node.hasUpstream) return 0;
    const away = this.#sendAway(dispatch, messageFlag.aliasTaken);
    if (away !== 0) this.report(outcomeOf(dispatch, outcome.NOT_DELIVERED, away));
    return 0;
  }

  /** Copies a message into the outbox of the node. */
  #sendAway({ sender, to, payload, flags, correlation, id }: Dispatch, alias: number): number {
    if (!this.#node.hasUpstream) return abiError.E_NO_ROUTE;
    const bytes = to.length + this.#address(sender.name).length + payload.length;
    const own = this.#node.shared.atom(sender.index);
    if (own.get('outbox') >= abiLimits.outboxPerAtom || !this.#node.shared.reserveOutbox(bytes))
      return abiError.E_FULL;
    own.add('outbox');
    this.#node.emit({
      kind: 'send',
      message: {
        index: sender.index,
        sender: sender.name,
        to,
        id,
        correlation,
        flags: (flags & messageFlag.unordered) | alias,
        report: (flags & sendFlag.REPORT) !== 0,
        outcome: 0,
        payload: payload.slice(),
        bytes,
        sentAt: this.#node.now(),
      },
    });
    return 0;
  }

  #address(instance: string): string {
    return `${this.#node.name}/${instance}`;
  }

  // ---- Reports ----

  /** A message that was in an inbox was dropped: its sender hears of it. */
  dropped({ letter }: LetterEntry, holder: string, error: number): void {
    const { sender, id } = letter;
    if (letter.kind !== eventKind.MESSAGE || sender === '' || id === 0) return;
    if (sender.includes('/')) this.#reportAway(holder, sender, id, error);
    else this.report({ sender, id, destination: holder, reason: outcome.NOT_DELIVERED, error });
  }

  #reportAway(holder: string, to: string, id: number, error: number): void {
    const atom = this.#atoms.get(atomOf(holder));
    if (to === '' || id === 0 || atom === undefined || !this.#node.hasUpstream) return;
    const bytes = to.length + this.#address(holder).length;
    if (!this.#node.shared.reserveOutbox(bytes)) {
      this.#lost(to, id);
      return;
    }
    const head = { index: atom.index, sender: holder, to, id: 0, correlation: id, flags: 0, report: false };
    const message = { ...head, outcome: error, payload: noBytes, bytes, sentAt: this.#node.now() };
    this.#node.shared.atom(atom.index).add('outbox');
    this.#node.emit({ kind: 'send', message });
  }

  /** Tells the sender what became of its message; the report waits for room in its inbox. */
  report(told: MessageOutcome): void {
    const atom = this.#atoms.get(atomOf(told.sender));
    if (atom?.hearsOf(told.id) !== true) return;
    if (told.reason !== outcome.DELIVERED) atom.countUndelivered();
    const waits = this.#reports.some(({ sender }) => atomOf(sender) === atom.name);
    if (!waits && this.#hand(told)) return;
    if (this.#reports.length >= mostReports) this.#lost(told.sender, told.id);
    else this.#reports.push(told);
  }

  /** An atom has ended: what waited for it is not for the one that starts after it. */
  forget(name: string): void {
    const others = this.#reports.filter(({ sender }) => atomOf(sender) !== name);
    this.#reports.splice(0, this.#reports.length, ...others);
  }

  /** Hands over what waited for room. */
  retryReports(): void {
    const full = new Set<string>();
    for (const told of [...this.#reports]) {
      const name = atomOf(told.sender);
      if (full.has(name)) continue;
      if (this.#hand(told)) this.#reports.splice(this.#reports.indexOf(told), 1);
      else full.add(name);
    }
  }

  /** False when it has to wait; an instance that is no more hears nothing. */
  #hand({ sender, id, destination, reason, error }: MessageOutcome): boolean {
    const atom = this.#atoms.get(atomOf(sender));
    if (atom === undefined) return true;
    const letter = {
      kind: eventKind.UNDELIVERED,
      sender: destination.slice(0, shownDestination),
      payload: noBytes,
      id: 0,
      correlation: id,
      unordered: false,
      reason,
      handle: error,
      target: atom.numberOf(sender) ?? 0,
    };
    return atom.accept(letter) !== abiError.E_FULL;
  }

  #lost(sender: string, id: number): void {
    this.#node.shared.add('lostReports');
    const line = `no room for the report of message ${id} to ${sender}`;
    this.#node.emit({ kind: 'log', level: logLevel.WARN, source: 'node', line });
  }

  // ---- Instances and members ----

  /** `spawn` of the runtime interface, behind its checks of arguments. */
  spawn(definition: string, spawner: string, args: Uint8Array): number {
    if (!this.#known.has(definition) && !this.#atoms.has(definition)) return abiError.E_NOT_FOUND;
    return this.#atoms.get(definition)?.spawn(spawner, args) ?? abiError.E_STATE;
  }

  /** Instances that joined an alias, and atoms that name it in their configuration. */
  #members(alias: string): Member[] {
    const members: Member[] = [];
    for (const atom of this.#atoms.values()) {
      if (!atom.takesEvents) continue;
      if (atom.isConfiguredMember(alias)) members.push({ atom, number: undefined });
      for (const number of atom.joinedMembers(alias)) members.push({ atom, number });
    }
    return members;
  }
}

interface Member {
  readonly atom: Atom;
  /** Of the instance; undefined: the atom's policy picks it. */
  readonly number: number | undefined;
}

function letterOf(
  { sender, payload, flags, correlation, id }: Dispatch,
  number: number | undefined,
): LetterParts {
  const unordered = (flags & sendFlag.UNORDERED) !== 0;
  const head = {
    kind: eventKind.MESSAGE,
    sender: sender.name,
    payload,
    id,
    correlation,
    unordered,
  };
  return { ...head, reason: 0, handle: 0, target: number ?? -1 };
}

function outcomeOf({ sender, to, id }: Dispatch, reason: number, error: number): MessageOutcome {
  return { sender: sender.name, id, destination: to, reason, error };
}
