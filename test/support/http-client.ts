/** HTTP as it is written: no path is made plain, no header added but `Host`. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** Of a problem document; undefined for any other. */
  readonly title: string | undefined;
}

export interface HttpAsk {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface HttpPeer {
  ask(path: string, asked?: HttpAsk): Promise<HttpAnswer>;
  /** Bytes as they are; all that comes back until the server closes. */
  raw(bytes: string): Promise<string>;
  close(): void;
}

export function openHttpPeer(url: string): HttpPeer {
  const { hostname: host, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    ask: (path, { method = 'GET', headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const sent = request({ host, port, path, method, headers, agent }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const type = answer.headers['content-type'];
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              body: text,
              title: type === 'application/problem+json' ? titleOf(text) : undefined,
            });
          });
        });
        sent.on('error', reject);
        sent.end(body);
      }),
    raw: (bytes) =>
      new Promise((resolve, reject) => {
        let received = '';
        const socket = connect(Number(port), host, () => socket.write(bytes, 'latin1'));
        socket.setEncoding('latin1');
        socket.on('data', (chunk: string) => {
          received += chunk;
        });
        socket.on('close', () => resolve(received));
        socket.on('error', (error) => (received === '' ? reject(error) : undefined));
      }),
    close: () => agent.destroy(),
  };
}

/** Of the body of a problem; HEAD has none. */
function titleOf(text: string): string | undefined {
  return text === '' ? undefined : (JSON.parse(text) as { readonly title: string }).title;
}
