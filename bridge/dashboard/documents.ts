/** What nodes tell of themselves, as far as it is shown: docs/reference/wire.md#resources-of-a-node. */

export interface NodeState {
  readonly name: string;
  readonly kind: string;
  readonly link: 'up' | 'lost';
  readonly address: string;
  /** UDP address of the node itself. */
  readonly coap?: string;
  /** Milliseconds UTC. */
  readonly since: number;
  readonly lastError?: string;
  readonly tags?: readonly string[];
}

/** `/node`. */
export interface NodeReport {
  readonly board?: string;
  readonly firmware?: string;
  readonly uptimeMs?: number;
  readonly safeMode?: boolean;
  /** Bytes. */
  readonly ram?: { readonly used: number; readonly total: number };
  readonly flash?: { readonly used: number; readonly total: number };
}

/** A member of `/atoms`. */
export interface AtomState {
  readonly name: string;
  readonly version: string;
  readonly kind: string;
  readonly phase: string;
  readonly inbox?: {
    readonly waiting: number;
    readonly ready: number;
    readonly done: number;
    readonly dropped: number;
  };
  readonly memory?: { readonly used: number; readonly run: number; readonly total: number };
  readonly storage?: { readonly used: number; readonly total: number };
  readonly instances?: readonly unknown[];
  readonly restarts?: number;
  readonly reason?: string;
  readonly trap?: { readonly kind?: string; readonly function?: string };
}

/** A member of `/.well-known/core`. */
export interface Link {
  readonly href: string;
  readonly title?: string;
  readonly rt?: string;
  /** There, whatever its value, where the resource can be observed. */
  readonly obs?: unknown;
}
