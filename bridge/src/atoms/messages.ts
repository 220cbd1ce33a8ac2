/** What the two levels of the host node tell each other. Every value survives a structured clone. */
import type { Configuration } from '../image/index.ts';
import type { ErrorDetails } from '../problem/index.ts';
import type { Snapshot } from '../snapshot/index.ts';
import type { ErrorName } from '../tables/index.ts';

/** Why an instance stops, as REASON of its STOP event. */
export const stopReason = { stop: 1, restart: 2, update: 3, delete: 4, expired: 5 } as const;
export type StopReason = (typeof stopReason)[keyof typeof stopReason];

/** What an atom runs from; `index` is its place in the shared state. */
export interface AtomStart {
  readonly index: number;
  readonly name: string;
  readonly configuration: Configuration;
  /** The signed module. */
  readonly code: Uint8Array;
}

/** A request that became an event. */
export interface RequestEvent {
  /** Its cell in the shared state. */
  readonly ticket: number;
  /** Equal for requests of one sender. */
  readonly sender: number;
  readonly method: number;
  readonly path: string;
  readonly query: string;
  readonly payload: Uint8Array;
  /** -1 without. */
  readonly format: number;
  readonly accept: number;
  /** Number of the instance `<atom>~<n>` it was sent to; left out: the policy decides. */
  readonly instance?: number | undefined;
  /** Hops that are left (RFC 8768), left out where it says nothing of them. */
  readonly hops?: number | undefined;
  /** Milliseconds since the node started after which it waits no longer. */
  readonly waitUntil: number;
}

/** A publication that outlives the worker it was made in. */
export interface KnownPublication {
  readonly path: string;
  readonly format: number;
  readonly size: number;
  readonly expires: number;
}

/** A failure of an instance; `at` in milliseconds since the node started. */
export interface Failure {
  /** n of `<atom>~<n>`, 0 for the one that is called like the atom. */
  readonly instance: number;
  readonly at: number;
}

/** Aliases that an instance joined. */
export interface Membership {
  readonly instance: number;
  readonly aliases: readonly string[];
}

/** What a new worker has to know of an atom that ran in the one before. */
export interface Aftermath {
  readonly failures: readonly Failure[];
  readonly memberships: readonly Membership[];
  readonly requests: readonly RequestEvent[];
  readonly publications: readonly KnownPublication[];
  /** Under what it held the worker, if it was the one that did. */
  readonly stuckIn?: { readonly event: string; readonly instance: number };
}

/** What became of a message, for the instance that sent it. */
export interface MessageOutcome {
  /** Name of the instance. */
  readonly sender: string;
  readonly id: number;
  /** As it was given to `send`, at most 32 bytes. */
  readonly destination: string;
  /** Table outcomes. */
  readonly reason: number;
  /** Table abiError, 0 with DELIVERED. */
  readonly error: number;
}

/** A message or report on its way to the bridge; it is in the outbox already. */
export interface OutgoingMessage {
  /** Of the atom that sent it. */
  readonly index: number;
  /** Name of the instance that sent it, or that had it for a report. */
  readonly sender: string;
  /** `<name>` or `<node>/<name>`. */
  readonly to: string;
  /** 0 for a report. */
  readonly id: number;
  readonly correlation: number;
  /** Bits of messageFlag. */
  readonly flags: number;
  /** The sender wants to hear that it was delivered. */
  readonly report: boolean;
  /** Error that a report tells, 0 for a message. */
  readonly outcome: number;
  readonly payload: Uint8Array;
  /** What it takes of the outbox. */
  readonly bytes: number;
  /** Milliseconds since the node started. */
  readonly sentAt: number;
}

/** A request that an atom made. */
export interface OwnRequest {
  readonly index: number;
  readonly id: number;
  readonly method: number;
  readonly uri: string;
  /** -1 without. */
  readonly format: number;
  readonly payload: Uint8Array;
  readonly observe: boolean;
  /** That are left. */
  readonly hops: number;
}

/** What came of an own request. */
export interface OwnResponse {
  readonly id: number;
  /** 0 when no answer came. */
  readonly code: number;
  readonly format: number;
  readonly payload: Uint8Array;
  /** Why no answer came, else 0. */
  readonly error: number;
  /** An observation goes on. */
  readonly more: boolean;
}

/** What the activation level knows of a frozen instance. */
export type InstanceState = Omit<Snapshot, 'name' | 'version' | 'digest' | 'counters' | 'publications'>;

export interface Capture {
  readonly state: InstanceState;
  /** When the time of the instance stopped, milliseconds since the node started. */
  readonly frozenAt: number;
}

export type Command =
  /** Answered by `done`: the atom runs (a reactive one: is ready), or why not. `trial`: a failure is final. */
  | { readonly op: 'start'; readonly job: number; readonly atom: AtomStart; readonly trial: boolean }
  /** There is an atom of this name, whether it has memory or not; until `forget`. */
  | { readonly op: 'know'; readonly name: string }
  /** Takes over an atom of a worker that ended, by its recovery policy. */
  | { readonly op: 'adopt'; readonly atom: AtomStart; readonly aftermath: Aftermath }
  /** Without a reason `on_stop` does not run. */
  | { readonly op: 'stop'; readonly job: number; readonly index: number; readonly reason?: StopReason }
  /** To FROZEN where that is a legal step, and back; the phase tells. */
  | { readonly op: 'freeze' | 'thaw'; readonly job: number; readonly index: number }
  /** Answered by `done` with what a frozen instance is. */
  | { readonly op: 'capture'; readonly job: number; readonly index: number }
  /** Replaces the pairs of an atom. */
  | {
      readonly op: 'store';
      readonly job: number;
      readonly atom: AtomStart;
      readonly storage: Snapshot['storage'];
    }
  /** Makes a frozen instance; `inPlace`: instead of the frozen one it was taken of. */
  | {
      readonly op: 'restore';
      readonly job: number;
      readonly atom: AtomStart;
      readonly snapshot: Snapshot;
      readonly inPlace: boolean;
    }
  /** Removes the pairs of an atom. */
  | { readonly op: 'forget'; readonly job: number; readonly name: string }
  | { readonly op: 'request'; readonly index: number; readonly request: RequestEvent }
  /** The node answered a request itself. */
  | { readonly op: 'expired'; readonly index: number; readonly ticket: number }
  /** The network level put a letter into a cell of the inbox, and takes it back from an atom that is stopped. */
  | { readonly op: 'letter'; readonly index: number; readonly cell: number }
  | { readonly op: 'outcome'; readonly outcome: MessageOutcome }
  | { readonly op: 'response'; readonly index: number; readonly response: OwnResponse }
  | { readonly op: 'reading'; readonly job: number; readonly channel: number; readonly value: number }
  | { readonly op: 'close'; readonly job: number };

/** Why an activation ended in ERROR, as the state of the atom shows it. */
export interface TrapReport {
  readonly kind: string;
  readonly event: string;
  readonly function?: string;
  readonly offset?: number;
  readonly reason: string;
}

export type JobResult =
  | { readonly ok: true; readonly capture?: Capture }
  | { readonly ok: false; readonly trap: TrapReport };

export type Effect =
  | { readonly kind: 'done'; readonly job: number; readonly result: JobResult }
  | {
      readonly kind: 'answer';
      readonly index: number;
      readonly ticket: number;
      readonly code: number;
      readonly format: number;
      readonly payload: Uint8Array;
    }
  /** The node answers an open request with an error. */
  | {
      readonly kind: 'refuse';
      readonly index: number;
      readonly ticket: number;
      readonly error: ErrorName;
      readonly details: ErrorDetails;
    }
  | {
      readonly kind: 'publish';
      readonly index: number;
      readonly publication: KnownPublication;
      readonly payload: Uint8Array;
    }
  | { readonly kind: 'notify'; readonly index: number; readonly path: string }
  /** An activation that published or notified has ended. */
  | { readonly kind: 'ended'; readonly index: number }
  | {
      readonly kind: 'failed';
      readonly index: number;
      readonly trap: TrapReport;
      /** Left out for one of a module that was refused. */
      readonly failure?: Failure;
    }
  /** The node has to start anew, because of this atom. */
  | { readonly kind: 'escalate'; readonly index: number }
  | { readonly kind: 'send'; readonly message: OutgoingMessage }
  | { readonly kind: 'request'; readonly request: OwnRequest }
  /** An own request or observation that nobody waits for any more. */
  | { readonly kind: 'cancel'; readonly index: number; readonly id: number }
  | { readonly kind: 'joined'; readonly index: number; readonly membership: Membership }
  /** Phase or restarts changed for longer than one activation. */
  | { readonly kind: 'changed'; readonly index: number; readonly exitCode?: number }
  /** An instance is created again after a failure: at the next `ended` observers hear what a GET says then. */
  | { readonly kind: 'restarted'; readonly index: number }
  | { readonly kind: 'room'; readonly index: number }
  | { readonly kind: 'reading'; readonly channel: number; readonly value: number }
  | { readonly kind: 'log'; readonly level: number; readonly source: string; readonly line: string };
