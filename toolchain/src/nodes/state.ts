import { decodeFields } from '@radon/bridge/fields';
import type { NodePort, NodeRequest, NodeResponse } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import { expectSuccess, isSuccess } from '../representation.ts';

const nothing = new Uint8Array(0);

/** A request with the parts left out that most requests do not have. */
export function nodeRequest(
  request: Partial<NodeRequest> & Pick<NodeRequest, 'method' | 'path'>,
): NodeRequest {
  return { query: [], payload: nothing, ...request };
}

/** The document at a path of a node, with field names; throws what the node said instead. */
export async function readDocument(
  node: NodePort,
  path: readonly string[],
  signal?: AbortSignal,
): Promise<unknown> {
  const response = await node.request(
    nodeRequest({ method: method.GET, path, accept: contentFormat.CBOR }),
    signal,
  );
  return decodeFields(expectSuccess(response, node.name).payload);
}

/** The fields of a map a node answered with; undefined for an error or anything else. */
export function readFields(response: NodeResponse): Readonly<Record<string, unknown>> | undefined {
  if (!isSuccess(response.code)) return undefined;
  const fields: unknown = decodeFields(response.payload);
  return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : undefined;
}

/** Sends a request and throws unless it succeeded. */
export async function command(
  node: NodePort,
  request: NodeRequest,
  signal?: AbortSignal,
): Promise<NodeResponse> {
  return expectSuccess(await node.request(request, signal), node.name);
}

/** One atom as `/atoms` shows it (docs/reference/wire.md). */
export interface AtomState {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  readonly kind: string;
  readonly policy?: string;
  readonly recovery: string;
  readonly slot: string;
  readonly phase: string;
  readonly instances?: readonly InstanceState[];
  readonly inbox: {
    readonly waiting: number;
    readonly ready: number;
    readonly done: number;
    readonly dropped: number;
  };
  readonly memory: {
    readonly load: number;
    readonly run: number;
    readonly total: number;
    readonly used: number;
  };
  readonly storage: { readonly used: number; readonly total: number };
  readonly restarts: number;
  /** Messages taken from it, reported as undelivered, and calls that a limit refused. */
  readonly sent?: number;
  readonly undelivered?: number;
  readonly refused?: number;
  readonly aliases?: readonly string[];
  readonly trap?: TrapState;
  readonly reason?: string;
  readonly exitCode?: number;
}

export interface InstanceState {
  readonly instance: string;
  readonly phase: string;
  readonly activations: number;
  /** Of the activation that runs, 0 when none does. */
  readonly ageMs: number;
}

/** Why the last failed activation failed. */
export interface TrapState {
  readonly kind: string;
  readonly event: string;
  /** A name, or `#index` where the module carries none. */
  readonly function: string;
  readonly offset?: number;
  readonly reason: string;
}

/** What the command uses of `/node`. */
export interface NodeFigures {
  readonly uptimeMs: number;
  readonly ram: { readonly used: number; readonly total: number };
  readonly flash: { readonly used: number; readonly total: number };
  readonly counters: Readonly<Record<string, number>>;
}

export async function readNode(node: NodePort, signal?: AbortSignal): Promise<NodeFigures> {
  return (await readDocument(node, ['node'], signal)) as NodeFigures;
}

export async function readAtoms(node: NodePort, signal?: AbortSignal): Promise<readonly AtomState[]> {
  return (await readDocument(node, ['atoms'], signal)) as readonly AtomState[];
}
