/** Who serves a request, and the path there. */
import type { NodePort } from '../registry/node.ts';
import type { Target } from './target.ts';

export interface ProxyTarget {
  readonly server: Pick<NodePort, 'name' | 'request' | 'ask' | 'isFresh' | 'kept'>;
  /** Path in front of it here: `/nodes/gauge-1`. */
  readonly base: string;
  readonly path: readonly string[];
  readonly query: readonly string[];
  /** Whether it is a node of ours: of any other CoAP server neither documents nor methods are known. */
  readonly isNode: boolean;
}

export class NodeTarget implements ProxyTarget {
  readonly server: NodePort;
  readonly path: readonly string[];
  readonly query: readonly string[];

  constructor(server: NodePort, path: readonly string[], query: readonly string[]) {
    this.server = server;
    this.path = path;
    this.query = query;
  }

  get base(): string {
    return `/nodes/${this.server.name}`;
  }

  get isNode(): boolean {
    return this.server.state().kind !== 'foreign';
  }
}

/** The part of a target below `/nodes/{node}`; a final slash alone is the root of the node. */
export function nodeTargetOf(server: NodePort, { segments, query }: Target): NodeTarget {
  const path = segments.slice(2);
  const isRoot = path.length === 1 && path[0] === '';
  return new NodeTarget(server, isRoot ? [] : path, query);
}
