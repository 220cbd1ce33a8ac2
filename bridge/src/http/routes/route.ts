/** What a row of the route table says. Handlers dispatch on it, the right is checked before, `/openapi.json` shows it. */
import type { HttpReply, HttpRequest } from '../message.ts';
import type { SchemaName } from '../openapi/index.ts';
import type { Target } from '../target.ts';

/** HEAD comes with GET, OPTIONS with every path; QUERY is the safe method with a body. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'QUERY';

/** What a caller must be allowed to do. `none`: whoever reaches the port, also without a token. */
export type Right = 'none' | 'read' | 'write' | 'admin';

export interface QueryArgument {
  readonly name: string;
  readonly summary: string;
}

/** The reply to a GET without conditions, once more; undefined when it has to be made anew. */
export type Repeat = () => HttpReply | undefined;

export interface Route {
  /**
   * Segments in braces stand for any but an empty one; `{path...}` at the end stands for one or more of any kind.
   * Of several rows for a path and method the first counts, so special ones stand before general ones.
   */
  readonly path: string;
  readonly methods: readonly HttpMethod[];
  readonly right: Right;
  /** One sentence without a full stop. */
  readonly summary: string;
  readonly query?: readonly QueryArgument[];
  /** Media types of the body of a 200; left out: whatever the node says. */
  readonly produces?: readonly string[];
  /** What JSON in the body of a 200 looks like. */
  readonly schema?: SchemaName;
  /** Segments of `target` are those of `path`, in its places. */
  readonly handle: (request: HttpRequest, target: Target) => Promise<HttpReply> | HttpReply;
  /** Of a row for GET: what answers the same GET again, where that is known. */
  readonly repeat?: (target: Target) => Repeat | undefined;
}
