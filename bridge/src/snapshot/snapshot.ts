/** What an instance would miss if it went on somewhere else (docs/reference/wire.md, "Snapshot"). */
export interface Snapshot {
  /** Of the atom. */
  readonly name: string;
  readonly version: 1;
  /** SHA-256 of the code. */
  readonly digest: Uint8Array;
  /** Joined at run time, ascending. */
  readonly aliases: readonly string[];
  /** From address 0; zero bytes at the end are left out. */
  readonly memory: Uint8Array;
  /** Ascending by key. */
  readonly storage: readonly SnapshotPair[];
  /** Running timers, ascending by handle. */
  readonly timers: readonly SnapshotTimer[];
  /** What waits, in the order in which it is offered. */
  readonly inbox: readonly SnapshotEvent[];
  /** What `uptime_ms` returned at `freeze`. */
  readonly uptimeMs: number;
  readonly counters: SnapshotCounters;
  /** How often the instance was restored. */
  readonly incarnation: number;
  /** Bits of radon:g0, radon:g1 …, 4 or 8 bytes, little endian. */
  readonly globals: readonly Uint8Array[];
  /** Ascending by handle. */
  readonly watches: readonly SnapshotWatch[];
  /** Oldest first. */
  readonly publications: readonly SnapshotPublication[];
  /** Own requests that are not answered, and observations; ascending by id. */
  readonly requests: readonly SnapshotRequest[];
  readonly nextEvent: number;
  /** Id of the next message or own request. */
  readonly nextMessage: number;
  /** Number of the instance, wherever it is. */
  readonly actor: number;
}

export interface SnapshotPair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface SnapshotTimer {
  /** Timer id. */
  readonly handle: number;
  /** Milliseconds from `thaw`. */
  readonly dueMs: number;
  /** 0: once. */
  readonly periodMs: number;
}

/** Fields as an event has them; 0 and empty ones are left out. */
export interface SnapshotEvent {
  readonly kind: SnapshotEventKind;
  readonly format?: number;
  /** What the sender calls a message, when it wants to hear of it. */
  readonly id?: number;
  readonly reason?: number;
  /** Event id, left out until it was offered. */
  readonly event?: number;
  readonly ageMs?: number;
  /** Of a response. */
  readonly code?: number;
  readonly correlation?: number;
  /** Bits of `snapshotFlag`. */
  readonly flags?: number;
  readonly payload?: Uint8Array;
  readonly handle?: number;
  readonly sender?: string;
}

/** Numbers of docs/atom-abi.json. */
export const snapshotEventKind = { message: 2, response: 4, timer: 5, io: 6, undelivered: 7 } as const;
export type SnapshotEventKind = (typeof snapshotEventKind)[keyof typeof snapshotEventKind];

export const snapshotFlag = { unordered: 1, kept: 2, retried: 4 } as const;

export interface SnapshotCounters {
  readonly done: number;
  readonly dropped: number;
  readonly restarts: number;
  readonly activations: number;
  readonly sent: number;
  readonly undelivered: number;
  readonly refused: number;
}

export interface SnapshotWatch {
  readonly handle: number;
  readonly edges: number;
}

export interface SnapshotPublication {
  readonly format: number;
  readonly path: string;
  readonly payload: Uint8Array;
  /** What is left; without limit when left out. */
  readonly maxAgeMs?: number;
}

export interface SnapshotRequest {
  readonly id: number;
  readonly method: number;
  readonly hops: number;
  readonly observe?: true;
  readonly uri: string;
}

/** What the place that a snapshot is restored in allows. */
export interface SnapshotLimits {
  readonly name: string;
  readonly digest: Uint8Array;
  /** Exact bytes of linear memory. */
  readonly memory: number;
  /** Bytes of each radon:gN. */
  readonly globals: readonly number[];
  readonly storage: number;
  readonly timers: number;
  /** Own requests and observations at once, and bytes of a response. */
  readonly pending: number;
  readonly body: number;
  /** Bytes of all publications. */
  readonly publish: number;
  /** Channels of the configuration. */
  readonly io: number;
  readonly inbox: { readonly messages: number; readonly bytes: number };
  /** Declared paths. */
  readonly paths: readonly string[];
}
