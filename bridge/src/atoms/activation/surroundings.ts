import type { Effect } from '../messages.ts';
import type { SharedState } from '../shared-state.ts';
import type { KvStore } from './kv-store.ts';

/** What a node gives its atoms. Times are milliseconds since the node started. */
export interface Surroundings {
  /** Of the node. */
  readonly name: string;
  /** Whether there is a bridge behind the node. */
  readonly hasUpstream: boolean;
  readonly shared: SharedState;
  readonly kv: KvStore;
  readonly channels: Channels;
  readonly wallFactor: number;
  now(): number;
  /** UTC in milliseconds. */
  utc(): number;
  /** Fills with secure random bytes; throws when the source fails. */
  random(out: Uint8Array): void;
  /** Tells the network level, at the end of the turn. */
  emit(effect: Effect): void;
  /** Runs once the effects before it were told: what others can see changes together with what they hear. */
  later(write: () => void): void;
}

/** The node's channels, by index. */
export interface Channels {
  /** Index of a channel, -1 when the node lacks it. */
  find(name: string): number;
  isOutput(channel: number): boolean;
  read(channel: number): number;
  /** A new reading: it is told to every watching atom, the writer included. */
  write(channel: number, value: number): void;
}
