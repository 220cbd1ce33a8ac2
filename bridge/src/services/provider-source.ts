/** What the streams of services look for and observe. */
import { internalError, problemReply, RadonError } from '../problem/index.ts';
import type { NodeRequest, NodeResponse } from '../registry/node.ts';
import type { ObservationHub } from '../registry/observation-hub.ts';
import { method } from '../tables/index.ts';
import type { Provider, Providers } from './provider.ts';
import type { Selection } from './selection.ts';

/** The providers of one selection. */
export interface ProviderSource {
  /** Those that can be asked, in the order of asking; rejects with RadonError where there is none. */
  find(accept: number | undefined): Promise<Providers>;
  /** Those of lost nodes too. */
  findAll(): Promise<readonly Provider[]>;
  /** A provider has nothing where its links say so. */
  forget(provider: Provider): void;
  /** Calls `changed` when a node comes, goes, is lost or is back; the result stops that. */
  watch(changed: () => void): () => void;
  readonly observations: ObservationHub;
}

/** Milliseconds until nodes are asked again for what they offer: an atom may come to one that is there. */
export const refreshMs = 5_000;
const noPayload = new Uint8Array(0);

/** A request for the resource of a provider. */
export function requestOf({ path }: Provider, { query }: Selection, accept?: number): NodeRequest {
  return { method: method.GET, path, query, payload: noPayload, accept };
}

/** The answer that stands for a failure; what nobody expected must not end the bridge. */
export function problemOf(error: unknown): NodeResponse {
  return problemReply(error instanceof RadonError ? error : internalError(error));
}

export function unreachable({ node: { name } }: Provider): RadonError {
  return new RadonError('NODE_UNREACHABLE', { name });
}
