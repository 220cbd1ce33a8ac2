/** A request of Node.js as the handler sees it: its target a path, its `Host` one, its body read when it is wanted. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRequest } from '../http/message.ts';
import { RadonError } from '../problem/error.ts';

type Headers = IncomingMessage['headers'];

const noBody = new Uint8Array(0);

export class NodeHttpRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  body: Uint8Array = noBody;
  readonly isWebSocket: boolean;
  readonly client: string | undefined;
  readonly takesParts = true;
  readonly receive: (() => Promise<void>) | undefined;
  readonly #response: ServerResponse;
  #controller: AbortController | undefined;

  /** A body is at most `maxBody` bytes. */
  constructor(request: IncomingMessage, response: ServerResponse, maxBody: number, isWebSocket = false) {
    const { url = '/', headers } = request;
    const authority = url.startsWith('/') ? undefined : authorityOf(url);
    this.method = request.method ?? 'GET';
    this.target = authority === undefined ? url : pathAfter(url, authority);
    this.headers = withHost(headers, hasTwoHosts(request) ? undefined : (authority ?? headers.host));
    this.isWebSocket = isWebSocket;
    this.client = request.socket.remoteAddress;
    this.#response = response;
    if (hasBody(request)) {
      this.receive = async () => {
        this.body = await readBody(request, response, maxBody);
      };
    }
  }

  /** Made only for those who ask. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      if (this.#response.destroyed) controller.abort();
      else this.#response.once('close', () => controller.abort());
    }
    return this.#controller.signal;
  }
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Of a target in absolute form (RFC 9112 section 3.2.2), in place of `Host`. */
function authorityOf(url: string): string | undefined {
  return /^https?:\/\/([^/?#]*)/i.exec(url)?.[1];
}

function pathAfter(url: string, authority: string): string {
  const rest = url.slice(url.indexOf('//') + 2 + authority.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Node.js takes the first of several; RFC 9112 section 3.2 takes none. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count > 1;
}

function withHost(headers: Headers, host: string | undefined): Headers {
  return host === headers.host ? headers : { ...headers, host };
}

/** RadonError TOO_LARGE as soon as that is known, BAD_REQUEST where the client goes before its end. */
function readBody(request: IncomingMessage, response: ServerResponse, limit: number): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new RadonError('TOO_LARGE', { limit });
  if (request.headers.expect !== undefined) response.writeContinue();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else {
        // What follows is read and thrown away.
        chunks.length = 0;
        reject(new RadonError('TOO_LARGE', { limit }));
      }
    });
    const cut = () => reject(new RadonError('BAD_REQUEST', { detail: 'its body has no end' }));
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.once('error', cut).once('close', cut);
  });
}
