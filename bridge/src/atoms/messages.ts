/** What the two levels of the host node tell each other. Every value survives a structured clone. */
import type { Configuration } from '../image/index.ts';
import type { ErrorDetails } from '../problem/index.ts';
import type { ErrorName } from '../tables/index.ts';

/** Why an instance stops, as REASON of its STOP event. */
export const stopReason = { stop: 1, restart: 2, update: 3, delete: 4 } as const;
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

/** What a new worker has to know of an atom that ran in the one before. */
export interface Aftermath {
  /** Times of its failures, milliseconds since the node started. */
  readonly failures: readonly number[];
  readonly requests: readonly RequestEvent[];
  readonly publications: readonly KnownPublication[];
  /** Kind of the event under which it held the worker, if it was the one that did. */
  readonly stuckIn?: string;
}

export type Command =
  /** Answered by `done`: the atom runs (a reactive one: is ready), or why not. `trial`: a failure is final. */
  | { readonly op: 'start'; readonly job: number; readonly atom: AtomStart; readonly trial: boolean }
  /** Takes over an atom of a worker that ended, by its recovery policy. */
  | { readonly op: 'adopt'; readonly atom: AtomStart; readonly aftermath: Aftermath }
  | { readonly op: 'stop'; readonly job: number; readonly index: number; readonly reason: StopReason }
  /** Removes the pairs of an atom. */
  | { readonly op: 'forget'; readonly job: number; readonly name: string }
  | { readonly op: 'request'; readonly index: number; readonly request: RequestEvent }
  /** The node answered a request itself. */
  | { readonly op: 'expired'; readonly index: number; readonly ticket: number }
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

export type JobResult = { readonly ok: true } | { readonly ok: false; readonly trap: TrapReport };

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
  | { readonly kind: 'failed'; readonly index: number; readonly trap: TrapReport; readonly at: number }
  /** Phase or restarts changed for longer than one activation. */
  | { readonly kind: 'changed'; readonly index: number; readonly exitCode?: number }
  | { readonly kind: 'room'; readonly index: number }
  | { readonly kind: 'reading'; readonly channel: number; readonly value: number }
  | { readonly kind: 'log'; readonly level: number; readonly source: string; readonly line: string };
