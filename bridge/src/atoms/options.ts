import type { TrustedKey } from '../image/index.ts';
import type { Upstream } from '../registry/node.ts';

/** A channel of the host node; all of them are simulated. */
export interface ChannelDeclaration {
  readonly name: string;
  readonly direction: 'in' | 'out';
  /** SenML unit (RFC 8428 section 12.1), or the empty text. */
  readonly unit: string;
}

/** What the host node promises to atoms at most; checked against the figures of their manifests. */
export interface HostBudget {
  /** Bytes of the atom pool. */
  readonly ram: number;
  /** Bytes of manifests, payloads and pairs. */
  readonly flash: number;
  readonly atoms: number;
}

export interface HostNodeOptions {
  /** Label of the node (default `defaultHostName`). */
  readonly name?: string;
  /** The node's identity, 8 bytes. */
  readonly id: Uint8Array;
  /** Whose manifests are taken, as in a provisioning record. */
  readonly keys: readonly TrustedKey[];
  /** Folder that keeps atoms and their pairs; made when missing. One node at a time may have it open. */
  readonly dataFolder: string;
  readonly budget?: HostBudget;
  readonly channels?: readonly ChannelDeclaration[];
  /** Runs activations in the calling thread instead of a worker: an endless wait for a worker cannot be ended then. */
  readonly inProcess?: boolean;
  /** An activation that takes this many times its deadline by the clock ends the worker (10, as on a device). */
  readonly wallFactor?: number;
  /** Where messages and requests for other nodes go; without one nothing leaves this node (E_NO_ROUTE). */
  readonly upstream?: Upstream;
}

export const defaultHostName = 'bridge';

export const defaultBudget: HostBudget = { ram: 4 * 1024 * 1024, flash: 16 * 1024 * 1024, atoms: 256 };

/** The channels of the board netduinoplus2, so that the same atoms run on both. */
export const defaultChannels: readonly ChannelDeclaration[] = [
  { name: 'rain0', direction: 'in', unit: 'mm' },
  { name: 'temp0', direction: 'in', unit: 'Cel' },
  { name: 'button0', direction: 'in', unit: '' },
  { name: 'led0', direction: 'out', unit: '' },
];
