/** An HTTP server under load: one kept connection for each client. undici takes a third of the CPU time of `node:http`. */
import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { mediaTypeOf } from '@radon/bridge/coap';
import type { LoadClient, LoadOutcome } from '@radon/bridge/load';
import { Client, type Dispatcher } from 'undici';
import { withDeadline } from '../deadline.ts';
import { readBody } from '../exchange.ts';
import { CommandFailure, unreachable, usageFailure } from '../failure.ts';
import { answerWithinMs, type LoadRequestOptions, type LoadTarget } from './target.ts';

export interface HttpLoadOptions extends LoadRequestOptions {
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export function openHttpTarget(uri: string, options: HttpLoadOptions): LoadTarget {
  const url = parseHttpUri(uri);
  const body = readBody(options);
  const method = parseHttpMethod(options.method ?? (body === undefined ? 'GET' : 'POST'));
  const request: Dispatcher.DispatchOptions = {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers: Object.fromEntries(headersOf(options)),
    ...(body !== undefined && { body }),
  };
  return {
    method,
    checkAnswers: (signal) => checkAnswers(url, signal),
    connect: async () => new HttpLoadClient(url.origin, request),
  };
}

function parseHttpUri(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined)
    throw usageFailure(`"${uri}" is no URI.`, 'For example: http://127.0.0.1:8080/nodes');
  if (url.username === '' && url.password === '' && url.hash === '') return url;
  throw usageFailure('The URI has a user or a fragment.', 'Send a token with --token-file.');
}

function parseHttpMethod(text: string): string {
  if (/^[a-z][a-z-]*$/i.test(text) && !/^(connect|trace)$/i.test(text)) return text.toUpperCase();
  throw usageFailure(`--method takes GET, POST, PUT …, not "${text}".`);
}

function headersOf({ headers, format, accept }: HttpLoadOptions): readonly (readonly [string, string])[] {
  return [
    ...(format === undefined ? [] : [['content-type', mediaTypeOf(format)] as const]),
    ...(accept === undefined ? [] : [['accept', mediaTypeOf(accept)] as const]),
    ...headers,
  ];
}

/** The engine knows how long to wait; undici does not give up on its own. */
const withoutTimeouts = { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 };

const noAnswer = { isError: true, bytes: 0, retransmissions: 0 };

class HttpLoadClient implements LoadClient {
  private readonly origin: string;
  private readonly options: Dispatcher.DispatchOptions;
  private connection: Client;

  constructor(origin: string, options: Dispatcher.DispatchOptions) {
    this.origin = origin;
    this.options = options;
    this.connection = new Client(origin, withoutTimeouts);
  }

  request(signal: AbortSignal): Promise<LoadOutcome> {
    return new Promise((resolve, reject) => {
      let status = 0;
      let bytes = 0;
      const end = (outcome: LoadOutcome): void => {
        signal.removeEventListener('abort', abort);
        resolve(outcome);
      };
      const abort = (): void => {
        end(noAnswer);
        this.reconnect();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.connection.dispatch(this.options, {
        onRequestStart: () => undefined,
        onResponseStart(_controller, code) {
          status = code;
        },
        onResponseData(_controller, chunk) {
          bytes += chunk.length;
        },
        onResponseEnd: () => end({ code: String(status), isError: status >= 400, bytes, retransmissions: 0 }),
        onResponseError(_controller, error) {
          const failure = reasonOf(error);
          if (ownLimits.includes(failure)) reject(noConnection(error));
          end({ ...noAnswer, failure });
        },
      });
    });
  }

  async close(): Promise<void> {
    await this.connection.destroy();
    // Its file is given back in the next turn.
    await nextTurn();
  }

  /** A connection whose answer is not waited for any more is of no use. */
  private reconnect(): void {
    void this.connection.destroy();
    this.connection = new Client(this.origin, withoutTimeouts);
  }
}

/** A system's code, such as ECONNREFUSED. */
function reasonOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  return code === 'UND_ERR_SOCKET' ? 'ECONNRESET' : code;
}

/** No fault of the target: files or ports of this machine are used up. */
const ownLimits: readonly string[] = ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS'];

function noConnection(cause: Error): CommandFailure {
  return new CommandFailure('No further connection can be opened from here.', {
    remedy: 'Raise the limit of open files (ulimit -n), or lower --clients.',
    cause,
  });
}

/** A connection that can be made. */
async function checkAnswers(url: URL, signal: AbortSignal): Promise<void> {
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port || (isTls ? 443 : 80));
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = isTls ? connectTls({ host, port, ...name }) : connectTcp({ host, port });
  try {
    await withDeadline(answerWithinMs, signal, (deadline) =>
      once(socket, isTls ? 'secureConnect' : 'connect', { signal: deadline }),
    );
  } catch (cause) {
    throw signal.aborted ? cause : describeFailure(`${url.hostname}:${port}`, cause);
  } finally {
    socket.destroy();
  }
}

function describeFailure(authority: string, cause: unknown): CommandFailure {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (/CERT|SIGNATURE|ISSUER/.test(code)) {
    const remedy = 'Name one to trust in the environment: NODE_EXTRA_CA_CERTS=FILE.';
    return unreachable(`The certificate of ${authority} cannot be verified.`, remedy, cause);
  }
  return unreachable(`${authority} does not answer.`, 'Check that the bridge or the server runs.', cause);
}
