/** The signed document of docs/reference/wire.md#manifest. Every limit is written out; nodes fill in nothing. */

export interface Manifest {
  /** `[a-z][a-z0-9-]{0,31}`; also the path it is put to. */
  readonly name: string;
  /** For people, at most 16 bytes. */
  readonly version: string;
  /** 1..2^32-1, grows with every manifest of that name. */
  readonly sequence: number;
  /** Version of the runtime interface. */
  readonly abi: number;
  /** `any` or the name of a board. */
  readonly board: string;
  readonly configuration: Configuration;
  readonly payloads: readonly [Payload, ...Payload[]];
}

export interface Payload {
  readonly format: 'wasm';
  /** SHA-256 of the code, 32 bytes. */
  readonly digest: Uint8Array;
  /** Bytes of the code. */
  readonly size: number;
  readonly need: PayloadNeed;
}

/** Arena bytes, measured with the firmware's own engine. */
export interface PayloadNeed {
  /** Peak while the module loads. */
  readonly load: number;
  /** Of the loaded module and one running instance. */
  readonly run: number;
  /** Engine revision the figures hold for, 8 hexadecimal digits. */
  readonly engine: string;
}

export type Policy = 'one' | 'round-robin' | 'on-demand' | 'on-demand-expire';
export type RecoveryPolicy = 'none' | 'restart' | 'recover' | 'escalate';

/** Numbers that may be left out are there only when they differ from their default (table `configurationTable`). */
export interface Configuration {
  readonly kind: 'daemon' | 'reactive';
  /** Reactive atoms only. */
  readonly policy?: Policy;
  readonly recovery: RecoveryPolicy;
  readonly limits: Limits;
  readonly replyWithinMs: number;
  /** Restarts by recovery in `windowMs`; one more failure stops the instance. */
  readonly maxRestarts?: number;
  readonly windowMs?: number;
  /** Names of the channels `io_open` gives handles for, in order. */
  readonly io?: readonly string[];
  /** Patterns of the destinations and of the URIs that are allowed. */
  readonly send?: readonly string[];
  readonly request?: readonly string[];
  readonly aliases?: readonly string[];
  readonly resources?: readonly ResourceDeclaration[];
  readonly hosts?: { readonly require?: readonly string[]; readonly avoid?: readonly string[] };
}

/** Units and ranges: table `configurationTable`. */
export interface Limits {
  readonly memory: number;
  readonly stack: number;
  readonly deadlineMs: number;
  readonly storage: number;
  readonly timers: number;
  readonly pending: number;
  readonly body: number;
  readonly publish: number;
  readonly inbox: InboxLimits;
  /** Instances at once. */
  readonly instances?: number;
  readonly idleMs?: number;
  readonly maxEvents?: number;
}

export interface InboxLimits {
  readonly messages: number;
  readonly bytes: number;
  readonly waitMs: number;
  readonly createAfterMs?: number;
}

/** A resource the atom serves under `/a/{name}/`. */
export interface ResourceDeclaration {
  readonly path: string;
  readonly rt?: string;
  readonly if?: string;
  /** CoAP content-formats. */
  readonly ct?: readonly number[];
  readonly obs?: boolean;
  readonly title?: string;
}
